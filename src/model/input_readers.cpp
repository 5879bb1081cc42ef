#include "model/input_readers.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/source_text.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

std::string place_of(const SourcePos& where) { return where.known() ? " (" + place(where) + ")" : ""; }

/// "int64 (2,), 0 to 5": of integers their range, too, which is what look-ups fail of.
std::string described_array(const Tensor& tensor) {
  const std::string text = name_of(tensor.dtype) + " " + shape_text(tensor.shape);
  if (is_real(tensor.dtype) || product(tensor.shape) == 0) return text;
  const std::vector<std::int64_t> values = to_integers(tensor);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return text + ", " + std::to_string(*least) + " to " + std::to_string(*most);
}

std::string described_field(const CheckedField& field, const GivenArrays& given) {
  if (field.layer >= 0) return "'" + field.name + "': " + to_string(shape_of(field.type));
  const GivenArray& array = given.at(field.name);
  return "the " + described_input(field.name, array) + " of " + array.file + ": " + described_array(array.tensor);
}

}  // namespace

std::string described_input(const std::string& name, const GivenArray& given) {
  return "model input '" + name + "'" + (given.key.empty() ? "" : " (array '" + given.key + "')");
}

std::string reader_of(const CheckedGraph& graph, const CheckedInput& input) {
  std::string first;
  for (const CheckedLayer& layer : graph.layers) {
    for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
      const std::vector<int>& fields = layer.inputs[port];
      if (std::find(fields.begin(), fields.end(), input.field) == fields.end()) continue;
      const std::string text =
          "port '" + layer.input_names[port] + "' of layer '" + layer.name + "'" + place_of(layer.where);
      if (!layer.declaration->any_ports) return text;
      if (first.empty()) first = text;
    }
  }
  return first.empty() ? "the graph" : first;
}

bool has_role_by_name(const CheckedGraph& graph, const CheckedInput& input) {
  if (!input.role_by_name) return false;
  for (const CheckedLayer& layer : graph.layers) {
    for (const std::vector<int>& fields : layer.inputs)
      if (!layer.declaration->any_ports && std::find(fields.begin(), fields.end(), input.field) != fields.end())
        return false;
  }
  return true;
}

std::string described_ports(const CheckedGraph& graph, const CheckedLayer& layer, const GivenArrays& given) {
  std::string text;
  for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
    for (const int field : layer.inputs[port])
      text += (text.empty() ? "port '" : "; port '") + layer.input_names[port] + "' reads " +
              described_field(graph.fields[field], given);
  }
  return text;
}

}  // namespace kiln
