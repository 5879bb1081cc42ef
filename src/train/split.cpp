#include "train/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <sstream>

#include "base/files.h"
#include "base/numbers.h"
#include "base/rng.h"

namespace kiln {
namespace {

using Indices = std::vector<std::int64_t>;

[[noreturn]] void fail(std::string code, SourcePos where, std::string what, std::string hint) {
  throw Error(ErrorKind::data,
              {{Severity::error, std::move(code), std::move(where), std::move(what), std::move(hint)}});
}

std::string trimmed(const std::string& line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

Indices read_index_file(const std::string& file) {
  Indices indices;
  std::istringstream lines(read_file(file));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string text = trimmed(line);
    std::int64_t index = 0;
    if (text.empty()) continue;
    if (!read_integer(text, index))
      fail("bad-index", {file, number, 1, 1, line}, fmt::format("'{}' is no integer", text), "One index a line.");
    indices.push_back(index);
  }
  return indices;
}

void check_indices(const Indices& sorted, const std::string& set, const SourcePos& where, std::int64_t n_frames) {
  if (sorted.empty()) fail("bad-index", where, set + ".indices names no structure", "");
  for (std::int64_t i : {sorted.front(), sorted.back()})
    if (i < 0 || i >= n_frames)
      fail("bad-index", where, fmt::format("{}.indices: there is no structure {}", set, i),
           fmt::format("The file has structures 0 to {}.", n_frames - 1));
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) fail("bad-index", where, fmt::format("{}.indices: {} stands twice", set, *twice), "");
}

Indices without(const Indices& all, const Indices& taken) {
  Indices rest;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(rest));
  return rest;
}

/// Nearest integer, halves up. The nudge is far above the error of a decimal fraction times a count.
std::size_t share(double fraction, std::size_t n) {
  return static_cast<std::size_t>(std::floor(fraction * static_cast<double>(n) + 0.5 + 1e-9));
}

Indices take(const Indices& pool, const Indices& order, std::size_t first, std::size_t count) {
  Indices part;
  for (std::size_t k = first; k < first + count; ++k) part.push_back(pool[static_cast<std::size_t>(order[k])]);
  std::sort(part.begin(), part.end());
  return part;
}

/// Fractions of what is left: first validation, then test, the rest trains.
void draw(Split& split, const Indices& pool, double validation, double test, std::uint64_t seed) {
  const Indices order = permutation(static_cast<std::int64_t>(pool.size()), seed, "split");
  const std::size_t n_validation = share(validation, pool.size()), n_test = share(test, pool.size());
  if (n_validation + n_test >= pool.size())
    throw Error(ErrorKind::data, "empty-set",
                fmt::format("no structure is left to train on: {} in all, {} for validation, {} for test", pool.size(),
                            n_validation, n_test),
                "Use smaller fractions or more data.");
  if (n_validation) split.validation = take(pool, order, 0, n_validation);
  if (n_test) split.test = take(pool, order, n_validation, n_test);
  split.training = take(pool, order, n_validation + n_test, pool.size() - n_validation - n_test);
}

}  // namespace

void require_disjoint(const Indices& a, const std::string& a_name, const Indices& b, const std::string& b_name,
                      const SourcePos& where) {
  Indices both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  if (both.empty()) return;
  fail("overlap", where,
       fmt::format("{} and {} share {} structures, the first is {}", a_name, b_name, both.size(), both.front()),
       "A structure that is trained on says nothing about unseen ones.");
}

std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, const std::string& stream) {
  Indices order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  Rng rng(seed, stream);
  for (std::size_t k = order.size(); k > 1; --k) std::swap(order[k - 1], order[rng.below(k)]);
  return order;
}

std::vector<std::int64_t> read_indices(const IndexOptions& indices, const std::string& set, std::int64_t n_frames) {
  Indices sorted = indices.file.empty() ? indices.list : read_index_file(indices.file);
  std::sort(sorted.begin(), sorted.end());
  check_indices(sorted, set, indices.where, n_frames);
  return sorted;
}

Split make_split(std::int64_t n_frames, const TrainOptions& o, std::uint64_t seed) {
  Split split;
  Indices pool(static_cast<std::size_t>(n_frames));
  std::iota(pool.begin(), pool.end(), 0);
  const SubsetOptions &validation = o.validation_set, &test = o.test_set;
  if (validation.indices) split.validation = read_indices(*validation.indices, "validation_set", n_frames);
  if (test.indices) split.test = read_indices(*test.indices, "test_set", n_frames);
  require_disjoint(split.validation, "validation_set", split.test, "test_set", test.where);
  if (o.training_set.indices) {
    pool = read_indices(*o.training_set.indices, "training_set", n_frames);
    require_disjoint(pool, "training_set", split.validation, "validation_set", validation.where);
    require_disjoint(pool, "training_set", split.test, "test_set", test.where);
  }
  draw(split, without(without(pool, split.validation), split.test), validation.fraction, test.fraction, seed);
  return split;
}

}  // namespace kiln
