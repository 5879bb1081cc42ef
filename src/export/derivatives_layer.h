#pragma once

#include "model/model.h"

namespace kiln {

/// The model with a `Derivatives` layer at its end and the outputs `forces` and `virial`, if its graph has no such
/// layer and gives an energy that depends on positions by edge vectors alone; else the model as it is. Programs that
/// load an exported model expect forces.
Model with_derivatives(Model model);

}  // namespace kiln
