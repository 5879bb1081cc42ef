"""The program as a user meets it: program_test.py CASE PROGRAM SOURCE."""

import hashlib
import json
import os
import re
import shlex
import signal
import struct
import subprocess

import numpy

from harness import CONFIGURATION, DATA, NUMERICAL, PROGRAM, RESOURCES, SOURCE, USAGE, main, read, run, run_json, write
from small_potential import GRAPH, STRUCTURES, make_model


def through():
    """Arguments of a run that gives back what it is given."""
    write("through.yaml", "model_inputs: {x: {shape: [N]}}\nmodel_layers: {}\nmodel_outputs: {x: x}\n")
    numpy.save("x.npy", numpy.ones(2))
    return "through.yaml", "--input", "x=x.npy"


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
    for wrong in ("Si", "Si,H,O"):
        assert codes(*arguments, "--species", wrong, code=USAGE) == ["dangling-layer", "species-mismatch"]
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


def unreadable_includes():
    """Are told with all other faults; exit code 4 if they are all that is wrong."""
    text = """model_inputs: {x: {shape: [N, 4]}}
model_layers:
  b: {include: none.yaml, inputs: {h: x}}
  c: {include: ., inputs: {h: b}}
  d: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: c, KEY: x}}
model_outputs: {y: d}
"""
    write("both.yaml", text)
    write("files.yaml", text.replace(", KEY: x", ""))
    unreadable = [("cannot-include", 3), ("cannot-include", 4)]
    for graph, code, expected in (("files.yaml", DATA, unreadable), ("both.yaml", CONFIGURATION, [*unreadable, ("unknown-port", 5)])):
        for command in (["validate", graph], ["run", graph, "-i", "x=x.npy"]):
            found = run_json(*command, code=code)["diagnostics"]
            assert [(fault["code"], fault["line"]) for fault in found] == expected, found
    write("options.yaml", "architecture: {name: graph, model: {file: files.yaml}, training: {batch_size: 1, num_epochs: 1, learning_rate: 0.1}}\n"
                          "training_set: {systems: {read_from: none.xyz}, targets: {energy: {key: energy, unit: eV}}}\nvalidation_set: 0.1\ntest_set: 0.1\n")
    assert run("train", "options.yaml", code=DATA).stderr.count("error: ") == 2


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


main(globals())
