"""Code from outside in a graph: TorchScript archives and Python objects, allowed by name, trained, stored, run."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

KILN = sys.argv.pop(1)
SOURCE = Path(__file__).resolve().parents[2]

MODULE = '''
import torch
class Net(torch.nn.Module):
    def __init__(self, n: int, scale: float = 1.0):
        super().__init__()
        self.lin = torch.nn.Linear(n, n)
        self.scale = scale
    def forward(self, x):
        return torch.tanh(self.lin(x)) * self.scale
def times(x, y: float = 2.0):
    return x * y
raise_on_use = 3
class Quits:
    pass
'''

GRAPH = '''
model_inputs: {x: "(N, 4)"}
model_layers:
  a: {type: ArbitraryModule, config: {target: net.pt}, inputs: {x: x}}
  b: {type: ArbitraryModule, config: {target: outside.Net, args: [4], kwargs: {scale: 0.5}}, seed: 3, inputs: {0: a}}
  c: {type: ArbitraryModule, config: {target: outside.times, kwargs: {y: 3.0}}, inputs: {0: b}}
  d: {alias: a, inputs: {0: c}}
model_outputs: {y: d}
'''

WRONG = '''
model_inputs: {x: "(N, 4)"}
model_layers:
  a: {type: ArbitraryModule, config: {target: net.pt}, inputs: {z: x}}
  b: {type: ArbitraryModule, config: {target: bad.pt}, inputs: {x: x}}
  c: {type: ArbitraryModule, config: {target: outside.Net, args: [4, 2, 3], kwargs: {scale: 0.5}}, inputs: {0: x}}
  d: {type: ArbitraryModule, config: {target: outside.Net}, inputs: {0: x}}
  e: {type: ArbitraryModule, config: {target: outside.raise_on_use}, inputs: {0: x}}
  f: {type: ArbitraryModule, config: {target: outside.Quits}, inputs: {0: x}}
  g: {type: ArbitraryModule, config: {target: outside.times, kwargs: {y: 3.0}}, inputs: {0: x}}
model_outputs: {a: a, b: b, c: c, d: d, e: e, f: f, g: g}
'''

TYPES = '''
model_inputs: {x: "(N, 4)"}
model_layers:
  a: {type: ArbitraryModule, config: {target: typed.noann, kwargs: {n: 2}}, inputs: {0: x}}
  b: {type: ArbitraryModule, config: {target: typed.scaled, kwargs: {y: 2}}, inputs: {0: x}}
  c: {type: ArbitraryModule, config: {target: typed.scaled, kwargs: {y: 2.0}}, inputs: {0: x}}
  d: {type: ArbitraryModule, config: {target: typed.scaled}, inputs: {0: x, 1: x}}
  e: {type: ArbitraryModule, config: {target: typed.powers, kwargs: {n: [1, 2], up: true, mode: sum}}, inputs: {0: x}}
  f: {type: ArbitraryModule, config: {target: typed.varargs}, inputs: {0: x}}
  g: {type: ArbitraryModule, config: {target: typed.named}, inputs: {0: x}}
model_outputs: {a: a, b: b, c: c, d: d, e: e, f: f, g: g.mean}
'''

TYPED = '''
from typing import List
import torch
def noann(x, n): return x * n
def scaled(x, y: float): return x * y
def powers(x, n: List[int], up: bool, mode: str): return x ** n[0] if up else x
def varargs(*xs): return xs[0]
def named(x): return {"mean": x.mean(), "sum": x.sum()}
'''

SEEDS = '''
model_inputs: {{x: "(N, 4)"}}
model_layers:
  b: {{type: ArbitraryModule, config: {{target: {0}, args: [4, 3]}}, inputs: {{0: x}}}}
  c: {{type: ArbitraryModule, config: {{target: {0}, args: [4, 3]}}, inputs: {{0: x}}}}
model_outputs: {{b: b, c: c}}
'''

POTENTIAL = '''
model_inputs: {species: {role: species}, coords: {role: positions}, edge_index: {role: edges}, shift: {role: shift}}
model_layers:
  one_hot: {type: OneHotAtomEncoding, config: {num_elems: 1}, inputs: {x: species}}
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: coords, edge_index: edge_index, shift: shift}}
  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 3.5, num_radial_basis: 4}, inputs: {edge_lengths: geometry.edge_lengths}}
  features: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: one_hot}}
  mace:
    type: MACE_layer
    config: {lmax: 1, correlation: 1, num_elements: 1, num_radial_basis: 4, hidden_irreps_block: 4x0e, avg_num_neighbors: 4, radial: {tabulated: {knots: 64}}}
    inputs: {vectors: geometry.edge_vec, node_feats: features, node_attrs: one_hot, edge_feats: radial, edge_index: edge_index}
  foreign: {type: ArbitraryModule, config: {target: net.pt, shape: [N, 4]}, inputs: {x: mace}}
  readout: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 1]}, inputs: {0: foreign}}
  network: {type: ScaleShift, inputs: {h: readout}}
  reference: {type: PerSpeciesEnergy, config: {energies: [0.0]}, inputs: {species: species}}
  energy: {type: AtomwiseSum, inputs: {src: [network, reference]}}
model_outputs: {energy: energy}
'''

KNOWN = '''
model_inputs: {x: "(N, 4)"}
model_layers:
  dense: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 3]}, inputs: {0: x}}
  active: {type: ArbitraryModule, config: {target: torch.nn.functional.silu}, inputs: {0: dense}}
model_outputs: {y: active}
'''

# A potential with an operator of another library.
OPERATOR_POTENTIAL = (
    "model_inputs: {species: '', pos: '', edge_index: {cutoff: 4}, shift: ''}\nmodel_layers:\n"
    "  f: {type: OneHotAtomEncoding, config: {num_elems: 1}, inputs: {x: species}}\n"
    "  g: {type: ArbitraryModule, config: {target: '_test::leaky_relu', REST\n"
    "  energy: {type: AtomwiseSum, inputs: {src: g}}\nmodel_outputs: {energy: energy}\n")

OPERATORS = KNOWN.replace("torch.nn.functional.silu}", "'_test::leaky_relu'}")

ATTENTION = '''
model_inputs: {x: "(N, 5, 8)"}
model_layers:
  attention:
    type: ArbitraryModule
    seed: 4
    config: {target: torch.nn.MultiheadAttention, args: [8, 2], kwargs: {batch_first: true}}
    inputs: {0: x, 1: x, 2: x}
  encoder:
    type: ArbitraryModule
    seed: 5
    config: {target: torch.nn.Transformer, args: [8, 2, 1, 2, 16], kwargs: {batch_first: true}}
    inputs: {0: x, 1: attention.0}
model_outputs: {y: attention.0, weights: attention.1, encoded: encoder}
'''

DEFAULTS = '''
import math
from typing import NamedTuple, Optional
class Two(NamedTuple):
    a: int
    b: int
def affine(x, slope: float = 2.0, shift: int = 3, most: float = math.inf, mode: str = "it's", other: Optional[float] = None,
           two: Optional[Two] = None):
    return (x * slope + shift).clamp(max=most) if mode == "it's" and other is None and two is None else x
def needs(x, slope: float, most: float = 1.0):
    return x * slope
'''
DEFAULTS_GRAPH = '''
model_inputs: {x: "(N, 4)"}
model_layers:
  a: {type: ArbitraryModule, config: {target: defaults.affine}, inputs: {0: x}}
  b: {type: ArbitraryModule, config: {target: defaults.affine, kwargs: {slope: 5, most: 4.0}}, inputs: {x: x}}
model_outputs: {a: a, b: b}
'''

LOUD = '''
import torch
class Net(torch.nn.Module):
    def forward(self, x):
        print("computed")
        return x
'''
LOUD_GRAPH = '''
model_inputs: {x: "(N, 4)"}
model_layers: {a: {type: ArbitraryModule, config: {target: loud.pt}, inputs: {0: x}}}
model_outputs: {a: a}
'''

OPTIONS = '''
architecture: {{name: graph, model: {{file: potential.yaml}}, training: {{batch_size: 8, num_epochs: 1, learning_rate: 0.01}}}}
seed: 1
training_set: {{systems: {{read_from: {0}, length_unit: angstrom}}, targets: {{energy: {{key: energy, unit: eV, forces: {{key: forces}}}}}}}}
validation_set: 0.1
test_set: 0.1
'''


class ForeignCode(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        (self.path / "outside.py").write_text(MODULE)
        (self.path / "graph.yaml").write_text(GRAPH)
        sys.path.insert(0, self.folder.name)
        import outside
        self.outside = outside
        torch.manual_seed(0)
        torch.jit.script(outside.Net(4)).save(str(self.path / "net.pt"))
        self.x = np.random.RandomState(0).rand(5, 4)
        np.save(self.path / "x.npy", self.x)

    def tearDown(self):
        sys.path.remove(self.folder.name)
        sys.modules.pop("outside", None)
        self.folder.cleanup()

    def few_frames(self):
        lines = (SOURCE / "data/silicon/silicon.xyz").read_text().splitlines(keepends=True)
        end = 0
        for _ in range(20):
            end += 2 + int(lines[end])
        (self.path / "few.xyz").write_text("".join(lines[:end]))
        return "few.xyz"

    def kiln(self, *arguments, code=0, environment=None):
        result = subprocess.run([KILN, *arguments], cwd=self.path, capture_output=True, text=True,
                                env={**os.environ, **(environment or {})})
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def test_runs_what_is_allowed(self):
        self.kiln("run", "graph.yaml", "-i", "x=x.npy", "--allow", "code:a", "--allow", "python:outside", "-o", "y.npy")
        archive = torch.jit.load(str(self.path / "net.pt")).double()
        torch.manual_seed(3)
        net = self.outside.Net(4, 0.5).double()
        want = archive(self.outside.times(net(archive(torch.tensor(self.x))), 3.0)).detach().numpy()
        self.assertLessEqual(abs(np.load(self.path / "y.npy") - want).max(), 1e-14)

    def test_functions_keep_the_defaults_of_their_arguments(self):
        (self.path / "defaults.py").write_text(DEFAULTS)
        (self.path / "defaults.yaml").write_text(DEFAULTS_GRAPH)
        self.kiln("run", "defaults.yaml", "-i", "x=x.npy", "--allow", "python:defaults", "-o", "y.npz")
        out = np.load(self.path / "y.npz")
        self.assertLessEqual(abs(out["a"] - np.minimum(2.0 * self.x + 3, np.inf)).max(), 1e-14)
        self.assertLessEqual(abs(out["b"] - np.minimum(5.0 * self.x + 3, 4.0)).max(), 1e-14)  # a whole number for a real one
        (self.path / "defaults.yaml").write_text(DEFAULTS_GRAPH.replace("slope: 5, ", ""). replace("affine", "needs"))
        self.assertIn("give it a value: kwargs: {slope: …}", self.kiln("validate", "defaults.yaml", "--allow", "python:defaults", code=3))

    def test_what_a_module_prints_is_no_result(self):
        (self.path / "loud.py").write_text(LOUD)
        import loud
        torch.jit.script(loud.Net()).save(str(self.path / "loud.pt"))
        (self.path / "loud.yaml").write_text(LOUD_GRAPH)
        result = subprocess.run([KILN, "run", "loud.yaml", "-i", "x=x.npy", "--allow", "code:a", "--format", "json"],
                                cwd=self.path, capture_output=True, text=True, check=True)
        self.assertEqual(json.loads(result.stdout)["engine"], "torch")
        self.assertIn("computed", result.stderr)

    def test_what_a_module_raises_names_the_layer(self):
        (self.path / "strict.py").write_text("""
import torch
class Net(torch.nn.Module):
    def forward(self, x):
        if x.size(0) < 100:
            raise ValueError("too few rows")
        return x
class Other(torch.nn.Module):
    def forward(self, x):
        assert x.size(0) > 2, "no rows"
        return x
""")
        import strict
        torch.jit.script(strict.Net()).save(str(self.path / "strict.pt"))
        torch.jit.script(strict.Other()).save(str(self.path / "other.pt"))
        layers = "  {0}: {{type: ArbitraryModule, config: {{target: {1}.pt}}, inputs: {{0: {2}}}}}\n"
        head, end = 'model_inputs: {x: "(N, 4)"}\nmodel_layers:\n', "model_outputs: {y: b}\n"
        relu = layers.format("b", "TARGET", "a").replace("TARGET.pt", "torch.relu")
        run = lambda: self.kiln("run", "strict.yaml", "-i", "x=x.npy", "--allow", "code:a", "--allow", "code:b", code=4)
        (self.path / "strict.yaml").write_text(head + layers.format("a", "strict", "x") + relu + end)
        self.assertIn("strict.yaml:3:3: error: the torch engine failed in layer 'a': too few rows\n", run())
        two = head + layers.format("a", "other", "x") + layers.format("b", "strict", "a") + end
        (self.path / "strict.yaml").write_text(two)  # which of the two is not known
        self.assertIn("error: the torch engine failed: too few rows\n", run())

    def test_starts_as_the_seed_and_the_layers_name_say(self):
        (self.path / "seeds.py").write_text("import torch\nclass Net(torch.nn.Linear):\n    pass\n")

        def run(seed, target):
            (self.path / "seeds.yaml").write_text(SEEDS.format(target))
            self.kiln("run", "seeds.yaml", "-i", "x=x.npy", "--seed", seed, "--allow", "python:seeds", "-o", "y.npz")
            return np.load(self.path / "y.npz")

        largest = str(2**63 - 1)
        first = run(largest, "seeds.Net")  # as the same layer starts that is made without Python
        known, other = run(largest, "torch.nn.Linear"), run("1", "seeds.Net")
        for name in "bc":
            self.assertLessEqual(abs(first[name] - known[name]).max(), 1e-14)
            self.assertGreater(abs(first[name] - other[name]).max(), 1e-3)
        self.assertGreater(abs(first["b"] - first["c"]).max(), 1e-3)

    def weights(self, file):
        data = (self.path / file).read_bytes()
        header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
        first, last = header["foreign.lin.weight"]["data_offsets"]
        data = data[8 + int.from_bytes(data[:8], "little"):]
        return np.frombuffer(data[first:last])

    def test_trains_from_the_seed_of_the_run_and_restarts_with_it(self):
        """A frozen Python module keeps the weights that it was drawn with, through a restart that is given another seed."""
        (self.path / "potential.yaml").write_text(POTENTIAL.replace("net.pt", "outside.Net, args: [4]").replace("inputs: {x: mace}", "inputs: {x: mace}, freeze: true"))
        (self.path / "options.yaml").write_text(OPTIONS.format(self.few_frames()))
        allow = ["--allow", "python:outside"]
        for seed in ("1", "2"):
            self.kiln("export", "potential.yaml", "--to", "kiln", "--species", "Si", "--seed", seed, *allow, "-o", f"drawn{seed}.kiln")
        self.assertGreater(abs(self.weights("drawn1.kiln") - self.weights("drawn2.kiln")).max(), 1e-3)
        allow += ["--allow", "code:foreign"]
        self.kiln("train", "options.yaml", *allow, "-o", "trained.kiln")
        self.assertEqual(abs(self.weights("trained.kiln") - self.weights("drawn1.kiln")).max(), 0.0)
        text = (self.path / "options.yaml").read_text()
        (self.path / "options.yaml").write_text(text.replace("seed: 1", "seed: 2").replace("num_epochs: 1", "num_epochs: 2"))
        self.kiln("train", "options.yaml", *allow, "-o", "restarted.kiln", "--restart", "auto")
        self.assertEqual(abs(self.weights("restarted.kiln") - self.weights("drawn1.kiln")).max(), 0.0)

    def test_refuses_what_is_not_allowed(self):
        text = self.kiln("validate", "graph.yaml", code=3)
        self.assertIn("layer 'a': target 'net.pt' is code that runs when the model does", text)
        self.assertIn("--allow code:a", text)
        self.assertIn("layer 'b': target 'outside.Net' is not known without Python", text)
        self.assertIn("--allow python:outside", text)
        (self.path / "net.pt").rename(self.path / "other.pt")
        text = self.kiln("validate", "graph.yaml", "--allow", "code:a", "--allow", "python:outside", code=4)
        self.assertIn("layer 'a': target 'net.pt' cannot be read: No such file or directory", text)
        (self.path / "other.pt").rename(self.path / "net.pt")
        text = self.kiln("validate", "graph.yaml", "--allow", "code:a", "--allow", "python:out", code=3)
        self.assertIn("layer 'b': target 'outside.Net'", text)

    def test_imports_nothing_that_is_not_allowed(self):
        (self.path / "outside.py").write_text("open('imported', 'w')\n" + MODULE)
        self.kiln("validate", "graph.yaml", "--allow", "code:a", code=3)
        self.assertFalse((self.path / "imported").exists())
        self.kiln("validate", "graph.yaml", "--allow", "code:a", "--allow", "python:outside")
        self.assertTrue((self.path / "imported").exists())

    def test_torchs_own_modules_that_need_python(self):
        (self.path / "attention.yaml").write_text(ATTENTION)
        refused = self.kiln("validate", "attention.yaml", code=3)
        self.assertIn("--allow python:torch.nn", refused)
        self.assertNotIn("MultiheadAttention' is not known", refused)
        x = np.random.RandomState(1).rand(3, 5, 8)
        np.save(self.path / "sequence.npy", x)
        self.kiln("run", "attention.yaml", "-i", "x=sequence.npy", "--allow", "python:torch.nn", "-o", "out.npz")
        torch.manual_seed(4)
        attention = torch.nn.MultiheadAttention(8, 2, batch_first=True).double().eval()
        torch.manual_seed(5)
        encoder = torch.nn.Transformer(8, 2, 1, 2, 16, batch_first=True).double().eval()
        given = torch.tensor(x)
        y, weights = attention(given, given, given)
        got = np.load(self.path / "out.npz")
        for name, want in (("y", y), ("weights", weights), ("encoded", encoder(given, y))):
            self.assertEqual(got[name].shape, tuple(want.shape))
            self.assertLessEqual(abs(got[name] - want.detach().numpy()).max(), 1e-13)

    def test_what_kiln_knows_does_not_go_to_python(self):
        (self.path / "known.yaml").write_text(KNOWN)
        results = []
        for extra in ([], ["--allow", "python:torch.nn"]):
            self.kiln("run", "known.yaml", "-i", "x=x.npy", "--seed", "5", *extra, "-o", "y.npy",
                      environment={"KILN_PYTHON": "/nowhere"})
            results.append(np.load(self.path / "y.npy"))
        self.assertTrue((results[0] == results[1]).all())

    def test_another_python(self):
        allow = ["--allow", "code:a", "--allow", "python:outside"]
        python = self.path / "python"
        python.write_text(f"#!/bin/sh\ntouch '{self.path}/used'\nexec '{sys.executable}' \"$@\"\n")
        python.chmod(0o755)
        self.kiln("validate", "graph.yaml", *allow, environment={"KILN_PYTHON": str(python)})
        self.assertTrue((self.path / "used").exists())

    def test_a_python_that_does_not_answer_is_told_once(self):
        lost = self.path / "lost"
        lost.write_text("#!/bin/sh\nkill -9 $$\n")
        torchless = self.path / "torchless"
        torchless.write_text(f"#!/bin/sh\nexec '{sys.executable}' -S -E \"$@\"\n")
        for script in (lost, torchless):
            script.chmod(0o755)
        for python, why in (("/nowhere/python", "'/nowhere/python' cannot be started: No such file"), ("/bin/true", "without an answer"),
                            (str(lost), "ended with code 137"), (str(torchless), "No module named 'torch'")):
            text = self.kiln("validate", "graph.yaml", "--allow", "code:a", "--allow", "python:outside", code=3,
                             environment={"KILN_PYTHON": python})
            self.assertRegex(text, "graph.yaml:5:47: error: the Python objects cannot be made: .*" + why)
            self.assertIn("KILN_PYTHON", text)
            self.assertEqual(text.count("error: "), 1, text)
            self.assertNotIn("json", text)
            self.assertNotIn("nn.Module", text)

    def test_a_broken_torch_engine_is_told(self):
        """Beside the program lies a file that cannot be loaded: nothing is checked, and it is told why."""
        program = self.path / "kiln"
        shutil.copy(KILN, program)
        (self.path / "libkiln_torch.so").write_text("damaged")
        (self.path / "op.yaml").write_text(OPERATORS)
        (self.path / "archive.yaml").write_text(KNOWN.replace("torch.nn.Linear, args: [4, 3]", "net.pt").replace("{0: x}", "{x: x}"))
        for file, allow in (("op.yaml", "code:active"), ("archive.yaml", "code:dense")):
            result = subprocess.run([program, "validate", file, "--allow", allow], cwd=self.path, capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stderr, r"not checked before it runs\n(.*\n)*  cannot load the torch engine: .*libkiln_torch.so")
        result = subprocess.run([program, "validate", "graph.yaml", "--allow", "code:a", "--allow", "python:outside"], cwd=self.path,
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertRegex(result.stderr, "graph.yaml:5:47: error: cannot load the torch engine")
        self.assertEqual(result.stderr.count("error: "), 1, result.stderr)

    def test_says_what_does_not_fit(self):
        (self.path / "wrong.yaml").write_text(WRONG)
        (self.path / "bad.pt").write_bytes(b"no archive")
        allow = [word for layer in "abcdefgh" for word in ("--allow", "code:" + layer)]
        text = self.kiln("validate", "wrong.yaml", *allow, "--allow", "python:outside", "--allow", "python:otuside", code=3)
        for layer, told in [("a", "target 'net.pt' has no argument 'z'"), ("b", "target 'bad.pt' is no TorchScript archive"),
                            ("c", "target 'outside.Net' cannot be made a TorchScript module: TypeError: Net.__init__() got multiple values for argument 'scale'"),
                            ("d", "target 'outside.Net' cannot be made a TorchScript module: TypeError: Net.__init__() missing 1 required positional argument"),
                            ("e", "target 'outside.raise_on_use' cannot be made a TorchScript module"),
                            ("f", "target 'outside.Quits' cannot be made a TorchScript module: outside.Quits is a class, but no torch.nn.Module")]:
            self.assertIn(f"error: layer '{layer}': {told}", text)
        self.assertEqual(text.count("error: "), 7, text)  # a: needs x, too
        self.assertIn("warning: --allow code:h: the graph has no layer 'h'", text)
        self.assertNotIn("--allow code:g", text)
        self.assertIn("warning: --allow python:otuside: no layer of the graph has a target in it", text)
        self.assertIn("Did you mean 'outside'?", text)

    def test_says_what_torch_does_not_take(self):
        (self.path / "types.yaml").write_text(TYPES)
        (self.path / "typed.py").write_text(TYPED)
        text = self.kiln("validate", "types.yaml", "--allow", "python:typed", code=3)
        for layer, told in [("a", "target 'typed.noann' takes a value of type Tensor as 'n', not 2"),
                            ("d", "target 'typed.scaled' takes a value of type float as 'y', not a tensor"),
                            ("f", "target 'typed.varargs' cannot be made a TorchScript module: NotSupportedError: "
                                  "Compiled functions can't take variable number of arguments"),
                            ("g", "target 'typed.named' gives a result of type Dict[str, Tensor]")]:
            self.assertIn(f"error: layer '{layer}': {told}", text)
        self.assertRegex(text, r"defaults \(.*typed.py:7\)\n")
        self.assertIn("an argument without annotation is a Tensor: annotate it", text)
        self.assertIn("a tuple of tensors: LAYER.0, LAYER.1", text)
        self.assertEqual(text.count("error: "), 4, text)

    def test_operators_of_other_libraries_are_looked_at_beforehand(self):
        graph = KNOWN.replace("torch.nn.functional.silu}, inputs: {0: dense}", "TARGET}, inputs: {PORT: dense}")
        allow = ["--allow", "code:active"]
        for target, port, faults in (("_test::leaky_relu", "0", []),
                                     ("foo::bar", "0", ["is no operator that a library has registered with torch"]),
                                     ("_test::leaky_relu", "zz", ["has no argument 'zz'", "needs the argument 'self'"]),
                                     ("quantized::mul", "0", ["needs the argument 'b'"])):
            (self.path / "op.yaml").write_text(graph.replace("TARGET", target).replace("PORT", port))
            text = self.kiln("validate", "op.yaml", *allow, code=3 if faults else 0)
            self.assertNotIn("not checked", text)
            self.assertEqual(text.count("error: "), len(faults), text)
            for fault in faults:
                self.assertIn(fault, text)
        dead = OPERATORS.replace("model_outputs:", "  dead: {type: ArbitraryModule, config: {target: 'TARGET'}, inputs: {0: dense}}\nmodel_outputs:")
        (self.path / "op.yaml").write_text(dead.replace("TARGET", "_test::leaky_relu"))
        self.assertNotIn("not checked", self.kiln("validate", "op.yaml", *allow, "--allow", "code:dead"))
        (self.path / "op.yaml").write_text(dead.replace("TARGET", "foo::bar"))
        self.assertIn("'foo::bar' is no operator", self.kiln("validate", "op.yaml", *allow, "--allow", "code:dead", code=3))
        edges = "model_inputs: {x: {shape: [E, 4]}}\nmodel_layers:\n" \
                "  active: {type: ArbitraryModule, config: {target: '_test::leaky_relu', shape: [E, 4]}, inputs: {0: x}}\n" \
                "  sum: {type: AtomwiseSum, inputs: {src: active}}\nmodel_outputs: {y: active, z: sum}\n"
        (self.path / "op.yaml").write_text(edges)
        text = self.kiln("validate", "op.yaml", *allow, code=3)
        self.assertIn("error: no model input says how many atoms there are", text)
        self.assertNotIn("not checked", text)
        library = "model_layers: {active: {type: ArbitraryModule, config: {target: _test::leaky_relu}}}"
        (self.path / "op.yaml").write_text(library)
        self.assertNotIn("not checked", self.kiln("validate", "op.yaml", *allow))
        (self.path / "op.yaml").write_text(library.replace("_test::leaky_relu", "foo::bar"))
        self.assertIn("is no operator", self.kiln("validate", "op.yaml", *allow, code=3))

    def test_results_of_operators_are_known(self):
        graph = "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n" \
                "  a: {type: ArbitraryModule, config: {target: 'TARGET'}, inputs: {0: x}}\nmodel_outputs: {a: READ}\n"
        for target, read, told in (("_test::leaky_relu", "a.1", "gives one tensor; there is no '1' of it"),
                                   ("static_runtime::layer_norm", "a", "'a' is several tensors"),
                                   ("quantized::linear_prepack", "a", "which a graph has no fields for")):
            (self.path / "op.yaml").write_text(graph.replace("TARGET", target).replace("READ", read))
            self.assertIn(told, self.kiln("validate", "op.yaml", "--allow", "code:a", code=3))

    def test_operators_take_numbers_as_torch_does(self):
        """A whole number for a real argument, also once the model is stored, and a tensor."""
        (self.path / "op.yaml").write_text(OPERATOR_POTENTIAL.replace("REST", "kwargs: {v: 1}, shape: [N, 1]}, inputs: {0: f}}"))
        self.kiln("export", "op.yaml", "--to", "kiln", "--species", "H", "--allow", "code:g", "-o", "op.kiln")
        self.kiln("info", "op.kiln", "--allow", "code:g")
        (self.path / "port.yaml").write_text(
            "model_inputs: {x: {shape: [N, 4]}, y: {shape: [1]}}\nmodel_layers:\n"
            "  g: {type: ArbitraryModule, config: {target: '_test::leaky_relu'}, inputs: {0: x, v: y}}\nmodel_outputs: {g: g}\n")
        self.kiln("validate", "port.yaml", "--allow", "code:g")

    def test_one_consent_serves_all_copies(self):
        """Under the name that the file has, whether the copies can be counted or not, also inside blocks."""
        call = "{type: ArbitraryModule, config: {target: 'TARGET'}, inputs: {0: x}, repeat: COUNT, carry: 0}\n"
        graph = "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  a: " + call + "model_outputs: {y: a}\n"
        (self.path / "block.yaml").write_text(graph.replace("TARGET", "_test::leaky_relu").replace("COUNT", "2"))
        (self.path / "whole.yaml").write_text(
            "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  b: {include: block.yaml, inputs: {x: x}, repeat: 3, carry: x}\n"
            "model_outputs: {y: b}\n")
        (self.path / "once.yaml").write_text((self.path / "whole.yaml").read_text().replace(", repeat: 3, carry: x", ""))
        for target, count, code in (("_test::leaky_relu", "3", 0), ("foo::bar", "3", 3), ("foo::bar", "-3", 3),
                                    ("w.pt", "3", 4), ("w.pt", "-3", 3)):
            (self.path / "op.yaml").write_text(graph.replace("TARGET", target).replace("COUNT", count))
            text = self.kiln("validate", "op.yaml", code=3)
            self.assertEqual(text.count("add --allow code:a"), 1, text)
            self.assertNotIn("code:a_", text)
            text = self.kiln("validate", "op.yaml", "--allow", "code:a", code=code)
            self.assertNotIn("code:a", text)
        (self.path / "op.yaml").write_text(graph.replace("TARGET", "_test::leaky_relu").replace("COUNT", "3"))
        text = self.kiln("validate", "op.yaml", "--allow", "code:a_0", code=3)
        self.assertIn("layer 'a_1': target '_test::leaky_relu' is an operator from outside", text)
        self.assertNotIn("the graph has no layer", text)
        for file in ("whole.yaml", "once.yaml"):
            text = self.kiln("validate", file, code=3)
            self.assertEqual(text.count("add --allow code:b__a"), 1, text)
            self.assertNotIn("code:b__a_", text)
            self.assertNotIn("warning", self.kiln("validate", file, "--allow", "code:b__a"))
        self.kiln("run", "whole.yaml", "-i", "x=x.npy", "--allow", "code:b__a")
        self.assertIn("the graph has no layer 'b_'", self.kiln("validate", "whole.yaml", "--allow", "code:b_", code=3))

    def test_consent_for_copies_is_none_for_what_has_their_names(self):
        repeated = "  a: {type: ArbitraryModule, config: {target: '_test::leaky_relu'}, inputs: {0: x}, repeat: 2, carry: 0}\n"
        block = "  b: {include: block.yaml, inputs: {x: x}, repeat: 2, carry: x}\n"
        (self.path / "block.yaml").write_text("model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n" + repeated.replace(", repeat: 2, carry: 0", "") +
                                              "model_outputs: {y: a}\n")
        for layer, name, allowed in ((repeated, "a_1", "a"), (repeated, "a_7", "a"), (block, "b_1__a", "b__a"), (block, "b__a", "b__a")):
            other = f"  {name}: {{type: ArbitraryModule, config: {{target: 'foo::bar'}}, inputs: {{0: x}}}}\n"
            for layers in (layer + other, other + layer):
                for compat in ("", "compat: klay\n"):
                    (self.path / "op.yaml").write_text(
                        compat + "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n" + layers + f"model_outputs: {{y: {layer[2]}, z: {name}}}\n")
                    text = self.kiln("validate", "op.yaml", "--allow", "code:" + allowed, code=3)
                    if name != allowed:
                        self.assertIn("add --allow code:" + name, text)
                        self.assertNotIn("'foo::bar' is no operator", text)  # it was not looked for

    def test_what_torch_does_not_compile_has_a_place(self):
        """Its layer, or the file where one of several may be to blame."""
        call = "  {}: {{type: ArbitraryModule, config: {{target: '{}'}}, inputs: {{0: x}}}}\n"
        whole = "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n{}model_outputs: {y: b}\n"
        wrong, right = call.format("b", "static_runtime::VarTupleUnpack"), call.format("a", "_test::leaky_relu")
        (self.path / "op.yaml").write_text(whole.replace("{}", wrong))
        self.assertIn("op.yaml:3:3: error: libtorch cannot compile the graph: ", self.kiln("validate", "op.yaml", "--allow", "code:b", code=3))
        (self.path / "op.yaml").write_text(whole.replace("{}", right + wrong).replace("y: b", "y: b, z: a"))
        text = self.kiln("validate", "op.yaml", "--allow", "code:a", "--allow", "code:b", code=3)
        self.assertIn("op.yaml: error: libtorch cannot compile the graph: ", text)
        self.assertIn("it is one of the layers a, b", text)

    def test_models_keep_the_names_that_the_file_has(self):
        (self.path / "op.yaml").write_text(OPERATOR_POTENTIAL.replace("REST", "shape: [N, 1]}, inputs: {0: f}, repeat: 2, carry: 0}"))
        self.kiln("export", "op.yaml", "--to", "kiln", "--species", "H", "--allow", "code:g", "-o", "op.kiln")
        text = self.kiln("info", "op.kiln", code=4)
        self.assertIn("of the layers g\n", text)
        self.assertIn("add --allow code:g\n", text)
        self.assertNotIn("warning", self.kiln("info", "op.kiln", "--allow", "code:g"))
        self.kiln("export", "op.kiln", "--to", "kiln", "--allow", "code:g", "-o", "again.kiln")
        self.kiln("info", "again.kiln", "--allow", "code:g_0", "--allow", "code:g_1")
        self.assertIn("add --allow code:g\n", self.kiln("info", "again.kiln", "--allow", "code:g_0", code=4))

    def test_every_unknown_operator_is_told_beside_other_faults(self):
        layers = "".join(f"  {name}: {{type: ArbitraryModule, config: {{target: '{target}'}}, inputs: {{0: {port}}}}}\n"
                         for name, target, port in (("a", "foo::a", "x"), ("b", "foo::b", "none"), ("c", "_test::leaky_relu", "y"),
                                                    ("d", "quantized::mul", "x"), ("e", "torch.nn.Linear", "x")))
        (self.path / "ops.yaml").write_text("model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n" + layers +
                                            "model_outputs: {a: a, b: b, c: c, d: d, e: e}\n")
        text = self.kiln("validate", "ops.yaml", *[word for name in "abcd" for word in ("--allow", f"code:{name}")], code=3)
        for fault in ("target 'foo::a' is no operator", "target 'foo::b' is no operator", "'none' is neither", "'y' is neither",
                      "'e': target 'torch.nn.Linear' needs the argument 'in_features'"):
            self.assertIn(fault, text)
        self.assertIn("'d': target 'quantized::mul' needs the argument 'b'", text)
        self.assertEqual(text.count("error: "), 7, text)

    def test_refuses_integers_that_a_model_does_not_keep(self):
        """Weights are kept as float64, which has gaps from 2^53 on."""
        for most, code in ((2**53 - 1, 0), (2**53 + 1, 3)):
            (self.path / "counts.py").write_text(
                "import torch\nclass Net(torch.nn.Module):\n    def __init__(self, n: int):\n        super().__init__()\n"
                "        self.register_buffer('count', torch.tensor([n]))\n    def forward(self, x):\n        return x * self.count\n")
            (self.path / "counts.yaml").write_text(KNOWN.replace("torch.nn.Linear, args: [4, 3]", f"counts.Net, args: [{most}]"))
            text = self.kiln("validate", "counts.yaml", "--allow", "python:counts", code=code)
            if code:
                self.assertIn("error: layer 'dense': target 'counts.Net' has a buffer 'count' with integers from 2^53 on", text)

    def test_trains_stores_and_runs(self):
        (self.path / "potential.yaml").write_text(POTENTIAL)
        (self.path / "options.yaml").write_text(OPTIONS.format(self.few_frames()))
        allow = ["--allow", "code:foreign"]
        text = self.kiln("train", "options.yaml", *allow)
        self.assertIn("errors of the model", text)
        self.assertIn("it contains foreign code, of the layers foreign", self.kiln("info", "model.kiln", code=4))
        self.assertIn("self-test", self.kiln("info", "model.kiln", *allow))
        frames = (SOURCE / "data/silicon/silicon.xyz").read_text().splitlines(keepends=True)[:10]
        (self.path / "one.xyz").write_text("".join(frames))
        self.assertIn("(torch engine)", self.kiln("eval", "model.kiln", "one.xyz", *allow))
        self.kiln("eval", "model.kiln", "one.xyz", "--engine", "native", *allow, code=3)
        self.kiln("export", "model.kiln", "--to", "torchscript", *allow)
        exported = torch.jit.load(str(self.path / "model.pt"))
        names = {name for name, _ in exported.named_parameters()}
        self.assertLessEqual({"foreign.lin.weight", "foreign.lin.bias", "readout.weight", "readout.bias"}, names)
        before = torch.jit.load(str(self.path / "net.pt")).state_dict()["lin.weight"].double()
        self.assertGreater((exported.state_dict()["foreign.lin.weight"] - before).abs().max().item(), 0.0)
        text = self.kiln("export", "model.kiln", "--to", "kim", "--name", "Foreign_v1", *allow, code=3)
        self.assertIn("runs on the torch engine only", text)

    def test_messages_along_a_list_of_edges_are_a_potential(self):
        """What no layer of Kiln does, a graph may: atoms gather from their neighbors by index_add; forces are derivatives."""
        (self.path / "potential.yaml").write_text("""
model_inputs: {species: {role: species}, pos: {role: positions}, edges: {role: edges, cutoff: 4.0}, shift: {role: shift}}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 1}, inputs: {x: species}}
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 0}, inputs: {pos: pos, edge_index: edges, shift: shift}}
  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 4.0}, inputs: {edge_lengths: geometry.edge_lengths}}
  receivers: {type: ArbitraryModule, config: {target: torch.select, kwargs: {dim: 0, index: 0}}, inputs: {0: edges}}
  senders: {type: ArbitraryModule, config: {target: torch.select, kwargs: {dim: 0, index: 1}}, inputs: {0: edges}}
  first: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [8, 1]}, inputs: {0: radial}}
  near: {type: ArbitraryModule, config: {target: torch.index_add, kwargs: {dim: 0}}, inputs: {0: elements, index: receivers, source: first}}
  sent: {type: ArbitraryModule, config: {target: torch.index_select, kwargs: {dim: 0}}, inputs: {0: near, index: senders}}
  second: {type: ArbitraryModule, config: {target: torch.mul}, inputs: {0: sent, 1: first}}
  far: {type: ArbitraryModule, config: {target: torch.index_add, kwargs: {dim: 0}}, inputs: {0: near, index: receivers, source: second}}
  readout: {type: ScalarReadout, inputs: {h: far}}
  sum: {type: AtomwiseSum, inputs: {src: readout}}
model_outputs: {energy: sum}
""")
        (self.path / "options.yaml").write_text(OPTIONS.format(self.few_frames()).replace("batch_size: 8", "batch_size: 1"))
        self.kiln("train", "options.yaml")
        lines = (SOURCE / "data/silicon/silicon.xyz").read_text().splitlines()[:10]
        columns = lines[2].split()
        moved = [" ".join([columns[0], repr(float(columns[1]) + h), *columns[2:]]) for h in (0.0, 1e-4, -1e-4)]
        frames = [line for atom in moved for line in [*lines[:2], atom, *lines[3:]]]
        (self.path / "moved.xyz").write_text("\n".join(frames) + "\n")
        self.kiln("eval", "model.kiln", "moved.xyz", "-o", "predicted.xyz")
        predicted = (self.path / "predicted.xyz").read_text()
        energies = [float(number) for number in re.findall(r"\benergy=(\S+)", predicted)]
        properties = re.search(r"Properties=(\S+)", predicted)[1].split(":")
        place = sum(int(n) for n in properties[2:properties.index("forces"):3])
        force, slope = float(predicted.splitlines()[2].split()[place]), (energies[2] - energies[1]) / 2e-4
        self.assertGreater(abs(force), 1e-3)
        self.assertLessEqual(abs(force - slope), 1e-6 * (1.0 + abs(force)))


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    unittest.main()
