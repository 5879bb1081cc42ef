"""The original codes, ready to be called in float64 on one thread: e3nn and KLay."""

import platform
import sys
import types
import warnings

import torch


def _stand_in(name, **attributes):
    module = types.ModuleType(name)
    module.__dict__.update(attributes)
    sys.modules[name] = module
    return module


# KLay imports all its layers at once. Those that need these two packages (attention, EGCL) are not run here.
_stand_in("torch_scatter", scatter=None)
_stand_in("torch_geometric", nn=_stand_in("torch_geometric.nn", MessagePassing=torch.nn.Module))

warnings.filterwarnings("ignore", category=UserWarning)
torch.set_default_dtype(torch.float64)  # before anything is built: U tensors and activations take this type
torch.set_num_threads(1)  # sums in a fixed order, so that two runs write the same digits

import e3nn  # noqa: E402
import klay  # noqa: E402
from e3nn import nn, o3  # noqa: E402, F401
from e3nn.math import normalize2mom  # noqa: E402, F401
from klay.core import registry  # noqa: E402, F401
from klay.layers._non_linear import ShiftedSoftPlus  # noqa: E402, F401
from klay.layers.mace.symmetric_contraction import SymmetricContraction  # noqa: E402, F401

EXPECTED = {"e3nn": "0.5.1", "klay": "0.9.7", "torch": "1.13"}


def versions():
    return {"klay": klay.__version__, "e3nn": e3nn.__version__, "torch": str(torch.__version__),
            "python": platform.python_version()}


def require_expected_versions():
    """e3nn 0.4.4 has other signs in some Wigner 3j (README.md), so the version matters."""
    for name, wanted in EXPECTED.items():
        if not versions()[name].startswith(wanted):
            sys.exit(f"{name} is {versions()[name]}, wanted {wanted}; see README.md for the environment")


def irreps_blocks(irreps):
    """'4x0e+4x1o' as the list of blocks that KLay's YAML takes."""
    return [{"l": ir.l, "p": "e" if ir.p == 1 else "o", "mul": mul} for mul, ir in o3.Irreps(irreps)]


def set_parameters(module, make):
    """Replaces every parameter by make(name, shape); returns them under their state-dict names."""
    weights = {}
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(make(name, parameter.shape))
            weights[name] = parameter.detach().clone()
    return weights


def state_dict_shapes(module):
    return {name: list(tensor.shape) for name, tensor in module.state_dict().items()}
