"""Plugins, from an installed Kiln to a trained model: plugin_test.py SOURCE BUILD torch|native

The commands are those of docs/language/plugins.md and examples/plugin/README.md, run as they stand there.
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy

SOURCE, BUILD = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
TORCH = sys.argv[3] == "torch"
PAGES = ("examples/plugin/README.md", "docs/language/plugins.md", "examples/library/README.md")
ALLOW = ["--allow", "plugin:build/plugin/soft_clamp.so"]
MODEL = "examples/plugin/model.yaml"
EDGES = """
model_inputs: {pos: positions, edge_index: edges}
model_layers:
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 0}, inputs: {pos: pos, edge_index: edge_index}}
  squares: {type: SquaredLengths, inputs: {r: geometry.edge_lengths}}
model_outputs: {r: squares}
"""
FEATURES = """
model_inputs: {species: species}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  features: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: elements}}
  mine: {type: TYPE, inputs: {h: features}}
model_outputs: {y: mine}
"""
USAGE, CONFIGURATION, DATA, NUMERICAL = 2, 3, 4, 5

# Layers of declarations.cpp: what is told of each.
DECLARATIONS = {
    "": "needs a name",
    "two words": "'two words' is no name",
    "SameAsSynonym": "'SameAsSynonym' stands twice among its names",
    "NoInfer": "needs 'infer'",
    "NoLower": "needs 'lower'",
    "NoOutputs": "needs an output",
    "OddCategory": "category 77",
    "TwoInputs": "'x' stands twice among its inputs",
    "TwoOutputs": "'y' stands twice among its outputs",
    "PortSynonym": "'x' stands twice among its inputs",
    "PortName": "'a.b' is no name",
    "TwoKeys": "'n' stands twice among its config keys",
    "KeyName": "'a-b' is no name",
    "KeyType": "type 99",
    "BadDefault": "must be an integer",
    "DefaultOutOfRange": "must be from 0 to 1",
    "NotYaml": "default is no YAML",
    "EmptyRange": "from 2 to 1",
    "NanRange": "from nan",
    "RequiredDefault": "is required and has a default",
    "ParameterName": "'a b' is no name",
    "TwoParameters": "'w' stands twice among its parameters",
    "ParameterShape": "shape '1'",
    "ReceiverRow": "receiver_row 5",
    "OddBytes": "is no UTF-8",
}
# Layers of mistakes.cpp.
MISTAKES = {
    "FarOutput": "output 'h' is field 9999",
    "NoOutput": "output 'h' is no field",
    "FewerOutputs": "gives 0 outputs, not 1",
    "OtherType": "output 'h' is atom 1x0e, but atom 4x0e was inferred",
    "FarOperand": "operand 1 of 'add' is field 12345",
    "RowsOfTheSystem": "a function of rows reads atoms and gives systems",
    "NegativeOperand": "operand 0 of 'add' is field -7",
    "NoOperands": "'edge_convolution' has 0 operands, not 3",
    "ShortCall": "'call' has 1 operand, not 2",
    "ManyOperations": "appends 10001 operations; at most 10000 are allowed",
    "StrayField": "made by no operation",
    "NegativeShape": "'w' has the shape [0, -1]",
    "HugeShape": "too-large",
    "BadParameter": "'a b' is no name of a parameter",
    "OtherParameter": "'v' is not declared",
    "ShortInitial": "'w' starts with 0 numbers, its shape [3] has 3",
    "FlatContraction": "'w' has the shape [3]",
    "NobodysWeight": "weight 'nobody.w'",
    "UndeclaredName": "'$nothing'",
    "FarInput": "'$1'",
    "LoneDollar": "'$'",
    "InPlace": "'.mul_(' changes a tensor that others read",
    "OtherInput": "infer changes the type of its input 'h'",
    "InferNothing": "infer threw an exception that says nothing",
    "InferNumber": "infer threw what is no std::exception",
    "InferException": "infer threw: not my day",
    "LowerNumber": "lower threw what is no std::exception",
    "LowerException": "lower threw: not my day",
    "LowerError": "this is odd",
    "UnknownKey": "nope",
    "NoType": "infer sets no type of output 'h'",
    "FewerTypes": "infer gives 0 types, not 1",
    "FarEdges": "edge set 77",
    "OwnForces": "forces",
}
# Layers of mistakes.cpp whose expressions only libtorch understands.
EXPRESSIONS = {
    "NoPython": "cannot be compiled",
    "OtherColumns": "gives a tensor of shape [3, 1], not [3, 4]",
    "OtherRows": "gives a tensor of shape [1, 4], not [3, 4]",
    "Integers": "gives integers",
    "Raises": "reshape",
}


def shell(command):
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def kiln(*arguments, code=0, folders=None):
    environment = {key: value for key, value in os.environ.items() if key != "KILN_PLUGINS"}
    if folders is not None:
        environment["KILN_PLUGINS"] = folders
    done = subprocess.run(["kiln", *arguments], capture_output=True, text=True, env=environment)
    assert done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def commands(page):
    blocks = re.findall(r"^```sh\n(.*?)^```$", (SOURCE / page).read_text(), re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def sanitizer():
    """The linker's flag for a build with sanitizers, or nothing."""
    found = re.search(r"^KILN_SANITIZE:\w+=(.+)$", (BUILD / "CMakeCache.txt").read_text(), re.M)
    return f"-fsanitize={found.group(1)}" if found else ""


def needs_torch(command):
    """Also what reads a model that only training writes."""
    return "kiln train" in command or "torch" in command or "clamped.kiln" in command


def first_frames(path, n):
    lines, end = path.read_text().splitlines(keepends=True), 0
    for _ in range(n):
        end += int(lines[end]) + 2
    return "".join(lines[:end])


def predictions(engine, model):
    """Energies and forces of the first structures."""
    kiln("eval", model, "few.xyz", "--engine", engine, "-o", "predicted.xyz", *ALLOW)
    energies, forces = [], []
    for line in Path("predicted.xyz").read_text().splitlines():
        words = line.split()
        if "Properties=" in line:
            energies.append(float(re.search(r'(?:^| )energy="?([^" ]+)', line).group(1)))
            columns = re.search(r"Properties=\"?([^\" ]+)", line).group(1).split(":")
            at = sum(int(n) for n in columns[2 : 3 * (columns[::3].index("forces")) : 3])
        elif len(words) > 1:
            forces += [float(word) for word in words[at : at + 3]]
    return energies, forces


class Plugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        work = Path(cls.folder.name)
        for name in ("examples", "data"):
            (work / name).symlink_to(SOURCE / name)
        os.chdir(work)
        prefix = work / "prefix"
        shell(f"cmake --install '{BUILD}' --prefix '{prefix}'")
        os.environ["KILN_PREFIX"] = str(prefix)
        os.environ["PATH"] = f"{prefix / 'bin'}:{os.environ['PATH']}"
        os.environ["CMAKE_BUILD_PARALLEL_LEVEL"] = "2"
        os.environ["OMP_NUM_THREADS"] = "1"
        Path("few.xyz").write_text(first_frames(SOURCE / "data/silicon/silicon.xyz", 5))
        for page in PAGES:
            if "library" in page:  # a program links what libkiln.a was made with
                os.environ["LDFLAGS"] = sanitizer()
            for command in commands(page):
                if TORCH or not needs_torch(command):
                    shell(command)
        os.environ.pop("LDFLAGS", None)
        shell(f"cmake -S '{SOURCE}/tests/plugin' -B build/broken -DCMAKE_PREFIX_PATH='{prefix}'")
        shell("cmake --build build/broken")

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        cls.folder.cleanup()

    def refused(self, name, *texts):
        """The plugin is refused; the message has its path and the texts; nothing of it is there."""
        path = name if "/" in name else f"build/broken/{name}.so"
        text = kiln("layers", "--allow", f"plugin:{path}", *ALLOW, code=CONFIGURATION)
        for part in (path, *texts):
            self.assertIn(part, text)
        self.assertNotIn("AtomwiseLinear", text)

    def test_listed(self):
        self.assertIn("SoftClamp", kiln("layers", *ALLOW))
        self.assertNotIn("SoftClamp", kiln("layers"))
        self.assertIn("of the plugin soft_clamp.so", kiln("layers", "SoftClamp", *ALLOW))
        self.assertIn("SoftClamp", kiln("layers", "--type", "readout", *ALLOW))
        self.assertIn("--allow plugin:PATH", kiln("layers", "SoftClamp", code=USAGE))

    def test_not_allowed(self):
        text = kiln("validate", MODEL, code=CONFIGURATION)
        self.assertIn("unknown type 'SoftClamp'", text)
        self.assertIn("--allow plugin:PATH", text)
        kiln("validate", MODEL, code=CONFIGURATION, folders="build/plugin")  # where to look is no consent

    def test_model_file(self):
        text = kiln("info", "drawn.kiln", code=DATA)
        for part in ("SoftClamp", "soft_clamp.so", "--allow plugin:PATH"):
            self.assertIn(part, text)
        kiln("info", "drawn.kiln", code=DATA, folders="build/plugin")
        self.assertIn("self-test            ok", kiln("info", "drawn.kiln", *ALLOW))
        self.assertIn("needs-plugin", kiln("export", "drawn.kiln", "--to", "kim", "--name", "Drawn", "--format", "json",
                                           *ALLOW, code=CONFIGURATION))
        self.assertFalse(Path("Drawn").exists())

    def test_search_path(self):
        allow = ["--allow", "plugin:soft_clamp.so"]
        kiln("validate", MODEL, *allow, folders="/nowhere::build/plugin")
        self.assertIn("no-plugin", kiln("validate", MODEL, *allow, "--format", "json", code=CONFIGURATION, folders="/nowhere"))
        self.assertIn("KILN_PLUGINS", kiln("validate", MODEL, *allow, code=CONFIGURATION))
        Path("soft_clamp.so").symlink_to("build/plugin/soft_clamp.so")
        kiln("validate", MODEL, *allow, code=CONFIGURATION)  # the working folder is no search path
        kiln("validate", MODEL, *allow, code=CONFIGURATION, folders=":")
        Path("soft_clamp.so").unlink()

    def test_twice_the_same(self):
        kiln("validate", MODEL, *ALLOW, "--allow", "plugin:./build/../build/plugin/soft_clamp.so")

    def test_refused(self):
        Path("text.so").write_text("no library\n")
        self.refused("./text.so", "it is no library")
        self.refused("./absent.so", "there is no such file")
        self.refused("no_entry", "kiln_plugin_v1")
        own = re.search(r"\d+\.\d+\.\d+", kiln("--version")).group(0)
        self.refused("other_abi", "ABI 999", "ABI 1 ", own)
        self.refused("other_version", "Kiln 9.8.7", f"Kiln {own}")
        self.refused("other_commit", "commit 0123abc", own)
        self.refused("other_layout", "other sizes", own)
        self.refused("other_compiler", "(C++ ABI 1)", own)

    def test_paths(self):
        Path("loop.so").symlink_to("loop.so")
        Path("folder.so").mkdir()
        os.mkfifo("pipe.so")
        self.refused("./loop.so", "Too many levels of symbolic links")
        self.refused("./folder.so", "is a folder")
        self.refused("./pipe.so", "is a named pipe")
        self.refused("./" + 300 * "x" + ".so", "File name too long")
        self.refused("./" + 5000 * "x", "File name too long")
        self.refused("/dev/null", "is a device")
        for name, what in (("loop.so", "Too many levels"), ("folder.so", "is a folder"), (5000 * "x", "too long")):
            self.assertIn(what, kiln("layers", "--allow", f"plugin:{name}", code=CONFIGURATION, folders="/nowhere:."))

    def test_damaged(self):
        whole = Path("build/plugin/soft_clamp.so").read_bytes()
        for size in (0, 3):
            Path("cut.so").write_bytes(whole[:size])
            self.refused("./cut.so", "it is no library")
        for size in (20, 63, 64, 200, 4096, len(whole) // 2, len(whole) - 1):
            Path("cut.so").write_bytes(whole[:size])
            self.refused("./cut.so", "no whole library")
        for offset, form, value, what in ((4, "B", 1, "32 bits"), (18, "<H", 183, "another machine"), (16, "<H", 2, "no shared library"),
                                          (32, "<Q", 1 << 62, "no whole library"), (56, "<H", 60000, "no whole library"),
                                          (54, "<H", 3, "no whole library")):
            damaged = bytearray(whole)
            struct.pack_into(form, damaged, offset, value)
            Path("cut.so").write_bytes(damaged)
            self.refused("./cut.so", what)

    def test_tables(self):
        self.refused("no_table", "2 layers", "no table")
        self.refused("no_layers", "has no layers")
        self.refused("null_layer", "layer 0", "null")

    def test_thrown_while_it_is_loaded(self):
        self.refused("throws_number", "kiln_plugin_v1 threw what is no std::exception")
        self.refused("ends_early", "it ends the program that loads it, with exit code 0")
        self.refused("throws_early", "it ends the program that loads it, with signal 6 (Aborted)")
        self.refused("throws_exception", "kiln_plugin_v1 threw: out of luck")

    def test_declarations(self):
        """All faults of all layers at once, each with the layer that has it."""
        text = kiln("layers", "--allow", "plugin:build/broken/declarations.so", code=CONFIGURATION)
        faults = text.split("error: ")
        for layer, what in DECLARATIONS.items():
            with self.subTest(layer):
                told = [fault for fault in faults if f"layer '{layer}'" in fault]
                self.assertEqual(len(told), 1, text)
                self.assertIn(what, told[0])
                self.assertIn("build/broken/declarations.so", told[0])
        self.assertEqual(len(faults) - 1, len(DECLARATIONS), text)

    def mistaken(self, layer, *command, code=CONFIGURATION):
        """What is told of a graph with this layer of mistakes.so: always the plugin and the layer."""
        Path("mistaken.yaml").write_text(FEATURES.replace("TYPE", layer))
        text = kiln(command[0], "mistaken.yaml", *command[1:], "--allow", "plugin:build/broken/mistakes.so", code=code)
        if "too-large" not in text:
            self.assertIn("mistakes.so", text)
        self.assertIn("layer 'mine'", text)
        return text

    def test_mistakes(self):
        for layer, what in MISTAKES.items():
            with self.subTest(layer):
                self.assertIn(what, self.mistaken(layer, "validate", "--format", "json"))

    def test_an_error_of_a_plugin_keeps_its_words(self):
        text = self.mistaken("LowerError", "validate", "--format", "json")
        for part in ("my-code", "this is odd", "do it otherwise"):
            self.assertIn(part, text)

    def test_a_function_that_throws(self):
        numpy.savez("two.npz", species=[0, 1])
        text = self.mistaken("Throwing", "run", "-i", "species=two.npz", "--engine", "native")
        self.assertIn("threw: not my day", text)

    @unittest.skipUnless(TORCH, "needs libtorch")
    def test_expressions(self):
        """Of all layers at once, before and where the graph runs."""
        numpy.savez("two.npz", species=[0, 1])
        layers = [f"  l{k}: {{type: {layer}, inputs: {{h: features}}}}" for k, layer in enumerate(EXPRESSIONS)]
        outputs = ", ".join(f"y{k}: l{k}" for k in range(len(layers)))
        graph = FEATURES.replace("  mine: {type: TYPE, inputs: {h: features}}", "\n".join(layers)).replace("y: mine", outputs)
        Path("expressions.yaml").write_text(graph)
        for command in (["validate", "expressions.yaml"], ["run", "expressions.yaml", "-i", "species=two.npz"]):
            text = kiln(*command, "--allow", "plugin:build/broken/mistakes.so", code=CONFIGURATION)
            for k, what in enumerate(EXPRESSIONS.values()):
                told = [fault for fault in text.split("error: ") if f"layer 'l{k}'" in fault]
                self.assertEqual(len(told), 1, text)
                self.assertIn(what, told[0])
                self.assertIn("of the plugin 'mistakes.so'", told[0])

    def test_another_plugin_than_the_model_was_made_with(self):
        other = ["--allow", "plugin:build/broken/twin.so"]
        self.assertNotIn("not the one", kiln("info", "drawn.kiln", *ALLOW))
        text = kiln("info", "drawn.kiln", *other, code=NUMERICAL)
        self.assertIn("self-test", text)
        self.assertIn("the plugin 'twin.so' of its layer 'SoftClamp' is not the one the model was made with", text)
        text = kiln("info", "drawn.kiln", "--allow", "plugin:build/broken/stranger.so", code=DATA)
        self.assertIn("unknown config key 'limit'", text)
        self.assertIn("the plugin 'stranger.so' of its layer 'SoftClamp' is not the one the model was made with", text)

    def test_collisions(self):
        self.refused("shadow", "'ScaleShift'", "of Kiln itself")
        text = kiln("layers", *ALLOW, "--allow", "plugin:build/broken/twin.so", code=CONFIGURATION)
        for part in ("build/broken/twin.so", "'SoftClamp'", "plugin 'soft_clamp.so'"):
            self.assertIn(part, text)
        kiln("layers", "--allow", "plugin:build/broken/twin.so")  # alone it is fine

    def test_all_faults_at_once(self):
        text = kiln("layers", "--allow", "plugin:./absent.so", "--allow", "plugin:build/broken/shadow.so", code=CONFIGURATION)
        self.assertIn("absent.so", text)
        self.assertIn("shadow.so", text)

    def test_the_layer_checks_its_input(self):
        graph = Path(MODEL).read_text().replace("hidden_irreps_block: 4x0e", "hidden_irreps_block: 4x0e + 4x1o")
        Path("vectors.yaml").write_text(graph)
        self.assertIn("takes scalars (0e)", kiln("validate", "vectors.yaml", *ALLOW, code=CONFIGURATION))

    def test_the_function_counts(self):
        """A limit that nothing reaches is no clamp; one that is small is."""
        def energy(limit):
            Path("limit.yaml").write_text(Path(MODEL).read_text().replace("limit: 0.5", f"limit: {limit}"))
            kiln("export", "limit.yaml", "--to", "kiln", "--species", "Si", "-o", "limit.kiln", *ALLOW)
            return predictions("native", "limit.kiln")[0][0]
        plain = Path(MODEL).read_text().replace("{h: clamped}", "{h: interaction}")
        plain = re.sub(r"^  clamped:.*\n", "", plain, flags=re.M)
        Path("plain.yaml").write_text(plain)
        kiln("export", "plain.yaml", "--to", "kiln", "--species", "Si", "-o", "plain.kiln")
        want = predictions("native", "plain.kiln")[0][0]
        self.assertTrue(abs(energy(1e6) - want) <= 1e-9 * (1 + abs(want)))
        self.assertTrue(abs(energy(0.1) - want) > 1e-6)

    @unittest.skipUnless(TORCH, "needs libtorch")
    def test_a_function_of_edges_runs_on_the_torch_engine(self):
        Path("edges.yaml").write_text(EDGES)
        numpy.savez("pair.npz", pos=[[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]], edge_index=[[0, 1], [1, 0]])
        run = ["run", "edges.yaml", "-i", "pos=pair.npz", "-i", "edge_index=pair.npz", "--allow", "plugin:build/broken/edges.so"]
        kiln(*run, "-o", "r.npy")
        self.assertEqual(numpy.load("r.npy").ravel().tolist(), [9.0, 9.0])
        self.assertIn("cannot run on the native engine", kiln(*run, "--engine", "native", code=CONFIGURATION))

    def test_layers_of_a_library(self):
        """A program of one's own calls two layers: the numbers are those of the graph of both."""
        printed = shell("build/library/two_layers examples/library/layers.yaml").split()
        text = Path("examples/library/layers.yaml").read_text()
        text = text.replace("model_layers:", "model_inputs: {x: {shape: [N, 2]}}\nmodel_layers:")
        for name, source in (("embedding", "x"), ("readout", "embedding")):
            text = text.replace(f"  {name}:\n", f"  {name}:\n    inputs: {{h: {source}}}\n")
        Path("both.yaml").write_text(text + "model_outputs: {y: readout}\n")
        numpy.save("x.npy", [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
        kiln("run", "both.yaml", "-i", "x=x.npy", "-o", "y.npy")
        want = numpy.load("y.npy").ravel()
        self.assertTrue((numpy.abs(numpy.array(printed, dtype=float) - want) <= 1e-11).all() and len(printed) == 3, (printed, want))

    @unittest.skipUnless(TORCH, "needs libtorch")
    def test_engines_agree(self):
        for model in ("drawn.kiln", "clamped.kiln"):
            native, torch = predictions("native", model), predictions("torch", model)
            for got, want in zip(native, torch):
                self.assertEqual(len(got), len(want))
                self.assertTrue(got)
                scale = 1 + max(map(abs, want))
                for a, b in zip(got, want):
                    self.assertTrue(abs(a - b) <= 1e-10 * scale, f"{model}: {a} and {b}")

    @unittest.skipUnless(TORCH, "needs libtorch")
    def test_trained(self):
        import torch
        limit = dict(torch.jit.load("clamped.pt").named_parameters())
        trained = [value for name, value in limit.items() if name.endswith("limit")]
        self.assertEqual(len(trained), 1)
        self.assertTrue(abs(float(trained[0]) - 0.5) > 1e-4, "the weight of the plugin was not trained")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
