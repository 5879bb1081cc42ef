"""Ethanol, GFN2-xTB: sample geometries by molecular dynamics, then label each with energy and forces.

The trajectory only supplies geometries. Every frame is computed afresh at a tight SCC, so labels and positions agree to
the last digit written. Start and velocities are seeded and xtb's thermostat is deterministic.
"""
import argparse
import os
import subprocess
from pathlib import Path

import numpy as np
from ase.build import molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution, Stationary, ZeroRotation
from ase.units import Bohr, Hartree, fs

ATOMIC_TIME = 0.02418884326 * fs  # the atomic unit of time in ASE's unit of time

MD_INPUT = """$md
   temp={temperature}
   time={picoseconds}
   dump={interval}
   step=0.5
   hmass=1
   shake=0
   nvt=true
   restart=true
   sccacc=1.0
$end
"""


def run_xtb(folder, *arguments):
    """Run xtb on one core in `folder`; its report goes to xtb.out."""
    with open(folder / "xtb.out", "w") as out:
        subprocess.run(["xtb", *arguments], cwd=folder, stdout=out, stderr=subprocess.STDOUT, check=True,
                       env=dict(os.environ, OMP_NUM_THREADS="1"))


def write_coord(path, atoms):
    """Write Turbomole's format: it is in bohr, so that no conversion constant of xtb's enters."""
    lines = [f"{x:.12f} {y:.12f} {z:.12f} {symbol.lower()}"
             for symbol, (x, y, z) in zip(atoms.get_chemical_symbols(), atoms.positions / Bohr)]
    path.write_text("\n".join(["$coord", *lines, "$end", ""]))


def write_restart(path, atoms):
    """Write xtb's restart file: a header, then position and velocity of each atom in atomic units."""
    velocities = atoms.get_velocities() / Bohr * ATOMIC_TIME
    lines = [" ".join(f"{x:21.14E}".replace("E", "D") for x in (*r, *v))
             for r, v in zip(atoms.positions / Bohr, velocities)]
    path.write_text("\n".join([" -1.0", *lines, ""]))


def sample(options):
    """The frames of one trajectory after the first `discard` ps."""
    folder = options.work / "md"
    folder.mkdir(parents=True, exist_ok=True)
    atoms = molecule("CH3CH2OH")
    MaxwellBoltzmannDistribution(atoms, temperature_K=2 * options.temperature, rng=np.random.RandomState(options.seed))
    Stationary(atoms)
    ZeroRotation(atoms)
    write_coord(folder / "coord", atoms)
    write_restart(folder / "mdrestart", atoms)
    picoseconds = options.discard + options.frames * options.interval / 1000
    (folder / "md.inp").write_text(MD_INPUT.format(temperature=options.temperature, picoseconds=picoseconds,
                                                   interval=options.interval))
    run_xtb(folder, "coord", "--gfn", "2", "--md", "--input", "md.inp")
    return read(folder / "xtb.trj", index=":", format="xyz")[-options.frames:]


def read_engrad(path, n_atoms):
    """Energy (eV) and forces (eV/Å) from xtb's .engrad file: atom count, energy, then the gradient."""
    values = [float(line) for line in path.read_text().splitlines()[:11 + 3 * n_atoms] if not line.startswith("#")]
    gradient = np.array(values[2:2 + 3 * n_atoms]).reshape(n_atoms, 3)
    return values[1] * Hartree, -gradient * Hartree / Bohr


def label(atoms, folder):
    """Energy and forces at the positions as they will be written, 8 decimals."""
    folder.mkdir(parents=True, exist_ok=True)
    atoms.positions = atoms.positions.round(8)
    write_coord(folder / "coord", atoms)
    run_xtb(folder, "coord", "--gfn", "2", "--grad", "--acc", "0.01")
    energy, forces = read_engrad(folder / "coord.engrad", len(atoms))
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)


def force_error(atoms, folder, step=0.001):
    """Largest difference (eV/Å) between the forces and central differences of the energy."""
    error = 0.0
    for i, axis in np.ndindex(len(atoms), 3):
        energies = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions[i, axis] += sign * step
            label(moved, folder)
            energies.append(moved.get_potential_energy())
        slope = (energies[0] - energies[1]) / (2 * step)
        error = max(error, abs(slope + atoms.get_forces()[i, axis]))
    return error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1000, help="frames to keep (default: 1000)")
    parser.add_argument("--interval", type=int, default=100, help="time between frames, fs (default: 100)")
    parser.add_argument("--discard", type=float, default=5.0, help="time before the first frame, ps (default: 5)")
    parser.add_argument("--temperature", type=float, default=500.0, help="K (default: 500)")
    parser.add_argument("--seed", type=int, default=1, help="of the velocities and of the order (default: 1)")
    parser.add_argument("--work", type=Path, default=Path("work"), help="folder for intermediate files")
    parser.add_argument("--output", type=Path, default=Path("ethanol.xyz"), help="the data set")
    options = parser.parse_args()

    frames = sample(options)
    for atoms in frames:
        atoms.info = {"config_type": f"md_{options.temperature:.0f}K"}
        label(atoms, options.work / "label")
    order = np.random.RandomState(options.seed).permutation(len(frames))
    write(options.output, [frames[i] for i in order], format="extxyz")
    error = force_error(frames[0], options.work / "fd")
    print(f"{len(frames)} frames; forces against finite differences: {error:.1e} eV/Å")


if __name__ == "__main__":
    main()
