#include "kim_model.h"

#include <algorithm>
#include <cmath>

namespace kim_check {
namespace {

struct NeighborTable {
  std::vector<std::vector<int>> lists;
};

int get_neighbors(void* data, int, const double*, int, int particle, int* count, const int** neighbors) {
  const auto* table = static_cast<const NeighborTable*>(data);
  *count = static_cast<int>(table->lists[particle].size());
  *neighbors = table->lists[particle].data();
  return 0;
}

double distance(const Vec3& a, const Vec3& b) {
  return std::sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

NeighborTable all_neighbors(const Particles& particles, double reach, bool reverse) {
  NeighborTable table;
  table.lists.resize(particles.n());
  for (int i = 0; i < particles.n(); ++i) {
    for (int j = 0; j < particles.n(); ++j) {
      if (i != j && distance(particles.positions[i], particles.positions[j]) < reach) table.lists[i].push_back(j);
    }
    if (reverse) std::reverse(table.lists[i].begin(), table.lists[i].end());
  }
  return table;
}

}  // namespace

KimModel::KimModel(const std::string& name, const Units& units) {
  int accepted = 0;
  if (KIM::Model::Create(KIM::NUMBERING::zeroBased, units.length, units.energy, KIM::CHARGE_UNIT::e,
                         KIM::TEMPERATURE_UNIT::K, KIM::TIME_UNIT::ps, name, &accepted, &model_)) {
    model_ = nullptr;
    return;
  }
  units_accepted_ = accepted != 0;
  model_->GetInfluenceDistance(&influence_distance_);
  int n_lists = 0;
  const double* cutoffs = nullptr;
  const int* hints = nullptr;
  model_->GetNeighborListPointers(&n_lists, &cutoffs, &hints);
  cutoff_ = *std::max_element(cutoffs, cutoffs + n_lists);
  if (model_->ComputeArgumentsCreate(&arguments_)) arguments_ = nullptr;
}

KimModel::~KimModel() {
  if (arguments_) model_->ComputeArgumentsDestroy(&arguments_);
  if (model_) KIM::Model::Destroy(&model_);
}

int KimModel::species_code(const std::string& symbol) const {
  int supported = 0;
  int code = -1;
  model_->GetSpeciesSupportAndCode(KIM::SpeciesName(symbol), &supported, &code);
  return supported ? code : -1;
}

Answer KimModel::compute(const Particles& particles, const Options& options) {
  namespace name = KIM::COMPUTE_ARGUMENT_NAME;
  const int n = particles.n();
  Answer out;
  out.energy = kUntouched;
  out.forces.assign(n, {kUntouched, kUntouched, kUntouched});
  out.particle_energy.assign(n, kUntouched);
  out.virial.fill(kUntouched);
  out.particle_virial.assign(n, {kUntouched, kUntouched, kUntouched, kUntouched, kUntouched, kUntouched});
  NeighborTable table = all_neighbors(particles, cutoff_ + options.skin, options.shuffle);

  double* const none = nullptr;
  const bool energies = options.outputs != Outputs::energy;
  const bool all = options.outputs == Outputs::all;
  arguments_->SetArgumentPointer(name::numberOfParticles, &n);
  arguments_->SetArgumentPointer(name::particleSpeciesCodes, particles.species.data());
  arguments_->SetArgumentPointer(name::particleContributing, particles.contributing.data());
  arguments_->SetArgumentPointer(name::coordinates, n > 0 ? particles.positions[0].data() : &kUntouched);
  arguments_->SetArgumentPointer(name::partialEnergy, &out.energy);
  arguments_->SetArgumentPointer(name::partialForces, all && n > 0 ? out.forces[0].data() : none);
  arguments_->SetArgumentPointer(name::partialParticleEnergy, energies && n > 0 ? out.particle_energy.data() : none);
  arguments_->SetArgumentPointer(name::partialVirial, all ? out.virial.data() : none);
  arguments_->SetArgumentPointer(name::partialParticleVirial, all && n > 0 ? out.particle_virial[0].data() : none);
  arguments_->SetCallbackPointer(KIM::COMPUTE_CALLBACK_NAME::GetNeighborList, KIM::LANGUAGE_NAME::cpp,
                                 reinterpret_cast<KIM::Function*>(&get_neighbors), &table);
  out.failed = model_->Compute(arguments_);
  return out;
}

Particles with_ghosts(const std::array<Vec3, 3>& cell, const std::vector<Vec3>& atoms, const std::vector<int>& species,
                      double reach) {
  Particles all = cluster(atoms, species);
  const int n = static_cast<int>(atoms.size());
  const int range = 4;  // images; enough for cells of at least a quarter of the reach
  for (int a = -range; a <= range; ++a) {
    for (int b = -range; b <= range; ++b) {
      for (int c = -range; c <= range; ++c) {
        if (a == 0 && b == 0 && c == 0) continue;
        for (int i = 0; i < n; ++i) {
          Vec3 image = atoms[i];
          for (int x = 0; x < 3; ++x) image[x] += a * cell[0][x] + b * cell[1][x] + c * cell[2][x];
          const bool near =
              std::any_of(atoms.begin(), atoms.end(), [&](const Vec3& atom) { return distance(atom, image) < reach; });
          if (!near) continue;
          all.positions.push_back(image);
          all.species.push_back(species[i]);
          all.contributing.push_back(0);
          all.owner.push_back(i);
        }
      }
    }
  }
  return all;
}

Particles cluster(const std::vector<Vec3>& atoms, const std::vector<int>& species) {
  Particles all{atoms, species, std::vector<int>(atoms.size(), 1), std::vector<int>(atoms.size())};
  for (int i = 0; i < all.n(); ++i) all.owner[i] = i;
  return all;
}

}  // namespace kim_check
