"""Writes the golden files of tests/golden by running the original codes. See README.md for the environment.

    python make_goldens.py [--output DIR] [NAME ...]
"""

import argparse
import pathlib

import basis_goldens
import linear_goldens
import mace_goldens
from golden_file import write_golden
from original_layers import require_expected_versions, versions

GOLDENS = {
    "activation_constants": basis_goldens.activation_constants,
    "full_tensor_product": linear_goldens.full_tensor_product,
    "harmonics": basis_goldens.harmonics,
    "linear": linear_goldens.linear,
    "mace_layer": mace_goldens.mace_layer,
    "radial_basis": basis_goldens.radial_basis,
    "radial_network": linear_goldens.radial_network,
    "symmetric_contraction": mace_goldens.symmetric_contraction,
    "wigner_3j": basis_goldens.wigner_3j,
}


def make(name, folder):
    content = GOLDENS[name]()
    origin = {"calls": content.pop("calls"), **versions(), "precision": "float64",
              "script": "tests/oracles/make_goldens.py", "command": f"python make_goldens.py {name}"}
    path = folder / f"{name}.json"
    write_golden(path, {"origin": origin, **content})
    print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


def main():
    parser = argparse.ArgumentParser(description="Write golden files by running KLay and e3nn.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(GOLDENS)}")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "golden",
                        help="folder to write to (default: tests/golden)")
    options = parser.parse_args()
    unknown = set(options.names) - set(GOLDENS)
    if unknown:
        parser.error(f"no such golden file: {', '.join(sorted(unknown))}")
    require_expected_versions()
    for name in options.names or GOLDENS:
        make(name, options.output)


if __name__ == "__main__":
    main()
