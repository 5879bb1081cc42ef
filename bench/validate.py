"""How long `kiln validate` takes for every example: bench/validate.py build/release/bin/kiln (from the root).

Examples are examples/*/model.yaml and the YAML blocks of README and docs. The peer is starting the program: kiln --version."""
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, "tests/docs")
from markdown import blocks  # noqa: E402

REPEATS = 5


def seconds(*command):
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    kiln = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        files = [*map(str, Path("examples").glob("*/model.yaml"))]
        for page in [Path("README.md"), *Path("docs").rglob("*.md")]:
            for block in (b for b in blocks(page.read_text()) if b.info.startswith("yaml")):
                files.append(f"{folder}/{page.stem}_{block.line}.yaml")
                Path(files[-1]).write_text(block.text)
        slowest = max((seconds(kiln, "validate", file), Path(file).name) for file in files)
    start = seconds(kiln, "--version")
    print(f"{len(files)} examples; slowest {1e3 * slowest[0]:.1f} ms ({slowest[1]}), "
          f"ratio to the start of the program {slowest[0] / start:.1f}")


main()
