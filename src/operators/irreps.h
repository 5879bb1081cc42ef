#pragma once

#include <string>
#include <vector>

namespace kiln {

/// An irreducible representation of O(3).
struct Irrep {
  int l = 0;
  int parity = 1;  ///< +1 even, -1 odd

  int dim() const { return 2 * l + 1; }
  bool operator==(const Irrep& other) const { return l == other.l && parity == other.parity; }
  /// e3nn's order: by l, odd before even (0o, 0e, 1o, 1e, …).
  bool operator<(const Irrep& other) const { return l != other.l ? l < other.l : parity < other.parity; }
};

/// `mul` copies of one irrep. Stored copy-major: index = u (2l+1) + m (e3nn's mul_ir layout).
struct IrrepBlock {
  int mul = 0;
  Irrep irrep;

  int dim() const { return mul * irrep.dim(); }
  bool operator==(const IrrepBlock& other) const { return mul == other.mul && irrep == other.irrep; }
};

/// An ordered list of blocks; a feature row stores them one after another.
struct Irreps {
  std::vector<IrrepBlock> blocks;

  int dim() const;
  int offset(int block) const;   ///< first component of a block
  int count(Irrep irrep) const;  ///< copies over all blocks
  bool is_scalar() const;        ///< only 0e
  bool operator==(const Irreps& other) const { return blocks == other.blocks; }
  bool operator!=(const Irreps& other) const { return !(*this == other); }
};

Irreps scalars(int mul);                      ///< mul x 0e
Irreps spherical_harmonics_irreps(int lmax);  ///< 1x0e + 1x1o + 1x2e + …
Irreps simplify(const Irreps& irreps);        ///< merges neighboring equal irreps, drops mul 0, never reorders
/// Stable sort by irrep; permutation[k] = old index of the k-th block.
Irreps sort(const Irreps& irreps, std::vector<int>* permutation = nullptr);
std::vector<Irrep> product(Irrep a, Irrep b);  ///< l from |l1-l2| to l1+l2, parities multiplied

std::string to_string(Irrep irrep);           ///< "1o"
std::string to_string(const Irreps& irreps);  ///< "32x0e + 32x1o"
/// "32x0e + 32x1o" (e3nn's text; a missing multiplicity is 1). Returns false and a reason if it is not that.
bool parse_irreps(const std::string& text, Irreps& irreps, std::string& reason);

}  // namespace kiln
