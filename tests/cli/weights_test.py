"""kiln run --weights: safetensors, .kiln files and torch's state dicts, by the names of the layers."""

import collections
import hashlib
import os
import pickle

import numpy
import torch

from harness import DATA, SOURCE, main, read, run, run_json, write

GRAPH = """
model_inputs: {species: ""}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  mix: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 2}]}, inputs: {h: elements}}
  again: {alias: mix, inputs: {h: mix}}
  last: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 3}]}, inputs: {h: again}}
model_outputs: {mixed: mix, twice: again, end: last}
"""
MIX = numpy.array([[1.0, 2.0], [3.0, 5.0]])
LAST = numpy.array([[1.0, -1.0, 0.5], [0.25, 0.0, 4.0]])
INPUT = ["--input", "species=species.npy"]


def start():
    write("graph.yaml", GRAPH)
    numpy.save("species.npy", numpy.array([0, 1, 1]))


def state(dtype=torch.float64, **changed):
    weights = {"mix.linear.weight": torch.tensor(MIX.ravel(), dtype=dtype), "last.linear.weight": torch.tensor(LAST.ravel(), dtype=dtype)}
    weights.update(changed)
    return {name: value for name, value in weights.items() if value is not None}


def check(file):
    run("run", "graph.yaml", *INPUT, "--weights", file, "-o", "out.npz")
    out = numpy.load("out.npz")
    one_hot = numpy.eye(2)[[0, 1, 1]]
    mixed = one_hot @ MIX / 2**0.5  # e3nn's normalization
    assert numpy.abs(out["mixed"] - mixed).max() <= 1e-14
    twice = mixed @ MIX / 2**0.5
    assert numpy.abs(out["twice"] - twice).max() <= 1e-14
    assert numpy.abs(out["end"] - twice @ LAST / 2**0.5).max() <= 1e-13


def good():
    """Every way in which torch writes a state dict."""
    start()
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):  # numbers that all of them hold
        torch.save(state(dtype), "weights.pt")
        check("weights.pt")
    for dtype in (torch.int64, torch.int32, torch.int16, torch.int8):
        torch.save(state(**{"mix.linear.weight": torch.tensor(MIX.ravel()).to(dtype)}), "weights.pt")
        check("weights.pt")

    class Linear(torch.nn.Module):
        def __init__(self, weight):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.tensor(weight.ravel()))

    module = torch.nn.ModuleDict({name: torch.nn.ModuleDict({"linear": Linear(weight)}) for name, weight in (("mix", MIX), ("last", LAST))})
    torch.save(module.state_dict(), "weights.pth")  # an OrderedDict with metadata
    check("weights.pth")
    torch.save(dict(module.named_parameters()), "weights.pt")  # parameters, not tensors
    check("weights.pt")
    optimizer = torch.optim.Adam(module.parameters())
    module["last"]["linear"].weight.sum().backward()
    optimizer.step()
    before = {name: value.clone() for name, value in state().items()}
    torch.save({"epoch": 3, "loss": 0.5, "note": "text", "state_dict": before, "optimizer": optimizer.state_dict()}, "weights.pt")
    check("weights.pt")
    torch.save({"mix": {"linear": {"weight": state()["mix.linear.weight"]}}, "last": {"linear.weight": state()["last.linear.weight"]}}, "weights.pt")
    check("weights.pt")

    # Views of larger storages, and strides in any order.
    wide = torch.zeros(4, 3, dtype=torch.float64)
    wide[:, 1] = torch.tensor(MIX.ravel())
    shared = torch.cat([torch.tensor(LAST.ravel()), torch.tensor(MIX.ravel())])
    torch.save(state(**{"mix.linear.weight": wide[:, 1]}), "weights.pt")
    check("weights.pt")
    torch.save({"mix.linear.weight": shared[6:], "last.linear.weight": shared[:6]}, "weights.pt")
    check("weights.pt")


def names():
    """KLay's names, aliases; what is missing, unknown or misshapen, all at once."""
    start()
    good_state = state()
    mix, last = good_state["mix.linear.weight"], good_state["last.linear.weight"]
    for weights in ({"mix.module.linear.weight": mix, "last.module.linear.weight": last}, {"again.linear.weight": mix, "last.linear.weight": last},
                    {"again.module.linear.weight": mix, "mix.module.linear.weight": mix.clone(), "last.linear.weight": last}):
        torch.save(weights, "weights.pt")
        check("weights.pt")
    torch.save({"again.linear.weight": mix, "mix.linear.weight": mix + 1, "last.linear.weight": last}, "weights.pt")
    message = run("run", "graph.yaml", *INPUT, "--weights", "weights.pt", code=DATA).stderr
    assert "'again.linear.weight' and 'mix.linear.weight' are one parameter" in message

    # What the file has is not offered again: neither name is meant for the other.
    torch.save({"mix.linear.weight": mix, "mix.linear.weight2": mix, "last.linear.weight": last}, "weights.pt")
    [error] = run_json("run", "graph.yaml", *INPUT, "--weights", "weights.pt", code=DATA)["diagnostics"]
    assert error["code"] == "unknown-weight" and not error["hint"], error

    torch.save({"mix.linear.wieght": mix, "other.weight": mix, "last.linear.weight": last[:5]}, "weights.pt")
    errors = run_json("run", "graph.yaml", *INPUT, "--weights", "weights.pt", code=DATA)["diagnostics"]
    assert sorted(error["code"] for error in errors) == ["misshapen-weight", "missing-weight", "unknown-weight", "unknown-weight"]
    assert all(error["file"] == "weights.pt" for error in errors)
    text = " ".join(error["message"] + error["hint"] for error in errors)
    assert "Did you mean 'mix.linear.weight'?" in text and "[5], the graph wants [6]" in text and "no weight 'mix.linear.weight'" in text


REPEATED = """
model_inputs: {x: {shape: [N, 2]}}
model_layers:
  rec: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 2x0e}, inputs: {h: x}, repeat: 3, carry: h, share: true}
  block: {include: block.yaml, inputs: {h: rec}, repeat: 2, carry: h, share: true}
  own: {type: AtomwiseLinear, config: {irreps_out_block: 2x0e}, inputs: {h: block}, repeat: 2, carry: h}
model_outputs: {y: own}
"""
BLOCK = """
model_inputs: {h: {shape: [N, 2]}}
model_layers:
  wide: {type: AtomwiseLinear, config: {irreps_out_block: 2x0e}, inputs: {h: h}, repeat: 2, carry: h, share: true}
  back: {type: AtomwiseLinear, config: {irreps_out_block: 2x0e}, inputs: {h: wide}}
model_outputs: {h: back}
"""


def repeated():
    """One set of weights of several calls: named by the first, by any other, or as the file names what is repeated."""
    write("graph.yaml", REPEATED)
    write("block.yaml", BLOCK)
    x = numpy.array([[1.0, -2.0], [0.5, 3.0]])
    numpy.save("x.npy", x)
    values = {name: numpy.random.RandomState(k).rand(2, 2) for k, name in enumerate(("rec", "wide", "back", "own_0", "own_1"))}
    want = x
    for name in ["rec"] * 3 + ["wide", "wide", "back"] * 2 + ["own_0", "own_1"]:
        want = want @ values[name] / 2**0.5

    def save(names, **more):
        file = {f"{name}.linear.weight": torch.tensor(values[of].ravel()) for of, name in names.items()}
        file.update({f"{name}.linear.weight": value for name, value in more.items()})
        torch.save(file, "weights.pt")

    own = {"own_0": "own_0", "own_1": "own_1"}
    for rec, wide, back in (("rec", "block__wide", "block__back"), ("rec_0", "block_0__wide_0", "block_0__back"), ("rec_2", "block_0__wide", "block_1__back"),
                            ("rec", "block_1__wide", "block__back"), ("rec", "block__wide_1", "block__back")):
        save({"rec": rec, "wide": wide, "back": back, **own})
        run("run", "graph.yaml", "--input", "x=x.npy", "--weights", "weights.pt", "-o", "y.npy")
        assert numpy.abs(numpy.load("y.npy") - want).max() <= 1e-13, (rec, wide, back)

    names = {"rec": "rec_0", "wide": "block__wide", "back": "block__back"}
    save({**names, **own}, rec=torch.ones(4))
    assert "are one parameter" in run("run", "graph.yaml", "--input", "x=x.npy", "--weights", "weights.pt", code=DATA).stderr
    save({**names, "own_0": "own_0", "own_1": "own"})  # each copy has its own: the last one's name is no parameter
    assert "no parameter 'own.linear.weight'" in run("run", "graph.yaml", "--input", "x=x.npy", "--weights", "weights.pt", code=DATA).stderr


def round_trip():
    """What kiln exports, kiln and torch read; the numbers are those of the model."""
    graph = SOURCE + "/tests/cli/si_h.yaml"
    run("export", graph, "--to", "kiln", "--species", "Si,H", "--seed", "3", "-o", "model.kiln")
    run("export", "model.kiln", "--to", "state-dict", "-o", "weights.safetensors")
    arrays = {"species": numpy.array([0, 1]), "coords": numpy.array([[0.0, 0, 0], [0, 0, 1.6]]),
              "edge_index": numpy.array([[0, 1], [1, 0]]), "shift": numpy.zeros((2, 3)), "contributions": numpy.zeros(2, dtype=int)}
    numpy.savez("inputs.npz", **arrays)
    inputs = [word for name in arrays for word in ("--input", f"{name}=inputs.npz")]

    def energy(*arguments):
        return run_json("run", *arguments, *inputs)["outputs"][0]["values"][0]

    want = energy("model.kiln")
    assert energy(graph, "--seed", "3") == want and energy(graph) != want
    assert energy(graph, "--weights", "weights.safetensors") == want
    assert energy(graph, "--weights", "model.kiln") == want
    run("export", "model.kiln", "--to", "torchscript", "-o", "model.pt")
    torch.save(torch.jit.load("model.pt").state_dict(), "weights.pt")
    assert any(name.startswith("tables.") for name in torch.load("weights.pt"))
    assert energy(graph, "--weights", "weights.pt") == want
    message = run("run", graph, *inputs, "--weights", "model.pt", code=DATA).stderr
    assert "TorchScript" in message


def damaged():
    """A file of torch that is cut off is called one, whatever is left of it."""
    start()
    torch.save(state(), "weights.pt")
    whole = read("weights.pt", "rb")
    for name in ("cut.pt", "cut.pth", "cut"):
        for n in (0, 1, 2, 10, len(whole) // 2, len(whole) - 1):
            if name == "cut" and n < 2:
                continue  # nothing says what it was
            with open(name, "wb") as file:
                file.write(whole[:n])
            message = run("run", "graph.yaml", *INPUT, "--weights", name, code=DATA).stderr
            assert "a damaged file of torch" in message and "safetensors" not in message, message
    torch.save(state(), "later.pt", pickle_protocol=4)
    message = run("run", "graph.yaml", *INPUT, "--weights", "later.pt", code=DATA).stderr
    assert "pickle's protocol 4" in message and "without pickle_protocol" in message, message
    with open("weights.pt", "wb") as file:
        file.write(b"\0" * 512 + whole[512:])  # the beginning is lost
    message = run("run", "graph.yaml", *INPUT, "--weights", "weights.pt", code=DATA).stderr
    assert "a damaged file of torch" in message, message
    with open("other.safetensors", "wb") as file:
        file.write(b"\x08")
    assert "not a valid safetensors file" in run("run", "graph.yaml", *INPUT, "--weights", "other.safetensors", code=DATA).stderr
    run("export", SOURCE + "/tests/cli/si_h.yaml", "--to", "kiln", "--species", "Si,H", "-o", "model.kiln")
    run("export", "model.kiln", "--to", "state-dict", "-o", "named.safetensors")
    os.rename("named.safetensors", "named.pt")  # what it is, is seen by its content
    assert "the graph has no parameter" in run("run", "graph.yaml", *INPUT, "--weights", "named.pt", code=DATA).stderr


def not_finite():
    """A warning that names file and tensor; the numbers are used."""
    start()
    bad = torch.tensor(LAST.ravel())
    bad[1], bad[4] = float("nan"), float("-inf")
    torch.save(state(**{"last.linear.weight": bad}), "weights.pt")
    warning, = run_json("run", "graph.yaml", *INPUT, "--weights", "weights.pt")["diagnostics"]
    assert (warning["severity"], warning["code"], warning["file"]) == ("warning", "not-finite", "weights.pt")
    assert "'last.linear.weight' has 2 numbers of 6 that are not finite" in warning["message"]
    text = run("run", "graph.yaml", *INPUT, "--weights", "weights.pt").stderr
    assert "weights.pt: warning: 'last.linear.weight' has 2" in text, text
    torch.save(state(), "weights.pt")
    assert run_json("run", "graph.yaml", *INPUT, "--weights", "weights.pt")["diagnostics"] == []


def sealed(header):
    """The bytes of a model file with another header of the same length, and the checksum that belongs to it."""
    key = b'{\\"checksum\\":\\"'
    at = header.index(key) + len(key)
    zeroed = header[:at] + b"0" * 64 + header[at + 64:]
    return zeroed[:at] + hashlib.sha256(zeroed).hexdigest().encode() + zeroed[at + 64:]


def model_files():
    """Weights of a .kiln file are read as any command reads it: checksum and version first."""
    graph = SOURCE + "/tests/cli/si_h.yaml"
    run("export", graph, "--to", "kiln", "--species", "Si,H", "-o", "model.kiln")
    whole = read("model.kiln", "rb")
    assert sealed(whole) == whole
    numpy.save("species.npy", numpy.array([0, 1]))

    def message(name, content):
        with open(name, "wb") as file:
            file.write(content)
        return run("run", graph, *INPUT, "--weights", name, code=DATA).stderr

    for name in ("bad.kiln", "bad.safetensors"):
        assert "its SHA-256 is not the one it carries" in message(name, whole[:-1] + bytes([whole[-1] ^ 1]))
        version = b'\\"format_version\\":'
        assert whole.count(version + b"1") == 1
        newer = message(name, sealed(whole.replace(version + b"1", version + b"9")))
        assert "version 9" in newer, newer
    assert "truncated or damaged" in message("bad.kiln", whole[:-100])
    assert "not a .kiln file" in message("bad.kiln", whole[:100])
    assert "not a .kiln file" in message("bad.kiln", whole[:4])


def foreign():
    """Nothing runs, whatever a file says."""
    start()

    class Evil:
        def __reduce__(self):
            return os.system, ("touch pwned",)

    torch.save({"mix.linear.weight": Evil()}, "evil.pt")
    message = run("run", "graph.yaml", *INPUT, "--weights", "evil.pt", code=DATA).stderr
    assert "posix system" in message and not os.path.exists("pwned")
    torch.save(torch.nn.Linear(2, 2), "module.pt")
    assert "torch.nn" in run("run", "graph.yaml", *INPUT, "--weights", "module.pt", code=DATA).stderr
    torch.save(state(), "legacy.pt", _use_new_zipfile_serialization=False)
    assert "1.6" in run("run", "graph.yaml", *INPUT, "--weights", "legacy.pt", code=DATA).stderr
    with open("plain.pt", "wb") as file:
        pickle.dump(collections.OrderedDict(a=1), file, protocol=2)
    run("run", "graph.yaml", *INPUT, "--weights", "plain.pt", code=DATA)
    torch.save(state(), "weights.pt")
    whole = read("weights.pt", "rb")
    for n in (0, 1, 10, len(whole) // 2, len(whole) - 1):
        with open("cut.pt", "wb") as file:
            file.write(whole[:n])
        assert "cut.pt" in run("run", "graph.yaml", *INPUT, "--weights", "cut.pt", code=DATA).stderr
    numbers = MIX.tobytes()
    assert numbers in whole
    with open("flipped.pt", "wb") as file:
        file.write(whole.replace(numbers, numbers[:-1] + b"\x41"))
    assert "checksum" in run("run", "graph.yaml", *INPUT, "--weights", "flipped.pt", code=DATA).stderr
    run("run", "graph.yaml", *INPUT, "--weights", "missing.pt", code=DATA)
    numpy.save("numbers.npy", MIX)
    run("run", "graph.yaml", *INPUT, "--weights", "numbers.npy", code=DATA)


if __name__ == "__main__":
    main(globals())
