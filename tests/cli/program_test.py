"""The program as a user meets it: program_test.py CASE PROGRAM SOURCE."""

import hashlib
import json
import os
import re
import shlex
import signal
import stat
import struct
import subprocess

import numpy

from harness import CONFIGURATION, DATA, NUMERICAL, PROGRAM, RESOURCES, SOURCE, USAGE, main, near, read, run, run_json, write

GRAPH = SOURCE + "/tests/cli/si_h.yaml"
STRUCTURES = SOURCE + "/tests/cli/structures.xyz"


def make_model(path="si_h.kiln", *options):
    run("export", GRAPH, "--to", "kiln", "--species", "Si,H", "--seed", "3", "-o", path, *options)
    return path


def through():
    """Arguments of a run that gives back what it is given."""
    write("through.yaml", "model_inputs: {x: {shape: [N]}}\nmodel_layers: {}\nmodel_outputs: {x: x}\n")
    numpy.save("x.npy", numpy.ones(2))
    return "through.yaml", "--input", "x=x.npy"


def frames(path):
    """[(comment line as dict, [columns of the atoms])]"""
    lines = read(path).splitlines()
    out = []
    while lines:
        n = int(lines[0])
        comment = {key: a or b for key, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', lines[1])}
        out.append((comment, [line.split() for line in lines[2 : 2 + n]]))
        lines = lines[2 + n :]
    return out


def version():
    name, commit, formats, level = run("--version").stdout.splitlines()
    assert re.fullmatch(r"kiln \d+\.\d+\.\d+", name), name
    assert re.fullmatch(r"commit: (unknown|[0-9a-f]{7,40}\S*)", commit), commit
    assert formats == "model format versions: 1 to 1"
    assert re.fullmatch(r"vector level: x86-64(-v[34])?", level), level
    loaded = run("--version", env={**os.environ, "LD_DEBUG": "files"}).stderr
    assert "libstdc++" in loaded and "libtorch" not in loaded, "--version loads libtorch"


def usage():
    assert "Did you mean 'validate'?" in run("valdate", "x", code=USAGE).stderr
    assert "kiln --help" in run("bake", code=USAGE).stderr
    assert "Did you mean '--format'?" in run("validate", "--fromat", "json", GRAPH, code=USAGE).stderr
    run(code=USAGE)
    run("validate", code=USAGE)
    run("eval", "model.kiln", code=USAGE)
    run("validate", GRAPH, "--format", "xml", code=USAGE)
    run("export", GRAPH, "--to", "onnx", code=USAGE)
    run("export", GRAPH, "--to", "kiln", code=USAGE)  # a graph needs --species
    for species, fault in [("Si,Xx", "there is no element 'Xx'"), ("Si,", "a symbol is missing"), (",Si", "a symbol is missing"),
                           ("Si,Si", "Si stands twice")]:
        message = run("export", GRAPH, "--to", "kiln", "--species", species, code=USAGE).stderr
        assert f"--species {species}: {fault}" in message, message
    for seed in ["-1", "99999999999999999999", "1.5", "x"]:
        message = run("export", GRAPH, "--to", "kiln", "--species", "Si,H", "--seed", seed, code=USAGE).stderr
        assert "--seed" in message and seed in message, message
    for arguments in [["export", GRAPH, "--to", "kiln", "--name", ""], ["run", GRAPH, "-o", ""], ["train", "options.yaml", "--restart", ""],
                      ["validate", ""]]:
        assert "is given an empty value" in run(*arguments, code=USAGE).stderr, arguments
    message = run("train", "options.yaml", "--threads", "-1", code=USAGE).stderr
    assert "--threads" in message and "4096" in message and "e+" not in message, message

    # A program that asks for JSON gets it for a command line that cannot be parsed, too.
    for arguments in [["valdate", "x"], ["validate", GRAPH, "--fromat=x"], ["eval", "model.kiln"], ["layers", "MACE_laier"],
                      ["train", "options.yaml", "--threads", "x"], ["export", GRAPH, "--to", "onnx"], ["export", GRAPH, "--to", "kiln"]]:
        for form in [["--format", "json"], ["--format=json"]]:
            done = run(*arguments, *form, code=USAGE)
            [error] = json.loads(done.stdout)["diagnostics"]
            assert error["message"] and error["hint"] and not done.stderr, error
    assert "Did you mean '--format'?" in run_json("validate", GRAPH, "--fromat=x", code=USAGE)["diagnostics"][0]["hint"]
    assert run_json("train", "missing.yaml", code=DATA)["diagnostics"][0]["file"] == "missing.yaml"
    for command in ["validate", "layers", "train", "eval", "info", "export"]:
        text = run(command, "--help").stdout
        assert "Usage: kiln " + command in text
        assert text in read(f"{SOURCE}/docs/cli/{command}.md")


def validate():
    text = run("validate", GRAPH).stdout
    assert text.endswith(f"\n{GRAPH}: valid\n") and "invalid" not in text
    assert "atom 4x0e" in text and "influence distance 4 Å" in text
    good = run_json("validate", GRAPH)
    assert good["valid"] is True and good["graph"]["influence_distance"] == 4.0
    assert [output["name"] for output in good["graph"]["outputs"]] == ["energy"]
    [[layer]] = good["graph"]["stages"]
    assert "1 hop, influence distance 4 Å, 1 stage" in text and f"0      owned atoms  {layer}\n" in text, text
    write("free.yaml", "model_inputs: {x: }\nmodel_layers: {a: {type: ArbitraryModule, config: {target: torch.sin}, inputs: {0: x}}}\n"
          "model_outputs: {y: a}\n")
    assert "local: 0 hops, influence distance 0 Å, 0 stages" in run("validate", "free.yaml").stdout
    assert run_json("validate", "free.yaml")["graph"]["stages"] == []
    [fault] = run_json("validate", make_model(), code=CONFIGURATION)["diagnostics"]
    assert fault["code"] == "not-a-graph" and fault["file"] == "si_h.kiln" and "kiln info" in fault["hint"], fault

    write("bad.yaml", read(GRAPH).replace("edge_feats: radial", "edge_feat: radial").replace("{h: elements}", "{h: elemnts}"))
    bad = run_json("validate", "bad.yaml", code=CONFIGURATION)
    assert bad["valid"] is False and "graph" not in bad
    errors = [d for d in bad["diagnostics"] if d["severity"] == "error"]
    assert len(errors) >= 2, "all faults at once"
    for error in errors:
        assert set(error) == {"severity", "code", "file", "line", "column", "message", "hint"}
        assert error["file"] == "bad.yaml" and error["line"] > 0 and error["column"] > 0
    assert any("elements" in error["hint"] for error in errors), "did you mean"
    assert "bad.yaml:" in run("validate", "bad.yaml", code=CONFIGURATION).stderr

    missing = run_json("validate", "missing.yaml", code=DATA)
    assert missing["valid"] is False and missing["diagnostics"][0]["file"] == "missing.yaml"
    run("validate", "missing.yaml", code=DATA)

    # Nothing in a file commands the terminal.
    write("escape.yaml", read(GRAPH).replace("h: elements", 'h: "elem\\e[2Jents"'))
    assert "elem␛[2Jents" in run("validate", "escape.yaml", code=CONFIGURATION).stderr


def layers():
    listed = run_json("layers")["layers"]
    names = [layer["name"] for layer in listed]
    assert names == sorted(names) and "MACE_layer" in names and "Derivatives" in names
    for layer in listed:
        assert layer["doc"] and (layer["outputs"] or layer["category"] == "arbitrary"), layer["name"]
        assert all(entry["doc"] for entry in layer["config"]), layer["name"]
    [mace] = run_json("layers", "MACE_layer")["layers"]
    assert {"name": "lmax", "type": "integer", "required": True}.items() <= mace["config"][0].items()
    text = run("layers").stdout
    assert all(name in text for name in names)
    assert "correlation" in run("layers", "MACE_layer").stdout
    assert "MACE_layer" in run("layers", "MACE_laier", code=USAGE).stderr
    assert "'kiln layers' lists" in run("layers", "NoSuchThing", code=USAGE).stderr


def sealed(change):
    """The model's file with changed metadata, its checksum made right again."""
    data = read(make_model("sealed.kiln"), "rb")
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = json.loads(header["__metadata__"]["kiln"])
    body = bytearray(data[8 + length :])
    change(metadata, header, body)
    metadata["checksum"] = "0" * 64
    header["__metadata__"]["kiln"] = json.dumps(metadata, separators=(",", ":"), ensure_ascii=False)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    whole = struct.pack("<Q", len(text)) + text + bytes(body)
    whole = whole.replace(b"0" * 64, hashlib.sha256(whole).hexdigest().encode(), 1)
    with open("sealed.kiln", "wb") as file:
        file.write(whole)
    return "sealed.kiln"


def model_files():
    model = make_model()
    info = run_json("info", model)
    assert [s["symbol"] for s in info["species"]] == ["Si", "H"] and info["edge_sets"][0]["cutoff"] == 4.0
    assert info["influence_distance"] == 4.0 and info["dtype"] == "float64" and info["conservative"] is True
    assert info["checksum_ok"] and info["self_test"]["ok"] and info["n_parameters"] > 100 and not info["checkpoint"]
    text = run("info", model, "--graph").stdout
    assert "checksum" in text and "self-test" in text and "edge_convolution" in text and "Si, H" in text
    assert read(make_model("again.kiln"), "rb") == read(model, "rb"), "the same seed gives the same file"
    assert run_json("info", make_model("f32.kiln", "--dtype", "f32"))["dtype"] == "float32"
    run("export", model, "--to", "kiln", "-o", "copy.kiln")
    assert read("copy.kiln", "rb") == read(model, "rb")

    data = read(model, "rb")
    flipped = data[:-900] + bytes([data[-900] ^ 4]) + data[-899:]
    for name, content in [("cut.kiln", data[:5000]), ("empty.kiln", b""), ("flipped.kiln", flipped), ("text.kiln", b"energy: 1\n" * 50)]:
        with open(name, "wb") as file:
            file.write(content)
        for command in (["info", name], ["eval", name, STRUCTURES], ["export", name, "--to", "kiln", "-o", "x.kiln"]):
            assert name in run(*command, code=DATA).stderr
        [error] = run_json("info", name, code=DATA)["diagnostics"]
        assert error["file"] == name and error["code"] in ("not-a-model", "damaged-model"), error
    assert not os.path.exists("x.kiln")

    message = run("info", sealed(lambda metadata, *_: metadata.update(format_version=2)), code=DATA).stderr
    assert "version 2" in message and "up to 1" in message
    run("info", sealed(lambda metadata, *_: metadata.update(contains_code=True)), code=DATA)
    run("info", sealed(lambda *_: None))
    message = run("info", sealed(lambda metadata, *_: metadata["species"][1].update(symbol="Qq")), code=DATA).stderr
    assert "sealed.kiln: error: species 'Qq' is no element" in message
    message = run("info", sealed(lambda metadata, *_: metadata.pop("written_by")), code=DATA).stderr
    assert "the metadata have no 'written_by/kiln'" in message

    # What follows from the graph is taken from the graph, whatever the file says.
    info = run_json("info", sealed(lambda metadata, *_: metadata.update(influence_distance=99.0, edge_sets=[])))
    assert info["influence_distance"] == 4.0 and info["edge_sets"][0]["cutoff"] == 4.0

    def change_weight(metadata, header, body):
        start, _ = header["readout.linear.weight"]["data_offsets"]
        struct.pack_into("<d", body, start, struct.unpack_from("<d", body, start)[0] + 1e-3)

    assert "self-test" in run("info", sealed(change_weight), code=NUMERICAL).stderr


def evaluation():
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


def export_files():
    model = make_model()
    run("export", model, "--to", "state-dict")
    data = read("si_h.safetensors", "rb")
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    assert header["embedding.linear.weight"]["dtype"] == "F64" and not any(name.startswith("selftest") for name in header)
    for target in ["kiln", "state-dict", "kim", "torchscript"]:
        name = ["--name", "Test"] if target == "kim" else []
        message = run("export", model, "--to", target, *name, "-o", "nowhere/x", code=RESOURCES).stderr
        assert "there is no folder" in message and "nowhere'" in message, message
    assert not os.path.exists("nowhere")
    before = read(model, "rb")
    for arguments in [["-o", model], ["-o", "./" + model], []]:
        assert "output too" in run("export", model, "--to", "kiln", *arguments, code=USAGE).stderr
    for option in [["--species", "Si,H"], ["--seed", "3"], ["--dtype", "f64"]]:
        assert option[0] in run("export", model, "--to", "kiln", "-o", "x.kiln", *option, code=USAGE).stderr
    for target in ["kiln", "state-dict", "torchscript"]:
        assert "--name is for --to kim" in run("export", model, "--to", target, "-o", "x.kiln", "--name", "Test", code=USAGE).stderr
    assert read(model, "rb") == before and not os.path.exists("x.kiln")
    assert run_json("export", model, "--to", "kiln", "-o", "x.kiln") == {"valid": True, "diagnostics": [], "written": "x.kiln"}
    assert run_json("export", model, "--to", "kiln", "-o", "nowhere/x", code=RESOURCES)["diagnostics"][0]["file"] == "nowhere/x"
    assert run_json("export", model, "--to", "kim", "--name", "Test", "-o", "nowhere/x", code=RESOURCES)["valid"] is False
    write("no_energy.yaml", read(GRAPH).replace("{energy: total}", "{charge: total}"))
    message = run("export", "no_energy.yaml", "--to", "kiln", "--species", "Si,H", code=CONFIGURATION).stderr
    assert "model_outputs" in message and "energy" in message
    run("export", GRAPH, "--to", "kiln", "--species", "Si", "-o", "y.kiln", code=DATA)
    assert "is there already" in run("export", GRAPH, "--to", "kiln", "--species", "Si,H", code=USAGE).stderr
    assert read(model, "rb") == before


def warnings():
    """What a command has collected is told, whether it succeeds or not; consent that a model has no use for, too."""
    write("dead.yaml", read(GRAPH).replace("model_layers:", "model_layers:\n  dead: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}"))
    arguments = ["export", "dead.yaml", "--to", "kiln", "-o", "dead.kiln"]

    def codes(*arguments, code=0):
        told = run_json(*arguments, code=code)["diagnostics"]
        text = run(*arguments, code=code).stderr
        for severity in ("warning", "error"):
            assert text.count(severity + ": ") == len([fault for fault in told if fault["severity"] == severity]), text
        return [fault["code"] for fault in told]

    assert codes(*arguments, "--species", "Si,H") == ["dangling-layer"]
    assert codes(*arguments, code=USAGE) == ["dangling-layer", "species-needed"]
    typo = ["--allow", "code:typo", "--allow", "python:pkg"]
    assert codes("export", "dead.kiln", "--to", "state-dict", *typo) == ["unused-allowance"] * 2
    assert codes("eval", "dead.kiln", STRUCTURES, *typo) == ["unused-allowance"] * 2
    assert codes("eval", "dead.kiln", "missing.xyz", *typo, code=DATA)[:2] == ["unused-allowance"] * 2
    assert codes("run", "dead.kiln", *typo, code=USAGE)[:2] == ["unused-allowance"] * 2
    assert codes("info", "dead.kiln", *typo) == ["unused-allowance"] * 2


def raw_names():
    """Names of files are bytes: what is no UTF-8 is replaced in JSON."""
    raw, shown = os.fsdecode(b"\xff"), "\ufffd"
    model = f"a{raw}.kiln"
    os.rename(make_model(), model)
    assert run_json("export", model, "--to", "kiln", "-o", f"b{raw}.kiln")["written"] == f"b{shown}.kiln"
    assert run_json("eval", model, STRUCTURES, "-o", f"c{raw}.xyz")["output"] == f"c{shown}.xyz"
    assert run_json("validate", GRAPH, "-v", f"d{raw}.dot")["picture"] == f"d{shown}.dot"
    assert run_json("run", *through(), "-o", f"e{raw}.npz")["written"] == f"e{shown}.npz"
    run_json("info", model)
    for name in (f"b{raw}.kiln", f"c{raw}.xyz", f"d{raw}.dot", f"e{raw}.npz"):
        assert os.path.exists(name), name


def export_kim():
    model = make_model()
    assert "--name" in run("export", model, "--to", "kim", "--name", "9-lives", code=USAGE).stderr
    run("export", model, "--to", "kim", "--name", "", code=USAGE)
    message = run("export", model, "--to", "kim", "--name", "a" * 300, code=USAGE).stderr
    assert "at most 200" in message and "this one 300" in message
    message = run("export", model, "--to", "kim", "--name", "Test", "-o", "a" * 300, code=RESOURCES).stderr
    assert "File name too long" in message and "filesystem error" not in message
    run("export", model, "--to", "kim", "--name", "Test_Si_H")
    assert sorted(os.listdir("Test_Si_H")) == ["CMakeLists.txt", "README.md", "incbin.sh", "model.kiln"]
    assert read("Test_Si_H/model.kiln", "rb") == read(model, "rb")
    lists = read("Test_Si_H/CMakeLists.txt")
    assert "project(Test_Si_H)" in lists and 'DRIVER_NAME "Kiln_Driver_v1"' in lists and 'PARAMETER_FILES "model.kiln"' in lists

    # Replaces what it wrote, nothing else.
    run("export", model, "--to", "kim", "--name", "Test_Si_H")
    write("Test_Si_H/thesis", "")
    message = run("export", model, "--to", "kim", "--name", "Test_Si_H", code=USAGE).stderr
    assert "'thesis'" in message and "would be lost" in message and os.path.exists("Test_Si_H/thesis"), message
    os.remove("Test_Si_H/thesis")
    os.mkdir("mine")
    write("mine/thesis", "")
    run("export", model, "--to", "kim", "--name", "Test_Si_H", "-o", "mine", code=USAGE)
    assert os.listdir("mine") == ["thesis"] and sorted(os.listdir(".")) == ["Test_Si_H", "mine", model]

    # At any time there is a model.
    for _ in range(5):
        export = subprocess.Popen([PROGRAM, "export", model, "--to", "kim", "--name", "Test_Si_H"], stdout=subprocess.DEVNULL)
        while export.poll() is None:
            assert all(os.access("Test_Si_H/model.kiln", os.F_OK) for _ in range(1000))
        assert export.returncode == 0

    # The old model stays where the new one cannot take its place: on a file system that cannot exchange folders, and whose
    # second rename fails.
    write("fails.c", "#include <errno.h>\n#include <string.h>\nint renameat2(int a, const char* b, int c, const char* d, unsigned e) { errno = EINVAL; return -1; }\n"
                     "int renameat(int, const char*, int, const char*);\n"
                     "int rename(const char* from, const char* to) { const char* end = strrchr(to, '/');\n"
                     "  if (strstr(from, \".partial\") && strcmp(end, \"/Test_Si_H\") == 0) { errno = EIO; return -1; }\n"
                     "  return renameat(-100, from, -100, to); }\n")
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "fails.so", "fails.c"], check=True)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "cannot.so", "-x", "c", "-"], check=True, text=True,
                   input="#include <errno.h>\nint renameat2(int a, const char* b, int c, const char* d, unsigned e) { errno = EINVAL; return -1; }\n")
    other = make_model("other.kiln", "--dtype", "f32")
    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"  # a sanitizer's library is not the first
    preloaded = {**os.environ, "LD_PRELOAD": "./fails.so", "ASAN_OPTIONS": options}
    message = run("export", other, "--to", "kim", "--name", "Test_Si_H", code=RESOURCES, env=preloaded).stderr
    assert "Input/output error" in message and read("Test_Si_H/model.kiln", "rb") == read(model, "rb"), message
    run("export", other, "--to", "kim", "--name", "Test_Si_H", env={**preloaded, "LD_PRELOAD": "./cannot.so"})
    assert read("Test_Si_H/model.kiln", "rb") == read(other, "rb")
    run("export", model, "--to", "kim", "--name", "Test_Si_H")
    assert read("Test_Si_H/model.kiln", "rb") == read(model, "rb")
    assert not [name for name in os.listdir(".") if ".old" in name or ".partial" in name]

    # The assembler includes the very bytes, under the names that xxd gives.
    folder = os.path.abspath("Test_Si_H")
    subprocess.run(["./incbin.sh", "-i", "model.kiln", "../model.c"], cwd=folder, check=True)
    write("print.c", "#include <stdio.h>\nextern unsigned char const model_kiln[];\nextern unsigned int const model_kiln_len;\n"
                     "int main(void) { return fwrite(model_kiln, 1, model_kiln_len, stdout) != model_kiln_len; }\n")
    subprocess.run([os.environ.get("CC", "cc"), "-o", "print", "print.c", "model.c"], check=True)
    assert subprocess.run(["./print"], capture_output=True, check=True).stdout == read(model, "rb")


# A mean over all atoms; with `compat: klay`, the row of the first one.
GLOBAL = """
model_inputs: {species: {role: species}}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 1}, inputs: {x: species}}
  mean: {type: ArbitraryModule, config: {target: torch.mean, kwargs: {dim: 0, keepdim: true}}, inputs: {0: elements}}
  more: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: elements, 1: mean}}
  readout: {type: AtomwiseLinear, config: {irreps_in_block: 1x0e, irreps_out_block: 1x0e}, inputs: {h: more}}
  total: {type: AtomwiseSum, inputs: {src: readout}}
model_outputs: {energy: total}
"""
MEAN = "{target: torch.mean, kwargs: {dim: 0, keepdim: true}}, inputs: {0: elements}"
ROW = "{target: torch.sin}, inputs: {0: elements}, output: {0: first}"


def export_global():
    """That it is not local is told before what runs it."""
    write("mean.yaml", GLOBAL)
    write("row.yaml", "compat: klay" + GLOBAL.replace(MEAN, ROW).replace("1: mean", "1: first"))
    for graph in ["mean.yaml", "row.yaml"]:
        assert "global: layer 'mean' needs all atoms; 0 hops" in run("validate", graph).stdout
        message = run("export", graph, "--to", "kim", "--species", "Si", code=CONFIGURATION).stderr
        assert "layer 'mean' needs all atoms" in message, message
    write("unread.yaml", read("row.yaml").replace("1: first", "1: elements"))
    assert "local: 0 hops" in run("validate", "unread.yaml").stdout


def readme():
    """The example of README.md is a graph, and its command lines are ones that the program has."""
    text = read(SOURCE + "/README.md")
    [graph] = re.findall(r"```yaml\n(.*?)```", text, re.S)
    write("readme.yaml", graph)
    assert run_json("validate", "readme.yaml")["graph"]["local"] is True

    lines = [shlex.split(line, comments=True)[1:] for line in re.findall(r"^kiln .*$", text, re.M)]
    assert len(lines) >= 8, lines
    for command, *arguments in lines:
        help_text = run(command, "--help").stdout  # fails if there is no such command
        for word in arguments:
            if word.startswith("-"):
                assert re.search(rf"^ +(-\w,)?{word}[ ,]|^ +{word},", help_text, re.M), f"kiln {command} has no {word}"
            elif word.startswith("examples/"):
                assert os.path.exists(f"{SOURCE}/{word}"), word


def pipes():
    shell = f"'{PROGRAM}' layers --format json | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    code = subprocess.run(["bash", "-c", shell], capture_output=True).returncode
    assert code in (0, 128 + signal.SIGPIPE), code
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "layers"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == RESOURCES and "could not be written" in done.stderr

    # Where the product is a file, what is printed may be lost.
    model = make_model()
    for arguments in (["export", model, "--to", "kiln", "-o", "out"], ["eval", model, STRUCTURES, "-o", "out"], ["run", *through(), "-o", "out.npz"]):
        for lost, code in ((arguments, 0), (arguments[:-2], RESOURCES)):
            if lost[0] == "export" and code:
                continue
            with open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, *lost], stdout=full, stderr=subprocess.PIPE, text=True)
            assert done.returncode == code and ("error: " if code else "warning: ") + "the output could not" in done.stderr, (lost, done)
        assert os.path.getsize(arguments[-1]) > 0
        os.remove(arguments[-1])
    whole = read(f"{SOURCE}/tests/cli/si_h.yaml")
    run("validate", "/dev/stdin", input=whole)
    code = subprocess.run(["bash", "-c", f"'{PROGRAM}' validate <(cat '{SOURCE}/tests/cli/si_h.yaml')"], capture_output=True).returncode
    assert code == 0, code


def endless_files():
    """What has no end, or waits for one who writes, is an error at once: named pipes, devices, folders; pipes without end."""
    os.mkfifo("pipe.yaml")
    os.mkdir("folder.yaml")
    os.symlink("/dev/zero", "zero.yaml")
    write("graph.yaml", 'model_inputs: {species: ""}\nmodel_layers: {elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}}\n'
                        "model_outputs: {y: elements}\n")
    told = {"pipe.yaml": "it is a named pipe", "folder.yaml": "it is a folder", "zero.yaml": "it is a device"}
    for name, why in told.items():
        os.symlink(name, name + ".npy")
        for arguments in (["validate", name], ["run", name], ["info", name], ["train", name], ["run", "graph.yaml", "--weights", name],
                          ["run", "graph.yaml", "-i", f"species={name}.npy"]):
            message = run(*arguments, code=DATA, timeout=60).stderr
            assert why in message and name in message, message
        write("outer.yaml", f"model_inputs: {{}}\nmodel_layers: {{block: {{include: {name}}}}}\nmodel_outputs: {{y: block}}\n")
        message = run("validate", "outer.yaml", code=DATA, timeout=60).stderr
        assert f"outer.yaml:2:33: error: '{name}' cannot be included: it cannot be read: it is a" in message, message
    run("export", f"{SOURCE}/tests/cli/si_h.yaml", "--to", "kiln", "--species", "Si,H", "-o", "model.kiln")
    for name, why in told.items():
        assert why in run("eval", "model.kiln", name, code=DATA, timeout=60).stderr
    message = run("validate", "/dev/stdin", code=DATA, timeout=60, stdin=open("/dev/zero")).stderr
    assert "it is a device" in message, message
    zeros = subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE)
    message = run("validate", "/dev/stdin", code=DATA, timeout=60, stdin=zeros.stdout).stderr
    zeros.kill()
    zeros.wait()
    assert "it has more than 67108864 bytes" in message, message
    endless_line = subprocess.Popen("yes | tr -d '\\n'", shell=True, stdout=subprocess.PIPE)
    message = run("eval", "model.kiln", "/dev/stdin", code=DATA, timeout=60, stdin=endless_line.stdout).stderr
    endless_line.stdout.close()
    endless_line.wait()
    assert "this line has more than 16 MiB" in message, message


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
