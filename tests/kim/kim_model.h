#pragma once

#include <array>
#include <string>
#include <vector>

#include "KIM_SimulatorHeaders.hpp"

namespace kim_check {

using Vec3 = std::array<double, 3>;

/// Particles as a simulator has them: contributing ones and ghosts, in any order.
struct Particles {
  std::vector<Vec3> positions;
  std::vector<int> species;       ///< KIM species codes
  std::vector<int> contributing;  ///< 1 or 0
  std::vector<int> owner;         ///< contributing particle that a ghost is an image of; itself otherwise

  int n() const { return static_cast<int>(positions.size()); }
};

/// What a model answered. failed: the return code of Compute.
struct Answer {
  int failed = 0;
  double energy = 0.0;
  std::vector<Vec3> forces;
  std::vector<double> particle_energy;
  std::array<double, 6> virial{};
  std::vector<std::array<double, 6>> particle_virial;
};

struct Units {
  KIM::LengthUnit length = KIM::LENGTH_UNIT::A;
  KIM::EnergyUnit energy = KIM::ENERGY_UNIT::eV;
};

enum class Outputs { energy, energies, all };  ///< the energy; those of the particles too; derivatives too

struct Options {
  double skin = 0.0;               ///< neighbor lists reach cutoff + skin
  bool shuffle = false;            ///< neighbor lists in reverse order
  Outputs outputs = Outputs::all;  ///< every other output is a null pointer
};

constexpr double kUntouched = 1e30;  ///< what outputs hold before: they must be overwritten

/// A KIM model with one set of compute arguments. Not copyable.
class KimModel {
 public:
  explicit KimModel(const std::string& name, const Units& units = {});
  ~KimModel();
  KimModel(const KimModel&) = delete;
  KimModel& operator=(const KimModel&) = delete;

  bool created() const { return model_ != nullptr; }
  bool units_accepted() const { return units_accepted_; }
  double influence_distance() const { return influence_distance_; }
  double cutoff() const { return cutoff_; }
  int species_code(const std::string& symbol) const;  ///< -1 if unsupported

  Answer compute(const Particles& particles, const Options& options = {});

 private:
  KIM::Model* model_ = nullptr;
  KIM::ComputeArguments* arguments_ = nullptr;
  bool units_accepted_ = false;
  double influence_distance_ = 0.0;
  double cutoff_ = 0.0;
};

/// A periodic cell (rows) with its atoms as contributing particles and ghosts within `distance` of any of them.
Particles with_ghosts(const std::array<Vec3, 3>& cell, const std::vector<Vec3>& atoms, const std::vector<int>& species,
                      double distance);

/// A cluster: all contribute.
Particles cluster(const std::vector<Vec3>& atoms, const std::vector<int>& species);

}  // namespace kim_check
