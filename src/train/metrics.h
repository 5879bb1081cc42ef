#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kiln/potential.h"
#include "kiln/span.h"
#include "structure/labels.h"
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
  std::int64_t n_structures = 0;  ///< that have the quantity

  /// The differences of one structure, divided by `divisor`; nothing if there is no target.
  void add(Span<const double> predicted, Span<const double> target, double divisor = 1.0);
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

/// Adds the errors of one structure against its labels in eV and Å. Labels that are absent are left out, and so is a
/// stress that means nothing (structure/stress.h) and a structure without atoms.
void add_errors(const Labels& labels, const Structure& structure, const Prediction& prediction, Metrics& metrics);

/// The errors of one quantity as they are shown: "energy" in "meV/atom".
struct QuantityErrors {
  const char *name, *unit;
  double rmse = 0.0, mae = 0.0;
  std::int64_t n_structures = 0;
};

/// The quantities that the metrics hold.
std::vector<QuantityErrors> quantity_errors(const Metrics& metrics);

/// One column of log and CSV.
struct MetricColumn {
  std::string name;  ///< "energy RMSE"
  std::string unit;  ///< "meV/atom"
  double value = 0.0;
};

/// The quantities that the metrics hold: RMSE, with `mae` MAE after each.
std::vector<MetricColumn> metric_columns(const Metrics& metrics, bool mae);

/// Product of the RMSEs (or MAEs) of all quantities: less is better.
double metric_product(const Metrics& metrics, bool mae);

}  // namespace kiln
