"""Compare forces and stress with differences of the energy, and fit the equation of state of the labeled ideal cells.

pw.x's stress is the derivative at a fixed number of plane waves, the difference of energies is taken at a fixed cutoff:
the two agree only in the limit of a large cutoff, so the stress is compared at two cutoffs.
"""
import argparse
from pathlib import Path

import numpy as np
from ase.eos import EquationOfState
from ase.io import read
from ase.units import GPa

from pw import Level, single_point

FORCE_STEP = 0.01     # Å
STRAIN_STEP = 0.005
COMPONENTS = {"xx": (0, 0), "yz": (1, 2)}


def displaced(atoms, axis, step):
    """The first atom moved along one axis."""
    moved = atoms.copy()
    moved.positions[0, axis] += step
    return moved


def strained(atoms, component, step):
    """The cell under one symmetric strain component; for a shear, both off-diagonal entries are step / 2."""
    i, j = component
    strain = np.zeros((3, 3))
    strain[i, j] += step / 2
    strain[j, i] += step / 2
    moved = atoms.copy()
    moved.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
    return moved


def slope(move, step, evaluate):
    """Central difference of the energy along a path of cells."""
    return (evaluate(move(step))[0] - evaluate(move(-step))[0]) / (2 * step)


def check_forces(atoms, evaluate):
    forces = evaluate(atoms)[1]
    for axis in range(3):
        numeric = -slope(lambda step: displaced(atoms, axis, step), FORCE_STEP, evaluate)
        print(f"force {'xyz'[axis]} of atom 0: {forces[0, axis]:.4f}, from energies {numeric:.4f} eV/Å")


def check_stress(atoms, cutoff, evaluate):
    stress = evaluate(atoms)[2]
    for name, component in COMPONENTS.items():
        numeric = slope(lambda step: strained(atoms, component, step), STRAIN_STEP, evaluate) / atoms.get_volume()
        print(f"stress {name} at {cutoff:g} Ry: {stress[component]:.5f}, from energies {numeric:.5f} eV/Å^3"
              f" ({stress[component] / GPa:.2f} and {numeric / GPa:.2f} GPa)")


def check_equation_of_state(images):
    ideal = [atoms for atoms in images if atoms.info["config_type"] == "ideal"]
    fit = EquationOfState([atoms.get_volume() for atoms in ideal], [atoms.get_potential_energy() for atoms in ideal],
                          eos="birchmurnaghan")
    volume, energy, modulus = fit.fit()
    print(f"equation of state: a = {volume**(1 / 3):.4f} Å, {energy / 8:.4f} eV/atom, B = {modulus / GPa:.1f} GPa")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("silicon.xyz"), help="the data set")
    parser.add_argument("--cells", type=Path, default=Path("work/cells.xyz"), help="the first hot one is used")
    parser.add_argument("--work", type=Path, default=Path("work/validate"), help="folder for the runs")
    options = parser.parse_args()

    atoms = next(a for a in read(options.cells, index=":") if a.info["config_type"] == "hot")
    for cutoff in (24.0, 44.0):
        level = Level(ecutwfc=cutoff, mesh=(2, 2, 2), shifted=True, degauss=0.02, conv_thr=1e-10)
        evaluate = lambda cell: single_point(cell, level, options.work)
        if cutoff == 24.0:
            check_forces(atoms, evaluate)
        check_stress(atoms, cutoff, evaluate)
    check_equation_of_state(read(options.data, index=":"))


if __name__ == "__main__":
    main()
