"""Two atoms and an edge each way: a graph of registered layers, and its arrays."""

import numpy

SMALL = """
model_inputs: {species: "", coords: "", edge_index: {role: edges, cutoff: 3.0}, shift: ""}
model_layers:
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: coords, edge_index: edge_index, shift: shift}}
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
model_outputs: {lengths: geometry.edge_lengths, one_hot: elements}
"""


def small_inputs(**changed):
    arrays = {"species": numpy.array([0, 1]), "coords": numpy.array([[0.0, 0, 0], [0, 0, 1.5]]),
              "edge_index": numpy.array([[0, 1], [1, 0]]), "shift": numpy.zeros((2, 3))}
    arrays.update(changed)
    for name, array in arrays.items():
        numpy.save(name + ".npy", array)
    return [word for name in arrays for word in ("--input", f"{name}={name}.npy")]
