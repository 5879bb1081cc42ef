"""kiln run: what is said of the arrays that are given, before and while it computes."""

import os

import numpy

from harness import CONFIGURATION, DATA, RESOURCES, USAGE, main, run, run_json, write
from small_graph import SMALL, small_inputs


def faults():
    """All faults of the inputs at once, each with what to do."""
    write("small.yaml", SMALL)
    small_inputs()
    done = run("run", "small.yaml", "--input", "specis=species.npy", "--input", "coords=coords.npy", code=USAGE).stderr
    assert "Did you mean 'species'?" in done and "'species' is not given" in done and "'edge_index' is not given" in done
    given = run("run", "small.yaml", *small_inputs(), "--input", "coord=coords.npy", code=USAGE).stderr
    assert "its inputs are" in given and "Did you mean" not in given, given
    errors = run_json("run", "small.yaml", code=USAGE)["diagnostics"]
    assert [error["code"] for error in errors] == ["missing-input"] * 4
    for word in ("species", "=x.npy", "species=species.dat"):
        run("run", "small.yaml", "--input", word, code=USAGE)
    assert "twice" in run("run", "small.yaml", *small_inputs(), "--input", "coords=coords.npy", code=USAGE).stderr

    def codes(**changed):
        errors = run_json("run", "small.yaml", *small_inputs(**changed), code=DATA)["diagnostics"]
        return [(error["code"], error["message"]) for error in errors]

    assert [code for code, _ in codes(species=numpy.array([0.0, 1]), coords=numpy.zeros((2, 3), dtype=int))] == ["wrong-dtype"] * 2
    [(code, message)] = codes(species=numpy.array([0, 2]))
    assert code == "out-of-range" and "holds 2 at 1" in message and "0 to 1" in message and "'elements'" in message
    [(code, message)] = codes(species=numpy.array([-1, 0]))
    assert code == "out-of-range"
    [(code, message)] = codes(edge_index=numpy.array([[0, 2], [1, 0]]))
    assert code == "out-of-range" and "0 to 1" in message and "port 'edge_index' of layer 'geometry'" in message
    [(code, message)] = codes(coords=numpy.zeros((3, 3)))
    assert code == "wrong-shape" and "N is 2 as in 'species'" in message
    [(code, message)] = codes(coords=numpy.zeros((2, 2)))
    assert code == "wrong-shape" and "(2, 2)" in message and "(N, 3)" in message
    [(code, message)] = codes(edge_index=numpy.array([[0, 1, 0], [1, 0, 1], [0, 0, 0]]))
    assert code == "wrong-shape"
    assert {code for code, _ in codes(species=numpy.array([5, 5]), coords=numpy.zeros((2, 3), dtype=int))} == {"wrong-dtype", "out-of-range"}

    result = run_json("run", "small.yaml", *small_inputs(coords=numpy.array([[0.0, 0, 0], [0, numpy.nan, 1]])))
    [warning] = result["diagnostics"]
    assert result["valid"] and warning["severity"] == "warning" and "not finite" in warning["message"]
    assert result["outputs"][0]["values"] == [[None], [None]]

    # Numbers that are not finite, although all that are given are.
    write("large.yaml", SMALL[: SMALL.index("model_outputs")] + "  a: {type: ScaleShift, config: {scale: 1.0e+200}, inputs: {h: elements}}\n"
          "  b: {type: ScaleShift, config: {scale: 1.0e+200}, inputs: {h: a}}\nmodel_outputs: {y: b, lengths: geometry.edge_lengths}\n")
    result = run_json("run", "large.yaml", *small_inputs())
    assert result["outputs"][0]["values"] == [[None, 0], [0, None]], result
    [warning] = result["diagnostics"]
    assert warning["code"] == "not-finite" and "output 'y' holds 2 numbers" in warning["message"], warning

    # What cannot be written is told without the outputs.
    os.mkfifo("pipe.npz")
    for output, why in (("pipe.npz", "not a regular file"), ("nowhere/out.npz", "no folder 'nowhere'")):
        assert why in run("run", "small.yaml", *small_inputs(), "-o", output, code=RESOURCES).stderr

    # Warnings are told with an error that comes later.
    write("dead.yaml", SMALL.replace("model_outputs:", "  dead: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}\nmodel_outputs:"))
    inputs = small_inputs(species=numpy.array([0, 2]))
    told = run_json("run", "dead.yaml", *inputs, code=DATA)["diagnostics"]
    assert [(fault["severity"], fault["code"]) for fault in told] == [("warning", "dangling-layer"), ("error", "out-of-range")], told
    text = run("run", "dead.yaml", *inputs, code=DATA).stderr
    assert text.count("warning: ") == 1 and text.index("warning: ") < text.index("error: "), text
    told = run_json("run", "dead.yaml", *small_inputs(), "--weights", "missing.safetensors", code=DATA)["diagnostics"]
    assert [fault["severity"] for fault in told] == ["warning", "error"], told

    write("bad.yaml", SMALL.replace("lmax: 1", "lmax: one"))
    run("run", "bad.yaml", *small_inputs(), code=CONFIGURATION)
    run("run", "missing.yaml", *small_inputs(), code=DATA)

    # One structure at a time: further ones would be lost.
    write("sum.yaml", """
model_inputs: {h: "", batch: ""}
model_layers:
  mix: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 1x0e}, inputs: {h: h}}
  total: {type: AtomwiseSum, inputs: {src: mix, index: batch}}
model_outputs: {total: total}
""")
    numpy.save("h.npy", numpy.ones((3, 2)))
    for batch, code in (([0, 0, 1], 0), ([0, 1, 2], DATA), ([0, 0, -1], DATA)):
        numpy.save("batch.npy", numpy.array(batch))
        told = run_json("run", "sum.yaml", "--input", "h=h.npy", "--input", "batch=batch.npy", code=code)["diagnostics"]
        assert [fault["code"] for fault in told] == ["out-of-range"] * (code != 0), told
        assert all(f"holds {batch[2]} at 2" in fault["message"] and "one structure at a time" in fault["hint"] for fault in told)

    # A shape that a comment tells is a hint, one under `shape:` a promise.
    write("told.yaml", 'model_inputs: {x: "Tensor (N, 16)"}\nmodel_layers: {}\nmodel_outputs: {y: x}\n')
    numpy.save("x.npy", numpy.ones(16))
    assert "(N, 16)" in run("run", "told.yaml", "--input", "x=x.npy").stderr
    write("given.yaml", "model_inputs: {x: {shape: [N, 16]}}\nmodel_layers: {}\nmodel_outputs: {y: x}\n")
    assert "(N, 16)" in run("run", "given.yaml", "--input", "x=x.npy", code=DATA).stderr


ROWS = """
model_inputs: {x: SHAPE}
model_layers:
  a: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 1x0e}, inputs: {h: x}}
model_outputs: {y: a}
"""


def edges_without_length():
    """An edge from an atom to itself, without a shift to its image, has no direction."""
    write("small.yaml", SMALL)

    def told(shift):
        inputs = small_inputs(edge_index=numpy.array([[0, 1], [1, 1]]), shift=numpy.array(shift))
        return [(fault["code"], fault["message"]) for fault in run_json("run", "small.yaml", *inputs)["diagnostics"]]

    [(code, message)] = told([[0.0, 0, 0], [0, 0, 0]])
    assert code == "edge-without-length" and "'edge_index': edge 1 between atoms 1 and 1 has no length" in message, message
    assert told([[0.0, 0, 0], [0, 0, 2]]) == []


def names():
    """A role that nothing but the name says is named as what takes the array, with the way out."""
    for name, why in (("cell", "has the shape (2, 4), but the role 'cell' of its name takes (3, 3)"),
                            ("pos", "has the shape (2, 4), but the role 'positions' of its name takes (N, 3)"),
                            ("edge_index_w", "is float64, but the role 'edges' of its name takes integers")):
        text = f"model_inputs: {{{name}: ''}}\nmodel_layers: {{r: {{type: ArbitraryModule, config: {{target: torch.neg}}, inputs: {{0: {name}}}}}}}\nmodel_outputs: {{r: r}}\n"
        write("named.yaml", text)
        numpy.save("x.npy", numpy.ones((2, 4)))
        message = run("run", "named.yaml", "--input", f"{name}=x.npy", code=DATA).stderr
        assert why in message and f"if it is something else: model_inputs: {{{name}: {{role: free}}}}" in message, message


def comments():
    """Data that fit the layers are taken, whatever a comment says."""

    def told_and_outputs(shape, data, code=0):
        write("graph.yaml", ROWS.replace("SHAPE", shape))
        numpy.save("x.npy", data)
        result = run_json("run", "graph.yaml", "--input", "x=x.npy", code=code)
        return [fault["code"] for fault in result["diagnostics"]], result.get("outputs")

    data = numpy.array([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])
    told, plain = told_and_outputs('""', data)
    assert told == []
    for shape, wanted in (('"(N, 2)"', []), ('"(N, 3)"', ["bad-shape"]), ('"Tensor (N,)"', ["bad-shape"]), ('"(5, 2)"', ["other-shape"])):
        assert told_and_outputs(shape, data) == (wanted, plain), shape
    assert told_and_outputs("{shape: [5, 2]}", data, code=DATA)[0] == ["wrong-shape"]
    assert told_and_outputs("{shape: [N, 3]}", data, code=CONFIGURATION)[0] == ["wrong-width"]
    pair = 'model_inputs: {w: "(M, 2)", x: {shape: [M, 2]}}\nmodel_layers: {}\nmodel_outputs: {w: w, x: x}\n'
    write("pair.yaml", pair)
    numpy.save("w.npy", data[:2])
    [warning] = run_json("run", "pair.yaml", "--input", "w=w.npy", "--input", "x=x.npy")["diagnostics"]
    assert warning["code"] == "other-shape" and "'w'" in warning["message"]
    assert "wrong-shape" in told_and_outputs('"(N, 3)"', numpy.ones((3, 3)), code=DATA)[0]  # the layer takes 2 columns


ENCODED = """
model_inputs: {z: {role: species}}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: z}}
model_outputs: {y: elements}
"""
MIXED = """
model_inputs: {h: ""}
model_layers:
  mix: {type: AtomwiseLinear, config: {irreps_in_block: 3x0e, irreps_out_block: 2x0e}, inputs: {h: h}}
model_outputs: {y: mix}
"""


def gl17(engine="native"):
    """GL17 at run time, on registered layers: file, input, layer, port, what is expected and what is given."""
    def fault(text, **arrays):
        write("graph.yaml", text)
        words = []
        for name, array in arrays.items():
            numpy.save(name + ".npy", array)
            words += ["--input", f"{name}={name}.npy"]
        errors = run_json("run", "graph.yaml", *words, "--engine", engine, code=DATA)["diagnostics"]
        [error] = [error for error in errors if error["severity"] == "error"]
        assert error["file"].endswith(".npy"), error
        return error["code"], error["message"]

    elements = "but port 'x' of layer 'elements' (graph.yaml:4:3) takes"
    mix = "but port 'h' of layer 'mix' (graph.yaml:4:3) takes"
    for dtype in ("int64", "int32", "int16", "uint8"):
        write("graph.yaml", ENCODED)
        numpy.save("z.npy", numpy.array([1, 0, 1], dtype=dtype))
        [y] = run_json("run", "graph.yaml", "--input", "z=z.npy", "--engine", engine)["outputs"]
        assert y["values"] == [[0, 1], [1, 0], [0, 1]], (dtype, y)
        for bad in ([0, 2], [1, 255]) if dtype == "uint8" else ([0, 2], [1, -1]):
            code, message = fault(ENCODED, z=numpy.array(bad, dtype=dtype))
            assert code == "out-of-range"
            assert message == f"model input 'z' holds {bad[1]} at 1, {elements} species from 0 to 1", message
    for species in ([0.0, 1.0], [0.0, numpy.nan]):
        code, message = fault(ENCODED, z=numpy.array(species))
        assert (code, message) == ("wrong-dtype", f"model input 'z' is float64, {elements} integers"), message
    code, message = fault(ENCODED, z=numpy.array([[0, 1]]))
    assert (code, message) == ("wrong-shape", f"model input 'z' has the shape (1, 2), {elements} (N,)"), message
    for array in (numpy.ones((5, 2)), numpy.ones(5), numpy.ones((1, 5, 3))):
        code, message = fault(MIXED, h=array)
        shape = str(array.shape)
        assert (code, message) == ("wrong-shape", f"model input 'h' has the shape {shape}, {mix} (N, 3): atom 3x0e"), message
    code, message = fault(MIXED, h=numpy.ones((5, 3), dtype=numpy.int32))
    assert (code, message) == ("wrong-dtype", f"model input 'h' is int32, {mix} real numbers"), message

    # What is in a file of several arrays is named by its name there.
    write("graph.yaml", ENCODED)
    numpy.savez("all.npz", first=numpy.array([3]), second=numpy.array([0]))
    [error] = run_json("run", "graph.yaml", "--input", "z=all.npz:first", "--engine", engine, code=DATA)["diagnostics"]
    assert error["file"] == "all.npz" and "model input 'z' (array 'first') holds 3" in error["message"], error

    # Whoever settles what an input must be is named, not whoever reads it first.
    write("graph.yaml", ENCODED.replace("model_layers:", "model_layers:\n  raw: {type: ArbitraryModule, config: {target: "
                                        "torch.abs}, inputs: {0: z}}").replace("y: elements", "y: elements, raw: raw"))
    numpy.save("z.npy", numpy.array([2]))
    [error] = run_json("run", "graph.yaml", "--input", "z=z.npy", "--engine", engine, code=DATA)["diagnostics"]
    assert "port 'x' of layer 'elements' (graph.yaml:5:3)" in error["message"], error


def gl17_torch():
    gl17("torch")


TARGET = """
model_inputs: {x: INPUT}
model_layers:
  call: {type: ArbitraryModule, config: {target: TARGET}, inputs: {0: x}}
model_outputs: {y: call}
"""


def gl17_targets():
    """GL17 at run time, on torch targets: sizes that a graph leaves open are checked once the arrays are there."""
    def error_of(target, array, given='""'):
        write("graph.yaml", TARGET.replace("TARGET", target).replace("INPUT", given))
        numpy.save("x.npy", array)
        errors = run_json("run", "graph.yaml", "--input", "x=x.npy", code=DATA)["diagnostics"]
        [error] = [error for error in errors if error["severity"] == "error"]
        return error

    def told(error, message, hint):
        assert (error["file"], error["line"], error["column"]) == ("graph.yaml", 4, 3), error
        assert error["message"].startswith(message) and hint in error["hint"], error

    linear = "layer 'call': target 'torch.nn.Linear' takes tensors of 17 columns, not of shape "
    reads = "port '0' reads the model input 'x' of x.npy: "
    for shape in ((5, 16), (16,), ()):
        error = error_of("torch.nn.Linear, args: [17, 2]", numpy.ones(shape))
        told(error, linear + str(shape), reads + f"float64 {shape}")
        assert error["code"] == "bad-shape"
    error = error_of("torch.nn.Linear, args: [17, 2]", numpy.ones((5, 16), dtype="float32"), "{shape: [N, C]}")
    told(error, linear + "(N, 16)", reads + "float32 (5, 16)")
    error = error_of("torch.nn.Conv1d, args: [4, 2, 3]", numpy.ones((5, 4)))
    told(error, "layer 'call': target 'torch.nn.Conv1d' ", reads + "float64 (5, 4)")
    error = error_of("torch.nn.Linear, args: [17, 2]", numpy.ones(17), "{shape: [N, 17]}")
    assert error["file"] == "x.npy" and "(17,)" in error["message"] and "(N, 17)" in error["message"], error
    assert "port '0' of layer 'call' (graph.yaml:4:3)" in error["message"], error

    table = "torch.nn.Embedding, args: [4, 2]"
    for species in ([0.0, 1.0], [0.0, numpy.nan]):
        error = error_of(table, numpy.array(species))
        told(error, "layer 'call': target 'torch.nn.Embedding' takes integers as 'input'", reads + "float64 (2,)")
        assert error["code"] == "wrong-dtype"
    for species in ([0, 4], [0, -1]):
        for given in ('""', "{role: species}"):
            error = error_of(table, numpy.array(species, dtype=numpy.int32), given)
            told(error, "the torch engine failed in layer 'call': ", f"int32 (2,), {min(species)} to {max(species)}; weight is (4, 2)")
    told(error_of(table, numpy.array([0, 3], dtype=numpy.int16)), "the torch engine failed in layer 'call': ", "int16 (2,), 0 to 3")

    # Why torch's Python refuses what it finds only then, without the names of exceptions.
    write("graph.yaml", """
model_inputs: {x: ""}
model_layers:
  found: {type: ArbitraryModule, config: {target: torch.unique}, inputs: {0: x}}
  rows: {type: ArbitraryModule, config: {target: torch.reshape, kwargs: {shape: [-1, 4]}}, inputs: {0: found}}
  call: {type: ArbitraryModule, config: {target: torch.nn.BatchNorm1d, args: [4], kwargs: {track_running_stats: false}}, inputs: {0: rows}}
model_outputs: {y: call}
""")
    numpy.save("x.npy", numpy.arange(4.0))
    [error] = run_json("run", "graph.yaml", "--input", "x=x.npy", code=DATA)["diagnostics"]
    assert error["message"] == "the torch engine failed in layer 'call': more than one value per channel is needed", error

    # The last bag ends where there may be an end.
    write("graph.yaml", """
model_inputs: {i: "", o: ""}
model_layers:
  call: {type: ArbitraryModule, config: {target: torch.nn.EmbeddingBag, args: [4, 5], kwargs: {include_last_offset: true}}, inputs: {0: i, 1: o}}
model_outputs: {y: call}
""")
    numpy.save("i.npy", numpy.array([0, 1, 2, 3, 1, 0]))
    for offsets, code in (([0, 2, 6], 0), ([0, 2, 4], 0), ([0, 2, 9], DATA), ([0, 2, -1], DATA), ([0, 4, 2], DATA)):
        numpy.save("o.npy", numpy.array(offsets))
        result = run_json("run", "graph.yaml", "--input", "i=i.npy", "--input", "o=o.npy", code=code) if code else \
            run("run", "graph.yaml", "--input", "i=i.npy", "--input", "o=o.npy")
        assert not code or result["diagnostics"][0]["message"].startswith("the torch engine failed in layer 'call': "), result

    # Of two readers the one that cannot take it is named; what follows from sizes is known, too.
    write("graph.yaml", """
model_inputs: {x: ""}
model_layers:
  fits: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 3]}, inputs: {0: x}}
  batch: {type: ArbitraryModule, config: {target: torch.unsqueeze, kwargs: {dim: 0}}, inputs: {0: fits}}
  again: {alias: fits, inputs: {0: batch}}
  bad: {type: ArbitraryModule, config: {target: torch.nn.Conv1d, args: [5, 3, 1]}, inputs: {0: x}}
model_outputs: {y: again, z: bad}
""")
    numpy.save("x.npy", numpy.ones((2, 4)))
    errors = run_json("run", "graph.yaml", "--input", "x=x.npy", code=DATA)["diagnostics"]
    assert [(e["line"], e["hint"]) for e in errors] == [
        (6, "port '0' reads 'batch': (1, 2, 3)"), (7, reads + "float64 (2, 4)")], errors
    assert "layer 'again'" in errors[0]["message"] and "layer 'bad'" in errors[1]["message"], errors


def given_shapes():
    """A call that depends on the rank of what it reads is made for the array; rows of atoms stay rows of atoms."""
    import torch

    write("graph.yaml", TARGET.replace("TARGET", "torch.nn.InstanceNorm1d, args: [4]").replace("INPUT", '""'))
    for shape in ((4, 9), (3, 4, 9)):
        x = numpy.random.default_rng(3).normal(0, 1, shape)
        numpy.save("x.npy", x)
        run("run", "graph.yaml", "--input", "x=x.npy", "-o", "y.npy")
        want = torch.nn.InstanceNorm1d(4).double()(torch.from_numpy(x)).numpy()
        assert numpy.abs(numpy.load("y.npy") - want).max() <= 1e-14, shape
    # What torch refuses in Python is refused when it runs, where sizes are not known before.
    module = "torch.nn.BatchNorm1d, args: [4], kwargs: {track_running_stats: false}"
    for target, given in ((module, "{shape: [N, 4]}"), (module, '""'), ("torch.nn.InstanceNorm1d, args: [4]", "{shape: [3, 4, L]}")):
        write("graph.yaml", TARGET.replace("TARGET", target).replace("INPUT", given))
        shape = (3, 4, 1) if "L" in given else (1, 4)
        for n in (1, 2):
            x = numpy.random.default_rng(n).normal(0, 1, (n, 4) if len(shape) == 2 else (3, 4, n))
            numpy.save("x.npy", x)
            words = ("run", "graph.yaml", "--input", "x=x.npy")
            if n == 1:
                [error] = run_json(*words, code=DATA)["diagnostics"]
                assert "layer 'call'" in error["message"] and "more than one value per channel" in error["message"], error
                assert "port '0'" in error["hint"] and str(shape) in error["hint"] and error["line"] == 4, error
            else:
                run(*words, "-o", "y.npy")
                want = (torch.nn.BatchNorm1d(4, track_running_stats=False) if len(shape) == 2 else torch.nn.InstanceNorm1d(4)).double()
                assert numpy.abs(numpy.load("y.npy") - want(torch.from_numpy(x)).detach().numpy()).max() <= 1e-12

    # Sequences and vectors without a batch, told by the array.
    for target, make, shape in (("torch.nn.LSTM", torch.nn.LSTM, (7, 3)), ("torch.nn.GRU", torch.nn.GRU, (7, 3)), ("torch.nn.GRUCell", torch.nn.GRUCell, (3,))):
        text = TARGET.replace("TARGET", target + ", args: [3, 4]").replace("INPUT", '""').replace("y: call", "y: call.0")
        write("graph.yaml", text if "Cell" not in target else text.replace("call.0", "call"))
        x = torch.from_numpy(numpy.random.default_rng(1).normal(0, 1, shape))
        numpy.save("x.npy", x.numpy())
        torch.manual_seed(4)
        made = make(3, 4).double()
        torch.save({"call." + name: value for name, value in made.state_dict().items()}, "weights.pt")
        run("run", "graph.yaml", "--input", "x=x.npy", "--weights", "weights.pt", "-o", "y.npy")
        want = made(x) if "Cell" in target else made(x)[0]
        assert numpy.abs(numpy.load("y.npy") - want.detach().numpy()).max() <= 1e-12, target

    write("graph.yaml", """
model_inputs: {z: {role: species}, x: {shape: [N, 2]}}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: z}}
  both: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: elements, 1: x}}
  mix: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 3x0e}, inputs: {h: both}}
model_outputs: {y: mix, both: both}
""")
    numpy.save("z.npy", numpy.array([0, 1]))
    numpy.save("x.npy", numpy.ones((2, 2)))
    out = run_json("run", "graph.yaml", "--input", "z=z.npy", "--input", "x=x.npy")["outputs"]
    assert out[0]["shape"] == [2, 3] and out[1]["values"] == [[2, 1], [1, 2]], out


if __name__ == "__main__":
    main(globals())
