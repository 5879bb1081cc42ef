"""The documentation says what the program does: docs_test.py CASE PROGRAM ROOT

yaml      every ```yaml block of the pages is run through the program. Behind `yaml` may stand
            (nothing)      a graph without any fault or warning
            warning CODE…  a graph with exactly these warnings
            error CODE…    a graph that is refused with exactly these codes
            options        a file that `kiln train` accepts but for the files that are not there
            fragment       a part of a file: it must be YAML, no more
          A first line `# NAME.yaml` gives the block a file name, so that other blocks of the page can include it.
          The graphs and options in examples/ are run, too.
links     every relative link leads to a file and, behind #, to one of its headings
commands  every `kiln …` has a command and options that the program's help knows
codes     docs/language/checks.md lists exactly the codes that the sources can give
faults    these checks fail where they should
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import codes
import markdown

YAML_CODES = {"yaml-syntax", "several-documents", "duplicate-key", "null-key", "bad-key", "bad-character", "bad-merge",
              "yaml-alias", "foreign-tag", "bad-tag", "number-range", "yaml-limit"}
HIDDEN_OPTIONS = {"--help-pages", "--pages"}


def pages(root):
    found = [root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md"]
    for folder in ("docs", "examples", "bench", "data", "tests"):
        found += sorted((root / folder).rglob("*.md"))
    return [page for page in found if page.is_file()]


def run(program, *arguments, folder=None):
    return subprocess.run([program, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60)


# ---- yaml


def diagnostics(program, file, folder):
    """Exit code and {(severity, code)} of `kiln validate`."""
    result = run(program, "validate", file, "--format", "json", folder=folder)
    found = json.loads(result.stdout)["diagnostics"]
    return result.returncode, {(fault["severity"], fault["code"]) for fault in found}


def shown(found):
    return ", ".join(sorted(f"{severity} {code}" for severity, code in found)) or "nothing"


def graph_fault(program, file, folder, wanted):
    """What is wrong with a graph that should give exactly the wanted diagnostics."""
    status, found = diagnostics(program, file, folder)
    if found != wanted:
        return f"gives {shown(found)}, not {shown(wanted)}"
    refused = any(severity == "error" for severity, _ in wanted)
    return "" if status == (3 if refused else 0) else f"exit code {status}"


def options_fault(program, file, folder):
    """In an empty folder, nothing may be wrong with options but that files they name are not there."""
    with tempfile.TemporaryDirectory() as empty:
        result = run(program, "train", folder / file, "--format", "json", folder=empty)
    found = {fault["code"] for fault in json.loads(result.stdout.splitlines()[-1])["diagnostics"]}
    return "" if found and found <= {"unreadable-model", "cannot-read"} else f"gives {', '.join(found) or 'nothing'}"


def fragment_fault(program, file, folder):
    broken = {(severity, code) for severity, code in diagnostics(program, file, folder)[1] if code in YAML_CODES}
    return f"gives {shown(broken)}" if broken else ""


def block_fault(program, info, file, folder):
    kind, *rest = info.split()[1:] or ["graph"]
    if kind == "graph":
        return graph_fault(program, file, folder, set())
    if kind in ("error", "warning") and rest:
        return graph_fault(program, file, folder, {(kind, code) for code in rest})
    if kind == "options" and not rest:
        return options_fault(program, file, folder)
    if kind == "fragment" and not rest:
        return fragment_fault(program, file, folder)
    return f"'{info}' is not understood"


def page_yaml_faults(program, page):
    blocks = [block for block in markdown.blocks(page.read_text()) if block.info.split()[:1] == ["yaml"]]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = []
        for number, block in enumerate(blocks):
            named = re.match(r"#\s*([\w.-]+\.yaml)\s*$", block.text.splitlines()[0])
            files.append(named.group(1) if named else f"block{number}.yaml")
            (folder / files[-1]).write_text(block.text)
        for block, file in zip(blocks, files):
            fault = block_fault(program, block.info, file, folder)
            if fault:
                yield f"{page}:{block.line}: this YAML {fault}"


def example_faults(program, root):
    for file in sorted((root / "examples").rglob("*.yaml")):
        keys = set(re.findall(r"^(\w+):", file.read_text(), re.M))
        build = file.parent / "CMakeLists.txt"
        needs_plugin = build.is_file() and "Kiln::plugin" in build.read_text()  # tests/plugin runs it with its plugin
        wanted = {("error", "unknown-layer")} if needs_plugin else set()
        fault = (graph_fault(program, file, root, wanted) if "model_layers" in keys
                 else options_fault(program, file, root) if "architecture" in keys
                 else "is neither a graph nor options")
        if fault:
            yield f"{file}: this YAML {fault}"


def yaml_faults(program, root):
    for page in pages(root):
        yield from page_yaml_faults(program, page)
    yield from example_faults(program, root)


# ---- links


def link_fault(page, target):
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.exists():
        return f"there is no '{path}'"
    if anchor and file.suffix == ".md" and anchor not in markdown.anchors(file.read_text()):
        return f"'{file.name}' has no heading '#{anchor}'"
    return ""


def unlisted_pages(folder):
    """Pages of a folder that its index.md does not lead to."""
    index = folder / "index.md"
    if index.is_file():
        listed = {link.target.partition("#")[0] for link in markdown.links(index.read_text())}
        for page in sorted(folder.glob("*.md")):
            if page != index and page.name not in listed:
                yield f"{index}: does not lead to {page.name}"


def link_faults(program, root):
    for page in pages(root):
        for link in markdown.links(page.read_text()):
            outside = re.match(r"[a-z]+:", link.target)
            fault = "" if outside else link_fault(page, link.target)
            if fault:
                yield f"{page}:{link.line}: link '{link.target}': {fault}"
    for folder in ("language", "layers"):
        yield from unlisted_pages(root / "docs" / folder)


# ---- commands


class Help:
    """Commands and options that --help prints."""

    def __init__(self, program):
        text = run(program, "--help").stdout
        self.commands = set(re.findall(r"^  ([a-z]\w*)\s", text.partition("Subcommands:")[2], re.M))
        self.options = {command: self.read(run(program, command, "--help").stdout) for command in self.commands}
        self.options[""] = self.read(text)

    @staticmethod
    def read(text):
        heads = re.findall(r"^  (-[\w,-]+)", text, re.M)
        return {option for head in heads for option in head.split(",")} | HIDDEN_OPTIONS

    def fault(self, line):
        words = shlex.split(re.sub(r"[\[\]…]", " ", line), comments=True)[1:]
        command = words[0] if words and re.fullmatch(r"[a-z]\w*", words[0]) else ""
        if command and command not in self.commands:
            return f"there is no command '{command}'"
        for word in words:
            option = word.partition("=")[0]
            if re.match(r"--?[a-z]", option) and option not in self.options[command]:
                return f"'kiln {command}' has no option '{option}'"
        return ""


def command_lines(text):
    for block in markdown.blocks(text):
        if block.info.split()[:1] == ["sh"]:
            for number, line in enumerate(block.text.splitlines(), block.line):
                if line.startswith("kiln "):
                    yield number, line
    for code in markdown.inline_code(text):
        if code.text.startswith("kiln "):
            yield code.line, code.text


def command_faults(program, root):
    known = Help(program)
    for page in pages(root):
        for number, line in command_lines(page.read_text()):
            fault = known.fault(line)
            if fault:
                yield f"{page}:{number}: {line}: {fault}"


# ---- codes


def code_faults(program, root):
    page = root / "docs" / "language" / "checks.md"
    listed, given = codes.listed(page.read_text()), codes.given(root / "src")
    for code in sorted(given.keys() | listed.keys()):
        if listed.get(code) != given.get(code):
            yield f"{page}: '{code}' is {listed.get(code, 'not listed')}, but the sources say {given.get(code, 'nothing')}"
    for place in codes.overlooked(root / "src", given):
        yield f"{place}: looks like a code, but is none that is known"


# ---- faults

GRAPH = """model_inputs:
  species: {role: species}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
model_outputs:
  elements: elements
"""
TYPO = GRAPH.replace("OneHotAtomEncoding", "OneHotAtomEncodin")
UNUSED = GRAPH.replace("model_layers", "  coords: {role: positions}\nmodel_layers")


OPTIONS = """architecture: {name: graph, model: {file: model.yaml}}
training_set: data.xyz
validation_set: 0.1
"""


def fenced(info, text):
    return f"# A page\n\n```{info}\n{text}```\n"


# (check, page, whether it is at fault)
CASES = [
    (yaml_faults, fenced("yaml", GRAPH), False),
    (yaml_faults, fenced("yaml", TYPO), True),
    (yaml_faults, fenced("yaml", UNUSED), True),
    (yaml_faults, fenced("yaml warning unused-input", UNUSED), False),
    (yaml_faults, fenced("yaml error unknown-layer", TYPO), False),
    (yaml_faults, fenced("yaml error unknown-layer", GRAPH), True),
    (yaml_faults, fenced("yaml error cycle", TYPO), True),
    (yaml_faults, fenced("yaml fragment", "type: A\nconfig: {}\n"), False),
    (yaml_faults, fenced("yaml fragment", "type: A\ntype: B\n"), True),
    (yaml_faults, fenced("yaml options", OPTIONS), False),
    (yaml_faults, fenced("yaml options", OPTIONS + "no_such_option: 1\n"), True),
    (yaml_faults, fenced("yaml whatever", GRAPH), True),
    (link_faults, "# A page\n\n[here](#a-page) [itself](page.md#a-page) [far](https://example.org/x)\n", False),
    (link_faults, "# A page\n\n[away](other.md)\n", True),
    (link_faults, "# A page\n\n[nowhere](#another-page)\n", True),
    (link_faults, "# A page\n\n`[code](other.md)`\n", False),
    (link_faults, "# A page\n\n[a link\nin two lines](other.md)\n", True),
    (command_faults, "`kiln validate FILE --format json`\n", False),
    (command_faults, "`kiln valdate FILE`\n", True),
    (command_faults, "so `kiln\nvaldate FILE`\n", True),
    (command_faults, "```sh\nkiln validate FILE --no-such-option\n```\n", True),
]


def self_faults(program, root):
    for check, text, wrong in CASES:
        with tempfile.TemporaryDirectory() as name:
            page = pathlib.Path(name) / "docs" / "page.md"
            page.parent.mkdir()
            page.write_text(text)
            found = list(check(program, pathlib.Path(name)))
        if bool(found) != wrong:
            yield f"{check.__name__} {'finds nothing wrong' if wrong else f'finds {found}'} in\n{text}"
    given = codes.given(root / "src")
    if codes.listed("| `cycle` | error | x |\n") != {"cycle": "error"} or given.get("unused-input") != "warning":
        yield "codes are not read as they stand"


CHECKS = {"yaml": yaml_faults, "links": link_faults, "commands": command_faults, "codes": code_faults,
          "faults": self_faults}


def main():
    case, program, root = sys.argv[1:]
    found = list(CHECKS[case](program, pathlib.Path(root)))
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
