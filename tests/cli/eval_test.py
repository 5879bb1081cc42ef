"""kiln eval on either engine, and of an exported file in Python."""

import json
import os
import re
import stat
import subprocess

from harness import DATA, RESOURCES, USAGE, main, near, read, run, run_json, write
from small_potential import STRUCTURES, frames, make_model


def native():
    model = make_model()
    os.mkdir("results")
    result = run_json("eval", model, STRUCTURES, "-o", "results/out.xyz")
    assert os.listdir("results") == ["out.xyz"] and not os.path.exists("out.xyz")
    assert result["frames"] == 3 and result["atoms"] == 6 and result["us_per_atom"] > 0
    assert result["errors"]["forces"]["frames"] == 3 and result["errors"]["stress"]["frames"] == 1

    given, predicted = frames(STRUCTURES), frames("results/out.xyz")
    differences = []
    for (before, atoms_before), (after, atoms_after) in zip(given, predicted):
        differences.append((float(after["energy"]) - float(before["energy"])) / len(atoms_after))
        assert ("stress" in after) == (after["pbc"] == "T T T")
        assert [row[0] for row in atoms_before] == [row[0] for row in atoms_after]
        columns = re.match(r".*", after["Properties"]).group()
        assert "tag:I:1" in columns and "forces:R:3" in columns
    assert predicted[0][0]["source"] == "made up"
    near(result["errors"]["energy"]["mae"], 1e3 * sum(map(abs, differences)) / 3)
    near(result["errors"]["energy"]["rmse"], 1e3 * (sum(d * d for d in differences) / 3) ** 0.5)

    # What was predicted compares with itself to nothing.
    again = run_json("eval", model, "results/out.xyz", "-o", "results/again.xyz")
    for row in again["errors"].values():
        assert row["mae"] <= 1e-9, row
    assert read("results/again.xyz") == read("results/out.xyz")
    os.remove("results/again.xyz")

    # No input is replaced, under whatever name.
    os.link("results/out.xyz", "link.xyz")
    write("0.txt", "0\n")
    for output in ["results/out.xyz", "./link.xyz", model, "0.txt"]:
        before = read(output, "rb")
        assert "output too" in run("eval", model, "results/out.xyz", "--indices", "0.txt", "-o", output, code=USAGE).stderr
        assert read(output, "rb") == before

    # The output is written through links, keeps its permissions, and replaces nothing but a file.
    write("mine.xyz", "old")
    os.chmod("mine.xyz", 0o640)
    os.symlink("mine.xyz", "to_mine.xyz")
    run("eval", model, STRUCTURES, "-o", "to_mine.xyz")
    assert os.path.islink("to_mine.xyz") and read("mine.xyz") == read("results/out.xyz")
    assert os.stat("mine.xyz").st_mode & 0o777 == 0o640
    os.mkfifo("fifo")
    os.symlink("fifo", "to_fifo")
    for output in ["fifo", "to_fifo"]:
        assert "not a regular file" in run("eval", model, STRUCTURES, "-o", output, code=RESOURCES).stderr
    assert stat.S_ISFIFO(os.stat("fifo").st_mode) and os.path.islink("to_fifo")
    assert not [name for name in os.listdir(".") if ".tmp" in name]

    # A reference that no prediction replaces does not pass for one.
    write("molecule.xyz", read(STRUCTURES).replace('energy=-0.7', 'energy=-0.7 virial="1 2 3 4 5 6" stress="1 2 3 4 5 6" note=kept'))
    run("eval", model, "molecule.xyz", "-o", "molecule_out.xyz")
    after = frames("molecule_out.xyz")[1][0]
    assert "virial" not in after and "stress" not in after and after["note"] == "kept"

    # A stress is compared where the structure is periodic along all three cell vectors, a virial everywhere.
    assert run_json("eval", model, "molecule.xyz")["errors"]["stress"]["frames"] == 1
    assert run_json("eval", model, "molecule.xyz")["errors"]["virial"]["frames"] == 1
    write("slab.xyz", read(STRUCTURES).replace('pbc="T T T"', 'pbc="T T F"'))
    assert "stress" not in run_json("eval", model, "slab.xyz", "-o", "slab_out.xyz")["errors"]
    assert "stress" not in frames("slab_out.xyz")[0][0]

    write("some.txt", "2\n0\n")
    assert run_json("eval", model, STRUCTURES, "--indices", "some.txt")["atoms"] == 4
    write("some.txt", "3\n")
    assert "frame 3" in run("eval", model, STRUCTURES, "--indices", "some.txt", code=DATA).stderr

    write("bare.xyz", "1\nnote=x\nSi 0 0 0\n")
    text = run("eval", model, "bare.xyz").stdout
    assert "no reference" in text and "'energy'" in text and "us/atom" in text
    assert run_json("eval", model, STRUCTURES, "--energy-key", "energy")["errors"]["energy"]["frames"] == 3
    for option, others in [("--energy-key", "energy, source, stress"), ("--forces-key", "forces, tag"),
                           ("--stress-key", "energy, source, stress"), ("--virial-key", "energy, source, stress")]:
        [error] = run_json("eval", model, STRUCTURES, option, "Energie", "-o", "results/bad.xyz", code=DATA)["diagnostics"]
        assert error["file"] == STRUCTURES and "'Energie'" in error["message"] and option in error["message"]
        assert others in error["hint"], error
    for content in ["", "\n\n"]:
        write("empty.xyz", content)
        assert "no frames" in run("eval", model, "empty.xyz", "-o", "results/bad.xyz", code=DATA).stderr
    text = run("eval", model, STRUCTURES).stdout
    assert all(re.search(rf"^{name} +\S+ +\S+ +{re.escape(unit)} +\d+$", text, re.M)
               for name, unit in [("energy", "meV/atom"), ("forces", "meV/Å"), ("stress", "meV/Å^3")]), text

    for change, where in [(("\nH 0.0 0.0 0.0", "\nC 0.0 0.0 0.0"), ["frame 1", "C", ":8:"]), (("1.4 0.2 -0.1", "1.4 nan -0.1"), ["nan"]),
                          (("energy=-0.7", "energy=none"), ["energy"]), (("H 1.4 0.2 -0.1", "H 0.0 0.0 0.0"), ["frame 0", ":4:"]),
                          (("\n1\nProp", "\n5\nProp"), ["structures"])]:
        assert change[0] in read(STRUCTURES)
        write("structures.xyz", read(STRUCTURES).replace(*change))
        message = run("eval", model, "structures.xyz", "-o", "results/bad.xyz", code=DATA).stderr
        assert "structures.xyz:" in message and all(word in message for word in where), message
    assert os.listdir("results") == ["out.xyz"], "bad input changes nothing"
    run("eval", model, STRUCTURES, "-o", "nowhere/out.xyz", code=RESOURCES)
    run("eval", model, "missing.xyz", code=DATA)


def torch():
    model = make_model()
    run("eval", model, STRUCTURES, "-o", "native.xyz")
    run("eval", model, STRUCTURES, "-o", "torch.xyz", "--engine", "torch")
    for (a, rows_a), (b, rows_b) in zip(frames("native.xyz"), frames("torch.xyz")):
        near(float(a["energy"]), float(b["energy"]))
        for x, y in zip(a.get("stress", "").split(), b.get("stress", "").split()):
            near(float(x), float(y))
        for row_a, row_b in zip(rows_a, rows_b):
            for x, y in zip(row_a[1:], row_b[1:]):
                near(float(x), float(y))
    run("export", model, "--to", "torchscript")
    script = """
import json, torch
extra = {"kiln.json": ""}
model = torch.jit.load("si_h.pt", _extra_files=extra)
assert [s["symbol"] for s in json.loads(extra["kiln.json"])["species"]] == ["Si", "H"]
out = model.named(torch.tensor([1, 0]), torch.tensor([[0, 0, 0], [0, 0, 1.6]], dtype=torch.float64, requires_grad=True),
                  torch.tensor([[0, 1], [1, 0]]), torch.zeros(2, 3, dtype=torch.float64), torch.zeros(2, dtype=torch.int64))
print(sorted(out), float(out["energy"]), float(out["forces"][1, 2]))
"""
    done = subprocess.run(["/usr/bin/python3", "-c", script], capture_output=True, text=True, check=True)
    names, energy, force = re.match(r"(\[.*\]) (\S+) (\S+)", done.stdout).groups()
    assert names == "['energy', 'forces', 'virial']", "an exported potential gives forces and virial"
    comment, rows = frames("native.xyz")[1]
    near(float(energy), float(comment["energy"]))
    near(float(force), float(rows[1][6]))


main(globals())
