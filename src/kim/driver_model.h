#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kiln/potential.h"

namespace kiln_driver {

/// The model buffer: read-only after creation, so that threads may share it. KIM keeps pointers to cutoff and
/// influence_distance.
struct DriverModel {
  kiln::Potential potential;
  double length_unit = 1.0;         ///< the simulator's length in Å
  double energy_unit = 1.0;         ///< the simulator's energy in eV
  double cutoff = 0.0;              ///< in the simulator's length
  double influence_distance = 0.0;  ///< in the simulator's length
  int no_neighbors_of_ghosts = 0;   ///< 1 for models with one message-passing step
  bool abort_on_error =
      false;  ///< Kiln_Driver_v1_ABORT_ON_ERROR=1: end the process, so that no other MPI rank waits forever
};

/// The compute-arguments buffer: scratch of one thread.
struct DriverScratch {
  std::unique_ptr<kiln::Potential::Scratch> scratch;
  std::vector<double> positions;  ///< Å
  std::vector<int> order;         ///< particle of each row
};

}  // namespace kiln_driver
