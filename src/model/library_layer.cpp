#include "kiln/library_layer.h"

#include "base/numbers.h"
#include "graph/library.h"
#include "layers/layer_table.h"
#include "model/run_graph.h"

namespace kiln {

struct LibraryLayer::Impl {
  CheckedGraph checked;
  LoweredGraph lowered;
  Weights weights;
};

namespace {

InputSpec input_spec(const std::string& port, const std::string& text, Diagnostics& faults) {
  const std::string file = "input '" + port + "'";
  InputSpec input;
  input.name = port;
  input.value = parse_yaml(text.empty() ? "\"\"" : text, file, faults);
  input.where = SourcePos::whole_file(file);
  return input;
}

/// Throws Error of kind data if the numbers are not as many as the shape says.
void check_size(const std::string& name, const PortArray& array, std::size_t n) {
  if (product(array.shape) != static_cast<std::int64_t>(n))
    throw Error(ErrorKind::data, "wrong-size",
                "'" + name + "' has " + std::to_string(n) + " numbers, but the shape " + shape_text(array.shape));
}

Tensor tensor_of(const std::string& port, const PortArray& array) {
  const bool is_integer = !array.integers.empty() && array.reals.empty();
  check_size(port, array, is_integer ? array.integers.size() : array.reals.size());
  return is_integer ? to_integer_tensor(array.shape, array.integers, TensorDType::i64)
                    : to_tensor(Array{array.shape, array.reals}, TensorDType::f64);
}

std::string array_for(const std::string& port) { return "add an array named '" + port + "'"; }

PortArray array_of(const Tensor& tensor) {
  if (is_real(tensor.dtype)) return {tensor.shape, to_array(tensor).data};
  return {tensor.shape, {}, to_integers(tensor)};
}

}  // namespace

LibraryLayer::LibraryLayer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LibraryLayer::LibraryLayer(LibraryLayer&&) noexcept = default;
LibraryLayer& LibraryLayer::operator=(LibraryLayer&&) noexcept = default;
LibraryLayer::~LibraryLayer() = default;

LibraryLayer LibraryLayer::load(const std::string& file, const std::string& layer,
                                const std::map<std::string, std::string>& inputs, std::uint64_t seed) {
  Diagnostics faults;
  std::vector<InputSpec> ports;
  for (const auto& [port, text] : inputs) ports.push_back(input_spec(port, text, faults));
  const GraphSpec library = parse_graph_file(file, faults);
  throw_if_errors(faults, error_kind(faults));
  auto impl = std::make_unique<Impl>();
  impl->checked = check_graph(graph_of_layer(library, layer, ports, layer_table()), layer_table(), faults);
  throw_if_errors(faults, error_kind(faults));
  impl->lowered = lower_graph(impl->checked);
  impl->weights = init_weights(impl->lowered, seed);
  require_native(impl->lowered, impl->weights, Precision::f64);
  return LibraryLayer(std::move(impl));
}

PortArrays LibraryLayer::weights() const {
  PortArrays arrays;
  for (const auto& [name, array] : impl_->weights) arrays[name] = {array.shape, array.data};
  return arrays;
}

void LibraryLayer::set_weights(const PortArrays& weights) {
  Weights all = impl_->weights;
  for (const auto& [name, array] : weights) {
    check_size(name, array, array.reals.size());
    const auto place = all.find(name);
    if (place == all.end()) throw Error(ErrorKind::data, "unknown-weight", "the layer has no weight '" + name + "'");
    if (place->second.shape != array.shape)
      throw Error(
          ErrorKind::data, "misshapen-weight",
          "'" + name + "' has the shape " + shape_text(place->second.shape) + ", not " + shape_text(array.shape));
    place->second.data = array.reals;
  }
  impl_->weights = std::move(all);
}

PortArrays LibraryLayer::operator()(const PortArrays& inputs) const {
  GivenArrays given;
  for (const auto& [port, array] : inputs) given[port].tensor = tensor_of(port, array);
  Diagnostics faults;
  check_input_names(impl_->checked, given, array_for, faults);
  throw_if_errors(faults, ErrorKind::data);
  check_input_values(impl_->checked, given, faults);
  throw_if_errors(faults, ErrorKind::data);
  PortArrays outputs;
  for (const auto& [name, tensor] : run_native(impl_->lowered, impl_->weights, Precision::f64, given))
    outputs[name] = array_of(tensor);
  return outputs;
}

}  // namespace kiln
