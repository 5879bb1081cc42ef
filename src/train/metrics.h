#pragma once

#include <string>
#include <vector>

#include "train/dataset.h"

namespace kiln {

/// What an engine says about a batch, in eV and Å. Forces and virials are empty if nothing needs them.
struct BatchPrediction {
  std::vector<double> energies;  ///< [n_structures]
  std::vector<double> forces;    ///< [n_atoms of the batch, 3]
  std::vector<double> virials;   ///< [n_structures, 9]
};

/// Sums of the errors of one quantity. They add up over batches, so an epoch's metric does not depend on the batches.
struct ErrorSums {
  double count = 0.0, squares = 0.0, absolutes = 0.0;

  void add(double error);
  bool any() const { return count > 0.0; }
  double rmse() const;
  double mae() const;
};

struct Metrics {
  ErrorSums energy;  ///< per atom, eV
  ErrorSums forces;  ///< per component, eV/Å
  ErrorSums stress;  ///< per component, eV/Å^3, of the data that give a stress
  ErrorSums virial;  ///< per component and atom, eV, of the data that give a virial
  std::int64_t n_structures = 0;
};

/// Adds the errors of a batch. Targets that a structure does not have are left out.
void add_errors(const std::vector<const Sample*>& samples, const BatchPrediction& prediction, Metrics& metrics);

/// One column of log and CSV.
struct MetricColumn {
  std::string name;  ///< "energy RMSE (per atom)"
  std::string unit;  ///< "meV"
  double value = 0.0;
};

/// The quantities that the metrics hold: RMSE, with `mae` MAE after each.
std::vector<MetricColumn> metric_columns(const Metrics& metrics, bool mae);

/// Product of the RMSEs (or MAEs) of all quantities: less is better.
double metric_product(const Metrics& metrics, bool mae);

}  // namespace kiln
