#include "train/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "train/testing/temporary_folder.h"

namespace kiln {
namespace {

TrainOptions fractions(double validation, double test) {
  TrainOptions o;
  o.validation_set.fraction = validation;
  o.test_set.fraction = test;
  return o;
}

IndexOptions indices(std::vector<std::int64_t> list) { return {std::move(list), "", {}}; }

void expect_partition(const Split& s, std::int64_t n) {
  std::vector<std::int64_t> all;
  for (const auto* part : {&s.training, &s.validation, &s.test}) {
    EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
    all.insert(all.end(), part->begin(), part->end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(static_cast<std::int64_t>(all.size()), n);
  for (std::int64_t k = 0; k < n; ++k) EXPECT_EQ(all[static_cast<std::size_t>(k)], k);
}

TEST(Split, SizesAreExact) {  // T4, TR4
  struct Case {
    double test;
    std::size_t training, n_test;
  };
  for (const Case c : {Case{0.3, 60, 30}, Case{0.06, 84, 6}, Case{0.35, 55, 35}}) {
    const Split s = make_split(100, fractions(0.1, c.test), 42);
    EXPECT_EQ(s.training.size(), c.training);
    EXPECT_EQ(s.validation.size(), 10u);
    EXPECT_EQ(s.test.size(), c.n_test);
    expect_partition(s, 100);
  }
}

TEST(Split, WholePercentsOfHundredsAreNeverOffByOne) {
  for (std::int64_t n = 100; n <= 1000; n += 100)
    for (int validation = 1; validation < 50; ++validation)
      for (int test = 1; test < 50; ++test) {
        const Split s = make_split(n, fractions(validation / 100.0, test / 100.0), 1);
        ASSERT_EQ(static_cast<std::int64_t>(s.validation.size()), n * validation / 100);
        ASSERT_EQ(static_cast<std::int64_t>(s.test.size()), n * test / 100);
      }
}

TEST(Split, DependsOnTheSeedOnly) {
  EXPECT_EQ(make_split(50, fractions(0.2, 0.2), 3).test, make_split(50, fractions(0.2, 0.2), 3).test);
  EXPECT_NE(make_split(50, fractions(0.2, 0.2), 3).test, make_split(50, fractions(0.2, 0.2), 4).test);
}

TEST(Split, WhatIndicesClaimIsNotTrainedOn) {
  TrainOptions o = fractions(0.0, 0.5);
  o.validation_set.indices = indices({7, 1});
  const Split s = make_split(10, o, 1);
  EXPECT_EQ(s.validation, (std::vector<std::int64_t>{1, 7}));
  EXPECT_EQ(s.test.size(), 4u);
  expect_partition(s, 10);
}

TEST(Split, OverlappingIndicesAreAnError) {
  TrainOptions o;
  o.training_set.indices = indices({0, 1, 2});
  o.validation_set.indices = indices({2, 3});
  EXPECT_THROW(make_split(10, o, 1), Error);
  o.validation_set.indices = indices({3, 4});
  EXPECT_NO_THROW(make_split(10, o, 1));
  o.test_set.indices = indices({4});
  EXPECT_THROW(make_split(10, o, 1), Error);
}

TEST(Split, BadIndicesAreErrors) {
  for (const std::vector<std::int64_t>& list : {std::vector<std::int64_t>{-1}, {10}, {2, 2}, {}}) {
    TrainOptions o;
    o.validation_set.indices = indices(list);
    EXPECT_THROW(make_split(10, o, 1), Error);
  }
}

TEST(Split, NothingLeftIsAnError) { EXPECT_THROW(make_split(1, fractions(0.5, 0.0), 1), Error); }

TEST(Split, IndexFilesHoldOneIntegerALine) {
  const TemporaryFolder folder;
  TemporaryFolder::write("good.txt", "3\r\n\n 1 \n");
  EXPECT_EQ(read_indices({{}, "good.txt", {}}, "test_set", 4), (std::vector<std::int64_t>{1, 3}));
  TemporaryFolder::write("bad.txt", "3\nthree\n");
  try {
    read_indices({{}, "bad.txt", {}}, "test_set", 4);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::data);
    EXPECT_EQ(e.diagnostics()[0].where.line, 2);
  }
}

TEST(Permutation, HoldsEachIndexOnceAndFollowsItsStream) {
  const auto a = permutation(100, 1, "order/0"), b = permutation(100, 1, "order/1");
  EXPECT_EQ(std::set<std::int64_t>(a.begin(), a.end()).size(), 100u);
  EXPECT_NE(a, b);
  EXPECT_EQ(a, permutation(100, 1, "order/0"));
}

}  // namespace
}  // namespace kiln
