#include "engines/torch/graph_parts.h"

#include <gtest/gtest.h>

#include "engines/native/test_models.h"

namespace kiln {
namespace {

using namespace test;

AtomGraph batch_of(const std::vector<int>& sizes) {
  const double cutoff = 3.0;
  const std::vector<int> species = species_table(2);
  std::vector<AtomGraph> graphs;
  for (const int n : sizes)
    graphs.push_back(build_atom_graph(random_crystal(n, 2, n, false), std::vector<double>{cutoff}, 2, species));
  return batch(graphs);
}

void expect_same(const AtomGraph& a, const AtomGraph& b) {
  EXPECT_EQ(a.n_structures, b.n_structures);
  EXPECT_EQ(a.n_rows, b.n_rows);
  EXPECT_EQ(a.species, b.species);
  EXPECT_EQ(a.structure, b.structure);
  ASSERT_EQ(a.edges.size(), b.edges.size());
  EXPECT_EQ(a.edges[0].first, b.edges[0].first);
  EXPECT_EQ(a.edges[0].neighbor, b.edges[0].neighbor);
  EXPECT_EQ(a.edges[0].vectors, b.edges[0].vectors);
}

TEST(GraphParts, PutTogetherGiveTheBatch) {
  const AtomGraph whole = batch_of({2, 1, 3, 2, 2});
  for (int n = 1; n <= 7; ++n) {
    std::vector<AtomGraph> graphs;
    int structures = 0, edges = 0;
    for (const GraphPart& part : split_structures(whole, n)) {
      EXPECT_EQ(part.first_structure, structures);
      EXPECT_EQ(part.first_edge, std::vector<int>{edges});
      EXPECT_GT(part.graph.n_structures, 0);
      structures += part.graph.n_structures;
      edges += part.graph.edges[0].n_edges();
      graphs.push_back(part.graph);
    }
    EXPECT_EQ(static_cast<int>(graphs.size()), std::min(n, 5));
    expect_same(batch(graphs), whole);
  }
}

TEST(GraphParts, HaveAboutEqualWork) {
  const std::vector<GraphPart> parts = split_structures(batch_of({2, 2, 2, 2, 2, 2, 2, 2}), 2);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].graph.n_structures, 4);
}

TEST(GraphParts, GhostsStayInOnePart) {
  AtomGraph staged = batch_of({2, 2});
  staged.n_rows.front() = 3;
  staged.structure.resize(3);
  EXPECT_EQ(split_structures(staged, 2).size(), 1u);
}

}  // namespace
}  // namespace kiln
