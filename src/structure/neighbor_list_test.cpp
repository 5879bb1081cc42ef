#include "structure/neighbor_list.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/rng.h"
#include "kiln/error.h"
#include "structure/cell.h"

namespace kiln {
namespace {

Structure make_structure(std::vector<Vector3> positions, Cell cell = {}, std::array<bool, 3> periodic = {}) {
  Structure structure;
  structure.atomic_numbers.assign(positions.size(), 14);
  structure.positions = std::move(positions);
  structure.cell = cell;
  structure.periodic = periodic;
  return structure;
}

/// A cell of roughly `size` Å with slanted vectors of either handedness, atoms in and around it.
Structure random_structure(Rng& rng, int n_atoms, double size, double spread, std::array<bool, 3> periodic) {
  Cell cell;
  do {
    for (double& x : cell) x = size * (2.0 * rng.uniform() - 1.0);
  } while (!(std::abs(signed_volume(cell)) > 0.1 * size * size * size));
  std::vector<Vector3> positions(static_cast<std::size_t>(n_atoms));
  for (Vector3& position : positions) {
    for (double& x : position) x = size * spread * (2.0 * rng.uniform() - 1.0);
  }
  return make_structure(positions, cell, periodic);
}

void expect_same(const EdgeList& a, const EdgeList& b) {
  EXPECT_EQ(a.first, b.first);
  EXPECT_EQ(a.neighbor, b.neighbor);
  EXPECT_EQ(a.vectors, b.vectors);
  EXPECT_EQ(a.cutoff, b.cutoff);
}

/// What the header promises, from the list alone.
void check_list(const Structure& structure, const EdgeList& list, const std::vector<int>& shifts) {
  ASSERT_EQ(list.n_receivers(), structure.n_atoms());
  ASSERT_EQ(shifts.size(), 3 * list.neighbor.size());
  std::map<std::array<int, 5>, Vector3> edges;
  for (int i = 0; i < list.n_receivers(); ++i) {
    std::array<int, 4> before{-1, 0, 0, 0};
    for (int e = list.first[static_cast<std::size_t>(i)]; e < list.first[static_cast<std::size_t>(i) + 1]; ++e) {
      const auto k = static_cast<std::size_t>(e);
      const std::array<int, 4> edge{list.neighbor[k], shifts[3 * k], shifts[3 * k + 1], shifts[3 * k + 2]};
      EXPECT_LT(before, edge);  // sorted, hence no duplicates
      before = edge;
      const Vector3 r{list.vectors[3 * k], list.vectors[3 * k + 1], list.vectors[3 * k + 2]};
      EXPECT_TRUE(norm(r) < list.cutoff);
      for (std::size_t x = 0; x < 3; ++x) {
        double expected = structure.positions[static_cast<std::size_t>(edge[0])][x] -
                          structure.positions[static_cast<std::size_t>(i)][x];
        for (std::size_t a = 0; a < 3; ++a) expected += edge[a + 1] * structure.cell[3 * a + x];
        EXPECT_TRUE(std::abs(r[x] - expected) <=
                    1e-12 * (1.0 + std::abs(structure.positions[static_cast<std::size_t>(i)][x])));
      }
      for (std::size_t a = 0; a < 3; ++a) EXPECT_TRUE(structure.periodic[a] || edge[a + 1] == 0);
      edges[{i, edge[0], edge[1], edge[2], edge[3]}] = r;
    }
  }
  for (const auto& [edge, r] : edges) {
    const auto reverse = edges.find({edge[1], edge[0], -edge[2], -edge[3], -edge[4]});
    ASSERT_NE(reverse, edges.end());
    for (std::size_t x = 0; x < 3; ++x) EXPECT_EQ(reverse->second[x], -r[x]);
  }
}

TEST(NeighborList, EqualsBruteForce) {
  Rng rng(1, "neighbor list");
  for (int trial = 0; trial < 400; ++trial) {
    const std::array<bool, 3> periodic{rng.below(2) == 1, rng.below(2) == 1, rng.below(2) == 1};
    const int n_atoms = static_cast<int>(rng.below(trial % 10 == 0 ? 60 : 12));
    const double size = 1.5 + 8.0 * rng.uniform();
    const Structure structure = random_structure(rng, n_atoms, size, trial % 3 == 0 ? 4.0 : 1.0, periodic);
    const double cutoff = 0.5 + 4.0 * rng.uniform();
    std::vector<int> shifts, expected_shifts;
    const EdgeList list = neighbor_list(structure, cutoff, &shifts);
    expect_same(list, neighbor_list_brute_force(structure, cutoff, &expected_shifts));
    EXPECT_EQ(shifts, expected_shifts);
    check_list(structure, list, shifts);
    if (HasFailure()) FAIL() << "trial " << trial;
  }
}

TEST(NeighborList, KnownCrystals) {
  const Structure cubic = make_structure({{0, 0, 0}}, {2, 0, 0, 0, 2, 0, 0, 0, 2}, {true, true, true});
  EXPECT_EQ(neighbor_list(cubic, 2.0).n_edges(), 0);  // edges at the cutoff are none
  EXPECT_EQ(neighbor_list(cubic, 2.01).n_edges(), 6);
  EXPECT_EQ(neighbor_list(cubic, 2.9).n_edges(), 18);
  EXPECT_EQ(neighbor_list(cubic, 20.0).n_edges(),
            4169 - 30 - 1);  // points of Z^3 with n^2 <= 100, those on the sphere, the origin
  const double a = 5.43;
  const Structure silicon = make_structure({{0, 0, 0}, {a / 4, a / 4, a / 4}},
                                           {0, a / 2, a / 2, a / 2, 0, a / 2, a / 2, a / 2, 0}, {true, true, true});
  EXPECT_EQ(neighbor_list(silicon, 2.5).n_edges(), 2 * 4);
  EXPECT_EQ(neighbor_list(silicon, 4.0).n_edges(), 2 * 16);
  EXPECT_EQ(neighbor_list(silicon, 5.0).n_edges(), 2 * 28);
}

TEST(NeighborList, PeriodicityIsPerAxis) {
  const Cell cell{2, 0, 0, 0, 2, 0, 0, 0, 2};
  EXPECT_EQ(neighbor_list(make_structure({{0, 0, 0}}, cell, {true, false, false}), 2.1).n_edges(), 2);
  EXPECT_EQ(neighbor_list(make_structure({{0, 0, 0}}, cell, {true, false, true}), 2.1).n_edges(), 4);
  EXPECT_EQ(neighbor_list(make_structure({{0, 0, 0}}, cell, {false, false, false}), 2.1).n_edges(), 0);
}

TEST(NeighborList, AtomsFarOutsideTheCell) {
  const Structure structure =
      make_structure({{0, 0, 0}, {1e6 + 1, 0, 0}}, {10, 0, 0, 0, 10, 0, 0, 0, 10}, {true, true, true});
  std::vector<int> shifts;
  const EdgeList list = neighbor_list(structure, 2.0, &shifts);
  ASSERT_EQ(list.n_edges(), 2);
  EXPECT_EQ(shifts, (std::vector<int>{-100000, 0, 0, 100000, 0, 0}));
  EXPECT_EQ(list.vectors, (std::vector<double>{1, 0, 0, -1, 0, 0}));
}

TEST(NeighborList, FragmentsFarApartNeedNoMemory) {
  const EdgeList list = neighbor_list(make_structure({{0, 0, 0}, {1, 0, 0}, {1e9, 1e9, 1e9}, {-1e9, 0, 1e9}}), 2.0);
  EXPECT_EQ(list.neighbor, (std::vector<int>{1, 0}));
}

TEST(NeighborList, NoAtomsNoEdges) {
  EXPECT_EQ(neighbor_list(make_structure({}), 2.0).first, (std::vector<int>{0}));
  EXPECT_EQ(neighbor_list(make_structure({}, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {true, true, true}), 2.0).first,
            (std::vector<int>{0}));
  EXPECT_EQ(neighbor_list(make_structure({{1, 2, 3}}), 2.0).first, (std::vector<int>{0, 0}));
}

void expect_fault(const Structure& structure, double cutoff, const std::string& says) {
  for (const auto search : {neighbor_list, neighbor_list_brute_force}) {
    try {
      search(structure, cutoff, nullptr);
      ADD_FAILURE() << says;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
    }
  }
}

TEST(NeighborList, BadInputIsRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Cell unit{1, 0, 0, 0, 1, 0, 0, 0, 1};
  expect_fault(make_structure({{0, 0, 0}, {0, nan, 0}}), 1.0, "atom 1");
  expect_fault(make_structure({{0, 0, 0}}, {}, {false, true, false}), 1.0, "no volume");
  expect_fault(make_structure({{0, 0, 0}}, {1, 0, 0, 0, 1, 0, 1, 1, 0}, {true, true, true}), 1.0, "no volume");
  expect_fault(make_structure({{0, 0, 0}}, {1, 0, 0, 0, 1, 0, 0, 0, nan}, {true, true, true}), 1.0, "no volume");
  expect_fault(make_structure({{0, 0, 0}, {1, 0, 0}, {1, 0, 1e-7}}), 2.0, "atoms 1 and 2");
  expect_fault(make_structure({{0, 0, 0}, {3, 0, 0}}, unit, {true, true, true}), 0.5,
               "atoms 0 and 1");  // images coincide
  expect_fault(make_structure({}), 0.0, "cutoff");
  expect_fault(make_structure({}), nan, "cutoff");
  expect_fault(make_structure({{1e15, 0, 0}}), 1.0, "far away");
}

}  // namespace
}  // namespace kiln
