#include "train/dataset.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/units.h"
#include "train/testing/temporary_folder.h"

namespace kiln {
namespace {

const char* const kTwoFrames =
    "2\n"
    "Lattice=\"4 0 0 0 5 0 0 0 6\" Properties=species:S:1:pos:R:3:forces:R:3 energy=-2.5 stress=\"1 2 3 4 5 6\"\n"
    "Si 0 0 0 0.1 0.2 0.3\n"
    "C 1 1 1 -0.1 -0.2 -0.3\n"
    "1\n"
    "Properties=species:S:1:pos:R:3 energy=1.5 pbc=\"F F F\"\n"
    "C 0 0 0\n";

DatasetOptions options() {
  DatasetOptions o;
  o.name = "training_set";
  o.file = "data.xyz";
  o.energy_key = "energy";
  o.forces.key = "forces";
  o.stress.key = "stress";
  o.virial.key = "virial";
  o.virial.use = DerivativeOptions::Use::off;
  return o;
}

struct DatasetTest : testing::Test {
  TemporaryFolder folder;
  std::vector<std::string> notes;

  Dataset read(const DatasetOptions& o, const std::string& text = kTwoFrames) {
    TemporaryFolder::write("data.xyz", text);
    return read_dataset(o, notes);
  }
  Diagnostic failure(const DatasetOptions& o, const std::string& text = kTwoFrames) {
    try {
      read(o, text);
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::data);
      return e.diagnostics().at(0);
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
  }
};

TEST_F(DatasetTest, ReadsWhatTheFramesHave) {
  const Dataset set = read(options());
  ASSERT_EQ(set.samples.size(), 2u);
  const Sample &a = set.samples[0], &b = set.samples[1];
  EXPECT_DOUBLE_EQ(a.energy, -2.5);
  EXPECT_EQ(a.forces, (std::vector<double>{0.1, 0.2, 0.3, -0.1, -0.2, -0.3}));
  EXPECT_DOUBLE_EQ(a.stress_volume, 120.0);
  // Voigt xx yy zz yz xz xy, W = -V stress
  EXPECT_EQ(a.virial, (std::vector<double>{-120, -720, -600, -720, -240, -480, -600, -480, -360}));
  EXPECT_TRUE(b.forces.empty() && b.virial.empty());
  EXPECT_EQ(b.frame, 1);
  EXPECT_EQ(elements_of(set.samples), (std::vector<int>{6, 14}));
  EXPECT_EQ(set.sha256.size(), 64u);
}

TEST_F(DatasetTest, AssumedUnitsAreNoted) {
  read(options());
  ASSERT_EQ(notes.size(), 3u);
  EXPECT_EQ(notes[0], "training_set.targets.energy has no unit: eV is assumed");
  EXPECT_NE(notes[2].find("2 structures in data.xyz; energy in all, forces in 1, stress in 1"), std::string::npos)
      << notes[2];
}

TEST_F(DatasetTest, UnitsAreConverted) {
  DatasetOptions o = options();
  o.energy_unit = "hartree";
  o.length_unit = "bohr";
  const Sample s = read(o).samples[0];
  const double hartree = energy_unit("hartree"), bohr = length_unit("bohr");
  EXPECT_TRUE(std::abs(s.energy + 2.5 * hartree) <= 1e-12);
  EXPECT_TRUE(std::abs(s.forces[2] - 0.3 * hartree / bohr) <= 1e-12);
  EXPECT_TRUE(std::abs(s.structure.cell[8] - 6.0 * bohr) <= 1e-12);
  EXPECT_TRUE(std::abs(s.virial[0] + 120.0 * hartree) <= 1e-9);  // the volume's unit cancels
  o.stress.unit = "GPa";
  EXPECT_TRUE(std::abs(read(o).samples[0].virial[0] + s.stress_volume * stress_unit("GPa")) <= 1e-12);
}

TEST_F(DatasetTest, MissingKeysThatWereAskedForListWhatIsThere) {  // TR8
  DatasetOptions o = options();
  o.forces = {DerivativeOptions::Use::demanded, "force", "", {}};
  const Diagnostic d = failure(o);
  EXPECT_EQ(d.code, "missing-key");
  EXPECT_NE(d.what.find("'force'"), std::string::npos) << d.what;
  EXPECT_NE(d.hint.find("forces"), std::string::npos) << d.hint;
  EXPECT_NE(d.hint.find("energy, stress"), std::string::npos) << d.hint;
  EXPECT_EQ(d.where.file, "data.xyz");
  EXPECT_EQ(d.where.line, 1);
}

TEST_F(DatasetTest, AKeyThatWasAskedForMustBeInEveryFrame) {
  DatasetOptions o = options();
  o.forces.use = DerivativeOptions::Use::demanded;
  const Diagnostic d = failure(o);
  EXPECT_NE(d.what.find("frame 1"), std::string::npos) << d.what;
  EXPECT_EQ(d.where.line, 5);
}

TEST_F(DatasetTest, WhatIsSwitchedOffIsNotRead) {
  DatasetOptions o = options();
  o.forces.use = o.stress.use = DerivativeOptions::Use::off;
  const Sample s = read(o, "1\nProperties=species:S:1:pos:R:3:forces:R:2 energy=1 stress=5\nC 0 0 0 1 1\n").samples[0];
  EXPECT_TRUE(s.forces.empty() && s.virial.empty());
  EXPECT_EQ(s.stress_volume, 0.0);
}

TEST_F(DatasetTest, AVirialNeedsNoCell) {
  DatasetOptions o = options();
  o.stress.use = DerivativeOptions::Use::off;
  o.virial = {DerivativeOptions::Use::demanded, "w", "", {}};
  o.energy_unit = "meV";
  const Sample s = read(o, "1\nenergy=1 w=\"1 2 3 4 5 6\" stress=5\nC 0 0 0\n").samples[0];
  ASSERT_EQ(s.virial.size(), 9u);
  EXPECT_DOUBLE_EQ(s.virial[1], 6e-3);
  EXPECT_EQ(s.stress_volume, 0.0);
  EXPECT_EQ(failure(o).code, "missing-key");
}

TEST_F(DatasetTest, EnergyMustBeThere) {
  DatasetOptions o = options();
  o.energy_key = "U0";
  EXPECT_EQ(failure(o).code, "missing-key");
}

TEST_F(DatasetTest, BadValuesAreErrors) {
  const std::string head = "1\nProperties=species:S:1:pos:R:3 energy=";
  EXPECT_FALSE(failure(options(), head + "nan\nC 0 0 0\n").what.empty());
  EXPECT_FALSE(failure(options(), head + "\"1 2\"\nC 0 0 0\n").what.empty());
  EXPECT_FALSE(failure(options(), head + "1 stress=\"1 2 3\" Lattice=\"1 0 0 0 1 0 0 0 1\"\nC 0 0 0\n").what.empty());
  EXPECT_EQ(failure(options(), head + "1 stress=\"1 2 3 4 5 6\"\nC 0 0 0\n").code, "no-volume");
  EXPECT_EQ(
      failure(options(), head + "1 stress=\"1 2 3 4 5 6\" Lattice=\"4 0 0 0 4 0 0 0 9\" pbc=\"T T F\"\nC 0 0 0\n").code,
      "no-volume");
  EXPECT_FALSE(failure(options(), "1\nProperties=species:S:1:pos:R:3:forces:R:2 energy=1\nC 0 0 0 1 1\n").what.empty());
  EXPECT_EQ(failure(options(), "").code, "empty-set");
  EXPECT_EQ(failure(options(), "").where.file, "data.xyz");
}

TEST_F(DatasetTest, GraphsAreBuiltForTheModelsSpecies) {
  Dataset set = read(options());
  std::vector<int> species_of(119, -1);
  species_of[14] = 0;
  species_of[6] = 1;
  build_graphs(set.samples, {2.0}, 1, species_of);
  EXPECT_EQ(set.samples[0].graph.species, (std::vector<int>{0, 1}));
  EXPECT_EQ(set.samples[0].graph.edges.at(0).n_edges(), 2);  // sqrt(3) apart, images farther than 2
  EXPECT_EQ(set.samples[1].graph.edges.at(0).n_edges(), 0);
}

}  // namespace
}  // namespace kiln
