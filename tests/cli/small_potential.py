"""The potential that tests of the program share, and what they read of its results."""

import re

from harness import SOURCE, read, run

GRAPH = SOURCE + "/tests/cli/si_h.yaml"
STRUCTURES = SOURCE + "/tests/cli/structures.xyz"


def make_model(path="si_h.kiln", *options):
    run("export", GRAPH, "--to", "kiln", "--species", "Si,H", "--seed", "3", "-o", path, *options)
    return path


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
