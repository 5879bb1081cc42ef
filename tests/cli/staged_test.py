"""kiln run on staged graphs: a list of edges for each stage, atoms beyond a boundary as ghosts."""

import numpy

from harness import DATA, main, read, run_json, write

TWO_LAYERS = """
model_inputs: {species: "", coords: "", FIRST: {role: edges}, SECOND: {role: edges}, SHIFTS contributions: ""}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  features: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: elements}}
  geometry1: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: coords, edge_index: SECOND, shift: SHIFT1}}
  radial1: {type: RadialBasisEdgeEncoding, config: {r_max: 3.0}, inputs: {edge_lengths: geometry1.edge_lengths}}
  conv1:
    type: MACE_layer
    config: {lmax: 1, correlation: 2, hidden_irreps_block: 4x0e + 4x1o}
    inputs: {vectors: geometry1.edge_vec, node_feats: features, node_attrs: elements, edge_feats: radial1, edge_index: SECOND}
  geometry0: {alias: geometry1, inputs: {pos: coords, edge_index: FIRST, shift: SHIFT0}}
  radial0: {alias: radial1, inputs: {edge_lengths: geometry0.edge_lengths}}
  conv0:
    type: MACE_layer
    config: {lmax: 1, correlation: 2, hidden_irreps_block: 4x0e}
    inputs: {vectors: geometry0.edge_vec, node_feats: conv1, node_attrs: elements, edge_feats: radial0, edge_index: FIRST}
  readout: {type: ScalarReadout, inputs: {h: conv0}}
  total: {type: AtomwiseSum, inputs: {src: readout, index: contributions}}
model_outputs: {energy: total}
"""


EDGE, CUTOFF = 4.0, 3.0  # Å; two convolutions reach 6 Å
IMAGES = EDGE * numpy.array(sorted(numpy.ndindex(5, 5, 5), key=lambda n: n != (2, 2, 2))) - 2 * EDGE  # the cell comes first
CELL = numpy.random.default_rng(3).uniform(0, EDGE, (3, 3))
SPECIES = numpy.array([0, 1, 1])


def write_graph(path, first, second, shift0, shift1):
    inputs = {name: f"{name}: {{role: edges}}" for name in (first, second)} | {name: f'{name}: ""' for name in (shift0, shift1)}
    text = TWO_LAYERS.replace("FIRST: {role: edges}, SECOND: {role: edges}, SHIFTS", ", ".join(inputs.values()) + ",")
    for word, name in (("FIRST", first), ("SECOND", second), ("SHIFT0", shift0), ("SHIFT1", shift1)):
        text = text.replace(word, name)
    write(path, text)


def periodic():
    pairs = [(i, j, image) for i in range(3) for j in range(3) for image in IMAGES
             if 0 < numpy.linalg.norm(CELL[j] + image - CELL[i]) < CUTOFF]
    return {"species": SPECIES, "coords": CELL, "edges": numpy.array([pair[:2] for pair in pairs]).T,
            "shift": numpy.array([pair[2] for pair in pairs]), "contributions": numpy.zeros(3, dtype=int)}


def with_ghosts():
    coords = (IMAGES[:, None] + CELL).reshape(-1, 3)
    kept = numpy.linalg.norm(coords[:, None] - CELL, axis=2).min(1) < 2 * CUTOFF
    coords, owned = coords[kept], (numpy.arange(len(coords)) < 3)[kept]
    distances = numpy.linalg.norm(coords[:, None] - coords, axis=2)
    edges = numpy.argwhere((distances < CUTOFF) & (distances > 0)).T
    near = edges[:, owned[edges].any(0)]
    assert 0 < near.shape[1] < edges.shape[1]
    return {"species": numpy.tile(SPECIES, len(IMAGES))[kept], "coords": coords, "edge_index0": near, "edge_index1": edges,
            "shift0": numpy.zeros((near.shape[1], 3)), "shift1": numpy.zeros((edges.shape[1], 3)),
            "contributions": (~owned).astype(int)}


def result(path, arrays, engine, code=0):
    numpy.savez("inputs.npz", **arrays)
    words = [word for name in arrays for word in ("--input", f"{name}=inputs.npz")]
    return run_json("run", path, *words, "--engine", engine, code=code)


def energies(engine="native"):
    """The energy of a cell with its images as ghosts is that of the periodic graph."""
    write_graph("staged.yaml", "edge_index0", "edge_index1", "shift0", "shift1")
    write_graph("periodic.yaml", "edges", "edges", "shift", "shift")
    staged, whole = (result(path, arrays, engine)["outputs"][0]["values"][0]
                     for path, arrays in (("staged.yaml", with_ghosts()), ("periodic.yaml", periodic())))
    assert abs(whole) > 1e-3 and abs(staged - whole) <= 1e-12 * abs(whole), (staged, whole)


def energies_torch():
    energies("torch")


def faults():
    """Nothing is computed on lists that are no stages of one graph."""
    write_graph("staged.yaml", "edge_index0", "edge_index1", "shift0", "shift1")
    good = with_ghosts()
    n = good["edge_index0"].shape[1]

    def fault(**changed):
        [one] = [fault for fault in result("staged.yaml", {**good, **changed}, "native", code=DATA)["diagnostics"]
                 if fault["severity"] == "error"]
        return one["code"], one["message"]

    far = [0, len(good["coords"]) - 1]
    code, message = fault(edge_index0=numpy.c_[good["edge_index0"], far], shift0=numpy.zeros((n + 1, 3)))
    assert code == "not-a-stage" and f"holds the edge ({far[0]}, {far[1]}), which 'edge_index1' does not" in message, message
    code, message = fault(edge_index0=good["edge_index0"][:, :1], shift0=numpy.zeros((1, 3)))
    assert code == "not-a-stage" and "lacks the edge (" in message and "between owned atoms" in message, message
    code, message = fault(shift0=good["shift1"])
    assert code == "wrong-shape" and f"E(edge_index0) is {n}" in message, message


def one_direction():
    """Where edges lead out of the atoms that take messages, the way out is enough; the way in alone is refused."""
    write_graph("staged.yaml", "edge_index0", "edge_index1", "shift0", "shift1")
    arrays = with_ghosts()
    edges, receivers = arrays["edge_index1"], numpy.unique(arrays["edge_index0"])
    way_out, way_in = ({**arrays, "edge_index1": kept, "shift1": numpy.zeros((kept.shape[1], 3))}
                       for kept in (edges[:, numpy.isin(edges[row], receivers)] for row in (0, 1)))
    assert way_out["edge_index1"].shape[1] < edges.shape[1]
    whole, given = (result("staged.yaml", lists, "native")["outputs"][0]["values"][0] for lists in (arrays, way_out))
    assert abs(whole) > 1e-3 and abs(given - whole) <= 1e-12 * abs(whole), (given, whole)
    [one] = [fault for fault in result("staged.yaml", way_in, "native", code=DATA)["diagnostics"] if fault["severity"] == "error"]
    assert one["code"] == "one-direction", one


def shown_stages():
    """Edges of a smaller stage that an output shows, or that are summed, are those that are given."""
    write("shown.yaml", """
model_inputs:
  coords: {role: positions}
  edge_index0: {role: edges, cutoff: 3.0}
  edge_index1: {role: edges, cutoff: 3.0}
  shift0: {role: shift}
  shift1: {role: shift}
model_layers:
  geometry0: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: coords, edge_index: edge_index0, shift: shift0}}
  geometry1: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: coords, edge_index: edge_index1, shift: shift1}}
  sum0: {type: ArbitraryModule, config: {target: torch.sum}, inputs: {0: geometry0.edge_lengths}}
  flat0: {type: ArbitraryModule, config: {target: torch.squeeze, kwargs: {dim: 1}}, inputs: {0: geometry0.edge_lengths}}
  flat_sum0: {type: ArbitraryModule, config: {target: torch.sum}, inputs: {0: flat0}}
model_outputs: OUTPUTS
""")
    arrays = {name: array for name, array in with_ghosts().items() if name not in ("species", "contributions")}
    lengths = [numpy.linalg.norm(arrays["coords"][edges[1]] - arrays["coords"][edges[0]], axis=1)
               for edges in (arrays["edge_index0"], arrays["edge_index1"])]
    for outputs in ("{lengths: geometry0.edge_lengths, others: geometry1.edge_lengths}", "{sum: sum0, others: geometry1.edge_lengths}",
                    "{sum: flat_sum0, others: geometry1.edge_lengths}"):
        write("graph.yaml", read("shown.yaml").replace("OUTPUTS", outputs))
        first, others = (numpy.array(o["values"]).reshape(-1) for o in result("graph.yaml", arrays, "torch")["outputs"])
        wanted = lengths[0] if "lengths:" in outputs else lengths[0].sum(keepdims=True)
        assert first.shape == wanted.shape and abs(first - wanted).max() < 1e-12 * wanted.max(), (first, wanted)
        assert others.shape == lengths[1].shape and abs(others - lengths[1]).max() < 1e-13, others


if __name__ == "__main__":
    main(globals())
