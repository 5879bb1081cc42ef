"""Checks the golden files against formulas written independently of the codes that made them (numpy only).

    python check_goldens.py [--folder DIR]

Every golden value is recomputed from the inputs and weights in the file; gradients by central differences.
"""

import argparse
import json
import pathlib
import sys

import numpy as np

import reference_formulas as formulas

EXACT, DIFFERENCE = 1e-12, 2e-7  # relative to the largest entry; the second for central differences


def arrays(value):
    """Turns {"shape", "data"} into an array, at any depth."""
    if isinstance(value, dict) and set(value) == {"shape", "data"}:
        return np.array(value["data"]).reshape(value["shape"])
    if isinstance(value, dict):
        return {key: arrays(item) for key, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [arrays(item) for item in value]
    return value


def load(folder, name):
    return arrays(json.loads((folder / f"{name}.json").read_text()))


def derivative(function, x, step=1e-5):
    """Central differences of fourth order: [*x.shape, *function(x).shape]."""
    x, out = np.array(x, float), []
    for at in np.ndindex(x.shape):
        def value(k):
            moved = x.copy()
            moved[at] += k * step
            return function(moved)
        out.append((8.0 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12.0 * step))
    return np.array(out).reshape(x.shape + np.shape(out[0]))


class Report:
    def __init__(self):
        self.worst, self.failed = {}, False

    def compare(self, what, got, wanted, tolerance=EXACT):
        got, wanted = np.asarray(got), np.asarray(wanted)
        scale = max(np.max(np.abs(wanted)), 1e-3)
        error = np.max(np.abs(got - wanted)) / scale if got.shape == wanted.shape else np.inf
        self.failed |= not error <= tolerance
        self.worst[what] = max(self.worst.get(what, (0.0, 0.0)), (float(error), tolerance))

    def print(self):
        for what, (error, tolerance) in self.worst.items():
            print(f"{'ok  ' if error <= tolerance else 'FAIL'} {error:8.1e} <= {tolerance:.0e}  {what}")


# ---- one check per file --------------------------------------------------------------------------------------------

def check_harmonics(folder, report):
    scale = {"component": lambda l: 1.0, "norm": lambda l: (2 * l + 1) ** -0.5,
             "integral": lambda l: (4 * np.pi) ** -0.5}
    for case in load(folder, "harmonics")["cases"]:
        lmax, vectors, outputs = case["config"]["lmax"], case["inputs"]["vectors"], case["outputs"]
        of_l = scale[case["config"]["normalization"]]
        factor = np.concatenate([np.full(2 * l + 1, of_l(l)) for l in range(lmax + 1)])
        if not vectors.any():
            report.compare("harmonics of the zero vector", outputs["values"][0], np.eye((lmax + 1) ** 2)[0])
            continue
        report.compare("harmonics", outputs["values"], [factor * formulas.harmonics(v, lmax) for v in vectors])
        for v, jacobian in zip(vectors, outputs.get("jacobian", [])):
            got = derivative(lambda v: formulas.harmonics(v, lmax), v, 2e-4 * np.linalg.norm(v)).T
            report.compare("harmonics, jacobian", got, jacobian, DIFFERENCE)


def check_wigner_3j(folder, report):
    for case in load(folder, "wigner_3j")["cases"]:
        report.compare("wigner_3j", formulas.wigner_3j(*case["config"]["l"]), case["outputs"]["C"])


def check_radial_basis(folder, report):
    for case in load(folder, "radial_basis")["cases"]:
        config, r, outputs = case["config"], case["inputs"]["edge_lengths"], case["outputs"]
        w, r_max, p = case["weights"]["basis.bessel_weights"], config["r_max"], config["polynomial_degree"]
        report.compare("radial_basis", formulas.radial_basis(r, w, r_max, p), outputs["values"])
        report.compare("radial_basis, cutoff", formulas.polynomial_cutoff(r, r_max, p), outputs["cutoff"])
        by_weight = [np.diag(derivative(lambda w: formulas.radial_basis(r[e:e + 1], w, r_max, p)[0], w, 1e-3))
                     for e in range(len(r))]
        report.compare("radial_basis, by weight", by_weight, outputs["weight_derivative"], DIFFERENCE)
        smooth = np.abs(r - r_max) > 1e-4  # at the cutoff itself differences see the jump of a high derivative
        by_length = [derivative(lambda x: formulas.radial_basis(x, w, r_max, p)[0], r[e:e + 1], 1e-5)[0]
                     for e in range(len(r)) if smooth[e]]
        report.compare("radial_basis, by length", by_length, outputs["derivative"][smooth], DIFFERENCE)


def check_linear(folder, report):
    for case in load(folder, "linear")["cases"]:
        irreps = [formulas.parse(case["config"][key]) for key in ("irreps_in", "irreps_out")]
        got = formulas.linear(case["inputs"]["h"], case["weights"]["linear.weight"], *irreps)
        report.compare("linear", got, case["outputs"]["h"])


def check_full_tensor_product(folder, report):
    for case in load(folder, "full_tensor_product")["cases"]:
        irreps = [formulas.parse(case["config"][key]) for key in ("irreps_in1", "irreps_in2", "irreps_out")]
        x1, x2 = case["inputs"]["x1"], case["inputs"]["x2"]
        got = formulas.full_tensor_product(x1, x2, case["weights"]["weight"], *irreps)
        report.compare("full_tensor_product", got, case["outputs"]["z"])


def check_radial_network(folder, report):
    for case in load(folder, "radial_network")["cases"]:
        matrices, inputs = list(case["weights"].values()), case["inputs"]
        report.compare("radial_network", formulas.radial_network(inputs["x"], matrices), case["outputs"]["y"])
        got = derivative(lambda x: np.sum(formulas.radial_network(x, matrices) * inputs["y_bar"]), inputs["x"], 1e-3)
        report.compare("radial_network, x_bar", got, case["outputs"]["x_bar"], DIFFERENCE)


def check_symmetric_contraction(folder, report):
    content = load(folder, "symmetric_contraction")
    for entry in content["U"]:
        check_coupling(entry, report)
    for case in content["cases"]:
        config, inputs = case["config"], case["inputs"]
        irreps_out, order = formulas.parse(config["irreps_out"]), config["correlation"]
        weights = formulas.product_weights(case["weights"], len(irreps_out), order, "")

        def B(A):
            return formulas.symmetric_contraction(A, inputs["node_attrs"], weights, config["lmax"], order, irreps_out)

        report.compare("symmetric_contraction", B(inputs["A"]), case["outputs"]["B"])
        direction = np.random.default_rng(0).normal(size=inputs["A"].shape)
        along = derivative(lambda t: np.sum(B(inputs["A"] + t * direction) * inputs["B_bar"]), 0.0, 1e-3)
        report.compare("symmetric_contraction, A_bar", along, np.sum(case["outputs"]["A_bar"] * direction), DIFFERENCE)


def check_coupling(entry, report):
    l, p = formulas.parse("1x" + entry["irrep"])[0][1:]
    U = np.stack([U for ir, U in formulas.couplings(entry["lmax"], entry["nu"]) if ir == (l, p)], axis=-1)
    U = U.reshape(entry["shape"])
    report.compare("U, path norms", (U ** 2).reshape(-1, entry["paths"]).sum(0), entry["path_norms_squared"])
    if "index" in entry:
        stored = np.zeros_like(U)
        stored[tuple(entry["index"].T)] = entry["value"]
        report.compare("U, entries", U, stored)


def check_mace_layer(folder, report):
    content = load(folder, "mace_layer")
    for case in content["cases"]:
        inputs, weights = case["inputs"], {**content["shared_weights"], **case["weights"]}
        radial, edge_index = case["radial"], inputs["edge_index"]

        def run(positions, node_feats):
            vectors = positions[edge_index[1]] - positions[edge_index[0]] + inputs["shift"]
            lengths, w = np.linalg.norm(vectors, axis=1), radial["weights"]["basis.bessel_weights"]
            edge_feats = formulas.radial_basis(lengths, w, radial["config"]["r_max"],
                                               radial["config"]["polynomial_degree"])
            return formulas.mace_layer(case["config"], weights, vectors, node_feats, inputs["node_attrs"], edge_feats,
                                       edge_index)

        def energy(positions, node_feats):
            return np.sum(inputs["energy_weights"] * run(positions, node_feats)["node_feats"] ** 2)

        got = run(inputs["positions"], inputs["node_feats"])
        report.compare("mace_layer", got["node_feats"], case["outputs"]["node_feats"])
        for key, wanted in case["intermediates"].items():
            report.compare(f"mace_layer, {key}", got[key], wanted)
        at = inputs["positions"], inputs["node_feats"]
        report.compare("mace_layer, energy", energy(*at), case["outputs"]["energy"])
        by_positions = derivative(lambda x: energy(x, inputs["node_feats"]), inputs["positions"], 1e-4)
        report.compare("mace_layer, gradient by positions", by_positions, case["gradients"]["positions"], DIFFERENCE)
        direction = np.random.default_rng(0).normal(size=inputs["node_feats"].shape)
        along = derivative(lambda t: energy(inputs["positions"], inputs["node_feats"] + t * direction), 0.0, 1e-3)
        report.compare("mace_layer, gradient by node_feats", along, np.sum(case["gradients"]["node_feats"] * direction),
                       DIFFERENCE)
        by_positions = case["gradients"]["positions"] / np.abs(case["gradients"]["positions"]).max()
        report.compare("mace_layer, gradients sum to zero", 1.0 + by_positions.sum(0), np.ones(3))


# ---- numbers known beforehand: rounded values that e3nn and KLay are documented to give ------------------------------

HARMONICS_123 = [0.4629100499, 0.9258200998, 1.3887301497, 0.8299250028, 0.5532833352, -0.1597191412, 1.6598500055,
                 1.1065666703, 1.0381744181, 1.1736911947, 0.1855768722, -1.1111677990, 0.5567306167, 1.5649215929,
                 0.7187361356]
WIGNER_112 = {(0, 0, 2): -0.182574, (0, 0, 4): -0.316228, (0, 1, 1): 0.316228, (0, 2, 0): 0.316228,
              (1, 0, 1): 0.316228, (1, 2, 3): 0.316228, (2, 0, 0): 0.316228, (2, 1, 3): 0.316228,
              (2, 2, 4): 0.316228, (1, 1, 2): 0.365148, (2, 2, 2): -0.182574}
RADIAL_4_4_6 = {1.0: [0.35205903193, 0.49788665771, 0.35205903193, 6e-17],
                2.5: [0.11645777523, -0.089132922303, -0.048238389945, 0.12605298758],
                3.9: [8.00868574e-06, -1.5967995269e-05, 2.3828856798e-05, -3.15428055e-05]}
CUTOFF_4_6 = {0.5: 0.99991482496, 1.0: 0.99577331543, 2.5: 0.63026493788, 3.9: 7.9618236984e-04}
CONSTANTS = {"silu": (1.6791767923989418, 1.6765324703), "tanh": (1.5937334472592695, 1.5925374197),
             "abs": (1.001110600838467, 1.0), "ssp": (1.878204668541552, 1.8755962561),
             "sigmoid": (1.8467055342154763, 1.8462285453)}
PATHS = {(1, "0e"): [1, 2, 4], (1, "1o"): [1, 2, 6], (2, "0e"): [1, 3, 11], (2, "1o"): [1, 4, 21],
         (2, "2e"): [1, 4, 23], (3, "0e"): [1, 4, 23], (3, "1o"): [1, 6, 51], (3, "2e"): [1, 7, 65]}


def check_known_numbers(folder, report):
    case = load(folder, "harmonics")["cases"][0]
    row = np.flatnonzero((case["inputs"]["vectors"] == [1.0, 2.0, 3.0]).all(1))[0]
    report.compare("known: harmonics", case["outputs"]["values"][row, 1:16], HARMONICS_123, 1e-10)
    check_known_wigner(folder, report)
    case = load(folder, "radial_basis")["cases"][0]
    lengths = case["inputs"]["edge_lengths"].tolist()
    for r, values in RADIAL_4_4_6.items():
        report.compare("known: radial basis", case["outputs"]["values"][lengths.index(r)], values, 1e-9)
    for r, value in CUTOFF_4_6.items():
        report.compare("known: cutoff", case["outputs"]["cutoff"][lengths.index(r)], value, 1e-9)
    for name, (sampled, exact) in CONSTANTS.items():
        got = load(folder, "activation_constants")["constants"][name]
        report.compare("known: activation constants, sampled", got["e3nn"], sampled, 1e-15)
        report.compare("known: activation constants, exact", got["exact"], exact, 1e-10)
    for entry in load(folder, "symmetric_contraction")["U"]:
        if entry["nu"] <= 3:
            wanted = PATHS[entry["lmax"], entry["irrep"]][entry["nu"] - 1]
            report.compare("known: numbers of paths", entry["paths"], wanted, 0.0)


def check_known_wigner(folder, report):
    C = {tuple(case["config"]["l"]): case["outputs"]["C"] for case in load(folder, "wigner_3j")["cases"]}
    levi_civita = np.zeros((3, 3, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        levi_civita[i, j, k], levi_civita[j, i, k] = 1.0, -1.0
    report.compare("known: wigner_3j 111", C[1, 1, 1], levi_civita / np.sqrt(6.0))
    wanted = np.zeros((3, 3, 5))
    for at, value in WIGNER_112.items():
        wanted[at] = value
    report.compare("known: wigner_3j 112", C[1, 1, 2], wanted, 2e-6)
    for l in range(4):
        report.compare("known: wigner_3j 0ll", C[0, l, l][0], np.eye(2 * l + 1) / np.sqrt(2 * l + 1))


CHECKS = [check_known_numbers, check_harmonics, check_wigner_3j, check_radial_basis, check_linear,
          check_full_tensor_product, check_radial_network, check_symmetric_contraction, check_mace_layer]


def main():
    parser = argparse.ArgumentParser(description="Recompute the golden numbers from independent formulas.")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "golden",
                        help="where the golden files are (default: tests/golden)")
    folder, report = parser.parse_args().folder, Report()
    for check in CHECKS:
        check(folder, report)
    report.print()
    sys.exit(report.failed)


if __name__ == "__main__":
    main()
