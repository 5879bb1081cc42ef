"""One Quantum ESPRESSO single point: write the input, run pw.x, read the labels.

The labels come from pw.x's XML file, which holds full precision; the text output is rounded to eight digits.
"""
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase.units import Bohr, Hartree

PSEUDOPOTENTIAL = "Si.pbe-rrkj.UPF"
PSEUDO_DIR = "/usr/share/espresso/pseudo"  # Debian's quantum-espresso-data


@dataclass(frozen=True)
class Level:
    """What decides the numerical quality of a label."""

    ecutwfc: float = 24.0      # Ry, plane-wave cutoff; the density takes four times this
    mesh: tuple = (4, 4, 4)    # Monkhorst-Pack divisions
    shifted: bool = False      # mesh displaced by half a step
    smearing: str = "gaussian"
    degauss: float = 0.01      # Ry
    conv_thr: float = 1e-9     # Ry, estimated energy error that ends the SCF


INPUT = """&control
  calculation = 'scf', tprnfor = .true., tstress = .true., disk_io = 'low',
  outdir = '{scratch}', prefix = 'si', pseudo_dir = '{pseudo_dir}'
/
&system
  ibrav = 0, nat = {n_atoms}, ntyp = 1, ecutwfc = {level.ecutwfc}, nosym = .true.,
  occupations = 'smearing', smearing = '{level.smearing}', degauss = {level.degauss}
/
&electrons
  conv_thr = {level.conv_thr}, mixing_beta = 0.7, electron_maxstep = 100
/
ATOMIC_SPECIES
Si 28.0855 {pseudopotential}
CELL_PARAMETERS angstrom
{cell}
ATOMIC_POSITIONS angstrom
{atoms}
K_POINTS automatic
{mesh}
"""


def rows(array):
    return "\n".join(" ".join(f"{x:.12f}" for x in row) for row in array)


def write_input(path, atoms, level, scratch):
    """Write pw.x's input for a cell of silicon atoms."""
    offset = (1, 1, 1) if level.shifted else (0, 0, 0)
    text = INPUT.format(level=level, n_atoms=len(atoms), scratch=scratch, pseudo_dir=PSEUDO_DIR,
                        pseudopotential=PSEUDOPOTENTIAL, cell=rows(atoms.cell),
                        atoms="\n".join("Si " + line for line in rows(atoms.positions).split("\n")),
                        mesh=" ".join(map(str, level.mesh + offset)))
    Path(path).write_text(text)


def numbers(node):
    return np.array(node.text.split(), dtype=float)


def read_result(xml_path):
    """Energy (eV), forces (eV/Å), stress (eV/Å^3, positive under tension) and -TS (eV) of a converged run.

    With smearing pw.x's total energy is the free energy E - TS, the one whose derivatives the forces and stress are.
    pw.x's stress has the opposite sign of Kiln's (and ASE's): its printed pressure is the trace / 3 of what it stores.
    """
    output = ElementTree.parse(xml_path).getroot().find("output")
    if output.find("convergence_info/scf_conv/convergence_achieved").text.strip() != "true":
        raise RuntimeError(f"{xml_path}: the SCF did not converge")
    energy = float(output.find("total_energy/etot").text) * Hartree
    forces = numbers(output.find("forces")).reshape(-1, 3) * Hartree / Bohr
    stress = numbers(output.find("stress")).reshape(3, 3) * -Hartree / Bohr**3
    entropy_term = float(output.find("total_energy/demet").text) * Hartree
    return energy, forces, 0.5 * (stress + stress.T), entropy_term


def single_point(atoms, level, folder):
    """Run pw.x on one core in `folder` and return what `read_result` returns."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_input(folder / "pw.in", atoms, level, "scratch")
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    with open(folder / "pw.out", "w") as out:
        subprocess.run(["pw.x", "-in", "pw.in"], cwd=folder, stdout=out, stderr=subprocess.STDOUT,
                       env=environment, check=True)
    labels = read_result(folder / "scratch" / "si.xml")
    shutil.rmtree(folder / "scratch")
    return labels
