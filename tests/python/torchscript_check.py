"""Runs an exported `.pt` in plain Python torch, without any Kiln library.

usage: torchscript_check.py MODEL.pt CASE.json

CASE.json: {"inputs": [[name, array], …], "outputs": [[name, array], …], "parameters": [names], "source": text,
"tolerance": t}; arrays are {"shape", "data"}. The graph's inputs are species, coords, edge_index, shift, contributions, cell; its outputs
energy, forces, virial, stress, atom_virials. Exits with 1 and a message where something differs.
"""

import json
import sys

import torch
from torch import Tensor


def tensor(array):
    values = array["data"]
    real = any(isinstance(value, float) for value in values)
    return torch.tensor(values, dtype=torch.float64 if real else torch.int64).reshape(array["shape"])


def close(got, want, tolerance):
    """False for NaN and for other shapes."""
    return got.shape == want.shape and bool(((got.double() - want).abs() <= tolerance * (1 + want.abs().max())).all())


class Checks:
    def __init__(self, case):
        self.tolerance = case["tolerance"]
        self.inputs = {name: tensor(array) for name, array in case["inputs"]}
        self.outputs = {name: tensor(array) for name, array in case["outputs"]}
        self.failures = []

    def true(self, what, condition):
        if not condition:
            self.failures.append(what)

    def same(self, what, got):
        for name, want in self.outputs.items():
            self.true(f"{what}: {name}", close(got[name], want, self.tolerance))

    def as_named(self, results):
        return dict(zip(self.outputs, results))


def shuffled_edges(inputs):
    order = torch.randperm(inputs["edge_index"].shape[1], generator=torch.Generator().manual_seed(1))
    return {**inputs, "edge_index": inputs["edge_index"][:, order], "shift": inputs["shift"][order]}


def two_structures(inputs):
    """The structure twice, numbered 0 and 1 as training mode reads `contributions`."""
    n = inputs["species"].shape[0]
    twice = {name: torch.cat([value, value]) for name, value in inputs.items() if name != "edge_index"}
    twice["edge_index"] = torch.cat([inputs["edge_index"], inputs["edge_index"] + n], 1)
    twice["contributions"] = torch.arange(2).repeat_interleave(n)
    return {name: twice[name] for name in inputs}


def eager_module(scripted, source):
    """The text as an ordinary Python class, on the parameters of the scripted module."""
    names = {"__name__": "graph"}
    exec(source, names)
    return names["Graph"](scripted)


def check_training(checks, model):
    model.train()
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    results = checks.as_named(model(*two_structures(checks.inputs).values()))
    for name in ("energy", "virial", "stress"):
        both = torch.stack([checks.outputs[name]] * 2)
        checks.true(f"training mode: {name}", close(results[name].detach(), both, checks.tolerance))
    loss = results["energy"].sum() + results["forces"].pow(2).sum()
    gradients = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
    checks.true("training mode: gradients", sum(g is not None and bool(g.isfinite().all()) for g in gradients) > 5)
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)


def main(model_path, case_path):
    with open(case_path, encoding="utf-8") as file:
        case = json.load(file)
    checks = Checks(case)
    arguments = list(checks.inputs.values())
    extra = {"model.yaml": ""}
    model = torch.jit.load(model_path, _extra_files=extra)
    checks.true("extra file", extra["model.yaml"] == b"the source")
    checks.true("evaluation mode", not model.training)
    checks.true("parameters", sorted(n for n, _ in model.named_parameters()) == sorted(case["parameters"]))
    checks.true("no parameter requires a gradient", not any(p.requires_grad for p in model.parameters()))

    for run in range(3):  # the profiling executor compiles during the first ones
        checks.same(f"forward {run}", checks.as_named(model(*arguments)))
    checks.same("named", model.named(*arguments))
    with torch.no_grad():
        checks.same("under no_grad", model.named(*arguments))
        checks.true("gradient mode is given back", not torch.is_grad_enabled())
    checks.same("shuffled edges", model.named(*shuffled_edges(checks.inputs).values()))
    checks.same("frozen", torch.jit.freeze(model, preserved_attrs=["named"]).named(*arguments))
    checks.same("as Python", checks.as_named(eager_module(model, case["source"])(*arguments)))
    check_training(checks, model)
    checks.same("evaluation after training", model.named(*arguments))

    for failure in checks.failures:
        print("FAILED", failure)
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
