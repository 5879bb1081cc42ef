"""Scan cutoff, SCF threshold, smearing and k-mesh, each apart, and print the tables.

The scans are made on a strongly rattled, metallic cell, the k-mesh also on four of the cells to label and on the ideal
crystal in both cell shapes. Every run is kept, so that a second call with more scans only does what is missing.
"""
import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.io import read
from ase.units import GPa

from make_cells import cubic, slanted
from pw import Level, single_point

BASE = Level(mesh=(3, 3, 3))
LABELED = (("hot", 1), ("hot", 4), ("rattled", 2), ("vacancy", 1))  # 600 and 1500 K, 0.10 Å, 900 K


def mesh(n, degauss, shifted=False, conv_thr=1e-9):
    divisions = n if isinstance(n, tuple) else (n, n, n)
    return replace(BASE, mesh=divisions, shifted=shifted, degauss=degauss, conv_thr=conv_thr)


def scans_of_metal():
    """(name of the scan, its reference, the levels to be compared with that)."""
    cutoff = [replace(BASE, ecutwfc=float(e)) for e in (44, 16, 20, 24, 30)]
    threshold = [replace(BASE, conv_thr=t) for t in (1e-12, 1e-6, 1e-8, 1e-9, 1e-10)]
    table = [("cutoff", cutoff[0], cutoff[1:]), ("threshold", threshold[0], threshold[1:])]
    for degauss in (0.005, 0.01, 0.02):
        levels = [mesh(2, degauss, True), mesh(3, degauss), mesh(3, degauss, True), mesh(4, degauss),
                  mesh(4, degauss, True), mesh(5, degauss)]
        table.append((f"mesh, smearing {degauss} Ry", mesh(6, degauss), levels))
    return table


def scan_meshes(reference, others):
    """The mesh at the smearing of the labels; a mesh is (divisions, shifted)."""
    levels = [mesh(n, 0.02, shifted, 1e-8) for n, shifted in (reference, *others)]
    return [("mesh, smearing 0.02 Ry", levels[0], levels[1:])]


CUBIC_MESHES = ((3, True), (4, False), (4, True))
SLANTED_MESHES = (((3, 3, 6), True), ((3, 3, 7), True), ((4, 4, 7), True))


def all_scans(cells_path):
    """(name of the cell, cell, scans) for each cell."""
    metal = bulk("Si", a=5.47, cubic=True)
    metal.rattle(0.25, seed=1)
    found = [("metal", metal, scans_of_metal())]
    cells = read(cells_path, index=":")
    for kind, index in LABELED:
        of_kind = [atoms for atoms in cells if atoms.info["config_type"] == kind]
        found.append((f"{kind} {index}", of_kind[index], scan_meshes((5, False), CUBIC_MESHES)))
    found.append(("ideal, cubic", cubic(), scan_meshes((5, False), CUBIC_MESHES)))
    found.append(("ideal, slanted", slanted(), scan_meshes(((4, 4, 8), True), SLANTED_MESHES)))
    return found


def run(name, atoms, level, work):
    """The labels of one run, from the store if they are there."""
    kind = describe(level).replace(" | ", "-").replace(" ", "-")
    folder = work / f"{name.replace(',', '').replace(' ', '-')}-{kind}"
    store = folder / "labels.json"
    if not store.exists():
        energy, forces, stress, _ = single_point(atoms, level, folder)
        store.write_text(json.dumps([energy, forces.tolist(), stress.tolist()]))
    energy, forces, stress = json.loads(store.read_text())
    return energy, np.array(forces), np.array(stress)


def errors(labels, reference):
    """Errors of energy (meV/atom), forces (rms and largest component, meV/Å) and stress (largest component, GPa)."""
    force = 1e3 * np.abs(labels[1] - reference[1])
    energy = 1e3 * (labels[0] - reference[0]) / len(force)
    stress = np.abs(labels[2] - reference[2]).max() / GPa
    return f"{energy:.2f} | {np.sqrt((force**2).mean()):.1f} | {force.max():.1f} | {stress:.2f}"


def describe(level):
    divisions = "x".join(map(str, level.mesh)) + (" shifted" if level.shifted else "")
    return f"{level.ecutwfc:g} | {divisions} | {level.degauss:g} | {level.conv_thr:g}"


def print_table(name, atoms, scans, work):
    for scan, reference, levels in scans:
        print(f"\n{name}, {scan}; the last row is the reference\n")
        print("| cutoff, Ry | mesh | smearing, Ry | conv_thr, Ry "
              "| energy, meV/atom | force, meV/Å: rms | largest | stress, GPa |")
        print("|---|---|---|---|---|---|---|---|")
        exact = run(name, atoms, reference, work)
        for level in levels:
            print(f"| {describe(level)} | {errors(run(name, atoms, level, work), exact)} |")
        print(f"| {describe(reference)} | {1e3 * exact[0] / len(atoms):.2f} in all | – | – | – |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=Path, default=Path("work/cells.xyz"), help="from make_cells.py")
    parser.add_argument("--work", type=Path, default=Path("work/converge"), help="folder for the runs")
    parser.add_argument("--jobs", type=int, default=2, help="pw.x processes at a time (default: 2)")
    options = parser.parse_args()
    cells = all_scans(options.cells)
    tasks = dict.fromkeys((name, level) for name, _, scans in cells for _, reference, levels in scans
                          for level in [reference, *levels])
    atoms_of = {name: atoms for name, atoms, _ in cells}
    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda task: run(task[0], atoms_of[task[0]], task[1], options.work), tasks))
    for name, atoms, scans in cells:
        print_table(name, atoms, scans, options.work)


if __name__ == "__main__":
    main()
