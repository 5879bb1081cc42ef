"""The codes of diagnostics, as the sources give them and as docs/language/checks.md lists them."""

import re

# Where the checks of a graph live.
SOURCES = ("graph/*.cpp", "graph/*.h", "layers/*.cpp", "base/arithmetic*.cpp", "base/interpolation*.cpp", "base/plugin_code.cpp",
           "base/yaml*.cpp",
           "operators/**/*.cpp", "model/foreign_code.cpp", "model/plugins.cpp",
           "engines/torch/row_function_check.cpp", "engines/torch/torch_loader.cpp", "cli/validate.cpp", "cli/model_door.cpp")

# error("code", …  faults.error(\n "code", …  report(flag ? "one" : "other", …  Stop{offset, "code", …
# Error(ErrorKind::data, "code", …  Error(e.kind(), "code", …  {Severity::error, "code", …
CALL = re.compile(
    r"(?:\b(?P<how>error|warning|ignored|report|fail|stop|Stop|NoResult|Error)[({](?:[^;{}()\"]*(?:\(\))?,\s*\{?)?"
    r"|Severity::error,)\s*(?:[^\"();,]*\?\s*)?"
    r"\"(?P<code>[a-z][a-z0-9-]*)\"(?:\s*:\s*\"(?P<other>[a-z][a-z0-9-]*)\")?\s*,")
KLAY = "error, or a warning with `compat: klay`"
SEVERITY = {"warning": "warning", "ignored": KLAY}
NO_GRAPHS = {"bad-json", "no-temporary-file"}  # faults of model files and of the machine
WORDS = {"nearest-exact"}  # no codes: values of arguments of torch's functions
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| ([^|]*?) \|", re.M)


def sources(folder):
    for pattern in SOURCES:
        for file in sorted(folder.glob(pattern)):
            if "_test" not in file.name:
                yield file


def severity(found):
    if KLAY in found:
        return KLAY
    return "error or warning" if len(found) > 1 else next(iter(found))


def given(folder):
    """{code: severity}; faults of the program itself do not count."""
    found = {}
    for file in sources(folder):
        for call in CALL.finditer(file.read_text()):
            if "ErrorKind::internal" in call.group(0):
                continue
            for code in {call.group("code"), call.group("other")} - {None} - NO_GRAPHS:
                found.setdefault(code, set()).add(SEVERITY.get(call.group("how"), "error"))
    return {code: severity(how) for code, how in found.items()}


def overlooked(folder, known):
    """Literals with a hyphen that stand first in a call or braces and are no known code."""
    for file in sources(folder):
        text = file.read_text()
        for literal in re.finditer(r"[({,]\s*\"([a-z]+(?:-[a-z0-9]+)+)\"\s*,", text):
            line = text[: literal.start()].count("\n") + 1
            before = text[max(0, literal.start() - 40) : literal.start()]
            if literal.group(1) not in known.keys() | NO_GRAPHS | WORDS and "ErrorKind::internal" not in before:
                yield f"{file}:{line}: '{literal.group(1)}'"


def listed(page):
    return dict(ROW.findall(page))
