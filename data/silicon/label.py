"""Label the cells with Quantum ESPRESSO and gather the data set; may be stopped and called again at any time.

Each finished cell is a file of its own in the work folder. The data set is rewritten from those files every few cells,
by a rename, so that a reader never meets half of it.
"""
import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write
from ase.stress import full_3x3_to_voigt_6_stress

from pw import Level, single_point


# Divisions and shift of the k-mesh by the shape that the cell was made from, so that straining never changes the mesh.
COARSE = {"cubic": ((4, 4, 4), True), "slanted": ((4, 4, 8), True)}
FINE = {"cubic": ((5, 5, 5), False)}  # the slanted shape has one mesh for all cells
METALLIC = 0.002  # eV/atom; where the entropy term -TS is larger, the coarse mesh is not enough


def write_whole(path, images):
    """Write and rename: the file at `path` is complete at every moment."""
    part = path.with_name(path.name + ".part")
    write(part, images, format="extxyz")
    os.replace(part, path)


def compute(atoms, mesh, options, folder):
    """pw.x at one of the meshes; the mesh is noted with the labels."""
    divisions, shifted = mesh
    atoms.info["k_mesh"] = "x".join(map(str, divisions)) + ("s" if shifted else "")
    level = Level(ecutwfc=options.ecutwfc, mesh=divisions, shifted=shifted, degauss=options.degauss,
                  conv_thr=options.conv_thr)
    return single_point(atoms, level, folder)


def label(atoms, options, index):
    """Label one cell, unless that is done already; a failed SCF is reported and left out."""
    store = options.work / "labels" / f"{index:04d}.xyz"
    if store.exists() or time.time() > options.deadline:
        return
    shape = atoms.info.pop("shape")
    folder = options.work / "runs" / f"{index:04d}"
    try:
        energy, forces, stress, entropy_term = compute(atoms, COARSE[shape], options, folder)
        if shape in FINE and abs(entropy_term) > METALLIC * len(atoms):
            energy, forces, stress, _ = compute(atoms, FINE[shape], options, folder)
    except Exception as error:
        print(f"cell {index} has no label: {error}", flush=True)
        return
    stress = full_3x3_to_voigt_6_stress(stress)
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=stress)
    write_whole(store, atoms)


def gather(n_cells, options):
    """Write the labeled cells without those of extreme forces, in a random order that does not depend on how many there are."""
    order = np.random.RandomState(options.seed).permutation(n_cells)
    stores = [options.work / "labels" / f"{index:04d}.xyz" for index in order]
    labeled = [read(store) for store in stores if store.exists()]
    images = [atoms for atoms in labeled if np.abs(atoms.get_forces()).max() <= options.largest_force]
    if images:
        write_whole(options.output, images)
    print(f"{len(labeled)} of {n_cells} cells labeled, {len(images)} in the set", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=Path, default=Path("work/cells.xyz"), help="from make_cells.py")
    parser.add_argument("--work", type=Path, default=Path("work"), help="folder for runs and single labels")
    parser.add_argument("--output", type=Path, default=Path("silicon.xyz"), help="the data set")
    parser.add_argument("--jobs", type=int, default=2, help="pw.x processes at a time (default: 2)")
    parser.add_argument("--minutes", type=float, default=1e6, help="start no run after this time (default: no limit)")
    parser.add_argument("--ecutwfc", type=float, default=24.0, help="plane-wave cutoff, Ry (default: 24)")
    parser.add_argument("--degauss", type=float, default=0.02, help="gaussian smearing, Ry (default: 0.02)")
    parser.add_argument("--conv-thr", type=float, default=1e-7, help="SCF threshold, Ry (default: 1e-7)")
    parser.add_argument("--largest-force", type=float, default=10.0, help="cells beyond it are left out, eV/Å (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the order in the data set (default: 1)")
    options = parser.parse_args()

    options.deadline = time.time() + 60 * options.minutes
    (options.work / "labels").mkdir(parents=True, exist_ok=True)
    cells = read(options.cells, index=":")
    with ThreadPoolExecutor(options.jobs) as pool:
        for count, _ in enumerate(pool.map(lambda item: label(item[1], options, item[0]), enumerate(cells)), 1):
            if count % 20 == 0 and time.time() < options.deadline:
                gather(len(cells), options)
    gather(len(cells), options)


if __name__ == "__main__":
    main()
