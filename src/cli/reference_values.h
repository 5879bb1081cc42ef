#pragma once

#include <optional>
#include <string>
#include <vector>

#include "structure/extended_xyz.h"

namespace kiln {

/// Names under which a file has its reference values, in eV and Å.
struct ReferenceKeys {
  std::string energy = "energy", forces = "forces", stress = "stress", virial = "virial";
};

/// What a frame says; absent where it has no such key.
struct ReferenceValues {
  std::optional<double> energy;  ///< eV
  std::vector<double> forces;    ///< [n_atoms, 3], eV/Å
  std::vector<double> stress;    ///< [9], eV/Å^3
  std::vector<double> virial;    ///< [9], eV
};

/// Throws Error of kind data with file, line and frame: wrong number of values, values that are not finite.
ReferenceValues reference_values(const Frame& frame, const ReferenceKeys& keys);

/// The same error with file, line and index of the frame in front; the line of the atom if it is about one.
Error in_frame(const Error& error, const Frame& frame);

}  // namespace kiln
