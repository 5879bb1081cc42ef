"""kiln run: any graph on given arrays, on either engine."""

import json
import os
import struct

import numpy

from harness import CONFIGURATION, DATA, RESOURCES, USAGE, main, read, run, run_json, write

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

    # Rows of atoms that are given, to maps of rows and to messages between atoms.
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

    # The list of edges, and what stands for each edge, are as they were given, whatever order the engine works in.
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

    # Not a potential: no energy at all.
    text = MACE.replace("RADIAL", "exact")
    write("fields.yaml", text[: text.index("  readout")] + "model_outputs: {features: second, lengths: geometry.edge_lengths}\n")
    inputs = inputs_of(crystal())
    for engine in ("native", "torch"):
        run("run", "fields.yaml", *inputs, "--engine", engine, "-o", engine + ".npz")
    compare(dict(numpy.load("native.npz")), dict(numpy.load("torch.npz")), 1e-10)


SMALL = """
model_inputs: {species: "", coords: "", edge_index: {role: edges, cutoff: 3.0}, shift: ""}
model_layers:
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: coords, edge_index: edge_index, shift: shift}}
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
model_outputs: {lengths: geometry.edge_lengths, one_hot: elements}
"""


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


def small_inputs(**changed):
    arrays = {"species": numpy.array([0, 1]), "coords": numpy.array([[0.0, 0, 0], [0, 0, 1.5]]),
              "edge_index": numpy.array([[0, 1], [1, 0]]), "shift": numpy.zeros((2, 3))}
    arrays.update(changed)
    for name, array in arrays.items():
        numpy.save(name + ".npy", array)
    return [word for name in arrays for word in ("--input", f"{name}={name}.npy")]


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
               "shape.npy": whole.replace(b"(2, 3)", b"(3, 3)"), "huge.npy": whole.replace(b"(2, 3)", b"(9223372036854775807, 9)"[:6]),
               "cut.npz": archive[:-40], "empty.npz": b"", "flipped.npz": archive.replace(reals.tobytes(), reals.tobytes()[:-1] + b"x", 1)}
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

    # Of two readers the one that cannot take it is named; what follows from sizes is known, too.
    write("graph.yaml", """
model_inputs: {x: ""}
model_layers:
  fits: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 3]}, inputs: {0: x}}
  again: {alias: fits, inputs: {0: fits}}
  bad: {type: ArbitraryModule, config: {target: torch.nn.Conv1d, args: [5, 3, 1]}, inputs: {0: x}}
model_outputs: {y: again, z: bad}
""")
    numpy.save("x.npy", numpy.ones((2, 4)))
    errors = run_json("run", "graph.yaml", "--input", "x=x.npy", code=DATA)["diagnostics"]
    assert [(e["line"], e["hint"]) for e in errors] == [(5, "port '0' reads 'fits': (2, 3)"), (6, reads + "float64 (2, 4)")], errors
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


def seeds():
    """The weights of a graph follow from the seed; what only torch computes is not for the native engine."""
    write("dense.yaml", DENSE)
    numpy.save("x.npy", numpy.ones((5, 16)))
    first = run_json("run", "dense.yaml", "--input", "x=x.npy")["outputs"][0]["values"]
    assert run_json("run", "dense.yaml", "--input", "x=x.npy", "--seed", "0")["outputs"][0]["values"] == first
    assert run_json("run", "dense.yaml", "--input", "x=x.npy", "--seed", "1")["outputs"][0]["values"] != first
    message = run("run", "dense.yaml", "--input", "x=x.npy", "--engine", "native", code=CONFIGURATION).stderr
    assert "layer 'dense'" in message and "torch engine" in message


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


if __name__ == "__main__":
    main(globals())
