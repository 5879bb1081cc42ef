"""Exports: the documentation's dense -> relu -> alias -> functional relu (GL1, GL21), and a potential."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
import torch

KILN = sys.argv.pop(1)
SOURCE = Path(__file__).resolve().parents[2]
EXAMPLE = '''
model_inputs: {x: "(N, 16)"}
model_layers:
  dense: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [16, 16]}, seed: 7, inputs: {0: x}}
  activation: {type: ArbitraryModule, config: {target: torch.nn.ReLU}, inputs: {0: dense}}
  second_pass: {alias: dense, inputs: {0: activation}}
  stage_out: {type: ArbitraryModule, config: {target: torch.nn.functional.relu}, inputs: {0: second_pass}}
model_outputs: {y: stage_out}
'''


def python_module(scripted, source):
    """The exported text as an ordinary module with the scripted one's weights."""
    names = {"__name__": "graph"}
    exec(source, names)
    return names["Graph"](scripted)


def read_safetensors(content):
    size = int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8 : 8 + size]).items():
        if name != "__metadata__":
            first, last = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(content[first:last], {"F64": "f8", "F32": "f4"}[entry["dtype"]]).reshape(entry["shape"])
    return tensors


POTENTIAL = '''
model_inputs: {species: species, pos: positions, edge_index: edges, shift: shift}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: pos, edge_index: edge_index, shift: shift}}
  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 4.0, num_radial_basis: 4}, inputs: {edge_lengths: geometry.edge_lengths}}
  embedding: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: elements}}
  interaction:
    type: MACE_layer
    config: {lmax: 1, correlation: 2, num_elements: 2, hidden_irreps_block: 4x0e, avg_num_neighbors: 4.0}
    inputs: {vectors: geometry.edge_vec, node_feats: embedding, node_attrs: elements, edge_feats: radial, edge_index: edge_index}
  mix: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: interaction}}
  again: {alias: mix, inputs: {h: mix}}
  readout: {type: ScalarReadout, config: {hidden: 4}, inputs: {h: again}}
  total: {type: AtomwiseSum, inputs: {src: readout}}
  derivatives: {type: Derivatives, inputs: {energy: total}}
model_outputs: {energy: total, forces: derivatives.forces}
'''


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
        traced = torch.fx.symbolic_trace(python_module(self.model, self.extra["graph.py"].decode()))
        calls = [node.target for node in traced.graph.nodes if node.op == "call_function"]
        self.assertEqual(calls.count(torch.nn.functional.linear), 2)  # the layer and its alias
        self.assertEqual(len([c for c in calls if getattr(c, "__name__", "") == "relu"]), 2)
        x = torch.rand(5, 16, dtype=torch.float64)
        self.assertLessEqual((traced(x) - self.want(x)).abs().max().item(), 1e-14)

    def test_what_depends_on_sizes_can_be_traced(self):
        """One sequence, states left out, a guessed dimension, sizes that are put in: the shape of the input is known."""
        of = {"LSTM": ("[4, 3]", (5, 4)), "GRU": ("[4, 3]", (5, 4)), "RNN": ("[4, 3]", (5, 4)), "LSTMCell": ("[4, 3]", (5, 4)),
              "GRUCell": ("[4, 3]", (5, 4)), "RNNCell": ("[4, 3]", (4,)), "Softmax": ("[]", (5, 4)), "Softmin": ("[]", (5,)),
              "Unflatten": ("[1, [2, 2]]", (5, 4)), "TransformerEncoderLayer": ("[4, 2, 6]", (5, 4)), "EmbeddingBag": ("[9, 3]", (5, 4))}
        for name, (args, shape) in of.items():
            several = name in ("LSTM", "GRU", "RNN", "LSTMCell")
            (self.path / "sized.yaml").write_text(f"""
model_inputs: {{x: {{shape: {list(shape)}}}}}
model_layers: {{a: {{type: ArbitraryModule, seed: 3, config: {{target: torch.nn.{name}, args: {args}}}, inputs: {{0: x}}}}}}
model_outputs: {{y: {"a.0" if several else "a"}{", last: a.1" if several else ""}}}
""")
            self.kiln("export", "sized.yaml", "--to", "torchscript", "-o", "sized.pt")
            extra = {"graph.py": ""}
            model = torch.jit.load(str(self.path / "sized.pt"), _extra_files=extra)
            module = python_module(model, extra["graph.py"].decode())
            x = torch.randint(9, shape) if name == "EmbeddingBag" else torch.rand(shape, dtype=torch.float64)
            torch.manual_seed(3)
            made = getattr(torch.nn, name)(*eval(args)).double().eval()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the guessed dimension
                want = made(x)
            traced = torch.fx.symbolic_trace(module)
            for run in (model, module, traced):
                got = run(x)
                first = want[0] if several else want
                self.assertLessEqual(abs((got[0] if several else got) - first).max().item(), 1e-14, name)
                if several:
                    last = want[1][0] if name == "LSTM" else want[1]
                    self.assertLessEqual(abs(got[1] - last).max().item(), 1e-14, name)

    def test_lists_as_a_whole_can_be_traced(self):
        (self.path / "parts.yaml").write_text("""
model_inputs: {x: {shape: [N, 4]}}
model_layers:
  parts: {type: ArbitraryModule, config: {target: torch.chunk, kwargs: {chunks: 2, dim: 1}}, inputs: {0: x}}
  wide: {type: ArbitraryModule, config: {target: torch.broadcast_tensors}, inputs: {0: parts}}
  deep: {type: ArbitraryModule, config: {target: torch.stack}, inputs: {0: wide}}
  back: {type: ArbitraryModule, config: {target: torch.cat, kwargs: {dim: 1}}, inputs: {0: parts}}
model_outputs: {deep: deep, back: back}
""")
        self.kiln("export", "parts.yaml", "--to", "torchscript", "-o", "parts.pt")
        extra = {"graph.py": ""}
        model = torch.jit.load(str(self.path / "parts.pt"), _extra_files=extra)
        module = python_module(model, extra["graph.py"].decode())
        x = torch.rand(5, 4, dtype=torch.float64)
        for run in (model, module, torch.fx.symbolic_trace(module)):
            deep, back = run(x)
            self.assertTrue(torch.equal(back, x))
            self.assertTrue(torch.equal(deep, torch.stack([x[:, :2], x[:, 2:]])))
        (self.path / "many.yaml").write_text("""
model_inputs: {x: {shape: [N, 130]}}
model_layers:
  parts: {type: ArbitraryModule, config: {target: torch.split, kwargs: {split_size_or_sections: 1, dim: 1}}, inputs: {0: x}}
  back: {type: ArbitraryModule, config: {target: torch.cat, kwargs: {dim: 1}}, inputs: {0: parts}}
model_outputs: {back: back}
""")
        self.kiln("export", "many.yaml", "--to", "torchscript", "-o", "many.pt")
        model = torch.jit.load(str(self.path / "many.pt"), _extra_files=extra)
        x = torch.rand(2, 130, dtype=torch.float64)
        self.assertTrue(torch.equal(torch.fx.symbolic_trace(python_module(model, extra["graph.py"].decode()))(x), x))

    def test_attention_keeps_torchs_names_and_can_be_traced(self):
        text = """
model_inputs: {x: {shape: [2, 4, 8]}, y: {shape: [2, 5, 6]}}
model_layers:
  attention:
    type: ArbitraryModule
    seed: 3
    config: {target: torch.nn.MultiheadAttention, args: [8, 2], kwargs: {batch_first: true, kdim: 6, vdim: 6, add_bias_kv: true}}
    inputs: {0: x, 1: y, 2: y}
model_outputs: {rows: attention.0, weights: attention.1}
"""
        (self.path / "attention.yaml").write_text(text)
        self.kiln("export", "attention.yaml", "--to", "torchscript", "-o", "attention.pt")
        extra = {"graph.py": ""}
        model = torch.jit.load(str(self.path / "attention.pt"), _extra_files=extra)
        module = python_module(model, extra["graph.py"].decode())
        torch.manual_seed(3)
        want = torch.nn.MultiheadAttention(8, 2, batch_first=True, kdim=6, vdim=6, add_bias_kv=True).double()
        state = {f"attention.{name}": value for name, value in want.state_dict().items()}
        self.assertEqual(set(model.state_dict()), set(state))
        for name, value in state.items():
            self.assertTrue(torch.equal(model.state_dict()[name], value), name)
        x, y = torch.rand(2, 4, 8, dtype=torch.float64), torch.rand(2, 5, 6, dtype=torch.float64)
        for run in (model, module, torch.fx.symbolic_trace(module)):
            for got, expected in zip(run(x, y), want(x, y, y)):
                self.assertEqual(got.shape, expected.shape)
                self.assertLessEqual((got - expected).abs().max().item(), 1e-14)
        weights = {name: value.requires_grad_(True) for name, value in model.named_parameters()}
        gradients = torch.autograd.grad(model(x, y)[0].pow(2).sum(), weights.values())
        expected = torch.autograd.grad(want(x, y, y)[0].pow(2).sum(), [want.get_parameter(n.split(".", 1)[1]) for n in weights])
        for name, got, value in zip(weights, gradients, expected):
            self.assertLessEqual((got - value).abs().max().item(), 1e-13 * (1 + value.abs().max().item()), name)

    def test_attention_takes_a_state_dict_and_masks(self):
        text = """
model_inputs: {x: {shape: [4, 3, 8]}, mask: {shape: [4, 4]}}
model_layers:
  a: {type: ArbitraryModule, config: {target: torch.nn.MultiheadAttention, args: [8, 2]}, inputs: {0: x, 1: x, 2: x, attn_mask: mask}}
model_outputs: {rows: a.0, weights: a.1}
"""
        (self.path / "attention.yaml").write_text(text)
        want = torch.nn.MultiheadAttention(8, 2).double().train()
        torch.nn.init.normal_(want.out_proj.bias)
        torch.save({f"a.{name}": value for name, value in want.state_dict().items()}, str(self.path / "state.pt"))
        x, mask = torch.rand(4, 3, 8, dtype=torch.float64), torch.ones(4, 4).triu(1) > 0
        np.save(self.path / "x.npy", x.numpy())
        arguments = ["run", "attention.yaml", "-i", "x=x.npy", "-i", "mask=mask.npy", "--weights", "state.pt", "-o", "out.npz"]
        for given in (mask, torch.rand(4, 4, dtype=torch.float64)):
            np.save(self.path / "mask.npy", given.numpy())
            self.kiln(*arguments)
            got = np.load(self.path / "out.npz")
            for name, expected in zip(("rows", "weights"), want(x, x, x, attn_mask=given)):
                self.assertLessEqual(abs(got[name] - expected.detach().numpy()).max(), 1e-13)
        np.save(self.path / "mask.npy", mask.to(torch.int64).numpy())
        self.assertIn("in layer 'a': attn_mask needs truth values or real numbers", self.kiln(*arguments, code=4))

    def test_statistics_can_be_traced(self):
        text = """
model_inputs: {x: {shape: [N, 4]}}
model_layers:
  norm: {type: ArbitraryModule, config: {target: torch.nn.BatchNorm1d, args: [4], kwargs: {track_running_stats: false}}, inputs: {0: x}}
model_outputs: {y: norm}
"""
        (self.path / "norm.yaml").write_text(text)
        self.kiln("export", "norm.yaml", "--to", "torchscript", "-o", "norm.pt")
        extra = {"graph.py": ""}
        model = torch.jit.load(str(self.path / "norm.pt"), _extra_files=extra)
        traced = torch.fx.symbolic_trace(python_module(model, extra["graph.py"].decode()))
        x = torch.rand(5, 4, dtype=torch.float64)
        want = torch.nn.BatchNorm1d(4, track_running_stats=False).double()(x)
        for run in (model, traced):
            self.assertLessEqual((run(x) - want).abs().max().item(), 1e-14)
            with self.assertRaisesRegex(Exception, "more than one value per channel is needed"):
                run(x[:1])

    def test_state_dict(self):
        self.assertIn("a state dict is written as safetensors", self.kiln("export", "graph.yaml", "--to", "state-dict", "-o", "weights.pt", code=2))
        self.kiln("export", "graph.yaml", "--to", "state-dict", "-o", "weights.safetensors")
        x = np.random.RandomState(0).rand(5, 16)
        np.save(self.path / "x.npy", x)
        (self.path / "other.yaml").write_text(EXAMPLE.replace("seed: 7", "seed: 8"))
        self.kiln("run", "other.yaml", "--weights", "weights.safetensors", "-i", "x=x.npy", "-o", "y.npy")
        want = self.want(torch.tensor(x)).detach().numpy()
        self.assertLessEqual(abs(np.load(self.path / "y.npy") - want).max(), 1e-14)

    def test_weights_of_a_file(self):
        self.kiln("export", "graph.yaml", "--to", "state-dict", "-o", "weights.safetensors")
        (self.path / "other.yaml").write_text(EXAMPLE.replace("seed: 7", "seed: 8"))
        self.kiln("export", "other.yaml", "--weights", "weights.safetensors", "--to", "torchscript", "-o", "other.pt")
        x = torch.rand(5, 16, dtype=torch.float64)
        self.assertLessEqual((torch.jit.load(str(self.path / "other.pt"))(x) - self.want(x)).abs().max().item(), 1e-14)
        (self.path / "wrong.yaml").write_text(EXAMPLE.replace("dense:", "dens:").replace("alias: dense", "alias: dens").replace("0: dense", "0: dens"))
        text = self.kiln("export", "wrong.yaml", "--weights", "weights.safetensors", "--to", "torchscript", "-o", "wrong.pt", code=4)
        self.assertIn("dens.weight", text)
        self.assertFalse((self.path / "wrong.pt").exists())

    def test_no_potential_no_model_file(self):
        self.assertIn("not a potential", self.kiln("export", "graph.yaml", "--to", "kiln", code=3))


class ExportPotential(unittest.TestCase):
    """A potential's text: the functions that look at numbers are leaves, the rest is traced, derivatives, too."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        path = Path(cls.folder.name)
        (path / "graph.yaml").write_text(POTENTIAL)
        for arguments in (["--to", "kiln", "--species", "H,O", "-o", "graph.kiln"], ["--to", "torchscript", "-o", "si.pt"]):
            source = "graph.yaml" if arguments[1] == "kiln" else "graph.kiln"
            result = subprocess.run([KILN, "export", source, *arguments], cwd=path, capture_output=True, text=True)
            assert result.returncode == 0, result.stderr
        extra = {"graph.py": ""}
        cls.model = torch.jit.load(str(path / "si.pt"), _extra_files=extra)
        cls.text = extra["graph.py"].decode()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def inputs():
        """Five atoms, all edges in both directions."""
        torch.manual_seed(1)
        pos = torch.rand(5, 3, dtype=torch.float64) * 3
        edges = torch.tensor([[i, j] for i in range(5) for j in range(5) if i != j]).t()
        return torch.tensor([0, 1, 1, 0, 1]), pos, edges, torch.zeros(edges.size(1), 3, dtype=torch.float64)

    def traced(self):
        return torch.fx.symbolic_trace(python_module(self.model, self.text).eval())

    def test_traced_it_gives_the_same(self):
        want = self.model(*self.inputs())
        got = self.traced()(*self.inputs())
        self.assertEqual(len(got), len(want))
        for a, b in zip(got, want):
            self.assertGreater(b.abs().max().item(), 1e-6)
            self.assertLessEqual((a - b).abs().max().item(), 1e-12 * (1 + b.abs().max().item()))

    def test_the_manuals_example_runs(self):
        blocks = re.findall(r"^```python\n(.*?)^```$", (SOURCE / "docs/deployment.md").read_text(), re.M | re.S)
        self.assertEqual(len(blocks), 1)
        done = subprocess.run([sys.executable, "-c", blocks[0]], cwd=self.folder.name, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("mix.linear.weight", done.stdout)

    def test_an_alias_is_a_call_of_its_own(self):
        graph = self.traced().graph
        weights = [node for node in graph.nodes if node.op == "get_attr" and node.target == "mix.linear.weight"]
        calls = sum(len(node.users) for node in weights)
        self.assertEqual(calls, 2)  # the layer and its alias

    def test_helpers_are_leaves(self):
        names = [getattr(node.target, "__name__", "") for node in self.traced().graph.nodes if node.op == "call_function"]
        for helper in ("slots_of_edges", "leaf_of", "gradients_of"):
            self.assertEqual(names.count(helper), 1, helper)


class AwkwardNames(unittest.TestCase):
    """Layers may be called like anything that a module of torch has, or that the text uses."""

    def test_any_name_will_do(self):
        module = torch.nn.ReLU()
        names = {"__init__", "__x", "_x", "__x__", "Graph", "Tensor", "Dict", "_share", "self", "several_values", "attention_of", "lambda"}
        for known in (module, torch.jit.script(module), torch.fx.symbolic_trace(module), torch.jit.ScriptModule, sys.modules["builtins"]):
            names |= set(dir(known))
        linear = "{type: ArbitraryModule, config: {target: torch.nn.Linear, args: [2, 2]}, inputs: {0: __in}}"
        layers = "".join(f"  \"{name}\": {linear}\n" for name in names)
        outputs = ", ".join(f"\"{name}\": \"{name}\"" for name in names)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "graph.yaml").write_text(f"model_inputs: {{__in: {{shape: [N, 2]}}}}\nmodel_layers:\n{layers}model_outputs: {{{outputs}}}\n")
            for arguments in (["--to", "torchscript", "-o", "graph.pt"], ["--to", "state-dict", "-o", "weights.safetensors"]):
                done = subprocess.run([KILN, "export", "graph.yaml", *arguments], cwd=folder, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
            extra = {"graph.py": ""}
            model = torch.jit.load(f"{folder}/graph.pt", _extra_files=extra)
            weights = read_safetensors(Path(folder, "weights.safetensors").read_bytes())
            x = np.random.RandomState(0).rand(3, 2)
            want = np.stack([x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"] for name in names])
            np.save(f"{folder}/x.npy", x)
            torch.save(model.state_dict(), f"{folder}/state.pt")
            done = subprocess.run([KILN, "run", "graph.yaml", "-i", "__in=x.npy", "--weights", "state.pt", "--seed", "1", "-o", "y.npz"],
                                  cwd=folder, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            with np.load(f"{folder}/y.npz") as file:
                self.assertLessEqual(abs(np.stack([file[name] for name in names]) - want).max(), 1e-12)
        text = python_module(model, extra["graph.py"].decode())
        for run in (model, text, torch.fx.symbolic_trace(text)):
            got = torch.stack(run(torch.tensor(x))).detach().numpy()
            self.assertLessEqual(abs(got - want).max(), 1e-12)
        calls = [node for node in torch.fx.symbolic_trace(text).graph.nodes if node.target is torch.nn.functional.linear]
        self.assertEqual(len(calls), len(names))


class FilesThatAreRead(unittest.TestCase):
    """None of the files that a graph is made of is replaced, nor a trained model by chance."""

    def test_they_stay(self):
        with tempfile.TemporaryDirectory() as folder:
            torch.jit.script(torch.nn.ReLU()).save(f"{folder}/graph.pt")
            Path(folder, "block.yaml").write_text("model_inputs: {x: ''}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: "
                                                  "graph.pt}, inputs: {0: x}}\nmodel_outputs: {y: a}\n")
            Path(folder, "graph.yaml").write_text("model_inputs: {x: ''}\nmodel_layers:\n  b: {include: block.yaml, inputs: {x: x}}\n"
                                                  "model_outputs: {y: b}\n")
            np.save(f"{folder}/x.npy", np.ones(3))
            before = {path.name: path.read_bytes() for path in Path(folder).iterdir()}

            def refused(code, *words):
                done = subprocess.run([KILN, *words, "--allow", "code:b__a"], cwd=folder, capture_output=True, text=True)
                self.assertEqual((done.returncode, {path.name: path.read_bytes() for path in Path(folder).iterdir()}), (2, before), done)
                self.assertIn(code, done.stderr)

            read = "is read: it cannot be the output too"
            refused(read, "export", "graph.yaml", "--to", "torchscript")
            for output in ("graph.yaml", "block.yaml", "./graph.pt"):
                refused(read, "export", "graph.yaml", "--to", "kiln", "-o", output)
                refused(read, "export", "graph.yaml", "--to", "state-dict", "-o", output) if output != "./graph.pt" else None
            os.symlink("block.yaml", f"{folder}/link.npy")
            os.symlink("block.yaml", f"{folder}/link.svg")
            before.update({name: before["block.yaml"] for name in ("link.npy", "link.svg")})
            refused(read, "run", "graph.yaml", "-i", "x=x.npy", "-o", "link.npy")
            refused(read, "validate", "graph.yaml", "--visualize", "link.svg")
            Path(folder, "graph.kiln").write_bytes(b"trained")
            before["graph.kiln"] = b"trained"
            refused("is there already", "export", "graph.yaml", "--to", "kiln")


if __name__ == "__main__":
    unittest.main()
