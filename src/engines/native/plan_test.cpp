#include "engines/native/plan.h"

#include <gtest/gtest.h>

#include "engines/native/chunk_senders.h"
#include "engines/native/test_models.h"

namespace kiln::native {
namespace {

template <class Op>
int count(const LoweredGraph& graph, const std::vector<int>& operations) {
  int n = 0;
  for (const int k : operations) n += std::holds_alternative<Op>(graph.operations[k].op);
  return n;
}

TEST(Plan, AStageEndsWhereAnotherChunkIsRead) {
  const LoweredGraph graph = test::lowered(test::mace_yaml({}));
  const Plan plan = make_plan(graph);
  ASSERT_EQ(plan.stages.size(), 3u);  // before the first convolution, between the two, after the second
  EXPECT_EQ(count<EdgeConvolution>(graph, plan.stages[0].operations), 0);
  EXPECT_EQ(count<EdgeConvolution>(graph, plan.stages[1].operations), 1);
  EXPECT_EQ(count<EdgeConvolution>(graph, plan.stages[2].operations), 1);
  EXPECT_EQ(plan.stages[1].hops, 1);
  EXPECT_EQ(plan.stages[2].hops, 0);
  EXPECT_EQ(count<SumAtoms>(graph, plan.system_operations), 1);
}

TEST(Plan, MessagesLiveInOneChunkAndSendersInAll) {
  const LoweredGraph graph = test::lowered(test::mace_yaml({}));
  const Plan plan = make_plan(graph);
  for (const Operation& op : graph.operations) {
    if (!std::holds_alternative<EdgeConvolution>(op.op)) continue;
    EXPECT_TRUE(plan.fields[op.output].local_values);
    EXPECT_TRUE(plan.fields[op.output].local_adjoint);
    EXPECT_FALSE(plan.fields[op.inputs[0]].local_values);
    EXPECT_FALSE(plan.fields[op.inputs[0]].local_adjoint);
  }
}

TEST(Plan, WhatSpeciesAloneDecideIsNotDifferentiated) {
  const LoweredGraph graph = test::lowered(test::mace_yaml({}));
  const Plan plan = make_plan(graph);
  for (const Operation& op : graph.operations) {
    if (op.layer == "embedding" || op.layer == "atoms") {
      EXPECT_FALSE(plan.fields[op.output].differentiated);
    }
  }
  EXPECT_TRUE(plan.fields[graph.energy_field].differentiated);
}

TEST(ChunkSenders, AreDistinctAndInOrderOfAppearance) {
  EdgeList edges;
  for (int i = 0; i <= kChunkRows + 2; ++i) edges.first.push_back(2 * i);
  for (int i = 0; i < kChunkRows + 2; ++i) {
    edges.neighbor.push_back((i + 1) % (kChunkRows + 2));
    edges.neighbor.push_back(3);
  }
  ChunkSenders senders;
  find_chunk_senders(edges, kChunkRows + 1, kChunkRows + 2, senders);  // the last receiver is left out
  ASSERT_EQ(senders.first.size(), 3u);
  EXPECT_EQ(senders.count(0), kChunkRows);
  EXPECT_EQ(senders.count(1), 2);
  EXPECT_EQ(senders.rows[senders.first[1]], kChunkRows + 1);
  for (int e = 0; e < 2 * (kChunkRows + 1); ++e) {
    const int chunk = e / (2 * kChunkRows);
    EXPECT_EQ(senders.rows[senders.first[chunk] + senders.of_edge[e]], edges.neighbor[e]);
  }
}

}  // namespace
}  // namespace kiln::native
