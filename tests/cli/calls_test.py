"""What calls of torch functions mean: ports, bound arguments, elements (docs/language/arbitrary-modules.md), by running them."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

KILN = sys.argv.pop(1)
GRAPH = '''
{top}
model_inputs: {{x: "(N, 16)", y: "(N, 16)"}}
model_layers:
  f: {layer}
model_outputs: {{out: {output}}}
'''


class Calls(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.x, self.y = np.random.RandomState(0).rand(2, 5, 16)
        np.save(self.path / "x.npy", self.x)
        np.save(self.path / "y.npy", self.y)

    def tearDown(self):
        self.folder.cleanup()

    def command(self, name, layer, output="f", top=""):
        (self.path / "graph.yaml").write_text(GRAPH.format(layer=layer, output=output, top=top))
        arguments = ["-i", "x=x.npy", "-i", "y=y.npy", "-o", "out.npy"] if name == "run" else []
        return subprocess.run([KILN, name, "graph.yaml", *arguments], cwd=self.path, capture_output=True, text=True)

    def run_graph(self, layer, output="f", top=""):
        result = self.command("run", layer, output, top)
        self.assertEqual(result.returncode, 0, result.stderr)
        return np.load(self.path / "out.npy")

    def same(self, got, want):
        self.assertEqual(got.shape, want.shape)
        self.assertLessEqual(abs(got - want).max(), 1e-14)

    def call(self, target, inputs, rest=""):
        return f"{{type: ArbitraryModule, config: {{target: {target}{rest}}}, inputs: {inputs}}}"

    def test_gl8_ports_are_sorted_by_number(self):
        for inputs in ("{1: x, 0: y}", "{'1': x, '0': y}", "{10: x, 9: y}"):
            self.same(self.run_graph(self.call("torch.sub", inputs)), self.y - self.x)

    def test_gl9_the_same_tensor_twice(self):
        self.same(self.run_graph(self.call("torch.sub", "{0: x, 1: x}")), np.zeros((5, 16)))

    def test_torchs_own_warnings_are_not_printed(self):
        layer = self.call("torch.lu_solve", "{0: x, 1: y, 2: p}")
        (self.path / "lu.yaml").write_text(f"model_inputs: {{x: , y: , p: }}\nmodel_layers: {{a: {layer}}}\nmodel_outputs: {{a: a}}\n")
        np.savez(self.path / "lu.npz", x=np.ones((4, 2)), y=np.eye(4), p=np.arange(1, 5, dtype=np.int32))
        inputs = [f"{name}={self.path}/lu.npz" for name in "xyp"]
        done = subprocess.run([KILN, "run", self.path / "lu.yaml", *[word for text in inputs for word in ("--input", text)]],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_bound_arguments_come_first(self):
        self.same(self.run_graph(self.call("torch.pow", "{0: x}", ", args: [2.0]")), 2.0**self.x)
        self.same(self.run_graph(self.call("torch.sub", "{0: x, 1: y}", ", kwargs: {alpha: 2}")), self.x - 2 * self.y)

    def test_a_port_overrides_a_bound_keyword(self):
        layer = self.call("torch.add", "{0: x, other: y}", ", kwargs: {other: 7.0}")
        self.same(self.run_graph(layer), self.x + self.y)

    def test_elements_by_map_by_suffix_and_from_the_end(self):
        split = "{type: ArbitraryModule, config: {target: torch.split, args: []}, inputs: {0: x, split_size: x}}"
        self.assertNotEqual(self.command("run", split).returncode, 0)  # a size is a value, not a tensor
        layer = "{type: ArbitraryModule, config: {target: torch.chunk, kwargs: {chunks: 2, dim: 1}}, inputs: {0: x}"
        self.same(self.run_graph(layer + ", output: {0: p, 1: q}}", "q"), self.x[:, 8:])
        self.same(self.run_graph(layer + ", output: {-1: last}}", "last"), self.x[:, 8:])
        self.same(self.run_graph(layer + "}", "f.0"), self.x[:, :8])
        largest = "{type: ArbitraryModule, config: {target: torch.max, kwargs: {dim: 1}}, inputs: {0: x}}"
        self.same(self.run_graph(largest, "f.0"), self.x.max(1))
        self.same(self.run_graph(largest, "f.1"), self.x.argmax(1))
        result = self.command("validate", largest, "f.7")
        self.assertEqual(result.returncode, 3)
        self.assertIn("there is no number 7", result.stderr)

    def test_lists_and_whole_tuples(self):
        self.same(self.run_graph(self.call("torch.cat", "{0: [x, y]}", ", kwargs: {dim: 1}")), np.hstack([self.x, self.y]))
        layers = ("{type: ArbitraryModule, config: {target: torch.chunk, kwargs: {chunks: 2, dim: 1}}, inputs: {0: x}}\n"
                  "  g: {type: ArbitraryModule, config: {target: torch.stack}, inputs: {0: f}}")
        self.same(self.run_graph(layers, "g"), np.stack([self.x[:, :8], self.x[:, 8:]]))

    def test_gl11_a_single_tensor_is_whole(self):
        layer = "{type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: x}, output: {0: o}}"
        self.same(self.run_graph(layer, "o"), self.x)
        self.assertIn("is the whole of it", self.command("validate", layer, "o").stderr)
        self.same(self.run_graph(layer, "o", "compat: klay"), self.x[0])

    def test_an_init_leaves_the_other_parameters_as_torch_draws_them(self):
        layer = "{type: ArbitraryModule, seed: 3, init: {weight: zeros}, config: {target: torch.nn.Linear, args: [16, 8]}, inputs: {0: x}}"
        torch.manual_seed(3)
        bias = torch.nn.Linear(16, 8).bias.detach().double().numpy()
        self.same(self.run_graph(layer), np.tile(bias, (5, 1)))

    def run_operator(self, target, rest=""):
        (self.path / "graph.yaml").write_text(GRAPH.format(layer=self.call(f"'{target}'", "{0: x}", rest), output="f", top=""))
        return subprocess.run([KILN, "run", "graph.yaml", "-i", "x=x.npy", "-i", "y=y.npy", "--allow", "code:f"],
                              cwd=self.path, capture_output=True, text=True)

    def test_what_does_not_compile_is_told_with_the_reason(self):
        result = self.run_operator("quantized::max_pool2d", ", kwargs: {kernel_size: 2, stride: [1], padding: [0], dilation: [1], ceil_mode: false}")
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn("libtorch cannot compile the graph in layer 'f': ", result.stderr)
        self.assertIn("quantized::max_pool2d(Tensor qx, ", result.stderr)

    def test_operators_of_libraries_are_known_before_they_run(self):
        unknown = "is no operator that a library has registered with torch"
        for target, rest, reason in (("nobody::knows", "", unknown), ("prims::sin", "", unknown),
                                     ("quantized::relu6", ", args: [1, 2]", "takes at most 2 arguments"),
                                     ("quantized::relu6", ", args: [1]", "takes a value of type Tensor as 'qx', not 1"),
                                     ("quantized::relu6", ", kwargs: {inplac: true}", "has no argument 'inplac'"),
                                     ("quantized::mul", "", "needs the argument 'b'"),
                                     ("quantized::linear", ", kwargs: {W_prepack: 1, Y_scale_i: 1, Y_zero_point_i: 0}",
                                      "takes a value of type __torch__.torch.classes.quantized.LinearPackedParamsBase as 'W_prepack', not 1")):
            result = self.run_operator(target, rest)
            self.assertEqual(result.returncode, 3, result.stderr)
            self.assertIn(f"layer 'f': target '{target}' {reason}", result.stderr)

    def test_every_command_tells_of_unknown_operators(self):
        layers = ("{type: OneHotAtomEncoding, config: {num_elems: 1}, inputs: {x: species}}\n"
                  "  g: {type: ArbitraryModule, config: {target: 'nobody::knows', shape: [N, 1]}, inputs: {0: f}}\n"
                  "  energy: {type: AtomwiseSum, inputs: {src: g}}")
        text = GRAPH.format(layer=layers, output="energy", top="").replace('x: "(N, 16)", y: "(N, 16)"', 'species: ""').replace("out: ", "energy: ")
        (self.path / "graph.yaml").write_text(text)
        result = subprocess.run([KILN, "export", "graph.yaml", "--to", "kiln", "--species", "H", "--allow", "code:g"],
                                cwd=self.path, capture_output=True, text=True)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("layer 'g': target 'nobody::knows' is no operator that a library has registered with torch", result.stderr)

    def test_complex_results_are_refused(self):
        result = self.command("run", self.call("torch.fft.fft", "{0: x}"))
        self.assertEqual(result.returncode, 4)
        self.assertIn("output 'out' holds complex numbers: make it torch.view_as_real of them", result.stderr)

    def test_native_refuses_and_names_the_layer(self):
        (self.path / "graph.yaml").write_text(GRAPH.format(layer=self.call("torch.relu", "{0: x}"), output="f", top=""))
        result = subprocess.run([KILN, "run", "graph.yaml", "-i", "x=x.npy", "-i", "y=y.npy", "--engine", "native"],
                                cwd=self.path, capture_output=True, text=True)
        self.assertEqual(result.returncode, 3)
        self.assertIn("layer 'f': target 'torch.relu' runs on the torch engine only", result.stderr)
        self.assertIn("--engine torch", result.stderr)


GEOMETRY = '''
model_inputs: {{pos: {{role: positions}}, edges: {{role: edges, cutoff: 9.0}}, shift: {{role: shift}}}}
model_layers:
  geo: {{type: SphericalHarmonicEdgeAttrs, config: {{lmax: 2}}, inputs: {{pos: pos, edge_index: edges{shift}}}}}
  radial: {{type: RadialBasisEdgeEncoding, config: {{r_max: 9.0}}, inputs: {{edge_lengths: geo.1}}}}
model_outputs: {{vectors: geo.0, lengths: geo.1, harmonics: geo.edge_sh, radial: radial}}
'''


class Geometry(unittest.TestCase):
    """Optional ports and dotted references, by their numbers."""

    def outputs(self, shift, engine):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            (path / "graph.yaml").write_text(GEOMETRY.format(shift=shift))
            self.pos = np.random.RandomState(1).rand(4, 3) * 5
            self.edges = np.array([[0, 1, 2, 3, 0], [1, 0, 3, 2, 2]])
            np.save(path / "pos.npy", self.pos)
            np.save(path / "edges.npy", self.edges)
            np.save(path / "shift.npy", np.zeros((5, 3)))
            inputs = [argument for name in ("pos", "edges", "shift") for argument in ("-i", f"{name}={name}.npy")]
            done = subprocess.run([KILN, "run", "graph.yaml", *inputs, "--engine", engine, "-o", "out.npz"], cwd=path,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            return dict(np.load(path / "out.npz"))

    def test_gl7_without_shift_is_zero_shift(self):
        for engine in ("native", "torch"):
            with_zeros, without = self.outputs(", shift: shift", engine), self.outputs("", engine)
            for name, values in with_zeros.items():
                self.assertEqual(values.tobytes(), without[name].tobytes(), name)

    def test_gl10_dotted_references_are_the_ports(self):
        got = self.outputs(", shift: shift", "native")
        vectors = self.pos[self.edges[1]] - self.pos[self.edges[0]]
        lengths = np.linalg.norm(vectors, axis=1)
        u, n = lengths / 9.0, np.arange(1, 9)
        envelope = 1 - 28 * u**6 + 48 * u**7 - 21 * u**8
        bessel = 2 / 9.0 * np.sin(np.pi * n * u[:, None]) / lengths[:, None] * envelope[:, None]
        for name, want in (("vectors", vectors), ("lengths", lengths[:, None]), ("radial", bessel)):
            self.assertLessEqual(abs(got[name].reshape(want.shape) - want).max(), 1e-13, name)


if __name__ == "__main__":
    unittest.main()
