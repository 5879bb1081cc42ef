#include <limits>

#include "kiln/plugin.h"
#include "layers/declare.h"

// One layer for each fault that a declaration can have; plugin_test.py knows what is told of each.

namespace {

using kiln::ConfigType;
using kiln::LayerDeclaration;
using kiln::port;
using kiln::with_default;

LayerDeclaration named(const char* name) {
  LayerDeclaration layer;
  layer.name = name;
  layer.inputs = {port("h", "features")};
  layer.outputs = {port("h", "features")};
  layer.infer = [](kiln::InferContext&) {};
  layer.lower = [](kiln::LowerContext&) {};
  return layer;
}

template <class Change>
LayerDeclaration changed(const char* name, const Change& change) {
  LayerDeclaration layer = named(name);
  change(layer);
  return layer;
}

}  // namespace

KILN_PLUGIN_EXPORT const kiln::Plugin* kiln_plugin_v1() {
  static const LayerDeclaration faulty[] = {
      changed("", [](auto&) {}),
      changed("two words", [](auto&) {}),
      changed("SameAsSynonym", [](auto& layer) { layer.synonyms = {"SameAsSynonym"}; }),
      changed("NoInfer", [](auto& layer) { layer.infer = nullptr; }),
      changed("NoLower", [](auto& layer) { layer.lower = nullptr; }),
      changed("NoOutputs", [](auto& layer) { layer.outputs.clear(); }),
      changed("OddCategory", [](auto& layer) { layer.category = static_cast<kiln::Category>(77); }),
      changed("TwoInputs",
              [](auto& layer) {
                layer.inputs = {port("x", ""), port("x", "")};
              }),
      changed("TwoOutputs",
              [](auto& layer) {
                layer.outputs = {port("y", ""), port("y", "")};
              }),
      changed("PortSynonym",
              [](auto& layer) {
                layer.inputs = {port("x", ""), port("y", "")};
                layer.inputs[1].synonyms = {"x"};
              }),
      changed("PortName", [](auto& layer) { layer.inputs[0].name = "a.b"; }),
      changed(
          "TwoKeys",
          [](auto& layer) {
            layer.config = {with_default("n", ConfigType::integer, "1", ""), kiln::required("n", ConfigType::real, "")};
          }),
      changed("KeyName", [](auto& layer) { layer.config = {kiln::required("a-b", ConfigType::real, "")}; }),
      changed("KeyType", [](auto& layer) { layer.config = {kiln::required("n", static_cast<ConfigType>(99), "")}; }),
      changed("BadDefault", [](auto& layer) { layer.config = {with_default("n", ConfigType::integer, "many", "")}; }),
      changed("DefaultOutOfRange",
              [](auto& layer) {
                layer.config = {kiln::in_range(with_default("n", ConfigType::real, "5.0", ""), 0.0, 1.0)};
              }),
      changed("NotYaml", [](auto& layer) { layer.config = {with_default("n", ConfigType::values, "[1, 2", "")}; }),
      changed(
          "EmptyRange",
          [](auto& layer) { layer.config = {kiln::in_range(kiln::required("n", ConfigType::real, ""), 2.0, 1.0)}; }),
      changed("NanRange",
              [](auto& layer) {
                layer.config = {kiln::in_range(kiln::required("n", ConfigType::real, ""),
                                               std::numeric_limits<double>::quiet_NaN())};
              }),
      changed("RequiredDefault",
              [](auto& layer) {
                layer.config = {with_default("n", ConfigType::integer, "1", "")};
                layer.config[0].required = true;
              }),
      changed("ParameterName",
              [](auto& layer) {
                layer.parameters = {{"a b", "[1]", ""}};
              }),
      changed("TwoParameters",
              [](auto& layer) {
                layer.parameters = {{"w", "[1]", ""}, {"w", "[2]", ""}};
              }),
      changed("ParameterShape",
              [](auto& layer) {
                layer.parameters = {{"w", "1", ""}};
              }),
      changed("OddBytes", [](auto& layer) { layer.doc = "a\n\x1b[31mred \xff"; }),
      changed("ReceiverRow", [](auto& layer) { layer.receiver_row = 5; }),
  };
  constexpr int n = sizeof faulty / sizeof faulty[0];
  static const LayerDeclaration* layers[n];
  for (int k = 0; k < n; ++k) layers[k] = &faulty[k];
  static const LayerDeclaration* const* const table = layers;
  static const kiln::Plugin plugin = {
      kiln::kPluginAbi, kiln::version(), kiln::commit(), kiln::kPluginCompiler, kiln::plugin_layout(), table, n};
  return &plugin;
}
