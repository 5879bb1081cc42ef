#pragma once

#include <string>
#include <vector>

#include "base/weights.h"
#include "graph/lowered_graph.h"
#include "train/dataset.h"
#include "train/options.h"

namespace kiln {

/// What is taken off the energies before the network sees them.
struct Baseline {
  std::vector<double> energies;  ///< [n_species], eV per atom
  double scale = 1.0;            ///< rms of (energy - baseline) / n_atoms, eV; 1 if that is 0
  int rank = 0;                  ///< of the least-squares problem; < n_species: the minimum-norm answer was taken
};

/// Least squares of the energies on the numbers of atoms per element; double precision, refined once.
/// atomic_numbers: of the species. Elements that do not occur get 0.
Baseline fit_baseline(const std::vector<Sample>& samples, const std::vector<int>& atomic_numbers);

/// rms over the samples of (energy - baseline) / n_atoms.
double rms_per_atom(const std::vector<Sample>& samples, const std::vector<int>& atomic_numbers,
                    const std::vector<double>& energies);

/// Where a fitted baseline and scale go: the one table of energies per species and the one scale on the way to the
/// energy, with nothing but sums between. "" where there is none.
struct BaselineSlots {
  std::string energies;                ///< weight [n_species]
  std::string scale, shift;            ///< weights [1]
  bool scale_covers_energies = false;  ///< energies pass through the scale, too
  std::vector<std::string> others;     ///< further tables or scales: then none of that kind is taken
};
BaselineSlots find_baseline_slots(const LoweredGraph& graph);

/// The baseline of a run: fitted, or as the options say; written into the weights (whether they are trained further is
/// the layers' `trainable`). What was found and what is wrong go to `notes` and `warnings`, one a line. The scale is
/// also what the loss is measured in.
Baseline set_baseline(const LoweredGraph& graph, const std::vector<Sample>& training,
                      const std::vector<int>& atomic_numbers, const BaselineOptions& options, Weights& weights,
                      std::vector<std::string>& notes, std::vector<std::string>& warnings);

}  // namespace kiln
