#pragma once

#include <string>

#include "KIM_ModelDriverHeaders.hpp"
#include "driver_model.h"

namespace kiln_driver {

/// Sizes of the simulator's units in Å and eV; an `unused` unit counts as Å or eV. The table is Kiln's own (CODATA
/// 2018): kim-api's constant for erg is wrong by 1e14 up to version 2.4.2. Returns false for a unit it does not know.
bool read_units(KIM::LengthUnit length, KIM::EnergyUnit energy, DriverModel& model);

}  // namespace kiln_driver
