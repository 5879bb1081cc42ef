"""kiln export: files, KIM folders, and what is no local potential."""

import json
import os
import struct
import subprocess

from harness import CONFIGURATION, PROGRAM, RESOURCES, USAGE, main, read, run, run_json, write
from small_potential import GRAPH, make_model


def files():
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
    write("numbers.yaml", """
model_inputs: {z: {role: atomic_numbers}}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2, input_is_atomic_number: true}, inputs: {x: z}}
  readout: {type: ScalarReadout, inputs: {h: elements}}
  total: {type: AtomwiseSum, inputs: {src: readout}}
model_outputs: {energy: total}
""")
    message = run("export", "numbers.yaml", "--to", "kiln", "--species", "H,O", "-o", "y.kiln", code=CONFIGURATION).stderr
    assert "the graph reads atomic numbers ('z')" in message and "number 2 cannot be O" in message, message
    run("export", "numbers.yaml", "--to", "kiln", "--species", "H,He", "-o", "y.kiln")
    os.remove("y.kiln")
    write("positions.yaml", read("numbers.yaml").replace("z: {role: atomic_numbers}", "z: {role: atomic_numbers}, x: {role: positions}").replace(
        "  readout:", "  square: {type: ArbitraryModule, config: {target: torch.sum, kwargs: {dim: 1, keepdim: true}}, inputs: {0: x}}\n"
        "  both: {type: ArbitraryModule, config: {target: torch.mul}, inputs: {0: elements, 1: square}}\n  readout:").replace("{h: elements}", "{h: both}"))
    message = run("export", "positions.yaml", "--to", "kiln", "--species", "H,He", "-o", "y.kiln", code=CONFIGURATION).stderr
    assert "layer 'square' reads the positions themselves" in message, message
    run("export", GRAPH, "--to", "kiln", "--species", "Si", "-o", "y.kiln", code=USAGE)
    assert "is there already" in run("export", GRAPH, "--to", "kiln", "--species", "Si,H", code=USAGE).stderr
    assert read(model, "rb") == before


def kim():
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


def not_local():
    """That it is not local is told before what runs it."""
    write("mean.yaml", GLOBAL)
    write("row.yaml", "compat: klay" + GLOBAL.replace(MEAN, ROW).replace("1: mean", "1: first"))
    for graph in ["mean.yaml", "row.yaml"]:
        assert "global: layer 'mean' needs all atoms; 0 hops" in run("validate", graph).stdout
        message = run("export", graph, "--to", "kim", "--species", "Si", code=CONFIGURATION).stderr
        assert "layer 'mean' needs all atoms" in message, message
    write("unread.yaml", read("row.yaml").replace("1: first", "1: elements"))
    assert "local: 0 hops" in run("validate", "unread.yaml").stdout


main(globals())
