#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/options.h"

namespace kiln {

/// Frames of the training set's file for each set, ascending. Sets with a file of their own are not here.
struct Split {
  std::vector<std::int64_t> training, validation, test;
};

/// Explicit indices are taken as they stand; what they name is not in the training set unless its own indices say so,
/// and then the overlap is an error. Fractions are of the frames that no index set of another part has claimed, rounded
/// to the nearest integer (halves up); frames are drawn by (seed, "split").
/// Throws Error of kind data: out of range, twice, overlap, nothing left to train on.
Split make_split(std::int64_t n_frames, const TrainOptions& options, std::uint64_t seed);

/// The list, or the integers of the file. Throws Error of kind data with file and line.
std::vector<std::int64_t> read_indices(const IndexOptions& indices, const std::string& set, std::int64_t n_frames);

/// Throws Error of kind data if two ascending lists of frames of one file share any.
void require_disjoint(const std::vector<std::int64_t>& a, const std::string& a_name, const std::vector<std::int64_t>& b,
                      const std::string& b_name, const SourcePos& where);

/// 0 .. n - 1 in an order that depends on (seed, stream) only.
std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, const std::string& stream);

}  // namespace kiln
