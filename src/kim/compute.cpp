#include "compute.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "driver_model.h"
#include "kiln/staged_graph.h"

namespace kiln_driver {
namespace {

/// The arguments as views; outputs that were not asked for are null.
struct KimArguments {
  int n = 0;
  const int* species = nullptr;
  const int* contributing = nullptr;
  const double* coordinates = nullptr;  // [n, 3], simulator's length
  double* energy = nullptr;
  double* forces = nullptr;           // [n, 3]
  double* particle_energy = nullptr;  // [n]
  double* virial = nullptr;           // [6]
  double* particle_virial = nullptr;  // [n, 6]
};

KimArguments read_arguments(const KIM::ModelComputeArguments& arguments) {
  namespace name = KIM::COMPUTE_ARGUMENT_NAME;
  KimArguments in;
  const int* n = nullptr;
  const int failed = arguments.GetArgumentPointer(name::numberOfParticles, &n) ||
                     arguments.GetArgumentPointer(name::particleSpeciesCodes, &in.species) ||
                     arguments.GetArgumentPointer(name::particleContributing, &in.contributing) ||
                     arguments.GetArgumentPointer(name::coordinates, &in.coordinates) ||
                     arguments.GetArgumentPointer(name::partialEnergy, &in.energy) ||
                     arguments.GetArgumentPointer(name::partialForces, &in.forces) ||
                     arguments.GetArgumentPointer(name::partialParticleEnergy, &in.particle_energy) ||
                     arguments.GetArgumentPointer(name::partialVirial, &in.virial) ||
                     arguments.GetArgumentPointer(name::partialParticleVirial, &in.particle_virial);
  if (failed || n == nullptr)
    throw kiln::Error(kiln::ErrorKind::internal, "kim-arguments", "unable to read the KIM arguments");
  in.n = *n;
  return in;
}

void check_species(const KimArguments& in, int n_species) {
  for (int i = 0; i < in.n; ++i) {
    if (in.species[i] < 0 || in.species[i] >= n_species) {
      throw kiln::Error(kiln::ErrorKind::data, "species-code",
                        "particle " + std::to_string(i) + " has species code " + std::to_string(in.species[i]) +
                            ", the model knows 0 .. " + std::to_string(n_species - 1));
    }
  }
}

kiln::Neighbors neighbors_of(void* context, int particle) {
  const auto* arguments = static_cast<const KIM::ModelComputeArguments*>(context);
  kiln::Neighbors neighbors;
  if (arguments->GetNeighborList(0, particle, &neighbors.count, &neighbors.index)) {
    throw kiln::Error(kiln::ErrorKind::internal, "kim-neighbors",
                      "the simulator gave no neighbor list for particle " + std::to_string(particle));
  }
  return neighbors;
}

void write_energies(const KimArguments& in, const kiln::Prediction& out, const DriverScratch& scratch, double unit) {
  if (in.energy) *in.energy = out.energy / unit;
  if (!in.particle_energy) return;
  if (out.atom_energies.empty() && out.energy != 0.0) {
    throw kiln::Error(kiln::ErrorKind::data, "no-atom-energies",
                      "this model has no energy per atom: its output 'energy' is not a sum over atoms");
  }
  std::fill(in.particle_energy, in.particle_energy + in.n, 0.0);
  for (std::size_t row = 0; row < out.atom_energies.size(); ++row) {
    in.particle_energy[scratch.order[row]] = out.atom_energies[row] / unit;
  }
}

void write_forces(const KimArguments& in, const kiln::Prediction& out, const DriverScratch& scratch, double unit) {
  if (!in.forces) return;
  std::fill(in.forces, in.forces + 3 * std::size_t(in.n), 0.0);
  for (std::size_t row = 0; row < scratch.order.size(); ++row) {
    double* force = in.forces + 3 * std::size_t(scratch.order[row]);
    for (int a = 0; a < 3; ++a) force[a] = out.forces[3 * row + a] / unit;
  }
}

/// Minus the symmetric part of W, in KIM's order xx yy zz yz xz xy.
void write_voigt(const double* w, double unit, double* voigt) {
  constexpr int kRow[6] = {0, 1, 2, 1, 0, 0};
  constexpr int kColumn[6] = {0, 1, 2, 2, 2, 1};
  for (int k = 0; k < 6; ++k) voigt[k] = -0.5 * (w[3 * kRow[k] + kColumn[k]] + w[3 * kColumn[k] + kRow[k]]) / unit;
}

void write_virials(const KimArguments& in, const kiln::Prediction& out, const DriverScratch& scratch, double unit) {
  if (in.virial) write_voigt(out.virial.data(), unit, in.virial);
  if (!in.particle_virial) return;
  std::fill(in.particle_virial, in.particle_virial + 6 * std::size_t(in.n), 0.0);
  for (std::size_t row = 0; row < scratch.order.size(); ++row) {
    write_voigt(&out.atom_virials[9 * row], unit, in.particle_virial + 6 * std::size_t(scratch.order[row]));
  }
}

void evaluate(const DriverModel& model, const KIM::ModelComputeArguments& arguments, DriverScratch& scratch) {
  const KimArguments in = read_arguments(arguments);
  check_species(in, static_cast<int>(model.potential.atomic_numbers().size()));
  scratch.positions.assign(in.coordinates, in.coordinates + 3 * std::size_t(in.n));
  for (double& x : scratch.positions) x *= model.length_unit;

  const auto n = static_cast<std::size_t>(in.n);
  const kiln::ParticleView particles{{scratch.positions.data(), 3 * n}, {in.species, n}, {in.contributing, n}};
  const kiln::AtomGraph graph =
      kiln::build_staged_graph(particles, model.potential.cutoff(), model.potential.n_hops(), neighbors_of,
                               const_cast<KIM::ModelComputeArguments*>(&arguments), scratch.order);
  const kiln::Request request{in.forces != nullptr, in.virial != nullptr, in.particle_virial != nullptr};
  const kiln::Prediction out = model.potential.evaluate(graph, request, *scratch.scratch);

  write_energies(in, out, scratch, model.energy_unit);
  write_forces(in, out, scratch, model.energy_unit / model.length_unit);
  write_virials(in, out, scratch, model.energy_unit);
}

/// LAMMPS hangs if one of several ranks fails, and then shows nothing: so the reason goes to stderr as well.
template <class Logger>
int report(const Logger& logger, const DriverModel& model, const char* reason) noexcept {
  std::fprintf(stderr, "Kiln_Driver_v1: %s\n", reason);
  std::fflush(stderr);
  try {
    logger.LogEntry(KIM::LOG_VERBOSITY::error, std::string(reason), __LINE__, __FILE__);
  } catch (...) {  // the reason is on stderr already
  }
  if (model.abort_on_error) std::abort();
  return 1;
}

/// Runs a routine; nothing may escape into C.
template <class Logger, class Routine>
int guarded(const Logger& logger, const DriverModel& model, const Routine& routine) noexcept {
  try {
    routine();
    return 0;
  } catch (const std::exception& error) {
    return report(logger, model, error.what());
  } catch (...) {
    return report(logger, model, "unknown exception");
  }
}

void support_all_outputs(KIM::ModelComputeArgumentsCreate& arguments) {
  namespace name = KIM::COMPUTE_ARGUMENT_NAME;
  for (const auto output : {name::partialEnergy, name::partialForces, name::partialParticleEnergy, name::partialVirial,
                            name::partialParticleVirial}) {
    if (arguments.SetArgumentSupportStatus(output, KIM::SUPPORT_STATUS::optional))
      throw kiln::Error(kiln::ErrorKind::internal, "kim-arguments", "KIM refused " + output.ToString());
  }
}

}  // namespace

int compute(const KIM::ModelCompute* compute, const KIM::ModelComputeArguments* arguments) noexcept {
  DriverModel* model = nullptr;
  DriverScratch* scratch = nullptr;
  compute->GetModelBufferPointer(reinterpret_cast<void**>(&model));
  arguments->GetModelBufferPointer(reinterpret_cast<void**>(&scratch));
  return guarded(*compute, *model, [&] { evaluate(*model, *arguments, *scratch); });
}

int create_arguments(const KIM::ModelCompute* compute, KIM::ModelComputeArgumentsCreate* arguments) noexcept {
  DriverModel* model = nullptr;
  compute->GetModelBufferPointer(reinterpret_cast<void**>(&model));
  return guarded(*arguments, *model, [&] {
    support_all_outputs(*arguments);
    auto scratch = std::make_unique<DriverScratch>();
    scratch->scratch = model->potential.make_scratch();
    arguments->SetModelBufferPointer(scratch.release());
  });
}

int destroy_arguments(const KIM::ModelCompute*, KIM::ModelComputeArgumentsDestroy* arguments) noexcept {
  DriverScratch* scratch = nullptr;
  arguments->GetModelBufferPointer(reinterpret_cast<void**>(&scratch));
  delete scratch;
  return 0;
}

}  // namespace kiln_driver
