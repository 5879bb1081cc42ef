#include "structure/atom_graph_builder.h"

#include <gtest/gtest.h>

#include "kiln/error.h"
#include "structure/neighbor_list.h"

namespace kiln {
namespace {

Structure water(double x) {
  return {{8, 1, 1},
          {{{x, 0, 0}}, {{x + 0.96, 0, 0}}, {{x - 0.24, 0.93, 0}}},
          {4, 0, 0, 0, 5, 0, 0, 0, 6},
          {true, true, false}};
}

std::vector<int> oxygen_and_hydrogen() {
  std::vector<int> species_of(119, -1);
  species_of[8] = 0;
  species_of[1] = 1;
  return species_of;
}

TEST(AtomGraph, RowsAreTheAtoms) {
  const std::vector<double> cutoffs = {1.2, 4.5, 1.2};
  const AtomGraph graph = build_atom_graph(water(0), cutoffs, 2, oxygen_and_hydrogen());
  EXPECT_EQ(graph.n_structures, 1);
  EXPECT_EQ(graph.n_rows, (std::vector<int>{3, 3, 3}));
  EXPECT_EQ(graph.species, (std::vector<int>{0, 1, 1}));
  EXPECT_EQ(graph.structure, (std::vector<int>{0, 0, 0}));
  ASSERT_EQ(graph.edges.size(), 3u);
  EXPECT_EQ(graph.edges[0].neighbor, (std::vector<int>{1, 2, 0, 0}));
  EXPECT_EQ(graph.edges[1].vectors, neighbor_list(water(0), 4.5).vectors);
  EXPECT_EQ(graph.edges[2].vectors, graph.edges[0].vectors);
  EXPECT_EQ(build_atom_graph(water(0), {}, 0, oxygen_and_hydrogen()).n_rows, (std::vector<int>{3}));
}

TEST(AtomGraph, UnknownElementsAreNamed) {
  Structure structure = water(0);
  structure.atomic_numbers[2] = 14;
  for (const std::size_t n_known : {std::size_t{119}, std::size_t{9}}) {
    std::vector<int> species_of = oxygen_and_hydrogen();
    species_of.resize(n_known);
    try {
      build_atom_graph(structure, {}, 1, species_of);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find("atom 2 is Si"), std::string::npos) << error.what();
    }
  }
}

TEST(AtomGraph, BatchPutsGraphsSideBySide) {
  const std::vector<double> cutoffs = {1.2, 3.0};
  std::vector<AtomGraph> graphs;
  for (double x : {0.0, 1.0, 2.0}) graphs.push_back(build_atom_graph(water(x), cutoffs, 1, oxygen_and_hydrogen()));
  const AtomGraph whole = batch(graphs);
  EXPECT_EQ(whole.n_structures, 3);
  EXPECT_EQ(whole.n_rows, (std::vector<int>{9, 9}));
  EXPECT_EQ(whole.structure, (std::vector<int>{0, 0, 0, 1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(whole.species, (std::vector<int>{0, 1, 1, 0, 1, 1, 0, 1, 1}));
  for (std::size_t set = 0; set < 2; ++set) {
    std::size_t e = 0;
    ASSERT_EQ(whole.edges[set].n_receivers(), 9);
    EXPECT_EQ(whole.edges[set].cutoff, cutoffs[set]);
    for (int g = 0; g < 3; ++g) {
      const EdgeList& part = graphs[static_cast<std::size_t>(g)].edges[set];
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(whole.edges[set].first[static_cast<std::size_t>(3 * g) + i + 1],
                  whole.edges[set].first[static_cast<std::size_t>(3 * g)] + part.first[i + 1]);
      }
      for (std::size_t k = 0; k < part.neighbor.size(); ++k, ++e) {
        EXPECT_EQ(whole.edges[set].neighbor[e], part.neighbor[k] + 3 * g);
        EXPECT_EQ(whole.edges[set].vectors[3 * e], part.vectors[3 * k]);
      }
    }
    EXPECT_EQ(e, whole.edges[set].neighbor.size());
  }
}

TEST(AtomGraph, BatchRefusesWhatDoesNotFit) {
  EXPECT_EQ(batch({}).n_all(), 0);
  std::vector<AtomGraph> graphs = {build_atom_graph(water(0), {}, 1, oxygen_and_hydrogen()),
                                   build_atom_graph(water(0), {}, 2, oxygen_and_hydrogen())};
  EXPECT_THROW(batch(graphs), Error);
}

TEST(AtomGraph, FaultsOfAnAtomSayWhichItIs) {
  const auto atom_of_fault = [](const Structure& structure) {
    try {
      build_atom_graph(structure, std::vector<double>{2.0}, 1, oxygen_and_hydrogen());
    } catch (const Error& error) {
      return error.diagnostics().at(0).atom;
    }
    return -2;
  };
  Structure structure = water(0);
  EXPECT_EQ(atom_of_fault(structure), -2);
  structure.atomic_numbers[1] = 14;
  EXPECT_EQ(atom_of_fault(structure), 1);
  structure = water(0);
  structure.positions[2] = structure.positions[0];
  EXPECT_EQ(atom_of_fault(structure), 2);
  structure.positions[2] = {0, 1e15, 0};
  EXPECT_EQ(atom_of_fault(structure), 2);
  structure.periodic = {true, true, true};
  structure.positions[2] = {1, 1, 1};
  structure.cell = {};
  EXPECT_EQ(atom_of_fault(structure), -1) << "the cell is no atom";
}

}  // namespace
}  // namespace kiln
