#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>

#include "base/elements.h"
#include "base/files.h"
#include "structure/atom_graph_builder.h"
#include "structure/extended_xyz.h"
#include "structure/neighbor_list.h"

// Every file of the public data folder against its MANIFEST.json. KILN_PUBLIC_DATA is the folder.

namespace kiln {
namespace {

using Json = nlohmann::json;

const std::string kFolder = KILN_PUBLIC_DATA;

Json manifest() { return Json::parse(read_file(kFolder + "/MANIFEST.json")); }

std::vector<std::string> file_names() {
  std::vector<std::string> names;
  const Json files = manifest();
  for (const auto& [name, unused] : files.items()) names.push_back(name);
  return names;
}

/// What the manifest records of a file, gathered from the frames.
struct Summary {
  int n_frames = 0;
  int n_atoms = 0;
  std::set<std::string> elements;
  std::map<std::string, int> periodic;
  std::vector<double> energies, energies_per_atom;
  int n_force_frames = 0;
  std::vector<double> forces;
};

bool close(double got, double want) { return std::abs(got - want) <= 1e-10 * (1.0 + std::abs(want)); }

void add_frame(Summary& summary, const Frame& frame) {
  ++summary.n_frames;
  summary.n_atoms += frame.structure.n_atoms();
  for (int z : frame.structure.atomic_numbers) summary.elements.insert(element_symbol(z));
  std::string periodic;
  for (bool axis : frame.structure.periodic) periodic += axis ? 'T' : 'F';
  ++summary.periodic[periodic];
  for (const char* key : {"energy", "Energy", "REF_energy", "U0"}) {
    if (!frame.find_info(key)) continue;
    const std::vector<double> energy = info_numbers(frame, key);
    ASSERT_EQ(energy.size(), 1u);
    summary.energies.push_back(energy[0]);
    summary.energies_per_atom.push_back(energy[0] / frame.structure.n_atoms());
  }
  for (const char* key : {"forces", "force", "REF_forces"}) {
    const auto found = frame.properties.find(key);
    if (found == frame.properties.end()) continue;
    ++summary.n_force_frames;
    summary.forces.insert(summary.forces.end(), found->second.numbers.begin(), found->second.numbers.end());
  }
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(const std::vector<double>& values) {
  const double center = mean(values);
  double sum = 0.0;
  for (double x : values) sum += (x - center) * (x - center);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

void check_energies(const Summary& summary, const Json& expected) {
  ASSERT_EQ(summary.energies.size(), expected.at("n").get<std::size_t>());
  EXPECT_TRUE(close(std::accumulate(summary.energies.begin(), summary.energies.end(), 0.0), expected.at("sum")));
  EXPECT_EQ(*std::min_element(summary.energies.begin(), summary.energies.end()), expected.at("min"));
  EXPECT_EQ(*std::max_element(summary.energies.begin(), summary.energies.end()), expected.at("max"));
  EXPECT_TRUE(close(standard_deviation(summary.energies_per_atom), expected.at("per_atom_std")));
}

void check_forces(const Summary& summary, const Json& expected) {
  EXPECT_EQ(summary.n_force_frames, expected.at("frames"));
  double square = 0.0, largest = 0.0;
  for (double f : summary.forces) {
    square += f * f;
    largest = std::max(largest, std::abs(f));
  }
  EXPECT_TRUE(close(std::sqrt(square / static_cast<double>(summary.forces.size())), expected.at("rms")));
  EXPECT_EQ(largest, expected.at("max_abs"));
}

TEST(PublicData, EveryFileAgreesWithItsManifest) {
  const Json files = manifest();
  EXPECT_GE(files.size(), 20u);
  for (const auto& [path, expected] : files.items()) {
    SCOPED_TRACE(path);
    EXPECT_EQ(sha256(read_file(kFolder + "/" + path)), expected.at("sha256"));
    Summary summary;
    ExtendedXyzReader reader(kFolder + "/" + path);
    for (Frame frame; reader.read(frame);) add_frame(summary, frame);
    EXPECT_EQ(summary.n_frames, expected.at("frames"));
    EXPECT_EQ(summary.n_atoms, expected.at("atoms"));
    EXPECT_EQ(Json(summary.elements), expected.at("elements"));
    EXPECT_EQ(Json(summary.periodic), expected.at("pbc"));
    if (expected.contains("energy")) check_energies(summary, expected.at("energy"));
    if (expected.contains("forces")) check_forces(summary, expected.at("forces"));
  }
}

TEST(PublicData, EveryXyzFileIsInTheManifest) {
  const Json files = manifest();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() == ".xyz") {
      EXPECT_TRUE(files.contains(std::filesystem::relative(entry.path(), kFolder).string())) << entry.path();
    }
  }
}

TEST(PublicData, FramesSurviveWritingAndReading) {
  for (const std::string& path : file_names()) {
    ExtendedXyzReader reader(kFolder + "/" + path);
    Frame frame, again;
    ASSERT_TRUE(reader.read(frame)) << path;
    std::stringstream text;
    write_extended_xyz(text, frame);
    ExtendedXyzReader(text, path).read(again);
    EXPECT_EQ(again.structure.positions, frame.structure.positions) << path;
    EXPECT_EQ(again.structure.cell, frame.structure.cell) << path;
    EXPECT_EQ(again.structure.periodic, frame.structure.periodic) << path;
    EXPECT_EQ(again.info, frame.info) << path;
  }
}

TEST(PublicData, NeighborListsEqualBruteForce) {
  for (const std::string& path : file_names()) {
    ExtendedXyzReader reader(kFolder + "/" + path);
    Frame frame;
    for (int k = 0; k < 5 && reader.read(frame); ++k) {
      if (frame.structure.n_atoms() > 100) continue;
      const EdgeList list = neighbor_list(frame.structure, 6.0),
                     expected = neighbor_list_brute_force(frame.structure, 6.0);
      EXPECT_EQ(list.neighbor, expected.neighbor) << path << " frame " << k;
      EXPECT_EQ(list.vectors, expected.vectors) << path << " frame " << k;
    }
  }
}

}  // namespace
}  // namespace kiln
