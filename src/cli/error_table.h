#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/reference_values.h"
#include "kiln/potential.h"

namespace kiln {

/// Running mean absolute and root mean square error of one quantity.
struct ErrorSum {
  const char* name;
  const char* unit;
  double factor;  ///< from eV and Å to `unit`
  std::size_t n_frames = 0;
  std::size_t n_values = 0;
  double absolute = 0.0, square = 0.0;

  void add(const std::vector<double>& got, const std::vector<double>& want);
  double mae() const { return factor * absolute / static_cast<double>(n_values); }
  double rmse() const;
};

/// Errors of predictions against references, as frames come in.
struct ErrorTable {
  ErrorSum energy{"energy", "meV/atom", 1e3};
  ErrorSum forces{"forces", "meV/Å", 1e3};
  ErrorSum stress{"stress", "meV/Å^3", 1e3};
  ErrorSum virial{"virial", "meV/atom", 1e3};

  /// @param stress  [9], eV/Å^3; empty where the structure is not periodic in all three directions
  void add(const Prediction& prediction, const std::vector<double>& stress, const ReferenceValues& reference,
           int n_atoms);
};

std::string to_string(const ErrorTable& table);
nlohmann::ordered_json to_json(const ErrorTable& table);

}  // namespace kiln
