#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "structure/extended_xyz.h"

namespace kiln {

/// Names under which a file has its labels; "": not read.
struct LabelKeys {
  std::string energy = "energy", forces = "forces", stress = "stress", virial = "virial";
};

/// What a frame says about its energy and derivatives, in the units of the file; absent where it has no such key.
struct Labels {
  std::optional<double> energy;
  std::vector<double> forces;  ///< [n_atoms, 3]
  std::vector<double> stress;  ///< [9], row-major, positive under tension
  std::vector<double> virial;  ///< [9], row-major, -dE/d(strain)
};

/// Tensors are nine numbers, row-major, or xx yy zz yz xz xy. Throws Error of kind data with file, line and frame:
/// wrong number of values, values that are not finite.
Labels read_labels(const Frame& frame, const LabelKeys& keys);

/// Names of what frames have, for messages about a key that is not there.
struct KeysFound {
  std::set<std::string> of_frames, of_atoms;

  void add(const Frame& frame);
  /// "Did you mean 'forces'? Found in the comment line: energy; per atom: forces."
  std::string hint(const std::string& wanted) const;
};

}  // namespace kiln
