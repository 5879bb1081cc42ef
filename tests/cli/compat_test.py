"""`compat: klay`: what KLay overwrites gives KLay's numbers.

Every graph was built and run with KLay's own builder (0.9.6 at 476616c, torch 1.13, networkx 2.8.8); what it gave is the formula
that stands beside it.
"""

import numpy

from harness import main, run, write

X = numpy.array([[1.0, 2.0], [3.0, 4.0]])
Y = numpy.array([[10.0, 20.0], [30.0, 40.0]])


def layer(name, target, inputs, output="{}"):
    return f"{name}: {{type: ArbitraryModule, config: {{target: torch.{target}}}, inputs: {inputs}, output: {output}}}"


A, B = layer("a", "neg", "{0: y}"), "b: {alias: a, inputs: {0: y}}"
BOTH = layer("t", "unbind", "{0: x}", "{0: a, 1: b}")

GRAPHS = {
    # Output maps with one name: the layer that is called last. A name of one tensor is its row.
    "second": ([layer("p", "neg", "{0: x}", "{0: c}"), layer("q", "exp", "{0: y}", "{0: c}")], {"c": numpy.exp(Y)[0]}),
    "first": ([layer("p", "neg", "{0: y}", "{0: c}"), layer("q", "exp", "{0: x}", "{0: c}")], {"c": -Y[0]}),
    "behind": ([layer("b", "neg", "{0: a}", "{0: c}"), layer("a", "exp", "{0: x}", "{0: c}")], {"c": -numpy.exp(X)[0]}),
    # A name of an earlier layer: that layer is gone, but for its aliases.
    "earlier": ([layer("a", "neg", "{0: y}"), layer("b", "exp", "{0: x}", "{1: a}"), layer("r", "neg", "{0: a}")],
                {"a": numpy.exp(X)[1], "r": -numpy.exp(X)[1]}),
    "alias": ([layer("a", "neg", "{0: y}"), layer("b", "exp", "{0: x}", "{0: a}"), "r: {alias: a, inputs: {0: a}}",
               "s: {alias: a, inputs: {0: r}}"], {"r": -numpy.exp(X)[0], "s": numpy.exp(X)[0]}),
    # So does the module of an alias whose name is taken, too (KLay wants r an alias of a itself), whichever comes first.
    "alias behind": ([A, B, BOTH, "r: {alias: b, inputs: {0: y}}", "s: {alias: a, inputs: {0: r}}"], {"r": -Y, "s": Y}),
    "alias before": ([B, A, BOTH, "r: {alias: b, inputs: {0: y}}", "s: {alias: a, inputs: {0: r}}"], {"r": -Y, "s": Y}),
    # The names of its output map go with a layer that is gone, unless another gives them.
    "unread": ([layer("a", "neg", "{0: y}", "{0: m}"), layer("b", "exp", "{0: x}", "{0: a}")], {"a": numpy.exp(X)[0]}),
    "given anew": ([layer("a", "neg", "{0: y}", "{0: m}"), layer("b", "exp", "{0: x}", "{0: a}"), layer("c", "neg", "{0: x}", "{1: m}")],
                   {"a": numpy.exp(X)[0], "m": -X[1]}),
    # A name of a later layer: that layer counts, and is called with the other one, too, unless the port is given.
    "argument": ([layer("b", "neg", "{0: x}", "{1: a}"), layer("a", "sub", "{0: y}")], {"a": Y + X}),
    "given": ([layer("b", "neg", "{0: x}", "{0: a}"), layer("a", "sub", "{0: y, 1: x}")], {"a": Y - X}),
    # A name of a model input.
    "input": ([layer("b", "neg", "{0: x}", "{0: y}"), layer("r", "exp", "{0: model_inputs.y}")], {"y": -X[0], "r": numpy.exp(-X[0])}),
    "layer": ([layer("y", "neg", "{0: x}"), layer("r", "exp", "{0: model_inputs.y}")], {"y": -X, "r": numpy.exp(-X)}),
    # Ports.
    "quoted": ([layer("a", "sub", "{0: x, '0': y, 1: x}")], {"a": Y - X}),
    "grouped": ([layer("a", "sub", "{1: y, 0: x, '0': y, '1': x}")], {"a": X - X}),
    "negative": ([layer("a", "sub", "{0: y, -1: x}")], {"a": X - Y}),
    # Suffixes at ports, also of a tuple.
    "tuple": ([layer("s", "unbind", "{0: x}"), layer("c", "cat", "{0: s.1}")], {"c": X.reshape(4)}),
}


def outputs_of(file, want, inputs):
    run("run", file, *[word for name in inputs for word in ("--input", f"{name}={name}.npy")], "-o", "out.npz")
    got = numpy.load("out.npz")
    assert set(got) == set(want), (file, list(got))
    for name, value in want.items():
        assert got[name].shape == value.shape and numpy.abs(got[name] - value).max() <= 1e-14 * (1 + numpy.abs(value).max()), (file, name, got[name])


def numbers():
    numpy.save("x.npy", X)
    numpy.save("y.npy", Y)
    for name, (layers, want) in GRAPHS.items():
        inputs = ["x"] if name in ("input", "layer") else ["x", "y"]
        text = "model_inputs: {x: {shape: [2, 2]}, y: {shape: [2, 2]}}\nmodel_layers:\n" + "".join(f"  {one}\n" for one in layers)
        text += "model_outputs: {" + ", ".join(f"{one}: {one}" for one in want) + "}\n"
        write(name + ".yaml", "compat: klay\n" + text)
        outputs_of(name + ".yaml", want, inputs)


def rows():
    """`output: {0: name}` of a registered layer: its row; of a sum over atoms: the whole, with a warning."""
    write("rows.yaml", """
compat: klay
model_inputs: {species: , h: {shape: [N, 2]}, contributions: }
model_layers:
  e: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}, output: {0: first, -1: last}}
  l: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 1x0e}, inputs: {h: h}, output: {1: second}}
  t: {type: KIMAPISumIndex, inputs: {src: l, index: contributions}, output: {0: total}}
model_outputs: {first: first, last: last, l: l, second: second, total: total}
""")
    numpy.save("species.npy", numpy.array([1, 1, 0]))
    numpy.save("h.npy", numpy.array([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]]))
    numpy.save("contributions.npy", numpy.array([0, 0, 1]))  # the last is a ghost
    words = [word for name in ("species", "h", "contributions") for word in ("--input", f"{name}={name}.npy")]
    warnings = run("run", "rows.yaml", *words, "-o", "out.npz").stderr
    assert "'total' is the whole of it, not its row 0" in warnings, warnings
    got = numpy.load("out.npz")
    assert got["first"].tolist() == [0, 1] and got["last"].tolist() == [1, 0]
    assert got["second"].shape == (1,) and got["second"] == got["l"][1]
    assert got["total"].shape == (1,) and abs(got["total"][0] - got["l"][:2].sum()) < 1e-12


if __name__ == "__main__":
    main(globals())
