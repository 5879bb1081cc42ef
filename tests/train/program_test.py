"""kiln train as a user runs it: program_test.py CASE PROGRAM SOURCE_FOLDER. The name of a case is that of its function."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

N_STRUCTURES = 40
LINES_PER_STRUCTURE = 11  # ethanol: count, comment, nine atoms


def set_up(source):
    for name in ("model.yaml", "options.yaml"):
        Path(name).write_text((source / "tests/train" / name).read_text())
    with open(source / "data/ethanol/ethanol.xyz") as data:
        Path("ethanol.xyz").write_text("".join(next(data) for _ in range(N_STRUCTURES * LINES_PER_STRUCTURE)))


def command(program, *arguments):
    return [program, "train", "options.yaml", *arguments]


def train(program, *arguments, code=0):
    done = subprocess.run(command(program, *arguments), capture_output=True, text=True)
    assert done.returncode == code, f"exit code {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
    return done


def newest_folder():
    return max(Path("outputs").glob("*/*"), key=lambda folder: folder.stat().st_mtime_ns)


def files(program):
    """TR1, TR5: everything that a run writes."""
    done = train(program, "-r", "architecture.training.log_mae=true")
    folder = newest_folder()
    assert done.stdout.startswith((folder / "train.log").read_text())
    names, units, *values = (folder / "train.csv").read_text().splitlines()
    assert len(values) == 5 and all(line.count(",") == names.count(",") == units.count(",") for line in values)
    assert "validation forces MAE" in names and "meV/Å" in units
    parts = [(folder / f"indices/{name}.txt").read_text().split() for name in ("training", "validation", "test")]
    assert [len(part) for part in parts] == [32, 4, 4]
    assert sorted(int(i) for part in parts for i in part) == list(range(N_STRUCTURES))
    expanded = (folder / "options_restart.yaml").read_text()
    assert '"log_mae": true' in expanded and '"seed": 42' in expanded
    assert (folder / "checkpoint.kiln").exists()
    model = Path("model.kiln").read_bytes()
    Path("options.yaml").write_text(expanded)  # what was written repeats the run
    train(program)
    assert Path("model.kiln").read_bytes() == model
    with open("/dev/full", "w") as full:  # what cannot be shown costs no run
        done = subprocess.run(command(program, "-o", "again.kiln"), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0 and "warning: the output could not be written" in done.stderr, done
    assert Path("again.kiln").read_bytes() == model


def restart(program):
    """TR12: killed at random moments and continued, it ends with the same bits."""
    train(program)
    model, table = Path("model.kiln").read_bytes(), (newest_folder() / "train.csv").read_text()
    os.rename("outputs", "whole")
    os.remove("model.kiln")
    rng = random.Random(1)
    for _ in range(6):
        run = subprocess.Popen(command(program, "--restart", "auto"), stdout=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.2, 3.0))
        run.kill()
        run.wait()
    train(program, "--restart", "auto")
    assert Path("model.kiln").read_bytes() == model
    assert (newest_folder() / "train.csv").read_text() == table


def stop(program):
    """TR13: SIGTERM writes a checkpoint within 10 s; the run goes on from it."""
    with open("log.txt", "w") as log:
        run = subprocess.Popen(command(program, "-r", "architecture.training.num_epochs=1000000"), stdout=log)
    while " 2/1000000 " not in Path("log.txt").read_text():
        time.sleep(0.05)
        assert run.poll() is None
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=10) == 6
    checkpoint = newest_folder() / "checkpoint.kiln"
    done = train(program, "--restart", str(checkpoint), "-r", "architecture.training.num_epochs=3")
    assert "num_epochs was 1000000 in the checkpoint, is 3 now" in done.stdout


def faults(program):
    """TR6, TR8, TR11."""
    both = train(program, "-r", "architecture.training.num_epoch=3", "-r", "architecture.training.batchsize=2", code=3)
    for text in ("architecture.training.num_epoch", "num_epochs", "architecture.training.batchsize", "batch_size"):
        assert text in both.stderr, both.stderr
    missing = train(program, "-r", "training_set.targets.energy.forces.key=force", code=4)
    assert "forces" in missing.stderr and not Path("model.kiln").exists()
    message = "there is no per-atom property 'force'"  # once on the terminal, once in the log
    assert (missing.stdout + missing.stderr).count(message) == 1, missing.stdout + missing.stderr
    assert (newest_folder() / "train.log").read_text().count(message) == 1
    for output in ("/dev/full", ".", "nowhere/model.kiln"):  # before the data are read
        refused = train(program, "-o", output, "-r", "training_set.targets.energy.forces.key=force", code=3)
        assert f"{output}: error: it cannot be written" in refused.stderr and "force'" not in refused.stderr, refused.stderr
    Path("ethanol.xyz").write_text('1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-13.6 pbc="F F F"\nH 0 0 0 0 0 0\n')
    train(program, "-r", "validation_set=0.0", "-r", "test_set=0.0", "-r", "architecture.atomic_types=[1, 6, 8]")


def main():
    case, program, source = sys.argv[1], os.path.abspath(sys.argv[2]), Path(sys.argv[3]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        set_up(source)
        {"files": files, "restart": restart, "stop": stop, "faults": faults}[case](program)
        os.chdir("/")


if __name__ == "__main__":
    main()
