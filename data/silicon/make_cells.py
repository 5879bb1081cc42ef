"""Make the unlabeled cells: ideal, strained, rattled, hot, and with a vacancy, in an order that is balanced throughout.

Labeling may stop anywhere: the kinds are interleaved in proportion, and within a kind the amplitudes, temperatures and
the two cell shapes take turns.
"""
import argparse
import subprocess
from pathlib import Path

import numpy as np
from ase.build import bulk, make_supercell
from ase.io import read, write

LATTICE = 5.47        # Å, close to the minimum of PBE with this pseudopotential
SW_LATTICE = 5.431    # Å, that of the classical model; its cells are scaled to the above
KIM_MODEL = "SW_StillingerWeber_1985_Si__MO_405512056662_005"
MELTING_POINT = 1680  # K, that of the classical model
AMPLITUDES = (0.02, 0.05, 0.10, 0.15, 0.20, 0.30)     # Å, standard deviation of each coordinate
TEMPERATURES = (300, 600, 900, 1200, 1500, 2000, 3000)  # K
VACANCY_TEMPERATURES = (300, 900)                     # K

LAMMPS_INPUT = """kim init {model} metal
box tilt large
read_data {data}
mass 1 28.0855
kim interactions Si
velocity all create {start} {seed} mom yes dist gaussian
timestep 0.001
fix ensemble all {ensemble} temp {temperature} {temperature} 0.1 {barostat}
run {equilibration}
reset_timestep 0
dump frames all custom {interval} {dump} id type xu yu zu
dump_modify frames sort id first no format float %.10f
thermo {interval}
run {steps}
"""


def cubic(a=LATTICE):
    atoms = bulk("Si", a=a, cubic=True)
    atoms.info["shape"] = "cubic"
    return atoms


def slanted(a=LATTICE):
    """2 x 2 x 1 primitive cells: also 8 atoms, but it holds phonons that the cubic cell does not."""
    atoms = make_supercell(bulk("Si", a=a), np.diag([2, 2, 1]))
    atoms.info["shape"] = "slanted"
    return atoms


SHAPES = (cubic, slanted)


def strain(atoms, rng, size):
    """Apply a random symmetric strain, components uniform in [-size, size]."""
    e = rng.uniform(-size, size, (3, 3))
    atoms.set_cell(atoms.cell @ (np.eye(3) + 0.5 * (e + e.T)), scale_atoms=True)


def rattle(atoms, rng, amplitude):
    atoms.positions += rng.normal(0.0, amplitude, atoms.positions.shape)


def ideal_cells(n):
    """Diamond at n lattice constants: the equation of state."""
    return [cubic(a) for a in np.linspace(5.15, 5.85, n)]


def strained_cells(n, rng):
    cells = [SHAPES[i % 2]() for i in range(n)]
    for atoms in cells:
        strain(atoms, rng, 0.08)
        rattle(atoms, rng, 0.02)
    return cells


def rattled_cells(n, rng):
    cells = [SHAPES[i // len(AMPLITUDES) % 2]() for i in range(n)]
    for i, atoms in enumerate(cells):
        strain(atoms, rng, 0.02)
        rattle(atoms, rng, AMPLITUDES[i % len(AMPLITUDES)])
    return cells


def dynamics(start, temperature, n, seed, folder):
    """n snapshots, 0.5 ps apart, of a run with the classical model, scaled to the lattice constant of PBE.

    The cell breathes at zero pressure, except above the melting point: a small liquid cell would flow.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "start.data", start, format="lammps-data", atom_style="atomic", force_skew=True)
    couple = "aniso" if np.allclose(start.cell, np.diag(np.diag(start.cell))) else "tri"
    barostat = f"{couple} 0.0 0.0 1.0 fixedpoint 0 0 0" if temperature < MELTING_POINT else ""
    (folder / "in.md").write_text(LAMMPS_INPUT.format(
        model=KIM_MODEL, data="start.data", dump="frames.dump", temperature=temperature, start=2 * temperature,
        ensemble="npt" if barostat else "nvt", barostat=barostat, seed=seed, equilibration=5000,
        interval=500, steps=500 * n))
    subprocess.run(["lmp", "-in", "in.md", "-log", "md.log"], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    frames = read(folder / "frames.dump", index=":", format="lammps-dump-text")[:n]
    for atoms in frames:
        atoms.symbols[:] = "Si"
        atoms.info = dict(start.info)
        atoms.set_cell(atoms.cell * LATTICE / SW_LATTICE, scale_atoms=True)
    return frames


def take_turns(lists):
    """One of each list in turn."""
    return [atoms for group in zip(*lists) for atoms in group]


def hot_cells(n, work, seed):
    """Each temperature and shape in turn."""
    each = -(-n // (len(TEMPERATURES) * len(SHAPES)))
    runs = [dynamics(shape(SW_LATTICE), t, each, seed + t, work / f"md-{shape.__name__}-{t}")
            for shape in SHAPES for t in TEMPERATURES]
    return take_turns(runs)[:n]


def vacancy_cells(n, work, seed):
    """Seven atoms: one taken from the cubic cell, then dynamics."""
    start = cubic(SW_LATTICE)
    del start[0]
    each = -(-n // len(VACANCY_TEMPERATURES))
    return take_turns([dynamics(start, t, each, seed + t, work / f"vacancy-{t}") for t in VACANCY_TEMPERATURES])[:n]


def interleave(kinds):
    """All cells, named by kind, each kind spread evenly over the whole list."""
    placed = [((i + 0.5) / len(cells), name, atoms) for name, cells in kinds.items() for i, atoms in enumerate(cells)]
    placed.sort(key=lambda item: item[:2])
    for _, name, atoms in placed:
        atoms.info["config_type"] = name
    return [atoms for _, _, atoms in placed]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("work"), help="folder for the dynamics")
    parser.add_argument("--output", type=Path, default=Path("work/cells.xyz"), help="the cells, without labels")
    parser.add_argument("--seed", type=int, default=1, help="of everything random (default: 1)")
    options = parser.parse_args()

    rng = np.random.default_rng(options.seed)
    kinds = {"ideal": ideal_cells(11), "strained": strained_cells(60, rng), "rattled": rattled_cells(84, rng),
             "hot": hot_cells(112, options.work, options.seed),
             "vacancy": vacancy_cells(12, options.work, options.seed)}
    cells = interleave(kinds)
    for atoms in cells:
        atoms.wrap()
        atoms.set_array("momenta", None)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    write(options.output, cells, format="extxyz", columns=["symbols", "positions"])
    print(f"{len(cells)} cells: " + ", ".join(f"{len(v)} {k}" for k, v in kinds.items()))


if __name__ == "__main__":
    main()
