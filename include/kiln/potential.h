#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kiln/atom_graph.h"
#include "kiln/error.h"
#include "kiln/span.h"
#include "kiln/structure.h"

namespace kiln {

/// What is asked for; energies always come.
struct Request {
  bool forces = true;
  bool virial = false;
  bool atom_virials = false;
};

/// eV, Å. Arrays that were not asked for are empty.
struct Prediction {
  double energy = 0.0;                ///< eV
  std::vector<double> atom_energies;  ///< [n_owned], eV; empty if the model has none
  std::vector<double> forces;         ///< [n_all, 3], eV/Å, F = -dE/dr, ghosts included
  std::vector<double> virial;         ///< [9], eV, W = -dE/d(strain), row-major; stress = -W / V
  std::vector<double> atom_virials;   ///< [n_all, 9], eV; sums to the virial
};

/// A trained model ready to run: the native engine on a `.kiln` file. Immutable, so threads may share it; each brings
/// its own Scratch.
class Potential {
 public:
  class Scratch;

  /// Throws Error: data (truncated, bit-flipped, newer, contains code, has layers of plugins), numerical (self-test
  /// failed).
  static Potential load(const std::string& path);
  static Potential from_bytes(const std::string& bytes, const std::string& name);

  Potential(Potential&&) noexcept;
  Potential& operator=(Potential&&) noexcept;
  ~Potential();

  double cutoff() const;                           ///< Å, of the edges
  int n_hops() const;                              ///< message-passing steps
  double influence_distance() const;               ///< Å
  const std::vector<int>& atomic_numbers() const;  ///< species s is element atomic_numbers()[s]
  std::vector<std::string> species() const;        ///< element symbols, in the same order
  std::string name() const;

  std::unique_ptr<Scratch> make_scratch() const;
  Prediction evaluate(const Structure& structure, const Request& request, Scratch& scratch) const;
  Prediction evaluate(const AtomGraph& graph, const Request& request, Scratch& scratch) const;

 private:
  struct Impl;
  explicit Potential(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Potential::Scratch {
 public:
  virtual ~Scratch() = default;
};

}  // namespace kiln
