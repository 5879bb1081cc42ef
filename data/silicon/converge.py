"""Scan cutoff, SCF threshold, smearing and k-mesh, each apart, on the hardest cells; print one table.

Every run is kept, so a second call with more scans only does what is missing.
"""
import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase.build import bulk

from pw import Level, single_point

BASE = Level(mesh=(3, 3, 3))


def example_cells(path):
    """A strongly rattled, metallic cell and, from the cells to be labeled, the first of each other kind."""
    metallic = bulk("Si", a=5.47, cubic=True)
    metallic.rattle(0.25, seed=1)
    cells = {"rattled 0.25": metallic}
    for atoms in read(path, index=":"):
        cells.setdefault(atoms.info["config_type"], atoms)
    return cells


def mesh(n, degauss, shifted=False):
    return replace(BASE, mesh=(n, n, n), shifted=shifted, degauss=degauss)


def meshes(degauss):
    return [mesh(2, degauss, True), mesh(3, degauss), mesh(3, degauss, True), mesh(4, degauss),
            mesh(4, degauss, True), mesh(5, degauss)]


def scans():
    """(name of the scan, reference level, other levels); a level is compared with its scan's reference only."""
    cutoff = [replace(BASE, ecutwfc=float(e)) for e in (44, 16, 20, 24, 30)]
    threshold = [replace(BASE, conv_thr=t) for t in (1e-12, 1e-6, 1e-8, 1e-9, 1e-10)]
    table = [("cutoff", cutoff[0], cutoff[1:]), ("threshold", threshold[0], threshold[1:])]
    for degauss in (0.005, 0.01, 0.02):
        table.append((f"mesh, smearing {degauss} Ry", mesh(6, degauss), meshes(degauss)))
    table.append(("the reference mesh itself", mesh(8, 0.02), [mesh(6, 0.02), mesh(5, 0.02)]))
    return table


def run(cell, level, work):
    """The labels of one run, from the store if they are there."""
    kind = f"{level.ecutwfc:g}-{level.mesh[0]}{'s' if level.shifted else ''}-{level.degauss:g}-{level.conv_thr:g}"
    folder = work / f"{cell.replace(' ', '-')}-{kind}"
    store = folder / "labels.json"
    if not store.exists():
        energy, forces, stress = single_point(CELLS[cell], level, folder)
        store.write_text(json.dumps([energy, forces.tolist(), stress.tolist()]))
    energy, forces, stress = json.loads(store.read_text())
    return energy, np.array(forces), np.array(stress)


def error_row(labels, reference):
    """Errors of energy (meV/atom), force (rms and largest component, meV/Å) and stress (largest, GPa)."""
    force = np.abs(labels[1] - reference[1])
    energy = (labels[0] - reference[0]) / len(force)
    stress = np.abs(labels[2] - reference[2]).max() * 160.21766
    return f"{1e3 * energy:8.2f} | {1e3 * np.sqrt((force**2).mean()):6.1f} | {1e3 * force.max():6.1f} | {stress:5.2f}"


def describe(level):
    mesh = f"{level.mesh[0]}^3{' shifted' if level.shifted else ''}"
    return f"{level.ecutwfc:g} Ry | {mesh} | {level.degauss:g} | {level.conv_thr:g}"


def print_table(cell, work):
    for name, reference, others in scans():
        print(f"\n{cell}, {name}, against {describe(reference)}\n")
        print("| cutoff | mesh | smearing, Ry | conv_thr, Ry | dE, meV/atom | dF rms | dF max, meV/Å | dS max, GPa |")
        print("|---|---|---|---|---|---|---|---|")
        for level in others:
            print(f"| {describe(level)} | {error_row(run(cell, level, work), run(cell, reference, work))} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work/converge"), help="folder for the runs")
    parser.add_argument("--jobs", type=int, default=2, help="pw.x processes at a time (default: 2)")
    options = parser.parse_args()
    levels = [level for _, reference, others in scans() for level in [reference] + others]
    levels.sort(key=lambda level: level.mesh[0]**3)
    tasks = list(dict.fromkeys((cell, level) for cell in reversed(list(CELLS)) for level in levels))
    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda task: run(*task, options.work), tasks))
    for cell in CELLS:
        print_table(cell, options.work)


if __name__ == "__main__":
    main()
