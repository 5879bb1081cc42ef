"""Plugins, from an installed Kiln to a trained model: plugin_test.py SOURCE BUILD torch|native

The commands are those of docs/language/plugins.md and examples/plugin/README.md, run as they stand there.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy

SOURCE, BUILD = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
TORCH = sys.argv[3] == "torch"
PAGES = ("examples/plugin/README.md", "docs/language/plugins.md")
ALLOW = ["--allow", "plugin:build/plugin/soft_clamp.so"]
MODEL = "examples/plugin/model.yaml"
EDGES = """
model_inputs: {pos: positions, edge_index: edges}
model_layers:
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 0}, inputs: {pos: pos, edge_index: edge_index}}
  squares: {type: SquaredLengths, inputs: {r: geometry.edge_lengths}}
model_outputs: {r: squares}
"""
USAGE, CONFIGURATION, DATA = 2, 3, 4


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
            for command in commands(page):
                if TORCH or not needs_torch(command):
                    shell(command)
        shell(f"cmake -S '{SOURCE}/tests/plugin/broken' -B build/broken -DCMAKE_PREFIX_PATH='{prefix}'")
        shell("cmake --build build/broken")
        shell(f"cmake -S '{SOURCE}/tests/plugin/edges' -B build/edges -DCMAKE_PREFIX_PATH='{prefix}'")
        shell("cmake --build build/edges")

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
        self.refused("./text.so", "cannot be opened as a library")
        self.refused("./absent.so", "there is no such file")
        self.refused("./" + 300 * "x" + ".so", "there is no such file")
        self.refused("no_entry", "kiln_plugin_v1")
        self.refused("no_lower", "needs a name, infer and lower")
        own = re.search(r"\d+\.\d+\.\d+", kiln("--version")).group(0)
        self.refused("other_abi", "ABI 999", "ABI 1 ", own)
        self.refused("other_version", "Kiln 9.8.7", f"Kiln {own}")
        self.refused("other_commit", "commit 0123abc", own)
        self.refused("other_layout", "other sizes", own)
        self.refused("other_compiler", "(C++ ABI 1)", own)

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
        run = ["run", "edges.yaml", "-i", "pos=pair.npz", "-i", "edge_index=pair.npz", "--allow", "plugin:build/edges/edges.so"]
        kiln(*run, "-o", "r.npy")
        self.assertEqual(numpy.load("r.npy").ravel().tolist(), [9.0, 9.0])
        self.assertIn("cannot run on the native engine", kiln(*run, "--engine", "native", code=CONFIGURATION))

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
