#include "graph/picture.h"

#include <vector>

#include "graph/liveness.h"

namespace kiln {

namespace {

struct Look {
  const char* shape;
  const char* color;
};
constexpr Look kInput = {"box", "#A1D99B"}, kLayer = {"ellipse", "#9ECAE1"}, kAlias = {"hexagon", "#CBC9E2"},
               kOutput = {"note", "#FDD0A2"}, kDangling = {"ellipse", "#E0E0E0"};

/// Text between quotes; line ends become those of a label.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '\n')
      result += "\\n";
    else if (c == '"' || c == '\\')
      result += std::string("\\") + c;
    else
      result += c;
  }
  return result + "\"";
}

std::string node(const std::string& name, const std::string& label, const Look& look, bool dashed = false) {
  return "  " + quoted(name) + " [label=" + quoted(label) + ", shape=" + look.shape + ", style=\"filled" +
         (dashed ? ",dashed" : "") + "\", fillcolor=\"" + look.color + "\"];\n";
}

/// What flows: irreps, sizes, and after how many messages.
std::string flow_label(const FieldType& type, int hops) {
  std::string label;
  if (type.meaning != Meaning::plain) label = to_string(type.meaning) + "\n";
  if (!type.irreps.blocks.empty()) label += to_string(type.irreps) + "\n";
  label += to_string(shape_of(type));
  return label + "\n" + std::to_string(hops) + (hops == 1 ? " hop" : " hops");
}

std::string edge(const std::string& from, const std::string& to, const std::string& label, const char* style = "") {
  return "  " + quoted(from) + " -> " + quoted(to) + " [label=" + quoted(label) + style + "];\n";
}

struct Drawing {
  const CheckedGraph& graph;

  std::string input_node(const CheckedInput& input) const { return "input " + input.name; }
  std::string layer_node(const CheckedLayer& layer) const { return "layer " + layer.name; }

  int hops_of(int field) const {
    const int layer = graph.fields[field].layer;
    return layer < 0 ? 0 : graph.layers[layer].hops;
  }

  std::string source_node(int field) const {
    const int layer = graph.fields[field].layer;
    if (layer >= 0) return layer_node(graph.layers[layer]);
    for (const CheckedInput& input : graph.inputs)
      if (input.field == field) return input_node(input);
    return "";
  }

  /// Which result of a layer that gives several; "" of one that gives one, and of a list as a whole.
  std::string result_name(const CheckedField& field) const {
    if (field.layer < 0) return "";
    const std::vector<std::string>& names = graph.layers[field.layer].output_names;
    return names.size() > 1 ? names[field.port] : "";
  }

  std::string flow(int field, const std::string& to, const std::string& port) const {
    const std::string result = result_name(graph.fields[field]);
    const std::string ends = result + (result.empty() || port.empty() ? "" : " → ") + port;
    const std::string label = flow_label(graph.fields[field].type, hops_of(field));
    return edge(source_node(field), to, ends.empty() ? label : ends + "\n" + label);
  }

  std::string inputs() const {
    std::string text;
    for (const CheckedInput& input : graph.inputs) text += node(input_node(input), input.name, kInput);
    return text;
  }

  std::string layers() const {
    std::string text;
    const std::vector<bool> alive = live_parts(graph).layers;
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
      const CheckedLayer& layer = graph.layers[i];
      const bool alias = layer.weight_owner != layer.name;
      std::string label = layer.name + "\n" + layer.declaration->name;
      if (alias) label += "\nalias of " + layer.weight_owner;
      if (!alive[i]) label += "\nreaches no output";
      text += node(layer_node(layer), label, alias ? kAlias : alive[i] ? kLayer : kDangling, !alive[i]);
    }
    return text;
  }

  std::string outputs() const {
    std::string text;
    for (const CheckedOutput& output : graph.outputs) text += node("output " + output.name, output.name, kOutput);
    return text;
  }

  std::string flows() const {
    std::string text;
    for (const CheckedLayer& layer : graph.layers) {
      for (std::size_t port = 0; port < layer.inputs.size(); ++port)
        for (const int field : layer.inputs[port]) text += flow(field, layer_node(layer), layer.input_names[port]);
      if (layer.weight_owner != layer.name)
        text += edge("layer " + layer.weight_owner, layer_node(layer), "weights", ", style=dotted, constraint=false");
    }
    for (const CheckedOutput& output : graph.outputs) text += flow(output.field, "output " + output.name, "");
    return text;
  }
};

}  // namespace

std::string graphviz_text(const CheckedGraph& graph, const std::string& title) {
  const Drawing drawing{graph};
  return "digraph " + quoted(title) + " {\n  graph [label=" + quoted(title) +
         ", labelloc=t, fontname=\"Helvetica\"];\n  node [fontname=\"Helvetica\"];\n"
         "  edge [fontname=\"Helvetica\", fontsize=10];\n" +
         drawing.inputs() + drawing.layers() + drawing.outputs() + drawing.flows() + "}\n";
}

}  // namespace kiln
