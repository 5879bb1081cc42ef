#include "cli/graph_table.h"

#include <fmt/format.h>

namespace kiln {

namespace {

using Json = nlohmann::ordered_json;

struct Row {
  std::string name, type, gives;
};

Row field_row(const CheckedGraph& graph, const std::string& name, const std::string& type, int field) {
  return {name, type, to_string(graph.fields[field].type)};
}

std::string table(const std::string& title, const std::vector<Row>& rows) {
  std::size_t name_width = 8, type_width = 8;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    type_width = std::max(type_width, row.type.size());
  }
  std::string text = title + "\n";
  for (const Row& row : rows)
    text += fmt::format("  {:<{}}  {:<{}}  {}\n", row.name, name_width, row.type, type_width, row.gives);
  return text;
}

std::vector<Row> input_rows(const CheckedGraph& graph) {
  std::vector<Row> rows;
  for (const CheckedInput& input : graph.inputs)
    rows.push_back(field_row(graph, input.name, to_string(input.meaning), input.field));
  return rows;
}

std::vector<Row> layer_rows(const CheckedGraph& graph) {
  std::vector<Row> rows;
  for (const CheckedLayer& layer : graph.layers)
    for (std::size_t port = 0; port < layer.outputs.size(); ++port)
      rows.push_back(
          field_row(graph, graph.fields[layer.outputs[port]].name, layer.declaration->name, layer.outputs[port]));
  return rows;
}

std::vector<Row> output_rows(const CheckedGraph& graph) {
  std::vector<Row> rows;
  for (const CheckedOutput& output : graph.outputs)
    rows.push_back(field_row(graph, output.name, graph.fields[output.field].name, output.field));
  return rows;
}

std::string reach(const CheckedGraph& graph) {
  std::string text;
  for (const EdgeSet& set : graph.edge_sets) text += fmt::format("edge set '{}': cutoff {} Å\n", set.name, set.cutoff);
  if (!graph.global_layer.empty())
    return text + fmt::format("global: layer '{}' needs the whole structure\n", graph.global_layer);
  return text + fmt::format("local: {} message-passing step{}, influence distance {} Å\n", graph.n_hops,
                            graph.n_hops == 1 ? "" : "s", graph.influence_distance);
}

Json field_json(const CheckedGraph& graph, const std::string& name, int field) {
  const FieldType& type = graph.fields[field].type;
  return {{"name", name},
          {"level", to_string(type.level)},
          {"dtype", type.dtype == DType::real ? "real" : "integer"},
          {"meaning", to_string(type.meaning)},
          {"irreps", to_string(type.irreps)},
          {"unit", type.unit}};
}

Json layer_json(const CheckedGraph& graph, const CheckedLayer& layer) {
  Json outputs = Json::array();
  for (const int field : layer.outputs) outputs.push_back(field_json(graph, graph.fields[field].name, field));
  return {{"name", layer.name}, {"type", layer.declaration->name}, {"hops", layer.hops}, {"outputs", outputs}};
}

}  // namespace

std::string graph_table(const CheckedGraph& graph) {
  return table("inputs", input_rows(graph)) + table("layers", layer_rows(graph)) +
         table("outputs", output_rows(graph)) + reach(graph);
}

Json graph_json(const CheckedGraph& graph) {
  Json json = {
      {"inputs", Json::array()}, {"layers", Json::array()}, {"outputs", Json::array()}, {"edge_sets", Json::array()}};
  for (const CheckedInput& input : graph.inputs) json["inputs"].push_back(field_json(graph, input.name, input.field));
  for (const CheckedLayer& layer : graph.layers) json["layers"].push_back(layer_json(graph, layer));
  for (const CheckedOutput& output : graph.outputs)
    json["outputs"].push_back(field_json(graph, output.name, output.field));
  for (const EdgeSet& set : graph.edge_sets) json["edge_sets"].push_back({{"name", set.name}, {"cutoff", set.cutoff}});
  json["n_hops"] = graph.n_hops;
  json["influence_distance"] = graph.influence_distance;
  json["local"] = graph.global_layer.empty();
  return json;
}

}  // namespace kiln
