// The door to KIM: turns a parameter file, model.kiln, into a KIM model. The only place, with compute.cpp, where an
// exception becomes a return code. Nothing of the process is changed; there is no global state.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "KIM_ModelDriverHeaders.hpp"
#include "compute.h"
#include "driver_model.h"
#include "units.h"

namespace kiln_driver {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw kiln::Error(kiln::ErrorKind::configuration, "kim-driver", what);
}

void require(int failed, const char* what) {
  if (failed) refuse(std::string("KIM refused ") + what);
}

std::string parameter_file(const KIM::ModelDriverCreate& create) {
  int n_files = 0;
  create.GetNumberOfParameterFiles(&n_files);
  if (n_files != 1) refuse("expected one parameter file, a .kiln model; found " + std::to_string(n_files));
  const std::string* folder = nullptr;
  const std::string* base = nullptr;
  create.GetParameterFileDirectoryName(&folder);
  require(create.GetParameterFileBasename(0, &base), "to name the parameter file");
  return *folder + "/" + *base;
}

std::unique_ptr<DriverModel> load_model(const KIM::ModelDriverCreate& create, KIM::LengthUnit length,
                                        KIM::EnergyUnit energy) {
  auto model = std::make_unique<DriverModel>(DriverModel{kiln::Potential::load(parameter_file(create))});
  if (!read_units(length, energy, *model)) refuse("unknown units: " + length.ToString() + ", " + energy.ToString());
  model->cutoff = model->potential.cutoff() / model->length_unit;
  model->influence_distance = model->potential.influence_distance() / model->length_unit;
  model->no_neighbors_of_ghosts = model->potential.n_hops() <= 1 ? 1 : 0;
  const char* abort_on_error = std::getenv("Kiln_Driver_v1_ABORT_ON_ERROR");
  model->abort_on_error = abort_on_error != nullptr && std::strcmp(abort_on_error, "1") == 0;
  return model;
}

void register_units(KIM::ModelDriverCreate& create, KIM::LengthUnit length, KIM::EnergyUnit energy) {
  const auto length_unit = length == KIM::LENGTH_UNIT::unused ? KIM::LENGTH_UNIT::A : length;
  const auto energy_unit = energy == KIM::ENERGY_UNIT::unused ? KIM::ENERGY_UNIT::eV : energy;
  require(create.SetUnits(length_unit, energy_unit, KIM::CHARGE_UNIT::unused, KIM::TEMPERATURE_UNIT::unused,
                          KIM::TIME_UNIT::unused),
          "the units");
}

void register_species(KIM::ModelDriverCreate& create, const kiln::Potential& potential) {
  const auto symbols = potential.species();
  for (std::size_t code = 0; code < symbols.size(); ++code) {
    require(create.SetSpeciesCode(KIM::SpeciesName(symbols[code]), static_cast<int>(code)),
            ("species " + symbols[code]).c_str());
  }
}

int destroy(KIM::ModelDestroy* destroy) noexcept {
  DriverModel* model = nullptr;
  destroy->GetModelBufferPointer(reinterpret_cast<void**>(&model));
  delete model;
  return 0;
}

void register_routines(KIM::ModelDriverCreate& create) {
  namespace routine = KIM::MODEL_ROUTINE_NAME;
  const auto cpp = KIM::LANGUAGE_NAME::cpp;
  const auto set = [&](KIM::ModelRoutineName name, KIM::Function* function) {
    require(create.SetRoutinePointer(name, cpp, true, function), name.ToString().c_str());
  };
  set(routine::Destroy, reinterpret_cast<KIM::Function*>(&destroy));
  set(routine::Compute, reinterpret_cast<KIM::Function*>(&compute));
  set(routine::ComputeArgumentsCreate, reinterpret_cast<KIM::Function*>(&create_arguments));
  set(routine::ComputeArgumentsDestroy, reinterpret_cast<KIM::Function*>(&destroy_arguments));
}

void register_model(KIM::ModelDriverCreate& create, KIM::LengthUnit length, KIM::EnergyUnit energy) {
  auto model = load_model(create, length, energy);
  register_units(create, length, energy);
  require(create.SetModelNumbering(KIM::NUMBERING::zeroBased), "the numbering");
  create.SetInfluenceDistancePointer(&model->influence_distance);
  create.SetNeighborListPointers(1, &model->cutoff, &model->no_neighbors_of_ghosts);
  register_species(create, model->potential);
  register_routines(create);
  create.SetModelBufferPointer(model.release());
}

}  // namespace
}  // namespace kiln_driver

extern "C" __attribute__((visibility("default"))) int kiln_driver_create(
    KIM::ModelDriverCreate* create, const KIM::LengthUnit length, const KIM::EnergyUnit energy, const KIM::ChargeUnit,
    const KIM::TemperatureUnit, const KIM::TimeUnit) noexcept {
  try {
    try {
      kiln_driver::register_model(*create, length, energy);
      return 0;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "Kiln_Driver_v1: %s\n", error.what());
      create->LogEntry(KIM::LOG_VERBOSITY::error, std::string(error.what()), __LINE__, __FILE__);
    }
  } catch (...) {  // nothing may escape into C
    std::fprintf(stderr, "Kiln_Driver_v1: the model could not be created\n");
  }
  return 1;
}
