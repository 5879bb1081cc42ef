#pragma once

#include "engines/torch/torch_program.h"
#include "model/model.h"

namespace kiln {

/// The model as a TorchScript program for other programs: plain ATen, with forces and virial if it is a potential, and
/// extra files: `kiln.json` says what it is (species, cutoffs, units, precision, graph), `graph.py` is the model
/// as a Python module (python_module).
TorchProgram torchscript_program(const Model& model);

}  // namespace kiln
