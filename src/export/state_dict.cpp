#include "export/state_dict.h"

#include "base/safetensors.h"

namespace kiln {

std::string state_dict(const Model& model) {
  TensorFile file;
  const TensorDType dtype = model.precision == Precision::f64 ? TensorDType::f64 : TensorDType::f32;
  for (const auto& [name, weight] : model.weights) file.tensors[name] = to_tensor(weight, dtype);
  return write_safetensors(file);
}

}  // namespace kiln
