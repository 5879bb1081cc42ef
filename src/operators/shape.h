#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln {

/// One size of a tensor: a number, a symbol (equal symbols are equal sizes), or unknown.
struct Size {
  std::int64_t n = -1;  ///< -1: not a known number
  std::string symbol;   ///< "" with n < 0: unknown

  bool known() const { return n >= 0; }
  bool operator==(const Size& other) const { return n == other.n && symbol == other.symbol; }
};

/// Sizes of a tensor, slowest first. `known` false: not even their number is known.
struct Shape {
  bool known = false;
  std::vector<Size> sizes;
  Size last = {};  ///< the last of them, where their number is not known

  int rank() const { return static_cast<int>(sizes.size()); }
};

/// Symbols of rows that Kiln itself knows: one row per atom, structure, or edge of an edge set.
inline constexpr const char* kAtomRows = "N";
inline constexpr const char* kStructureRows = "B";
std::string edge_rows(int edge_set);  ///< "E", "E1", …

/// Is it such a symbol?
bool counts_rows(const Size& size);

Shape unknown_shape();
Shape shape_ending_in(Size last);  ///< of any number of sizes
Shape make_shape(std::vector<Size> sizes);
Size fixed_size(std::int64_t n);
Size symbolic_size(std::string symbol);
/// From `shape: [N, 16]`: whole numbers and symbols.
Shape shape_from_words(const std::vector<std::string>& words);

/// False only if they cannot be equal: two different numbers.
bool may_equal(const Size& a, const Size& b);
/// The last size; unknown where there is none.
Size last_size(const Shape& shape);
/// What is the same in both.
Shape common_shape(const Shape& a, const Shape& b);
std::string to_string(const Shape& shape);  ///< "(N, 16)", "(?, 16)", "(…, 16)", "(…)" where nothing is known

}  // namespace kiln
