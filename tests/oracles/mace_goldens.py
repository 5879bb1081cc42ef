"""Golden numbers of KLay's MACE_layer: its product basis alone, and the whole layer with gradients."""

import torch

from golden_file import draw, one_hot
from original_layers import SymmetricContraction, irreps_blocks, o3, registry, set_parameters, state_dict_shapes

N_CHANNELS = 2
MAX_STORED_ENTRIES = 160  # of a U tensor; longer ones are described by their path norms alone


# ---- product basis -------------------------------------------------------------------------------------------------

def symmetric_contraction():
    generator = torch.Generator().manual_seed(6)
    couplings = {}
    cases = [_contraction_case(generator, couplings, *setting) for setting in _contraction_settings()]
    return {"calls": "KLay klay.layers.mace.symmetric_contraction.SymmetricContraction, as built by MACE_layer",
            "U": list(couplings.values()), "cases": cases}


def _contraction_settings():
    soft = torch.tensor([[0.75, 0.25], [0.0, 1.0], [-0.5, 1.5]])
    hot = one_hot([0, 1, 0], 2)
    for lmax in (1, 2, 3):
        for top in range(min(lmax, 2) + 1):
            for correlation in (1, 2, 3):
                yield lmax, top, correlation, hot
    yield 2, 1, 3, soft
    yield 1, 1, 4, hot  # from four factors on, KLay keeps natural parities only on the way


def _contraction_case(generator, couplings, lmax, top, correlation, node_attrs):
    irreps_in = o3.Irreps([(N_CHANNELS, (l, (-1) ** l)) for l in range(lmax + 1)])
    hidden = o3.Irreps([(N_CHANNELS, (l, (-1) ** l)) for l in range(top + 1)])
    module = SymmetricContraction(irreps_in=irreps_in, irreps_out=hidden, correlation=correlation, num_elements=2)
    weights = set_parameters(module, lambda _, shape: draw(generator, *shape) / 4.0)
    A = draw(generator, len(node_attrs), N_CHANNELS, (lmax + 1) ** 2).requires_grad_()
    B = module(A, node_attrs)
    B_bar = draw(generator, *B.shape)
    A_bar, = torch.autograd.grad((B * B_bar).sum(), A)
    for (_, ir), contraction in zip(hidden, module.contractions):
        _note_couplings(couplings, lmax, ir, contraction)
    paths = {str(ir): [contraction.U_tensors(nu).shape[-1] for nu in range(1, correlation + 1)]
             for (_, ir), contraction in zip(hidden, module.contractions)}
    return {"config": {"lmax": lmax, "correlation": correlation, "num_elements": 2, "irreps_in": str(irreps_in),
                       "irreps_out": str(hidden)},
            "paths": paths, "inputs": {"A": A, "node_attrs": node_attrs, "B_bar": B_bar}, "weights": weights,
            "outputs": {"B": B, "A_bar": A_bar}}


def _note_couplings(couplings, lmax, ir, contraction):
    for nu in range(1, contraction.correlation + 1):
        couplings.setdefault((lmax, str(ir), nu), _coupling_entry(lmax, ir, nu, contraction.U_tensors(nu)))


def _coupling_entry(lmax, ir, nu, U):
    entry = {"lmax": lmax, "irrep": str(ir), "nu": nu, "shape": list(U.shape), "paths": U.shape[-1],
             "path_norms_squared": U.reshape(-1, U.shape[-1]).square().sum(0)}
    index = U.nonzero()
    if len(index) <= MAX_STORED_ENTRIES:
        entry.update({"index": index, "value": U[tuple(index.T)]})
    return entry


# ---- whole layer ---------------------------------------------------------------------------------------------------

POSITIONS = torch.tensor([[0.0, 0.0, 0.0], [1.1, 0.2, -0.3], [-0.4, 1.3, 0.5], [0.6, -0.9, 1.2], [1.7, 1.4, 0.6],
                          [-1.2, -0.5, -0.9]])
FAR_ATOM = torch.tensor([[7.0, 7.5, 8.0]])
SOFT = torch.tensor([[0.5, 0.5], [1.0, 0.0], [0.25, 0.75], [0.0, 1.0], [1.5, -0.5], [0.125, 0.25], [0.75, 0.5]])

# name, input irreps, further MACE_layer configuration, node attributes, atoms, cutoff of the edge list
MACE_CASES = [
    ("first layer", "4x0e", {"lmax": 2, "correlation": 2, "num_elements": 3, "hidden": "4x0e+4x1o",
                             "avg_num_neighbors": 3.4, "use_sc": True}, one_hot([0, 1, 2, 1, 0, 2], 3), POSITIONS, 2.4),
    ("last layer", "4x0e+4x1o", {"lmax": 3, "correlation": 3, "num_elements": 2, "hidden": "4x0e",
                                 "avg_num_neighbors": 3.4, "use_sc": True}, one_hot([0, 1, 1, 0, 1, 0], 2), POSITIONS,
     2.4),
    ("soft attributes, one isolated atom", "4x0e+4x1o",
     {"lmax": 1, "correlation": 3, "num_elements": 2, "hidden": "4x0e+4x1o", "avg_num_neighbors": 2.5, "use_sc": True},
     SOFT, torch.cat([POSITIONS, FAR_ATOM]), 2.4),
    ("no self connection, edges beyond the cutoff", "4x0e",
     {"lmax": 2, "correlation": 3, "num_elements": 2, "hidden": "4x0e+4x1o", "avg_num_neighbors": 3.4, "use_sc": False},
     one_hot([1, 1, 0, 0, 1, 0], 2), POSITIONS, 2.9),
    ("repeated input blocks", "2x0e+3x1o+1x0e+1x2e",
     {"lmax": 2, "correlation": 2, "num_elements": 2, "hidden": "2x0e+2x1o+2x2e", "avg_num_neighbors": 1.7,
      "use_sc": True}, one_hot([0, 1, 1, 0, 1, 0], 2), POSITIONS, 2.4),
]
RADIAL = {"r_max": 2.4, "num_radial_basis": 8, "polynomial_degree": 5}

# One radial network for all cases but for its last matrix: it would be most of the file.
SHARED_WEIGHTS = {"interaction.conv_tp_weights.layer0.weight": (8, 64),
                  "interaction.conv_tp_weights.layer1.weight": (64, 64),
                  "interaction.conv_tp_weights.layer2.weight": (64, 64)}


def mace_layer():
    generator = torch.Generator().manual_seed(7)
    shared = {name: draw(generator, *shape, digits=1) for name, shape in SHARED_WEIGHTS.items()}
    return {"calls": "KLay SphericalHarmonicEdgeAttrs, RadialBasisEdgeEncoding and MACE_layer, built by from_config",
            "energy": "sum over i, c of energy_weights[i, c] * node_feats[i, c]^2 of the output",
            "shared_weights": shared, "cases": [_mace_case(generator, shared, *case) for case in MACE_CASES]}


def _mace_case(generator, shared, name, irreps_in, settings, node_attrs, positions, list_cutoff):
    config = {key: value for key, value in settings.items() if key != "hidden"}
    config.update(hidden_irreps_block=irreps_blocks(settings["hidden"]), input_block=irreps_blocks(irreps_in),
                  num_radial_basis=RADIAL["num_radial_basis"])
    layer = registry.build("MACE_layer", **config)
    weights = set_parameters(layer, lambda name, shape: _mace_weight(generator, shared, name, shape))
    radial = registry.build("RadialBasisEdgeEncoding", **RADIAL, basis_kwargs={}, cutoff_kwargs={})
    radial_weights = set_parameters(radial, lambda _, shape: 3.125 * torch.arange(1, 9) + draw(generator, *shape) / 8)
    structure = _structure(generator, positions, list_cutoff)
    node_feats = draw(generator, len(positions), o3.Irreps(irreps_in).dim)
    results = _run(generator, layer, radial, structure, node_feats, node_attrs)
    return {
        "name": name, "config": {**config, "irreps_in": irreps_in, "irreps_out": settings["hidden"]},
        "radial": {"config": RADIAL, "weights": radial_weights},
        "inputs": {**structure, "node_feats": node_feats, "node_attrs": node_attrs, **results.pop("edges")},
        "weights": {key: value for key, value in weights.items() if key not in shared},
        "state_dict_shapes": state_dict_shapes(layer), **results,
    }


def _mace_weight(generator, shared, name, shape):
    if name in shared:
        return shared[name]
    if "conv_tp_weights" in name:
        return draw(generator, *shape, digits=1)
    return draw(generator, *shape, digits=2) * (0.25 if "contractions" in name else 1.0)


def _structure(generator, positions, list_cutoff):
    """Every ordered pair closer than the list's cutoff, so i->j and j->i; sorted by row 0, then row 1."""
    moved = torch.round((positions + 0.05 * draw(generator, *positions.shape)) * 1e4) / 1e4
    distances = torch.cdist(moved, moved) + 1e9 * torch.eye(len(moved))
    edge_index = (distances < list_cutoff).nonzero().T.contiguous()
    return {"positions": moved, "edge_index": edge_index, "shift": torch.zeros(edge_index.shape[1], 3)}


def _run(generator, layer, radial, structure, node_feats, node_attrs):
    positions = structure["positions"].clone().requires_grad_()
    node_feats = node_feats.clone().requires_grad_()
    geometry = registry.build("SphericalHarmonicEdgeAttrs", lmax=1)
    vectors, lengths, _ = geometry(positions, structure["edge_index"], structure["shift"])
    edge_feats = radial(lengths)
    seen = _watch(layer)
    out = layer(vectors, node_feats, node_attrs, edge_feats, structure["edge_index"])
    energy_weights = draw(generator, *out.shape)
    energy = (energy_weights * out.square()).sum()
    by_positions, by_feats = torch.autograd.grad(energy, [positions, node_feats])
    return {"edges": {"vectors": vectors, "edge_lengths": lengths, "edge_feats": edge_feats,
                      "energy_weights": energy_weights},
            "intermediates": seen, "outputs": {"node_feats": out, "energy": energy},
            "gradients": {"positions": by_positions, "node_feats": by_feats}}


def _watch(layer):
    """Records A and the self connection after the interaction, and B after the product basis."""
    seen = {}
    layer.interaction.register_forward_hook(lambda module, inputs, output: seen.update(A=output[0], sc=output[1]))
    layer.product.symmetric_contractions.register_forward_hook(lambda module, inputs, output: seen.update(B=output))
    return seen
