"""Exports of graphs of torch functions: the documentation's dense -> relu -> alias -> functional relu (GL1, GL21)."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, Tuple

import numpy as np
import torch

KILN = sys.argv.pop(1)
EXAMPLE = '''
model_inputs: {x: "(N, 16)"}
model_layers:
  dense: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [16, 16]}, seed: 7, inputs: {0: x}}
  activation: {type: ArbitraryModule, config: {target: torch.nn.ReLU}, inputs: {0: dense}}
  second_pass: {alias: dense, inputs: {0: activation}}
  stage_out: {type: ArbitraryModule, config: {target: torch.nn.functional.relu}, inputs: {0: second_pass}}
model_outputs: {y: stage_out}
'''


def python_class(scripted, source):
    """The exported text as an ordinary module that shares the scripted one's parameters."""
    names = {"torch": torch, "Tensor": torch.Tensor, "Dict": Dict, "Tuple": Tuple}
    known = set(names)
    exec(source, names)
    methods = {name: value for name, value in names.items() if callable(value) and name not in known}
    module = type("Graph", (torch.nn.Module,), methods)()
    for name, child in scripted.named_children():
        holder = torch.nn.Module()
        for key, value in child.named_parameters(recurse=False):
            setattr(holder, key, torch.nn.Parameter(value.detach().clone()))
        module.add_module(name, holder)
    return module


class Shared(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(7)
        self.dense = torch.nn.Linear(16, 16)

    def forward(self, x):
        return torch.relu(self.dense(torch.relu(self.dense(x))))


class ExportGraph(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        (self.path / "graph.yaml").write_text(EXAMPLE)
        self.kiln("export", "graph.yaml", "--to", "torchscript", "-o", "graph.pt")
        self.extra = {"graph.py": "", "kiln.json": ""}
        self.model = torch.jit.load(str(self.path / "graph.pt"), _extra_files=self.extra)
        self.want = Shared().double()

    def tearDown(self):
        self.folder.cleanup()

    def kiln(self, *arguments, code=0):
        result = subprocess.run([KILN, *arguments], cwd=self.path, capture_output=True, text=True)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def test_weights_are_torchs_and_stand_once(self):
        state = self.model.state_dict()
        self.assertEqual(list(state), ["dense.weight", "dense.bias"])
        for name, value in self.want.state_dict().items():
            self.assertTrue(torch.equal(state[name], value), name)

    def test_same_numbers(self):
        for shape in [(16,), (5, 16)]:
            x = torch.rand(shape, dtype=torch.float64)
            got = self.model(x)
            self.assertEqual(got.shape, shape)
            self.assertLessEqual((got - self.want(x)).abs().max().item(), 1e-14)
            self.assertLessEqual((self.model.named(x)["y"] - got).abs().max().item(), 0.0)

    def test_gradient_is_the_sum_over_both_calls(self):
        self.model.train()
        weight = dict(self.model.named_parameters())["dense.weight"].requires_grad_(True)
        x = torch.rand(5, 16, dtype=torch.float64)
        (gradient,) = torch.autograd.grad(self.model(x).pow(2).sum(), [weight])
        (want,) = torch.autograd.grad(self.want(x).pow(2).sum(), [self.want.dense.weight])
        self.assertGreater(want.abs().max().item(), 1e-3)
        self.assertLessEqual((gradient - want).abs().max().item(), 1e-12)

    def test_the_text_can_be_traced(self):
        traced = torch.fx.symbolic_trace(python_class(self.model, self.extra["graph.py"].decode()))
        calls = [node.target for node in traced.graph.nodes if node.op == "call_function"]
        self.assertEqual(calls.count(torch.nn.functional.linear), 2)  # the layer and its alias
        self.assertEqual(len([c for c in calls if getattr(c, "__name__", "") == "relu"]), 2)
        x = torch.rand(5, 16, dtype=torch.float64)
        self.assertLessEqual((traced(x) - self.want(x)).abs().max().item(), 1e-14)

    def test_state_dict(self):
        self.kiln("export", "graph.yaml", "--to", "state-dict", "-o", "weights.safetensors")
        x = np.random.RandomState(0).rand(5, 16)
        np.save(self.path / "x.npy", x)
        (self.path / "other.yaml").write_text(EXAMPLE.replace("seed: 7", "seed: 8"))
        self.kiln("run", "other.yaml", "--weights", "weights.safetensors", "-i", "x=x.npy", "-o", "y.npy")
        want = self.want(torch.tensor(x)).detach().numpy()
        self.assertLessEqual(abs(np.load(self.path / "y.npy") - want).max(), 1e-14)

    def test_no_potential_no_model_file(self):
        self.assertIn("not a potential", self.kiln("export", "graph.yaml", "--to", "kiln", code=3))


if __name__ == "__main__":
    unittest.main()
