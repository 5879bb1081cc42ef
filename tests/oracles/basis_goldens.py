"""Golden numbers of functions without layers of weights: harmonics, Wigner 3j, radial basis, activations."""

import math

import torch
from scipy.integrate import quad

from golden_file import draw
from original_layers import ShiftedSoftPlus, normalize2mom, o3, registry

L_MAX = 6


def harmonics():
    generator = torch.Generator().manual_seed(1)
    axes = torch.cat([torch.eye(3), -torch.eye(3)])
    special = torch.tensor([[1.0, 2.0, 3.0], [1.0, 1.0, 0.0], [0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [0.001, 5.0, -0.002]])
    vectors = torch.cat([axes, special, draw(generator, 4, 3)])
    return {
        "calls": "e3nn.o3.spherical_harmonics(range(lmax + 1), vectors, normalize=True, normalization)",
        "cases": [_harmonics_case("component", L_MAX, vectors, with_jacobian=True),
                  _harmonics_case("component", L_MAX, torch.zeros(1, 3), with_jacobian=False),
                  _harmonics_case("norm", 3, vectors[6:8], with_jacobian=False),
                  _harmonics_case("integral", 3, vectors[6:8], with_jacobian=False)],
    }


def _harmonics_case(normalization, lmax, vectors, with_jacobian):
    def values(v):
        return o3.spherical_harmonics(list(range(lmax + 1)), v, normalize=True, normalization=normalization)

    outputs = {"values": values(vectors)}
    if with_jacobian:
        outputs["jacobian"] = torch.stack([torch.autograd.functional.jacobian(values, v) for v in vectors])
    return {"config": {"lmax": lmax, "normalization": normalization}, "inputs": {"vectors": vectors},
            "outputs": outputs}


def wigner_3j():
    triples = [(l1, l2, l3) for l1 in range(4) for l2 in range(4) for l3 in range(4) if abs(l1 - l2) <= l3 <= l1 + l2]
    return {"calls": "e3nn.o3.wigner_3j(l1, l2, l3)",
            "cases": [{"config": {"l": list(ls)}, "outputs": {"C": o3.wigner_3j(*ls)}} for ls in triples]}


def radial_basis():
    generator = torch.Generator().manual_seed(2)
    settings = [(4.0, 4, 6, False), (5.0, 8, 6, True), (6.5, 8, 5, True), (3.2, 5, 2, True), (4.5, 5, 3.5, True)]
    return {"calls": "KLay RadialBasisEdgeEncoding.from_config(**config), PolynomialCutoff",
            "cases": [_radial_case(generator, *setting) for setting in settings]}


def _radial_case(generator, r_max, n_basis, degree, perturbed):
    config = {"r_max": r_max, "num_radial_basis": n_basis, "polynomial_degree": degree}
    layer = registry.build("RadialBasisEdgeEncoding", **config, basis_kwargs={}, cutoff_kwargs={})
    cutoff = registry.build("PolynomialCutoff", r_max=r_max, polynomial_degree=degree)
    weights = layer.basis.bessel_weights
    if perturbed:
        weights.data = torch.round(weights.data * 1000.0) / 1000.0 + 0.1 * draw(generator, n_basis)
    inside = [0.5, 1.0, 0.4 * r_max, 2.5, 0.9 * r_max, r_max - 0.1, r_max - 0.001, r_max - 1e-6]
    lengths = torch.tensor(sorted(round(r, 6) for r in inside) + [r_max, r_max + 0.001, r_max + 1.5])
    return {"config": config, "inputs": {"edge_lengths": lengths}, "weights": {"basis.bessel_weights": weights},
            "outputs": {"values": layer(lengths), "derivative": _derivative_of_each(layer, lengths),
                        "weight_derivative": _derivative_by_weight(layer, lengths), "cutoff": cutoff(lengths)}}


def _derivative_of_each(layer, lengths):
    """d values[e, n] / d lengths[e]."""
    jacobian = torch.autograd.functional.jacobian(layer, lengths)
    return torch.stack([jacobian[e, :, e] for e in range(len(lengths))])


def _derivative_by_weight(layer, lengths):
    """d values[e, n] / d bessel_weights[n]; row n touches weight n alone, so the sum over n separates."""
    rows = [torch.autograd.grad(layer(lengths[e:e + 1]).sum(), layer.basis.bessel_weights)[0]
            for e in range(len(lengths))]
    return torch.stack(rows)


def activation_constants():
    functions = {"silu": torch.nn.functional.silu, "tanh": torch.tanh, "abs": torch.abs, "ssp": ShiftedSoftPlus,
                 "sigmoid": torch.sigmoid}
    return {"calls": "e3nn.math.normalize2mom(act).cst; exact: quadrature of act(z)^2 over the normal distribution",
            "constants": {name: {"e3nn": normalize2mom(act).cst, "exact": _exact_constant(act)}
                          for name, act in functions.items()}}


def _exact_constant(act):
    def integrand(z):
        return act(torch.tensor(z)).item() ** 2 * math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)

    moment = sum(quad(integrand, *ends, epsabs=1e-14, epsrel=1e-13)[0] for ends in ((-12.0, 0.0), (0.0, 12.0)))
    return float(f"{moment ** -0.5:.13g}")
