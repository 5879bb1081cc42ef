"""LAMMPS through KIM: what a user of a Kiln potential relies on. Run by CTest with Debian's python3 (KILN_WORK: folder of set_up.sh).

Names of tests carry the acceptance scenario they show: DE2 is energy conservation, DE3 several ranks, and so on.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import numpy
from ase import Atoms
from ase.build import bulk
from ase.io import read

WORK = pathlib.Path(os.environ["KILN_WORK"])
KILN = WORK / "prefix" / "bin" / "kiln"
MODELS = ("Kiln_test_one_layer", "Kiln_test_two_layers")

HEAD = """
kim init {model} metal
{newton}
{comm}
boundary p p p
box tilt large
read_data atoms.data
kim interactions {species}
"""
ONE_POINT = """
thermo_style custom step pe press pxx pyy pzz pxy pxz pyz vol
thermo_modify format float %22.15g
dump all all custom 1 dump.txt id x y z fx fy fz
dump_modify all sort id format float %22.15g
run 0
"""


def diamond(n=2, rattle=0.08):
    """n x n x n conventional cells of silicon, every atom moved."""
    atoms = bulk("Si", "diamond", a=5.47, cubic=True).repeat(n)
    atoms.rattle(rattle, seed=4711)
    return atoms


def prism(n=2):
    """A strongly slanted crystal, with the tilts LAMMPS wants."""
    atoms = diamond(n)
    cell = numpy.array([[1.0, 0, 0], [0.45, 1.0, 0], [-0.3, 0.4, 1.0]]) * atoms.cell[0, 0]
    atoms.set_cell(cell, scale_atoms=True)
    return atoms


def data_file(atoms):
    """A LAMMPS data file with all digits: the same ids whatever the number of ranks."""
    (xx, _, _), (xy, yy, _), (xz, yz, zz) = atoms.cell
    lines = ["silicon", "", f"{len(atoms)} atoms", "1 atom types", f"0 {xx:.17g} xlo xhi", f"0 {yy:.17g} ylo yhi", f"0 {zz:.17g} zlo zhi"]
    if xy or xz or yz:
        lines.append(f"{xy:.17g} {xz:.17g} {yz:.17g} xy xz yz")
    lines += ["", "Masses", "", "1 28.0855", "", "Atoms # atomic", ""]
    lines += [f"{k + 1} 1 {x:.17g} {y:.17g} {z:.17g}" for k, (x, y, z) in enumerate(atoms.get_positions(wrap=True))]
    return "\n".join(lines) + "\n"


def run_lammps(text, atoms=None, ranks=1, timeout=300, environment=None):
    """Runs an input on a crystal in a folder of its own; returns (return code, log, folder)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lammps-", dir=WORK))
    (folder / "in.lammps").write_text(text)
    (folder / "atoms.data").write_text(data_file(diamond() if atoms is None else atoms))
    command = ["lmp", "-in", "in.lammps", "-log", "log.lammps"]
    if ranks > 1:
        command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-np", str(ranks), *command]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False,
                          env={**os.environ, **(environment or {})})
    log = (folder / "log.lammps").read_text() if (folder / "log.lammps").exists() else ""
    return done.returncode, log + done.stdout + done.stderr, folder


def deck(model, species="Si", newton="", comm=""):
    return HEAD.format(model=model, newton=newton, comm=comm, species=species)


def thermo(log):
    """The last thermo table: rows of numbers."""
    rows, found = [], False
    for line in log.splitlines():
        if re.match(r"^ *Step ", line):
            rows, found = [], True
        elif line.startswith("Loop time"):
            found = False
        elif found and re.match(r"^ *[0-9]+ ", line):
            rows.append([float(word) for word in line.split()])
    return numpy.array(rows)


def dump(folder):
    """Last frame of dump.txt: ids sorted, columns x y z fx fy fz."""
    lines = (folder / "dump.txt").read_text().split("ITEM: ATOMS")[-1].splitlines()[1:]
    return numpy.array([[float(word) for word in line.split()] for line in lines])[:, 1:]


def one_point(model, atoms, ranks=1, **options):
    code, log, folder = run_lammps(deck(model, **options) + ONE_POINT, atoms, ranks)
    assert code == 0, log
    return thermo(log)[-1], dump(folder)


def kiln_eval(model, atoms):
    """Energy, forces and stress of `kiln eval`."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="eval-", dir=WORK))
    lattice = " ".join(f"{x:.17g}" for x in numpy.ravel(atoms.cell))
    lines = [str(len(atoms)), f'Lattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"']
    lines += [f"{symbol} {x:.17g} {y:.17g} {z:.17g}" for symbol, (x, y, z) in zip(atoms.symbols, atoms.positions)]
    (folder / "in.xyz").write_text("\n".join(lines) + "\n")
    subprocess.run([KILN, "eval", WORK / (model.replace("Kiln_test_", "") + ".kiln"), "in.xyz", "-o", "out.xyz"], cwd=folder,
                   check=True, capture_output=True)
    out = read(folder / "out.xyz", format="extxyz")
    return out.get_potential_energy(), out.get_forces(), out.get_stress(voigt=False)


def with_species_qq(data):
    """The bytes of a model file whose species is called Qq, with a right checksum."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    kiln = json.loads(header["__metadata__"]["kiln"])
    sealed_with = kiln["checksum"]
    text = data[: 8 + length].replace(b'\\"symbol\\":\\"Si\\"', b'\\"symbol\\":\\"Qq\\"') + data[8 + length :]
    assert text != data
    open_text = text.replace(sealed_with.encode(), b"0" * 64)
    return text.replace(sealed_with.encode(), hashlib.sha256(open_text).hexdigest().encode())


class Driver(unittest.TestCase):
    def test_DE1_the_driver_is_optimized_and_found(self):
        library = WORK / "collection/model-drivers/Kiln_Driver_v1/libkim-api-model-driver.so"
        self.assertIn(b"-O3", subprocess.run(["readelf", "-p", ".debug_str", library], capture_output=True, check=True).stdout)
        symbols = subprocess.run(["nm", "-D", "-C", "--defined-only", library], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("kiln::", symbols, "symbols of libkiln are hidden")
        where = subprocess.run(["/usr/libexec/kim-api/kim-api-collections-info", "model_drivers", "find", "Kiln_Driver_v1"],
                               capture_output=True, text=True, check=True).stdout
        self.assertIn(str(WORK / "collection"), where)

    def test_DE4_unknown_species(self):
        code, log, _ = run_lammps(deck(MODELS[0], species="Ge"))
        self.assertNotEqual(code, 0)
        self.assertIn("Ge", log)

    def test_DE4_truncated_model_is_refused_at_creation(self):
        """A model file cut in half: creation fails and kim.log says why."""
        self.install_copy("Kiln_test_cut", lambda data: data[: len(data) // 2])
        code, log, folder = run_lammps(deck("Kiln_test_cut"))
        self.assertNotEqual(code, 0)
        self.assertIn("Kiln_Driver_v1", log)
        self.assertIn("truncated", (folder / "kim.log").read_text() + log)

    def test_DE5_model_or_driver_absent(self):
        code, log, _ = run_lammps(deck("Kiln_no_such_model"))
        self.assertNotEqual(code, 0)
        self.assertIn("KIM Model name not found", log)
        # A collection with the same models and no drivers; other tests use the real one meanwhile.
        settings = (WORK / "collection/kim-api.conf").read_text()
        driverless = WORK / "driverless.conf"
        driverless.write_text(settings.replace("collection/model-drivers", "collection/simulator-models"))
        code, log, folder = run_lammps(deck(MODELS[0]), environment={"KIM_API_CONFIGURATION_FILE": str(driverless)})
        self.assertNotEqual(code, 0)
        self.assertIn("Could not find model driver", (folder / "kim.log").read_text())

    def test_DE1_installing_twice_changes_nothing(self):
        library = WORK / "collection/model-drivers/Kiln_Driver_v1/libkim-api-model-driver.so"
        before = library.stat().st_mtime_ns
        subprocess.run(["kim-api-collections-management", "install", "user", WORK / "prefix/share/kiln/kim-driver"], check=False,
                       capture_output=True, env={**os.environ, "CMAKE_PREFIX_PATH": str(WORK / "prefix")})
        self.assertEqual(library.stat().st_mtime_ns, before)

    def test_DE4_model_of_an_unknown_element(self):
        """A sealed file that lists the species Qq: creation fails and kim.log names it."""
        self.install_copy("Kiln_test_Qq", with_species_qq)
        code, _, folder = run_lammps(deck("Kiln_test_Qq"))
        self.assertNotEqual(code, 0)
        self.assertIn("Qq", (folder / "kim.log").read_text())

    def test_DE5_a_file_that_is_listed_but_absent(self):
        folder = WORK / "Kiln_test_absent"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(WORK / MODELS[0], folder)
        lists = folder / "CMakeLists.txt"
        lists.write_text(lists.read_text().replace(MODELS[0], folder.name))
        (folder / "model.kiln").unlink()
        done = subprocess.run(["kim-api-collections-management", "install", "user", folder], check=False, capture_output=True)
        self.assertNotEqual(done.returncode, 0)

    def test_DE11_the_numerical_derivatives_of_kim_api_agree(self):
        """kim-api's own check of any model; alpha is its weighted mean error of the forces, eV/Å."""
        source = pathlib.Path("/usr/share/doc/libkim-api-dev/examples/simulators/utility_forces_numer_deriv")
        build = WORK / "utility_forces_numer_deriv"
        shutil.rmtree(build, ignore_errors=True)
        subprocess.run(["cmake", "-S", source, "-B", build], check=True, capture_output=True)
        subprocess.run(["cmake", "--build", build], check=True, capture_output=True)
        out = subprocess.run([build / source.name], input=MODELS[1] + "\n", capture_output=True, text=True, cwd=build, check=True).stdout
        alphas = [float(word) for word in re.findall(r"_w/\(DIM\*N\) = *([0-9.E+-]+)", out)]
        self.assertEqual(len(alphas), 2, "all particles contributing, then some")
        self.assertLess(max(alphas), 1e-7)

    def install_copy(self, name, change):
        """Installs one_layer.kiln, changed, as KIM model `name`."""
        folder = WORK / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(WORK / MODELS[0], folder)
        lists = folder / "CMakeLists.txt"
        lists.write_text(lists.read_text().replace(MODELS[0], name))
        (folder / "model.kiln").write_bytes(change((folder / "model.kiln").read_bytes()))
        shutil.rmtree(WORK / "collection/portable-models" / name, ignore_errors=True)
        subprocess.run(["kim-api-collections-management", "install", "user", folder], check=True, capture_output=True)


class Dynamics(unittest.TestCase):
    def energies(self, model, step, n_steps):
        """Total energy per atom, every 2 fs, of 512 atoms that start at 300 K."""
        text = deck(model) + f"""
velocity all create 300 12345
fix nve all nve
variable e equal etotal/atoms
timestep {step}
thermo {int(0.002 / step)}
thermo_style custom step v_e etotal
thermo_modify format float %22.15g
run {n_steps}
"""
        code, log, _ = run_lammps(text, diamond(4, rattle=0.01))
        self.assertEqual(code, 0, log)
        return thermo(log)[:, 1]

    def test_DE2_energy_is_conserved_to_second_order(self):
        coarse = self.energies(MODELS[1], 0.001, 100)
        fine = self.energies(MODELS[1], 0.0005, 200)
        self.assertLess(coarse.max() - coarse.min(), 1e-4)
        ratio = coarse.std() / fine.std()
        self.assertLessEqual(abs(ratio - 4.0), 0.5, f"std ratio {ratio}")


class Ranks(unittest.TestCase):
    def compare(self, want, got, tolerance=1e-10):
        self.assertLessEqual(abs(want[0][1] - got[0][1]), 1e-10 * abs(want[0][1]))
        self.assertLessEqual(numpy.abs(want[1][:, 3:] - got[1][:, 3:]).max(), tolerance)

    def test_DE3_one_rank_is_two_ranks_is_four(self):
        for model in MODELS:
            want = one_point(model, diamond(3))
            for ranks in (2, 4):
                self.compare(want, one_point(model, diamond(3), ranks))

    def test_DE3_newton_off_and_tiled(self):
        want = one_point(MODELS[1], diamond(3))
        self.compare(want, one_point(MODELS[1], diamond(3), 2, newton="newton off"))
        tiled = deck(MODELS[1], comm="comm_style tiled") + "balance 1.0 rcb\n" + ONE_POINT
        code, log, folder = run_lammps(tiled, diamond(3), 2)
        self.assertEqual(code, 0, log)
        self.compare(want, (thermo(log)[-1], dump(folder)))

    def test_DE3_after_100_steps(self):
        text = deck(MODELS[1]) + """
velocity all create 300 12345
fix nve all nve
dump all all custom 100 dump.txt id x y z fx fy fz
dump_modify all sort id format float %22.15g
run 100
"""
        positions = []
        for ranks in (1, 2):
            code, log, folder = run_lammps(text, diamond(3, rattle=0.01), ranks)
            self.assertEqual(code, 0, log)
            positions.append(dump(folder)[:, :3])
        self.assertLessEqual(numpy.abs(positions[0] - positions[1]).max(), 1e-9)


class Structures(unittest.TestCase):
    def test_energies_and_forces_are_those_of_kiln_eval(self):
        for model in MODELS:
            atoms = diamond()
            row, table = one_point(model, atoms)
            energy, forces, stress = kiln_eval(model, atoms)
            self.assertLessEqual(abs(row[1] - energy), 1e-9 * abs(energy))
            self.assertLessEqual(numpy.abs(table[:, 3:] - forces).max(), 1e-9)
            pressure = -1602176.634 * numpy.trace(stress) / 3  # bar
            self.assertLessEqual(abs(row[2] - pressure), 1e-5 * max(1.0, abs(pressure)))

    def test_DE9_triclinic_prism_on_one_and_two_ranks(self):
        want = one_point(MODELS[1], prism())
        got = one_point(MODELS[1], prism(), 2)
        self.assertLessEqual(abs(want[0][1] - got[0][1]), 1e-10 * abs(want[0][1]))
        self.assertLessEqual(numpy.abs(want[1][:, 3:] - got[1][:, 3:]).max(), 1e-10)

    def test_DE9_rotated_crystal(self):
        crystal = bulk("Si", "diamond", a=5.47, cubic=True)
        crystal.rattle(0.08, seed=3)
        turned = crystal.copy()
        turned.rotate(37.0, (1.0, 0.3, -0.2), rotate_cell=True)
        energy, forces, _ = kiln_eval(MODELS[1], crystal)
        energy_turned, forces_turned, _ = kiln_eval(MODELS[1], turned)
        arrow = Atoms("Si8", positions=forces)
        arrow.rotate(37.0, (1.0, 0.3, -0.2))
        self.assertLessEqual(abs(energy - energy_turned), 1e-10 * abs(energy))
        self.assertLessEqual(numpy.abs(arrow.get_positions() - forces_turned).max(), 1e-10)

    def test_DE12_pressure_is_the_derivative_of_the_energy(self):
        def at(scale):
            text = deck(MODELS[1]) + f"change_box all x scale {scale:.12f} y scale {scale:.12f} z scale {scale:.12f} remap\n" + ONE_POINT
            code, log, _ = run_lammps(text)
            self.assertEqual(code, 0, log)
            return thermo(log)[-1]

        step = 1e-4
        plus, minus, middle = at(1 + step), at(1 - step), at(1.0)
        pressure = -(plus[1] - minus[1]) / (plus[9] - minus[9]) * 1602176.634
        self.assertLessEqual(abs(middle[2] - pressure), 1e-5 * abs(pressure) + 0.05)

    def test_DE12_stress_per_atom_sums_to_the_pressure(self):
        text = deck(MODELS[1]) + """
compute stress all stress/atom NULL virial
compute sum all reduce sum c_stress[1] c_stress[2] c_stress[3]
thermo_style custom step press vol c_sum[1] c_sum[2] c_sum[3]
thermo_modify format float %22.15g
run 0
"""
        for ranks in (1, 2):
            code, log, _ = run_lammps(text, ranks=ranks)
            self.assertEqual(code, 0, log)
            _, press, volume, *trace = thermo(log)[-1]
            self.assertLessEqual(abs(-sum(trace) / 3 / volume - press), 1e-9 * (1 + abs(press)))

    def test_DE13_energy_per_atom_sums_to_the_energy_on_two_ranks(self):
        text = deck(MODELS[1]) + """
compute each all pe/atom
compute sum all reduce sum c_each
thermo_style custom step pe c_sum
thermo_modify format float %22.15g
run 0
"""
        for ranks in (1, 2):
            code, log, _ = run_lammps(text, ranks=ranks)
            self.assertEqual(code, 0, log)
            _, energy, total = thermo(log)[-1]
            self.assertLessEqual(abs(energy - total), 1e-10 * abs(energy))


if __name__ == "__main__":
    unittest.main()
