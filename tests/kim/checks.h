#pragma once

#include <string>
#include <vector>

#include "kiln/physics_checks.h"
#include "kim_model.h"

namespace kim_check {

/// The model under test and a crystal for it.
struct Subject {
  std::string model_name;
  KimModel model;
  int species = -1;         ///< KIM's code of the one element; atomic numbers of structures are not read
  kiln::Structure crystal;  ///< 2x2x2 diamond cells, slightly triclinic; 64 atoms, distorted
};

struct Check {
  const char* name;
  kiln::LawReport (*run)(Subject&);
  bool one_step_only = false;  ///< for models whose influence distance is their cutoff
};

std::vector<Check> law_checks();       ///< what holds for every potential
std::vector<Check> particle_checks();  ///< ghosts, lists and the meaning of `contributing`
std::vector<Check> contract_checks();  ///< units, arguments, errors, threads

/// 2x2x2 diamond cells of lattice constant a (Å), sheared a little, every atom moved by up to 0.15 Å per axis; the same
/// every time.
kiln::Structure distorted_diamond(double a);

/// The structure with its ghosts, which reach `extra` Å beyond the influence distance. Periodic along all axes or none.
Particles particles_of(const Subject& subject, const kiln::Structure& structure, double extra = 0.0);

/// Outputs of ghosts given to their owners; KIM's dE/d(strain), order xx yy zz yz xz xy, as the symmetric W. Throws
/// std::runtime_error if the model failed or gave energy to a ghost.
kiln::Prediction folded(const Particles& particles, const Answer& answer);

/// The model as the laws of physics see it.
kiln::Evaluate evaluator(Subject& subject);

/// A yes or no in the form of a law.
kiln::LawReport verdict(const std::string& law, bool ok);

}  // namespace kim_check
