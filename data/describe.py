"""Check data sets and print their statistics; the exit status is 1 if a number is not finite or forces do not add up."""
import argparse
import sys

import numpy as np
from ase.io import read
from ase.neighborlist import neighbor_list

NET_FORCE = 0.01  # eV/Å; a label whose forces do not add up to zero is broken


def shortest(atoms):
    """The shortest interatomic distance, Å."""
    return min(neighbor_list("d", atoms, 5.0), default=np.inf)


def faults(images):
    """What is wrong, one line a frame."""
    for index, atoms in enumerate(images):
        stress = atoms.get_stress(voigt=False) if atoms.pbc.any() else np.zeros((3, 3))
        numbers = np.concatenate([atoms.positions.ravel(), atoms.get_forces().ravel(), stress.ravel(),
                                  [atoms.get_potential_energy()]])
        if not np.isfinite(numbers).all():
            yield f"frame {index}: a number is not finite"
        if not np.abs(atoms.get_forces().sum(axis=0)).max() < NET_FORCE:
            yield f"frame {index}: net force"


def row(name, images):
    """One line of the table."""
    energies = np.array([atoms.get_potential_energy() / len(atoms) for atoms in images])
    forces = np.concatenate([atoms.get_forces() for atoms in images])
    return (f"| {name} | {len(images)} | {energies.mean():.3f} | {energies.std():.3f} | "
            f"{energies.min():.3f} … {energies.max():.3f} | {np.sqrt((forces**2).mean()):.2f} | "
            f"{np.abs(forces).max():.1f} | {min(map(shortest, images)):.2f} |")


def print_table(images):
    print("| kind | frames | energy, eV/atom: mean | std | range | force, eV/Å: rms | largest | shortest distance, Å |")
    print("|---|---|---|---|---|---|---|---|")
    kinds = sorted({atoms.info["config_type"] for atoms in images})
    for kind in kinds:
        print(row(kind, [atoms for atoms in images if atoms.info["config_type"] == kind]))
    if len(kinds) > 1:
        print(row("all", images))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", help="extended XYZ files with energy and forces")
    found = False
    for file in parser.parse_args().files:
        images = read(file, index=":")
        print(f"\n{file}\n")
        print_table(images)
        for fault in faults(images):
            print(f"{file}: {fault}")
            found = True
    sys.exit(found)


if __name__ == "__main__":
    main()
