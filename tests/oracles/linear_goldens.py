"""Golden numbers of layers that are linear in their features, and of the radial network."""

import torch

from golden_file import draw, one_hot
from original_layers import irreps_blocks, nn, o3, registry, set_parameters

N_ROWS = 3


def linear():
    pairs = [
        ("scalars", "8x0e", "1x0e"),
        ("mixed", "4x0e+3x1o", "2x0e+5x1o"),
        ("output in another order", "3x0e+2x1o+2x2e", "2x2e+3x0e+2x1o"),
        ("repeated input blocks", "3x0e+5x0e+2x1o", "4x0e+2x1o"),
        ("repeated blocks, both sides", "2x0e+2x1o+3x0e+1x1o", "2x1o+2x0e+1x1o+3x0e"),
        ("output block without partner", "4x0e+2x1o", "3x0e+2x1e+2x1o"),
        ("input block without partner", "2x0e+2x2e+2x1o", "2x1o+3x0e"),
        ("all parities", "2x0e+2x0o+2x1e+2x1o", "2x0o+1x0e+2x1o+1x1e"),
    ]
    generator = torch.Generator().manual_seed(3)
    return {"calls": "KLay AtomwiseLinear.from_config(irreps_in_block, irreps_out_block), which holds e3nn.o3.Linear",
            "cases": [_linear_case(generator, *pair) for pair in pairs]}


def _linear_case(generator, name, irreps_in, irreps_out):
    layer = registry.build("AtomwiseLinear", irreps_in_block=irreps_blocks(irreps_in),
                           irreps_out_block=irreps_blocks(irreps_out))
    weights = set_parameters(layer, lambda _, shape: draw(generator, *shape))
    h = draw(generator, N_ROWS, o3.Irreps(irreps_in).dim)
    return {"name": name, "config": {"irreps_in": irreps_in, "irreps_out": irreps_out}, "inputs": {"h": h},
            "weights": weights, "outputs": {"h": layer(h)}}


def full_tensor_product():
    hot = one_hot([0, 2, 1], 3)
    soft = torch.tensor([[0.5, 0.25, 0.25], [0.0, 1.5, -0.5], [0.125, 0.375, 0.5]])
    cases = [
        ("first MACE layer, one-hot", "4x0e", "3x0e", "4x0e+4x1o", hot),
        ("second MACE layer, one-hot", "4x0e+4x1o", "3x0e", "4x0e+4x1o", hot),
        ("second MACE layer, soft attributes", "4x0e+4x1o", "3x0e", "4x0e+4x1o", soft),
        ("last MACE layer, one-hot", "4x0e+4x1o", "3x0e", "4x0e", hot),
        ("repeated blocks", "2x0e+2x1o+1x0e", "1x0e+2x0e", "2x1o+2x0e+1x0e", soft),
        ("attributes with l > 0", "2x0e+2x1o", "2x0e+1x1o", "2x0e+2x1o+1x1e+2x2e", None),
    ]
    generator = torch.Generator().manual_seed(4)
    return {"calls": "e3nn.o3.FullyConnectedTensorProduct(irreps_in1, irreps_in2, irreps_out)",
            "cases": [_full_tensor_product_case(generator, *case) for case in cases]}


def _full_tensor_product_case(generator, name, irreps_in1, irreps_in2, irreps_out, attributes):
    product = o3.FullyConnectedTensorProduct(irreps_in1, irreps_in2, irreps_out)
    weights = set_parameters(product, lambda _, shape: draw(generator, *shape))
    x1 = draw(generator, N_ROWS, product.irreps_in1.dim)
    x2 = draw(generator, N_ROWS, product.irreps_in2.dim) if attributes is None else attributes
    return {"name": name, "config": {"irreps_in1": irreps_in1, "irreps_in2": irreps_in2, "irreps_out": irreps_out},
            "inputs": {"x1": x1, "x2": x2}, "weights": weights, "outputs": {"z": product(x1, x2)}}


def radial_network():
    generator = torch.Generator().manual_seed(5)
    widths = [8, 64, 64, 64, 10]
    network = nn.FullyConnectedNet(widths, torch.nn.functional.silu)
    weights = set_parameters(network, lambda _, shape: draw(generator, *shape, digits=2))
    x = torch.cat([draw(generator, 5, 8), torch.zeros(1, 8)]).requires_grad_()
    y = network(x)
    y_bar = draw(generator, *y.shape)
    x_bar, = torch.autograd.grad((y * y_bar).sum(), x)
    return {"calls": "e3nn.nn.FullyConnectedNet(widths, silu)",
            "cases": [{"config": {"widths": widths, "activation": "silu"}, "inputs": {"x": x, "y_bar": y_bar},
                       "weights": weights, "outputs": {"y": y, "x_bar": x_bar}}]}
