"""What the tests of the program share: TEST.py CASE PROGRAM SOURCE runs one function of the test in an empty folder."""

import json
import os
import subprocess
import sys
import tempfile

CASE, PROGRAM, SOURCE = sys.argv[1], os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
USAGE, CONFIGURATION, DATA, NUMERICAL, RESOURCES = 2, 3, 4, 5, 6


def run(*arguments, code=0, **options):
    """Runs the program, demands the exit code, returns the result."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, **options)
    assert done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
    assert "\x1b" not in done.stdout + done.stderr, "color codes outside a terminal"
    if code:
        assert done.stderr or any(word.startswith("--format") for word in arguments), "an error without a message"
    return done


def run_json(*arguments, code=0):
    return json.loads(run(*arguments, "--format", "json", code=code).stdout)


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def read(path, mode="r"):
    with open(path, mode) as file:
        return file.read()


def near(a, b, tolerance=1e-10):
    assert abs(a - b) <= tolerance * (1 + abs(b)), f"{a} and {b}"


def main(cases):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        cases[CASE]()
        os.chdir("/")
    print(CASE, "passed")
