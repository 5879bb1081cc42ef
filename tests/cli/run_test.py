"""kiln run: any graph on given arrays, on either engine."""

import json
import os
import struct

import numpy

from harness import CONFIGURATION, DATA, RESOURCES, USAGE, main, read, run, run_json, write
from small_graph import SMALL, small_inputs

MACE = """
model_inputs:
  species: ""
  coords: ""
  edge_index: {role: edges, cutoff: 3.0}
  shift: ""
  contributions: ""
  cell: {role: cell}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  geometry:
    type: SphericalHarmonicEdgeAttrs
    config: {lmax: 2}
    inputs: {pos: coords, edge_index: edge_index, shift: shift}
  radial:
    type: RadialBasisEdgeEncoding
    config: {r_max: 3.0, num_radial_basis: 5, polynomial_degree: 6}
    inputs: {edge_lengths: geometry.edge_lengths}
  embedding: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 5}]}, inputs: {h: elements}}
  first:
    type: MACE_layer
    config: {lmax: 2, correlation: 2, hidden_irreps_block: [{l: 0, mul: 5}, {l: 1, mul: 5}], radial: RADIAL}
    inputs: {vectors: geometry.edge_vec, node_feats: embedding, node_attrs: elements, edge_feats: radial,
             edge_index: edge_index}
  second:
    type: MACE_layer
    config: {lmax: 2, correlation: 2, hidden_irreps_block: [{l: 0, mul: 5}], radial: RADIAL}
    inputs: {vectors: geometry.edge_vec, node_feats: first, node_attrs: elements, edge_feats: radial,
             edge_index: edge_index}
  readout: {type: ScalarReadout, config: {hidden: 3}, inputs: {h: second}}
  scaled: {type: ScaleShift, config: {scale: 0.7, shift: 0.1}, inputs: {h: readout}}
  charges: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 2}]}, inputs: {h: first}}
  total: {type: AtomwiseSum, inputs: {src: scaled, index: contributions}}
  total_charge: {type: AtomwiseSum, inputs: {src: charges, index: contributions}}
  slopes: {type: Derivatives, inputs: {energy: total}}
model_outputs:
  energy: total
  atom_energies: scaled
  charge: total_charge
  harmonics: geometry.edge_sh
  lengths: geometry.edge_lengths
  basis: radial
  one_hot: elements
  features: first
  z: species
  forces: slopes.forces
  virial: slopes.virial
  stress: slopes.stress
  atom_virials: slopes.atom_virials
"""


def crystal(dtype=numpy.float64, n_side=3, seed=1):
    """A distorted cubic crystal: edges in random order, as nobody promises one."""
    random = numpy.random.default_rng(seed)
    side = 2.1
    grid = numpy.stack(numpy.meshgrid(*[range(n_side)] * 3, indexing="ij"), -1).reshape(-1, 3)
    coords = side * grid + random.normal(0, 0.1, grid.shape)
    cell = side * n_side * numpy.eye(3) + random.normal(0, 0.05, (3, 3))
    images = numpy.stack(numpy.meshgrid(*[(-1, 0, 1)] * 3, indexing="ij"), -1).reshape(-1, 3)
    edges, shifts = [], []
    for i in range(len(coords)):
        for image in images:
            for j in numpy.nonzero(numpy.linalg.norm(coords + image @ cell - coords[i], axis=1) < 3.0)[0]:
                if i != j or image.any():
                    edges.append((i, j))
                    shifts.append(image @ cell)
    order = random.permutation(len(edges))
    return {
        "species": numpy.array(grid.sum(axis=1) % 2),
        "coords": coords.astype(dtype),
        "edge_index": numpy.array(edges)[order].T.copy(),
        "shift": numpy.array(shifts)[order].astype(dtype),
        "contributions": numpy.zeros(len(coords), dtype=numpy.int64),
        "cell": cell.astype(dtype),
    }


def inputs_of(arrays, path="inputs.npz"):
    numpy.savez(path, **arrays)
    return [word for name in arrays for word in ("--input", f"{name}={path}")]


def compare(got, want, tolerance):
    assert sorted(got) == sorted(want)
    for name in want:
        assert got[name].shape == want[name].shape and got[name].dtype == want[name].dtype, name
        error = numpy.abs(got[name] - want[name]).max() / (1 + numpy.abs(want[name]).max())
        assert error <= tolerance, f"{name}: {error}"


def check_missing_shift(engine):
    """GL7: left out, shifts are zero to the last bit. Then only atoms of their own make images right."""
    text = MACE.replace("RADIAL", "exact")
    write("mace.yaml", text)
    write("without.yaml", text.replace("  shift: \"\"\n", "").replace(", shift: shift}", "}"))

    def results(graph, arrays):
        result = run_json("run", graph, *inputs_of(arrays), "--engine", engine, "-o", "out.npz")
        told = [fault["code"] for fault in result["diagnostics"]]
        assert told.count("missing-shift") == (graph == "without.yaml"), told
        return dict(numpy.load("out.npz"))

    arrays = crystal()
    right = results("mace.yaml", arrays)
    zero = results("mace.yaml", dict(arrays, shift=0 * arrays["shift"]))
    shift = arrays.pop("shift")
    got = results("without.yaml", arrays)
    assert all((got[name] == zero[name]).all() for name in zero) and sorted(got) == sorted(zero)
    assert numpy.abs(got["lengths"] - right["lengths"]).max() > 1

    images = numpy.nonzero(shift.any(axis=1))[0]
    senders = arrays["edge_index"][1, images]
    arrays["coords"] = numpy.concatenate([arrays["coords"], arrays["coords"][senders] + shift[images]])
    arrays["species"] = numpy.concatenate([arrays["species"], arrays["species"][senders]])
    arrays["contributions"] = (numpy.arange(len(arrays["coords"])) >= 27).astype(numpy.int64)
    arrays["edge_index"][1, images] = 27 + numpy.arange(len(images))
    run_json("run", "without.yaml", *inputs_of(arrays), "--engine", engine, code=DATA)  # two layers need the images' neighbors, too
    without = read("without.yaml")
    write("without.yaml", without[: without.index("  radial:")] + "model_outputs: {lengths: geometry.edge_lengths}\n")
    assert numpy.abs(results("without.yaml", arrays)["lengths"] - right["lengths"]).max() <= 1e-12


def native():
    """The native engine's fields obey laws that need no other engine."""
    write("mace.yaml", MACE.replace("RADIAL", "exact"))
    arrays = crystal()
    inputs = inputs_of(arrays)
    result = run_json("run", "mace.yaml", *inputs, "--engine", "native", "-o", "out.npz")
    assert result["engine"] == "native" and result["written"] == "out.npz" and "values" not in result["outputs"][0]
    out = numpy.load("out.npz")
    n, e = len(arrays["coords"]), arrays["edge_index"].shape[1]
    shapes = {"energy": (1,), "atom_energies": (n, 1), "charge": (2,), "harmonics": (e, 9), "lengths": (e, 1),
              "basis": (e, 5), "one_hot": (n, 2), "features": (n, 20), "z": (n,), "forces": (n, 3), "virial": (3, 3),
              "stress": (3, 3), "atom_virials": (n, 3, 3)}
    assert {name: out[name].shape for name in out} == shapes
    assert [output["name"] for output in result["outputs"]] == list(shapes), "in file order"
    assert out["z"].dtype == numpy.int64 and (out["z"] == arrays["species"]).all()
    vectors = arrays["coords"][arrays["edge_index"][1]] - arrays["coords"][arrays["edge_index"][0]] + arrays["shift"]
    lengths = numpy.linalg.norm(vectors, axis=1)
    assert numpy.abs(out["lengths"][:, 0] - lengths).max() <= 1e-12
    assert numpy.abs(out["harmonics"][:, 1:4] - 3**0.5 * vectors / lengths[:, None]).max() <= 1e-12
    envelope = 1 - 28 * (lengths / 3) ** 6 + 48 * (lengths / 3) ** 7 - 21 * (lengths / 3) ** 8
    bessel = 2 / 3 * numpy.sin(numpy.pi * lengths / 3) / lengths * envelope
    assert numpy.abs(out["basis"][:, 0] - bessel).max() <= 1e-12
    assert abs(out["atom_energies"].sum() - out["energy"][0]) <= 1e-11
    assert numpy.abs(out["atom_virials"].sum(axis=0) - out["virial"]).max() <= 1e-11
    assert numpy.abs(out["virial"] + out["stress"] * abs(numpy.linalg.det(arrays["cell"]))).max() <= 1e-11
    moved = dict(arrays, coords=arrays["coords"] + 0)
    energies = []
    for step in (1e-4, -1e-4):
        moved["coords"][3, 1] = arrays["coords"][3, 1] + step
        energies.append(run_json("run", "mace.yaml", *inputs_of(moved, "moved.npz"))["outputs"][0]["values"][0])
    assert abs(out["forces"][3, 1] + (energies[0] - energies[1]) / 2e-4) <= 1e-7

    # A ghost has features and sends messages, but its energy does not count.
    ghost = dict(arrays, contributions=(numpy.arange(n) % 5 == 2).astype(numpy.int64))
    run("run", "mace.yaml", *inputs_of(ghost, "ghost.npz"), "--engine", "native", "-o", "ghost_out.npz")
    with_ghosts = numpy.load("ghost_out.npz")
    assert abs(with_ghosts["energy"][0] - out["atom_energies"][ghost["contributions"] == 0].sum()) <= 1e-11
    assert (with_ghosts["features"] == out["features"]).all()
    check_missing_shift("native")
    check_volume("native")


def engines():
    """Both engines give the same outputs, potential or not, in both precisions."""
    check_missing_shift("torch")
    check_volume("torch")
    for radial in ("exact", "{tabulated: {knots: 48}}"):
        write("mace.yaml", MACE.replace("RADIAL", radial))
        for dtype, tolerance in ((numpy.float64, 1e-10), (numpy.float32, 1e-4)):
            arrays = crystal(dtype)
            for contributions in (arrays["contributions"], (numpy.arange(27) % 4 == 1).astype(numpy.int64)):
                inputs = inputs_of(dict(arrays, contributions=contributions))
                for engine in ("native", "torch"):
                    result = run_json("run", "mace.yaml", *inputs, "--engine", engine, "-o", engine + ".npz", "--seed", "4")
                    assert result["engine"] == engine
                native, torch = dict(numpy.load("native.npz")), dict(numpy.load("torch.npz"))
                compare(native, torch, tolerance)
                assert native["features"].dtype == dtype and native["energy"].dtype == numpy.float64

    # Not a potential: no energy at all.
    text = MACE.replace("RADIAL", "exact")
    write("fields.yaml", text[: text.index("  readout")] + "model_outputs: {features: second, lengths: geometry.edge_lengths}\n")
    inputs = inputs_of(crystal())
    for engine in ("native", "torch"):
        run("run", "fields.yaml", *inputs, "--engine", engine, "-o", engine + ".npz")
    compare(dict(numpy.load("native.npz")), dict(numpy.load("torch.npz")), 1e-10)


def rows():
    """Rows of atoms that are given, to maps of rows and to messages between atoms."""
    random = numpy.random.default_rng(2)
    text = MACE.replace("RADIAL", "exact").replace('  cell: {role: cell}', '  cell: {role: cell}\n  h: {shape: [N, 5]}\n  v: {shape: [N, 4]}')
    text = text.replace("node_feats: embedding", "node_feats: sum").replace("  first:", """  turned: {type: AtomwiseLinear, config: {irreps_in_block: 1x0e + 1x1o, irreps_out_block: 5x0e + 2x1o}, inputs: {h: v}}
  sum: {type: AtomwiseLinear, config: {irreps_in_block: 5x0e, irreps_out_block: 5x0e}, inputs: {h: h}}
  first:""").replace("  one_hot: elements", "  one_hot: elements\n  turned: turned\n  given: h")
    write("rows.yaml", text)
    for dtype, tolerance in ((numpy.float64, 1e-10), (numpy.float32, 1e-4)):
        arrays = dict(crystal(dtype), h=random.normal(size=(27, 5)).astype(dtype), v=random.normal(size=(27, 4)).astype(dtype))
        for engine in ("native", "torch"):
            run("run", "rows.yaml", *inputs_of(arrays), "--engine", engine, "-o", engine + ".npz")
        compare(dict(numpy.load("native.npz")), dict(numpy.load("torch.npz")), tolerance)
        assert (numpy.load("native.npz")["given"] == arrays["h"]).all()
    write("few.yaml", """
model_inputs: {x: {shape: [N, 4]}}
model_layers:
  a: {type: AtomwiseLinear, config: {irreps_in_block: 4x0e, irreps_out_block: 3x0e}, inputs: {h: x}}
  s: {type: AtomwiseSum, inputs: {src: a}}
model_outputs: {a: a, s: s}
""")
    write("zero.yaml", """
model_inputs: {x: {shape: [N, 4]}}
model_layers: {a: {type: AtomwiseLinear, config: {irreps_in_block: 4x0e, irreps_out_block: 2x1o}, inputs: {h: x}}}
model_outputs: {a: a}
""")
    for engine in ("native", "torch"):  # no path leads to the output
        result = run_json("run", "zero.yaml", *inputs_of({"x": numpy.ones((2, 4))}), "--engine", engine, "-o", engine + ".npz")
        assert [fault["code"] for fault in result["diagnostics"]] == ["zero-block"]
        a = numpy.load(engine + ".npz")["a"]
        assert a.shape == (2, 6) and (a == 0).all(), (engine, a)
    for n in (0, 1, 65):
        inputs = inputs_of({"x": random.normal(size=(n, 4))})
        for engine in ("native", "torch"):
            run("run", "few.yaml", *inputs, "--engine", engine, "-o", engine + ".npz")
        native, torch = dict(numpy.load("native.npz")), dict(numpy.load("torch.npz"))
        assert all(native[k].shape == torch[k].shape and numpy.allclose(native[k], torch[k], rtol=1e-12) for k in torch), n


def edges():
    """The list of edges, and what stands for each edge, are as they were given, whatever order the engine works in."""
    text = MACE.replace("RADIAL", "exact")
    layers, outputs = text.split("model_outputs:")
    write("edges.yaml", layers + """  far: {type: ArbitraryModule, config: {target: torch.gt, kwargs: {other: 2.2}}, inputs: {0: geometry.edge_lengths}}
  sender: {type: ArbitraryModule, config: {target: torch.select, kwargs: {dim: 0, index: 1}}, inputs: {0: edge_index}}
  sent: {type: ArbitraryModule, config: {target: torch.index_select, kwargs: {dim: 0}}, inputs: {0: first, index: sender}}
  kept: {type: ArbitraryModule, config: {target: torch.mul}, inputs: {0: far, 1: geometry.edge_lengths}}
model_outputs: {edges: edge_index, far: far, sent: sent, kept: kept, features: first, lengths: geometry.edge_lengths}
""")
    arrays = crystal()
    run("run", "edges.yaml", *inputs_of(arrays), "--engine", "torch", "-o", "edges.npz")
    out = numpy.load("edges.npz")
    assert (out["edges"] == arrays["edge_index"]).all() and 0 < out["far"].sum() < out["far"].size
    assert (out["sent"] == out["features"][arrays["edge_index"][1]]).all()
    assert (out["far"] == (out["lengths"] > 2.2)).all() and (out["kept"] == out["far"] * out["lengths"]).all()
    vectors = arrays["coords"][arrays["edge_index"][1]] - arrays["coords"][arrays["edge_index"][0]] + arrays["shift"]
    assert numpy.abs(out["lengths"][:, 0] - numpy.linalg.norm(vectors, axis=1)).max() <= 1e-12


def check_volume(engine):
    """A stress is a virial per volume: a cell without any is refused, unless nobody asks for a stress."""
    text = MACE.replace("RADIAL", "exact")
    write("stress.yaml", text)
    write("virial.yaml", text.replace("  stress: slopes.stress\n", ""))
    arrays = crystal()
    flat = arrays["cell"].copy()
    flat[2] = flat[0] + flat[1]
    for cell in (numpy.zeros((3, 3)), flat, flat[None]):
        inputs = inputs_of(dict(arrays, cell=cell))
        [fault] = run_json("run", "stress.yaml", *inputs, "--engine", engine, code=DATA)["diagnostics"]
        assert fault["code"] == "no-volume" and "'cell'" in fault["message"] and fault["file"] == "inputs.npz", fault
        run("run", "virial.yaml", *inputs, "--engine", engine)
    told = run_json("run", "stress.yaml", *inputs_of(dict(arrays, cell=numpy.full((3, 3), numpy.nan))), "--engine", engine)
    assert [fault["code"] for fault in told["diagnostics"]] == ["not-finite"], "of the input alone"


def outputs():
    """Every way to write outputs; what is printed."""
    write("small.yaml", SMALL)
    inputs = small_inputs()
    text = run("run", "small.yaml", *inputs).stdout
    assert text == "lengths (2, 1) float64\n[[1.5],\n [1.5]]\none_hot (2, 2) float64\n[[1, 0],\n [0, 1]]\n", text
    result = run_json("run", "small.yaml", *inputs)
    assert result["valid"] and result["diagnostics"] == []
    assert result["outputs"][0] == {"name": "lengths", "dtype": "float64", "shape": [2, 1], "values": [[1.5], [1.5]]}
    for ending in ("npz", "safetensors", "txt"):
        assert run("run", "small.yaml", *inputs, "-o", "out." + ending).stdout == f"written: out.{ending}\n"
    assert (numpy.load("out.npz")["one_hot"] == numpy.eye(2)).all()
    data = read("out.safetensors", "rb")
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    first, last = header["lengths"]["data_offsets"]
    assert header["lengths"]["dtype"] == "F64" and struct.unpack("<2d", data[8 + length :][first:last]) == (1.5, 1.5)
    assert read("out.txt") == "# lengths (2, 1) float64\n1.5\n1.5\n# one_hot (2, 2) float64\n1 0\n0 1\n"
    assert "one array" in run("run", "small.yaml", *inputs, "-o", "out.npy", code=USAGE).stderr
    write("one.yaml", SMALL.replace("lengths: geometry.edge_lengths, ", ""))
    run("run", "one.yaml", *inputs, "-o", "out.npy")
    assert (numpy.load("out.npy") == numpy.eye(2)).all()
    assert ".npz" in run("run", "small.yaml", *inputs, "-o", "out.csv", code=USAGE).stderr
    assert "output too" in run("run", "one.yaml", *inputs, "-o", "coords.npy", code=USAGE).stderr
    write("meta.yaml", SMALL.replace("lengths:", "__metadata__:"))
    assert "'__metadata__'" in run("run", "meta.yaml", *inputs, "-o", "meta.safetensors", code=USAGE).stderr
    assert not os.path.exists("meta.safetensors")
    run("run", "meta.yaml", *inputs, "-o", "meta.npz")
    assert numpy.load("meta.npz")["__metadata__"].shape == (2, 1)
    run("run", "small.yaml", *inputs, "-o", "nowhere/out.npz", code=RESOURCES)

    # Of what is big the ends are shown.
    write("pass.yaml", "model_inputs: {x: {shape: [N, 2]}}\nmodel_layers: {}\nmodel_outputs: {again: x}\n")
    numpy.save("x.npy", numpy.arange(2000.0).reshape(1000, 2))
    lines = run("run", "pass.yaml", "--input", "x=x.npy").stdout.splitlines()
    assert lines[0] == "again (1000, 2) float64" and len(lines) == 8 and lines[4] == " …," and "1999" in lines[-1], lines
    assert len(run_json("run", "pass.yaml", "--input", "x=x.npy")["outputs"][0]["values"]) == 1000


def arrays():
    """Files of all kinds give the same numbers; dtypes stay."""
    write("pass.yaml", "model_inputs: {x: \"\", k: \"\"}\nmodel_layers: {}\nmodel_outputs: {x: x, k: k}\n")
    reals = numpy.array([[1.5, -2.0, 3.25], [4.0, 5.5, -0.125]])
    integers = numpy.array([[1, 2], [3, 70]])
    for dtype in ("<f8", "<f4", "<f2", ">f8", ">f4"):
        for order in ("C", "F"):
            numpy.save("x.npy", numpy.asarray(reals, dtype=dtype, order=order))
            numpy.save("k.npy", integers)
            run("run", "pass.yaml", "--input", "x=x.npy", "--input", "k=k.npy", "-o", "out.npz")
            out = numpy.load("out.npz")
            assert out["x"].dtype == ("float64" if dtype[1:] == "f8" else "float32"), dtype
            assert (out["x"] == reals).all() and (out["k"] == integers).all(), dtype
    for dtype in ("i8", "i4", "i2", "i1", "u1", "u2", "u4", "u8", ">i4", ">u2", "b1"):
        numpy.save("k.npy", numpy.asarray(integers, dtype=dtype))
        run("run", "pass.yaml", "--input", "x=x.npy", "--input", "k=k.npy", "-o", "out.npz")
        assert (numpy.load("out.npz")["k"] == numpy.asarray(integers, dtype=dtype)).all(), dtype
    for shape in ((), (1,), (0, 3), (2, 1, 0)):
        numpy.save("x.npy", numpy.ones(shape))
        run("run", "pass.yaml", "--input", "x=x.npy", "--input", "k=k.npy", "-o", "out.npz")
        assert numpy.load("out.npz")["x"].shape == shape
    numpy.savez("all.npz", x=reals, other=integers)
    run("run", "pass.yaml", "--input", "x=all.npz", "--input", "k=all.npz:other", "-o", "out.safetensors")
    run("run", "pass.yaml", "--input", "x=out.safetensors", "--input", "k=out.safetensors:k", "-o", "again.npz")
    assert (numpy.load("again.npz")["k"] == integers).all()
    message = run("run", "pass.yaml", "--input", "x=all.npz", "--input", "k=all.npz:othr", code=DATA).stderr
    assert "'othr'" in message and "Did you mean 'other'?" in message and "other, x" in message

    numpy.savez_compressed("packed.npz", x=reals)
    assert "compressed" in run("run", "pass.yaml", "--input", "x=packed.npz", "--input", "k=k.npy", code=DATA).stderr
    numpy.save("objects.npy", numpy.array([{}, None]), allow_pickle=True)
    numpy.save("complex.npy", reals + 1j)
    numpy.save("x.npy", reals)
    whole, archive = read("x.npy", "rb"), read("all.npz", "rb")
    damaged = {"cut.npy": whole[:-5], "header.npy": whole[:30], "empty.npy": b"", "long.npy": whole + b"x",
               "shape.npy": whole.replace(b"(2, 3)", b"(3, 3)"), "huge.npy": whole.replace(b"(2, 3), }" + 18 * b" ", b"(9223372036854775807, 9), }"),
               "cut.npz": archive[:-40], "empty.npz": b"", "flipped.npz": archive.replace(reals.tobytes(), reals.tobytes()[:-1] + b"x", 1)}
    assert b"9223372036854775807, 9" in damaged["huge.npy"] and len(damaged["huge.npy"]) == len(whole)
    for name, data in damaged.items():
        with open(name, "wb") as file:
            file.write(data)
    for name in [*damaged, "objects.npy", "complex.npy", "missing.npy", "missing.npz"]:
        key = ":x" if name.endswith("npz") else ""
        message = run("run", "pass.yaml", "--input", f"x={name}{key}", "--input", "k=k.npy", code=DATA).stderr
        assert name in message, message


def library():
    """A library of layers is right, but there is nothing to run: an error that says what is missing."""
    write("library.yaml", "model_layers: {a: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 4x0e}}}\n")
    run("validate", "library.yaml")
    for arguments in (["run", "library.yaml"], ["export", "library.yaml", "--to", "kiln", "-o", "model.kiln"]):
        [error] = run_json(*arguments, code=CONFIGURATION)["diagnostics"]
        assert (error["code"], error["file"]) == ("no-outputs", "library.yaml"), error
        assert "neither 'model_inputs' nor 'model_outputs'" in error["message"] and "library of layers" in error["message"]
    assert not os.path.exists("model.kiln")


def exposed():
    """One, two and zero outputs; inputs that pass through, under either way to name them."""
    write("two.yaml", SMALL.replace("{lengths: geometry.edge_lengths, one_hot: elements}", "{a: model_inputs.coords, b: species}"))
    inputs = small_inputs(species=numpy.array([1, 0], dtype=numpy.int32))
    result = run_json("run", "two.yaml", *inputs)
    assert [(o["name"], o["dtype"]) for o in result["outputs"]] == [("a", "float64"), ("b", "int32")]
    assert result["outputs"][1]["values"] == [1, 0]
    write("none.yaml", SMALL.replace("{lengths: geometry.edge_lengths, one_hot: elements}", "{}"))
    run("run", "none.yaml", *inputs, code=CONFIGURATION)


DENSE = """
model_inputs: {x: "Tensor (N,16)"}
model_layers:
  dense: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [16, 16]}, inputs: {0: model_inputs.x}}
  relu: {type: ArbitraryModule, config: {target: torch.nn.ReLU}, inputs: {0: dense}}
  second_pass: {alias: dense, inputs: {0: relu}}
  final: {type: ArbitraryModule, config: {target: torch.nn.functional.relu}, inputs: {0: second_pass}}
model_outputs: {y: final}
"""


DRAWN = """
model_inputs: {x: ""}
model_layers: {noise: {type: ArbitraryModule, config: {target: torch.rand_like}, inputs: {0: x}}}
model_outputs: {noise: noise}
"""


def seeds():
    """The weights of a graph follow from the seed; what only torch computes is not for the native engine."""
    write("dense.yaml", DENSE)
    numpy.save("x.npy", numpy.ones((5, 16)))
    first = run_json("run", "dense.yaml", "--input", "x=x.npy")["outputs"][0]["values"]
    assert run_json("run", "dense.yaml", "--input", "x=x.npy", "--seed", "0")["outputs"][0]["values"] == first
    assert run_json("run", "dense.yaml", "--input", "x=x.npy", "--seed", "1")["outputs"][0]["values"] != first
    write("drawn.yaml", DRAWN)  # what is drawn while it runs, too
    drawn = [run_json("run", "drawn.yaml", "--input", "x=x.npy", "--seed", seed)["outputs"] for seed in "001"]
    assert drawn[0] == drawn[1] != drawn[2]
    message = run("run", "dense.yaml", "--input", "x=x.npy", "--engine", "native", code=CONFIGURATION).stderr
    assert "layer 'dense'" in message and "torch engine" in message


WHOLE = """
model_inputs: {n: "", x: ""}
model_layers:
  root: {type: ArbitraryModule, config: {target: torch.sqrt}, inputs: {0: n}}
  scaled: {type: ArbitraryModule, config: {target: torch.mul}, inputs: {0: root, 1: x}}
model_outputs: {root: root, scaled: scaled}
"""


def precision():
    """What torch makes of integers alone has its default dtype, as in Python and in an exported file."""
    write("whole.yaml", WHOLE)
    n = numpy.array([[1, 3, 7]])
    x = n.astype(numpy.float64)
    numpy.savez("in.npz", n=n, x=x)
    run("run", "whole.yaml", "--input", "n=in.npz", "--input", "x=in.npz", "-o", "y.npz")
    out = numpy.load("y.npz")
    root = numpy.sqrt(n.astype(numpy.float32))
    assert (out["root"] == root).all() and (out["scaled"] == root * x).all() and out["scaled"].dtype == numpy.float64


def long_chain():
    """As many layers as a repetition may have, compiled by recursion inside libtorch."""
    write("chain.yaml", "model_inputs: {x: ''}\nmodel_layers:\n  d: {type: ArbitraryModule, config: {target: torch.neg}, inputs: {0: x}, "
                        "repeat: 10000, carry: 0}\nmodel_outputs: {y: d}\n")
    numpy.save("x.npy", numpy.array([1.0, 2.0]))
    assert run_json("run", "chain.yaml", "--input", "x=x.npy")["outputs"][0]["values"] == [1.0, 2.0]


def free():
    """Integers and booleans come and go; a failure inside torch names its layer."""
    write("argmax.yaml", """
model_inputs: {x: ""}
model_layers:
  largest: {type: ArbitraryModule, config: {target: torch.argmax, kwargs: {dim: 1}}, inputs: {0: x}}
  positive: {type: ArbitraryModule, config: {target: torch.gt, args: []}, inputs: {0: x, 1: x}}
model_outputs: {largest: largest, positive: positive, x: x}
""")
    numpy.save("x.npy", numpy.array([[1, 5, 2], [7, 0, 3]]))
    out = {one["name"]: one for one in run_json("run", "argmax.yaml", "--input", "x=x.npy")["outputs"]}
    assert out["largest"] == {"name": "largest", "dtype": "int64", "shape": [2], "values": [1, 0]}
    assert out["positive"]["dtype"] == "bool" and out["positive"]["values"] == [[0, 0, 0], [0, 0, 0]]
    assert out["x"]["dtype"] == "int64" and out["x"]["values"] == [[1, 5, 2], [7, 0, 3]]

    for dtype in ("int64", "int32", "int16", "int8", "uint8", "bool"):
        write("double.yaml", 'model_inputs: {x: ""}\nmodel_layers:\n  twice: {type: ArbitraryModule, config: {target: torch.cat}, '
              "inputs: {0: [x, x]}}\nmodel_outputs: {y: twice, x: x}\n")
        x = numpy.array([[1, 0, 120]]).astype(dtype)
        numpy.save("x.npy", x)
        run("run", "double.yaml", "--input", "x=x.npy", "-o", "y.npz")
        y = numpy.load("y.npz")
        assert y["y"].dtype == y["x"].dtype == x.dtype and (y["y"] == numpy.concatenate([x, x])).all() and (y["x"] == x).all()

    # What makes a tensor of numbers has the model's precision (torch's default dtype, were the model Python).
    write("made.yaml", """
model_layers:
  grid: {type: ArbitraryModule, config: {target: torch.linspace, args: [0.0, 1.0, 4]}}
  dense: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 2]}, inputs: {0: grid}}
  count: {type: ArbitraryModule, config: {target: torch.arange, args: [3]}}
  zeros: {type: ArbitraryModule, config: {target: torch.zeros, args: [[2]], kwargs: {dtype: null}}}
model_outputs: {grid: grid, dense: dense, count: count, zeros: zeros}
""")
    out = {one["name"]: one for one in run_json("run", "made.yaml")["outputs"]}
    assert out["grid"]["dtype"] == "float64" and (numpy.abs(numpy.linspace(0, 1, 4) - out["grid"]["values"]) < 1e-15).all()
    assert out["zeros"]["dtype"] == "float64" and out["dense"]["shape"] == [2] and out["count"] == {"name": "count", "dtype": "int64", "shape": [3], "values": [0, 1, 2]}

    # A matter of the machine: with the layer and how much it was.
    write("tile.yaml", 'model_inputs: {x: ""}\nmodel_layers:\n  many: {type: ArbitraryModule, config: {target: torch.tile, '
          "kwargs: {dims: [1000000, 1000000]}}, inputs: {0: x}}\nmodel_outputs: {y: many}\n")
    numpy.save("x.npy", numpy.ones((2, 2)))
    [fault] = run_json("run", "tile.yaml", "--input", "x=x.npy", code=RESOURCES)["diagnostics"]
    assert fault["code"] == "out-of-memory" and "layer 'many'" in fault["message"] and "32000000000000 bytes" in fault["message"], fault

    write("bad.yaml", DENSE.replace("Tensor (N,16)", ""))
    numpy.save("x.npy", numpy.ones((2, 15)))
    message = run("run", "bad.yaml", "--input", "x=x.npy", code=DATA).stderr
    assert "dense" in message and "15" in message


def unread_species():
    """Species that nothing reads, or that are passed on, need no table."""
    write("passed.yaml", """
model_inputs: {species: {role: species}, coords: {role: positions}, edge_index: {role: edges, cutoff: 4.0}, shift: {role: shift}}
model_layers:
  geometry: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: coords, edge_index: edge_index, shift: shift}}
model_outputs: {lengths: geometry.edge_lengths, species: species}
""")
    numpy.savez("in.npz", species=numpy.array([3, 1]), coords=numpy.array([[0, 0, 0], [0, 2.0, 0]]), edge_index=numpy.array([[0], [1]]),
                shift=numpy.zeros((1, 3)))
    words = [word for name in ("species", "coords", "edge_index", "shift") for word in ("--input", f"{name}=in.npz")]
    outputs = run_json("run", "passed.yaml", *words, "--engine", "native")["outputs"]
    assert [numpy.array(o["values"]).reshape(-1).tolist() for o in outputs] == [[2.0], [3, 1]], outputs


EDGE_FEATURES = """
model_inputs: {species: {role: species}, coords: {role: positions}, edge_index: {role: edges, cutoff: 4.0}, shift: {role: shift}, FREE}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  geometry: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: coords, edge_index: edge_index, shift: shift}}
  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 4.0}, inputs: {edge_lengths: geometry.edge_lengths}}
  m:
    type: MACE_layer
    config: {lmax: 1, correlation: 1, hidden_irreps_block: 2x0e}
    inputs: {vectors: geometry.edge_vec, node_feats: elements, node_attrs: elements, edge_feats: FEATURES, edge_index: edge_index}
model_outputs: {m: m, radial: radial}
"""


def edge_features():
    """Features of edges that are given as a free tensor belong to the edges in the order of the list, whatever it is."""
    write("made.yaml", EDGE_FEATURES.replace(", FREE", "").replace("FEATURES", "radial"))
    write("given.yaml", EDGE_FEATURES.replace("FREE", "e: {shape: [E, 8]}").replace("FEATURES", "e"))
    coords = numpy.random.default_rng(5).uniform(0, 3.0, (5, 3))
    pairs = numpy.argwhere(~numpy.eye(5, dtype=bool)).T
    few = pairs[:, (pairs.sum(0) % 3 != 0) & (pairs != 4).all(0)]  # atoms with unlike numbers of neighbors
    for edges in (pairs, few):
        for order in (numpy.arange(edges.shape[1]), numpy.random.default_rng(6).permutation(edges.shape[1])):
            arrays = {"species": numpy.array([0, 1, 0, 1, 1]), "coords": coords, "edge_index": edges[:, order],
                      "shift": numpy.zeros((edges.shape[1], 3))}
            numpy.savez("in.npz", **arrays)
            words = [word for name in arrays for word in ("--input", f"{name}=in.npz")]
            made = [numpy.array(o["values"]) for o in run_json("run", "made.yaml", *words, "--engine", "torch")["outputs"]]
            numpy.save("e.npy", made[1])
            given = run_json("run", "given.yaml", *words, "--input", "e=e.npy", "--engine", "torch")["outputs"][0]["values"]
            assert abs(made[0]).max() > 1e-3 and abs(numpy.array(given) - made[0]).max() < 1e-12, (given, made[0])


if __name__ == "__main__":
    main(globals())
