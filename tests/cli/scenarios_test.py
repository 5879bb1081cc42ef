"""The rows of the acceptance scenarios for the graph language that take the whole program: GRAPH -> kiln -> torch."""

import os

import numpy
import torch

from harness import CONFIGURATION, SOURCE, main, read, run, run_json, write

DENSE = """
model_inputs: {x: "Tensor (N,16)"}
model_layers:
  dense: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [16, 16]}, inputs: {0: x}}
  activation: {type: ArbitraryModule, config: {target: torch.nn.ReLU}, inputs: {0: dense}}
  second_pass: {alias: dense, inputs: {0: activation}}
  final: {type: ArbitraryModule, config: {target: torch.nn.functional.relu}, inputs: {0: second_pass}}
model_outputs: {y: final}
"""


def named(module, *names):
    return {name + key: value for name in names for key, value in module.state_dict().items()}


def GL1():
    """dense -> relu -> alias of dense -> functional relu, with weights that Python's torch made, against Python's torch."""
    write("dense.yaml", DENSE)
    torch.manual_seed(5)
    for dtype, tolerance in ((torch.float64, 1e-14), (torch.float32, 1e-6)):
        dense = torch.nn.Linear(16, 16).to(dtype)
        torch.save(named(dense, "dense.module.", "second_pass.module."), "weights.pt")  # as KLay names them
        for shape in ((16,), (5, 16)):
            x = torch.randn(shape, dtype=dtype)
            want = torch.relu(dense(torch.relu(dense(x)))).detach().numpy()
            assert (want > 0).any()
            numpy.save("x.npy", x.numpy())
            result = run_json("run", "dense.yaml", "--input", "x=x.npy", "--weights", "weights.pt", "-o", "y.npy")
            got = numpy.load("y.npy")
            assert result["engine"] == "torch" and got.dtype == want.dtype and got.shape == shape
            assert numpy.abs(got - want).max() <= tolerance
            told = [fault["code"] for fault in result["diagnostics"]]
            assert told == (["other-shape"] if shape == (16,) else []), told

    # Either name of the shared layer is accepted, one of them is written.
    for names in (["dense."], ["second_pass."], ["second_pass.module."]):
        torch.save(named(dense, *names), "weights.pt")
        run("run", "dense.yaml", "--input", "x=x.npy", "--weights", "weights.pt", "-o", "again.npy")
        assert (numpy.load("again.npy") == got).all(), names
    run("export", "dense.yaml", "--to", "torchscript", "-o", "dense.pt")
    exported = torch.jit.load("dense.pt")
    assert list(exported.state_dict()) == ["dense.weight", "dense.bias"]

    dense = dense.double()
    exported.load_state_dict(named(dense, "dense."))
    x = torch.randn(5, 16, dtype=torch.float64)
    shared = dict(exported.named_parameters())["dense.weight"].requires_grad_(True)
    (gradient,) = torch.autograd.grad(exported(x).pow(2).sum(), [shared])
    hidden = torch.relu(dense(x)).detach()
    (last,) = torch.autograd.grad(torch.relu(dense(hidden)).pow(2).sum(), [dense.weight])
    frozen = dense.weight.detach()
    second = torch.nn.functional.linear(torch.relu(dense(x)), frozen, dense.bias)
    (first,) = torch.autograd.grad(torch.relu(second).pow(2).sum(), [dense.weight])
    assert min(first.abs().max(), last.abs().max()) > 1e-3, "both calls contribute"
    assert (gradient - first - last).abs().max() <= 1e-12


def GL19():
    """One, two, no outputs; an input as output, by its name and with its section."""
    x = numpy.arange(6.0).reshape(2, 3)
    numpy.save("x.npy", x)
    graph = """
model_inputs: {x: {shape: [N, 3]}}
model_layers:
  twice: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: x, 1: x}}
model_outputs: OUTPUTS
"""
    cases = {"{y: twice}": ["y"], "{z: twice, a: x}": ["z", "a"], "{again: model_inputs.x}": ["again"],
             "{b: model_inputs.x, a: twice, c: twice}": ["b", "a", "c"]}
    want = {"y": 2 * x, "z": 2 * x, "a": x, "again": x, "b": x, "c": 2 * x}
    for outputs, names in cases.items():
        write("graph.yaml", graph.replace("OUTPUTS", outputs))
        got = run_json("run", "graph.yaml", "-i", "x=x.npy")["outputs"]
        assert [one["name"] for one in got] == names, got
        run("export", "graph.yaml", "--to", "torchscript", "-o", "graph.pt")
        module = torch.jit.load("graph.pt")
        values, by_name = module(torch.tensor(x)), module.named(torch.tensor(x))
        values = values if isinstance(values, tuple) else (values,)
        assert len(values) == len(names) == len(by_name), outputs
        for name, value, one in zip(names, values, got):
            expected = 2 * x if name == "a" and len(names) == 3 else want[name]
            for number in (value.numpy(), by_name[name].numpy(), numpy.array(one["values"])):
                assert number.shape == x.shape and numpy.abs(number - expected).max() == 0, (outputs, name)
    write("graph.yaml", graph.replace("OUTPUTS", "{}"))
    assert [fault["code"] for fault in run_json("validate", "graph.yaml", code=CONFIGURATION)["diagnostics"]] == ["no-outputs"]


def GL20():
    """What is built and not used is told, each with a code of its own; nothing else is."""
    graph = """
model_inputs: {x: {shape: [N, 4]}INPUTS}
model_layers:
  a: {type: AtomwiseLinear, config: {irreps_in_block: 4x0e, irreps_out_block: 4x0e}, inputs: {h: x}}
LAYERSmodel_outputs: {y: LAST}
"""
    linear = "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: %s}}\n"
    cases = [("", "", "a", []),
             ("", "  b: " + linear % "a", "a", ["dangling-layer"]),
             ("", "  b: {alias: a, inputs: {h: a}}\n", "a", ["dangling-alias"]),
             (", other: {shape: [N, 2]}", "", "a", ["unused-input"]),
             (", other: {shape: [N, 2]}", "  b: " + linear % "a" + "  c: {alias: b, inputs: {h: b}}\n", "a",
              ["dangling-alias", "dangling-layer", "unused-input"]),
             # an output map of which all, or only one name is read
             ("", "  b: {type: ArbitraryModule, config: {target: torch.max, kwargs: {dim: 1, keepdim: true}}, inputs: {0: a}, output: {0: most, 1: place}}\n", "most", []),
             ("", "  b: {type: ArbitraryModule, config: {target: torch.max, kwargs: {dim: 1, keepdim: true}}, inputs: {0: a}, output: {0: most}}\n"
                  "  c: {type: ArbitraryModule, config: {target: torch.tanh}, inputs: {0: most}}\n", "c", [])]
    for inputs, layers, last, codes in cases:
        write("graph.yaml", graph.replace("INPUTS", inputs).replace("LAYERS", layers).replace("LAST", last))
        result = run_json("validate", "graph.yaml")
        assert sorted(fault["code"] for fault in result["diagnostics"]) == codes, (layers, result["diagnostics"])
        assert all(fault["severity"] == "warning" and fault["line"] > 0 for fault in result["diagnostics"])
        text = run("validate", "graph.yaml").stderr
        assert text.count("warning: ") == len(codes), text
    write("graph.yaml", "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers: {}\n")
    assert [fault["code"] for fault in run_json("validate", "graph.yaml", code=CONFIGURATION)["diagnostics"]] == ["no-outputs"]


def GL21():
    """A model with an ArbitraryModule is exported, or the layer is named that cannot be, with the reason."""
    potential = read(SOURCE + "/tests/cli/si_h.yaml")
    readout = "{type: ScalarReadout, config: {hidden: 3}, inputs: {h: interaction}}"
    assert readout in potential
    linear = "{type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 1]}, inputs: {0: interaction}}"
    write("graph.yaml", potential.replace(readout, linear))
    run("export", "graph.yaml", "--to", "kiln", "--species", "Si,H", "-o", "model.kiln")
    run("export", "model.kiln", "--to", "torchscript", "-o", "model.pt")
    assert "readout.weight" in dict(torch.jit.load("model.pt").named_parameters())
    refused = run("export", "model.kiln", "--to", "kim", "--name", "Arbitrary_v1", code=CONFIGURATION).stderr
    assert "layer 'readout'" in refused and "torch engine" in refused, refused
    assert not os.path.exists("Arbitrary_v1")


if __name__ == "__main__":
    main(globals())
