"""The graphs of the documentation compute something: runs_test.py PROGRAM ROOT [torch]

Every graph of the pages and of examples/ that is right is run on atoms, or on tensors of the shapes that it names, with the
native engine where it can and with torch where the program has it; where both can, they agree.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy

import markdown

N_ATOMS = 5
ROLES = {
    "species": lambda random: numpy.zeros(N_ATOMS, dtype=numpy.int64),
    "atomic_numbers": lambda random: numpy.ones(N_ATOMS, dtype=numpy.int64),
    "positions": lambda random: random.uniform(0, 3, (N_ATOMS, 3)),
    "edges": lambda random: numpy.array([(i, j) for i in range(N_ATOMS) for j in range(N_ATOMS) if i != j]).T,
    "shift": lambda random: numpy.zeros((N_ATOMS * (N_ATOMS - 1), 3)),
    "structure": lambda random: numpy.zeros(N_ATOMS, dtype=numpy.int64),
    "cell": lambda random: 9 * numpy.eye(3),
}


def width(described, name, text):
    """Columns of a tensor: of the irreps that its reader takes, else as the file says, else those of the examples."""
    irreps = described["type"].get("irreps", "")
    if irreps:
        return sum(int(mul) * (2 * int(l) + 1) for mul, l in re.findall(r"(\d+)x(\d+)", irreps))
    said = re.search(rf"\b{re.escape(name)}:[^\n{{]*\{{?[^\n}}]*?[\[(]\w+, ?(\d+)[\])]", text)
    return int(said.group(1)) if said else 8


def arrays_of(graph, text):
    random = numpy.random.default_rng(1)
    return {one["name"]: ROLES[one["role"]](random) if one["role"] in ROLES
            else random.normal(size=(N_ATOMS, width(one, one["name"], text))) for one in graph["inputs"]}


def run(program, folder, *words):
    done = subprocess.run([program, *words, "--format", "json"], cwd=folder, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def outputs(program, folder, file, engine):
    """None: the engine has no kernel for something."""
    words = [word for name in numpy.load(folder / "inputs.npz") for word in ("--input", f"{name}=inputs.npz")]
    code, told = run(program, folder, "run", file, *words, "--engine", engine, "-o", "out.npz")
    codes = [fault["code"] for fault in told["diagnostics"]]
    if code == 3 and codes[-1] == "unsupported-operator" and engine == "native":
        return None
    assert code == 0, f"{engine}: {told['diagnostics']}"
    return dict(numpy.load(folder / "out.npz"))


def differ(native, torch):
    return [name for name in torch if native[name].shape != torch[name].shape
            or not (numpy.abs(native[name] - torch[name]) <= 1e-10 * (1 + numpy.abs(torch[name]))).all()]


def fault_of_graph(program, folder, file, has_torch):
    """What is wrong with a graph that is right, "" if nothing; None if it is a library, which computes nothing."""
    code, told = run(program, folder, "validate", str(file))
    if code != 0:
        return f"is not right: {told['diagnostics']}"
    if not told["graph"].get("outputs"):
        return None
    numpy.savez(folder / "inputs.npz", **arrays_of(told["graph"], (folder / file).read_text()))
    try:
        native = outputs(program, folder, file, "native")
        torch = outputs(program, folder, file, "torch") if has_torch else None
    except AssertionError as error:
        return str(error)
    if native is None or torch is None:
        return ""
    return f"the engines differ in {differ(native, torch)}" if differ(native, torch) else ""


def own_folder(folder, file):
    own = folder / re.sub(r"\W", "_", str(file))
    own.mkdir()
    return own


def graphs_of_page(page, folder):
    """(file, place) of its blocks that are graphs; all blocks are written, so that one can include another."""
    for number, block in enumerate(block for block in markdown.blocks(page.read_text()) if block.info.split()[:1] == ["yaml"]):
        named = re.match(r"#\s*([\w.-]+\.yaml)\s*$", block.text.splitlines()[0])
        file = named.group(1) if named else f"block{number}.yaml"
        (folder / file).write_text(block.text)
        if block.info.split()[1:2] in ([], ["warning"]):
            yield file, f"{page}:{block.line}"


def all_graphs(root, folder):
    """(folder, file, place)"""
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        own = own_folder(folder, page)
        yield from [(own, *graph) for graph in graphs_of_page(page, own)]
    for file in sorted((root / "examples").rglob("*.yaml")):
        if re.search(r"^model_layers:", file.read_text(), re.M) and "SoftClamp" not in file.read_text():  # tests/plugin runs that
            own = own_folder(folder, file)
            (own / file.name).write_text(file.read_text())
            yield own, file.name, file


def main():
    program, root, has_torch = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:] == ["torch"]
    with tempfile.TemporaryDirectory() as name:
        faults = [(place, fault_of_graph(program, folder, file, has_torch))
                  for folder, file, place in all_graphs(root, pathlib.Path(name))]
    found = [f"{place}: {fault}" for place, fault in faults if fault]
    print("\n".join(found))
    sys.exit(1 if found or sum(fault is not None for _, fault in faults) < 40 else 0)


main()
