"""Running statistics in training, as a user sees them: statistics_test.py PROGRAM SOURCE_FOLDER.

The embedding is frozen and every structure is an ethanol: the mean and the variance over a batch follow from the
composition alone, and so do the running ones after n batches."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import program_test

PROGRAM, SOURCE = os.path.abspath(sys.argv.pop(1)), Path(sys.argv.pop(1)).resolve()
N_BATCHES, BATCH = 8, 4
COUNTS = np.array([6, 2, 1])  # H, C, O
NORM = "  norm: {type: ArbitraryModule, %s config: {target: %s, args: [4]}, inputs: {0: embedding}}\n"

OWN = """
import torch
class Mean(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.{register}
        self.n = 0
        self.scale = torch.nn.Parameter(torch.ones(4))
    def forward(self, x):
        if self.training:
            {step}
        return (x - self.mean) * self.scale
"""


class Statistics(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        os.chdir(self.folder)
        program_test.set_up(SOURCE)

    def tearDown(self):
        os.chdir("/")
        shutil.rmtree(self.folder)

    def write_model(self, keys="", target="torch.nn.BatchNorm1d"):
        model = (SOURCE / "tests/train/model.yaml").read_text()
        model = model.replace("embedding: {type: AtomwiseLinear,", "embedding: {type: AtomwiseLinear, freeze: true,")
        model = model.replace("node_feats: embedding", "node_feats: norm")
        model = model.replace("  interaction:\n", NORM % (keys, target) + "  interaction:\n")
        Path("model.yaml").write_text(model)

    def train(self, *arguments, code=0):
        return program_test.train(PROGRAM, *arguments, code=code)

    def weights(self, *allowed):
        """Those of the model, by name."""
        subprocess.run([PROGRAM, "export", "model.kiln", "--to", "state-dict", *allowed, "-o", "weights.safetensors"],
                       check=True, capture_output=True)
        data = Path("weights.safetensors").read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        header = json.loads(data[8:start])
        header.pop("__metadata__", None)
        types = {"F32": np.float32, "F64": np.float64, "I64": np.int64}
        return {name: np.frombuffer(data[start:][slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"])
                for name, entry in header.items()}

    def expect_statistics(self, weights, log):
        """Of the epoch whose weights the model has."""
        n = N_BATCHES * int(log.split("the model is that of epoch ")[1].split()[0])
        names = [name for name in weights if name.startswith("embedding.")]
        self.assertEqual(len(names), 1)
        rows = np.repeat(np.asarray(weights[names[0]], dtype=float).reshape(3, 4) / np.sqrt(3.0), COUNTS * BATCH, axis=0)
        left = 0.9**n
        np.testing.assert_allclose(weights["norm.running_mean"], (1 - left) * rows.mean(0), rtol=1e-5, equal_nan=False)
        np.testing.assert_allclose(weights["norm.running_var"], left + (1 - left) * rows.var(0, ddof=1), rtol=1e-5, equal_nan=False)
        self.assertEqual(weights["norm.num_batches_tracked"], n)

    def test_they_follow_the_batches(self):
        self.write_model()
        log = self.train().stdout
        weights = self.weights()
        self.expect_statistics(weights, log)
        self.assertTrue(np.all(np.abs(weights["norm.weight"] - 1.0) > 1e-6))  # trained

    def drop_atoms(self):
        """The last atom of every second structure, so that parts of a batch differ."""
        lines = Path("ethanol.xyz").read_text().splitlines(keepends=True)
        step, text = program_test.LINES_PER_STRUCTURE, ""
        for k in range(0, len(lines), step):
            text += "".join(lines[k:k + step] if k // step % 2 else ["8\n", *lines[k + 1:k + step - 1]])
        Path("ethanol.xyz").write_text(text)

    def test_threads_see_the_whole_batch(self):
        self.write_model()
        self.drop_atoms()
        self.train("--threads", "1")
        one = self.weights()
        self.train("--threads", "2")
        two = self.weights()
        for name, values in one.items():
            np.testing.assert_allclose(two[name], values, rtol=1e-4, atol=1e-6, err_msg=name, equal_nan=False)

    def test_a_restart_gives_the_same_bits(self):
        self.write_model()
        self.train()
        model = Path("model.kiln").read_bytes()
        os.remove("model.kiln")
        shutil.rmtree("outputs")
        run = subprocess.Popen(program_test.command(PROGRAM), stdout=subprocess.PIPE, text=True)
        for line in run.stdout:
            if "epoch 2/5" in line:
                run.kill()
                break
        run.stdout.close()
        run.wait()
        self.train("--restart", "auto")
        self.assertEqual(Path("model.kiln").read_bytes(), model)

    def test_a_frozen_layer_keeps_them(self):
        self.write_model("freeze: true,")
        self.train()
        weights = self.weights()
        np.testing.assert_array_equal(weights["norm.running_mean"], 0.0)
        np.testing.assert_array_equal(weights["norm.running_var"], 1.0)
        self.assertEqual(weights["norm.num_batches_tracked"], 0.0)

    def write_foreign_model(self, keys=""):
        torch.jit.script(torch.nn.BatchNorm1d(4)).save("norm.pt")
        self.write_model(keys, "norm.pt")
        Path("model.yaml").write_text(Path("model.yaml").read_text().replace("norm.pt, args: [4]", "norm.pt, shape: [N, 4]"))

    def test_modules_from_outside_have_them_too(self):
        self.write_foreign_model()
        log = self.train("--allow", "code:norm").stdout
        self.expect_statistics(self.weights("--allow", "code:norm"), log)

    def test_frozen_modules_from_outside_keep_them(self):
        self.write_foreign_model("freeze: true,")
        self.train("--allow", "code:norm")
        np.testing.assert_array_equal(self.weights("--allow", "code:norm")["norm.running_mean"], 0.0)

    def train_own(self, step, code=0, register="register_buffer('mean', torch.zeros(4))"):
        """With a module that follows the mean by the statement `step`; the mean in the model, or None."""
        Path("own.py").write_text(OWN.format(step=step, register=register))
        script = "import own, torch; torch.jit.script(own.Mean()).save('norm.pt')"
        subprocess.run([sys.executable, "-c", script], check=True)
        self.write_model("", "norm.pt")
        Path("model.yaml").write_text(Path("model.yaml").read_text().replace("norm.pt, args: [4]", "norm.pt, shape: [N, 4]"))
        done = self.train("--allow", "code:norm", code=code)
        return done if code else self.weights("--allow", "code:norm")["norm.mean"]

    def test_assigned_buffers_are_kept_as_those_changed_in_place(self):
        in_place = self.train_own("self.mean.mul_(0.5).add_(0.5 * x.detach().mean(0))")
        assigned = self.train_own("self.mean = self.mean * 0.5 + 0.5 * x.detach().mean(0)")
        self.assertTrue(np.all(np.abs(in_place) > 1e-6))
        np.testing.assert_allclose(assigned, in_place, rtol=1e-6, equal_nan=False)

    def test_buffers_that_become_others_are_named(self):
        done = self.train_own("self.mean = x.detach().mean(0).sum()", code=4)
        self.assertIn("'norm.mean' became a tensor of shape [] and type Double, it had shape [4]", done.stderr)

    def test_buffers_need_no_graph(self):
        for step in ("self.mean = self.mean * 0.5 + (x * self.scale).mean(0)", "self.mean.mul_(0.5).add_((x * self.scale).mean(0))"):
            done = self.train_own(step, code=4)
            self.assertIn("'norm.mean' keeps the graph of the batch", done.stderr)
            self.assertIn("detach()", done.stderr)

    def test_state_that_is_no_buffer_is_refused(self):
        done = self.train_own("self.n += 1", code=3)
        self.assertIn("layer 'norm' sets its attribute 'n': a model does not keep state that is no buffer", done.stderr)

    def test_a_single_row_has_no_variance(self):
        self.write_model()
        lone = '1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-13.6 pbc="F F F"\nH 0 0 0 0 0 0\n'
        Path("ethanol.xyz").write_text(lone)
        done = self.train("-r", "validation_set=0.0", "-r", "test_set=0.0", "-r", "architecture.atomic_types=[1, 6, 8]", code=4)
        self.assertIn("in layer 'norm'", done.stderr)
        self.assertIn("more than one value per channel is needed", done.stderr)

    def test_statistics_must_be_finite(self):
        unread = "register_buffer('mean', torch.zeros(4)); self.register_buffer('spread', torch.zeros(4))"
        done = self.train_own("self.spread = x.detach().mean(0) + float('inf')", code=5, register=unread)
        self.assertIn("'norm.spread' is not finite after the batch of structure", done.stderr)


if __name__ == "__main__":
    unittest.main()
