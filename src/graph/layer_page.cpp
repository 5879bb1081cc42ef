#include "graph/layer_page.h"

#include "base/files.h"
#include "base/text.h"
#include "graph/category_table.h"
#include "graph/layer_table_text.h"

namespace kiln {

namespace {

using Row = std::vector<std::string>;

/// The text as a cell of a table: nothing in it is taken for Markdown.
std::string cell(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '|' || c == '*' || c == '<' || c == '[') result += '\\';
    result += c;
  }
  return result;
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string line(const Row& cells) {
  std::string text = "|";
  for (const std::string& content : cells) text += (content.empty() ? " |" : " " + content + " |");
  return text + "\n";
}

std::string table(const Row& head, const std::vector<Row>& rows) {
  std::string text = line(head) + "|";
  for (std::size_t i = 0; i < head.size(); ++i) text += "---|";
  text += "\n";
  for (const Row& row : rows) text += line(row);
  return text;
}

std::string section(const std::string& title, const std::string& body) { return "\n## " + title + "\n\n" + body; }

std::string fenced(const std::string& language, const std::string& text) {
  const bool ends = !text.empty() && text.back() == '\n';
  return "```" + language + "\n" + text + (ends ? "" : "\n") + "```\n";
}

std::string config_table(const LayerDeclaration& layer) {
  if (layer.config.empty()) return "None.\n";
  std::vector<Row> rows;
  for (const ConfigEntry& entry : layer.config) {
    const std::string value = default_of(entry);
    rows.push_back({code(entry.name), to_string(entry.type), entry.default_value.empty() ? value : code(value),
                    cell(allowed_values(entry)), cell(entry.doc)});
  }
  return table({"key", "type", "default", "allowed", "meaning"}, rows);
}

std::string ports_table(const std::vector<PortDeclaration>& ports) {
  std::vector<Row> rows;
  for (const PortDeclaration& port : ports) rows.push_back({code(port.name), cell(meaning_of(port))});
  return table({"port", "meaning"}, rows);
}

std::string any_ports(const std::string& what) {
  return "Whatever " + what + "; see [arbitrary modules](../language/arbitrary-modules.md).\n";
}

std::string parameters_table(const LayerDeclaration& layer) {
  if (layer.any_ports) return "Those of the module, by its own names.\n";
  if (layer.parameters.empty()) return "None.\n";
  std::vector<Row> rows;
  for (const ParameterDeclaration& p : layer.parameters) rows.push_back({code(p.name), code(p.shape), cell(p.doc)});
  return table({"parameter", "shape", "meaning"}, rows);
}

std::string introduction(const LayerDeclaration& layer) {
  std::string text = "# " + layer.name + "\n\n" + cell(layer.doc) + "\n\nCategory: " + to_string(layer.category) + ".";
  if (!layer.synonyms.empty()) text += " Also named " + joined(layer.synonyms) + ".";
  return text + " [All layers](index.md) · [conventions and formulas](../layers.md) · " +
         "[how layers are written](../language/layers-section.md)\n";
}

}  // namespace

std::string layer_page(const LayerDeclaration& layer, const std::string& example) {
  return introduction(layer) + section("Formula", fenced("text", layer.formula)) +
         section("Config", config_table(layer)) +
         section("Inputs", layer.any_ports ? any_ports("the target takes") : ports_table(layer.inputs)) +
         section("Outputs", layer.any_ports ? any_ports("the target gives") : ports_table(layer.outputs)) +
         section("Parameters", parameters_table(layer)) + section("Example", fenced("yaml", example));
}

std::string layer_index_page(const LayerTable& layers) {
  std::string text =
      "# Layers\n\n"
      "Every layer that a graph may use. `kiln layers` prints the same, `kiln layers NAME` one of them.\n"
      "What they share is in [conventions and formulas](../layers.md).\n";
  for (const CategoryEntry& category : category_table()) {
    std::vector<Row> rows;
    for (const LayerDeclaration* layer : layers_of(layers, category.category))
      rows.push_back({"[" + layer->name + "](" + layer->name + ".md)", cell(layer->doc)});
    if (!rows.empty())
      text += section(to_string(category.category), cell(category.doc) + "\n\n" + table({"layer", "meaning"}, rows));
  }
  return text;
}

void write_layer_pages(const LayerTable& layers, const std::string& folder) {
  for (int i = 0; i < layers.size; ++i) {
    const LayerDeclaration& layer = *layers.begin[i];
    const std::string example = read_file(folder + "/examples/" + layer.name + ".yaml");
    write_file_atomically(folder + "/" + layer.name + ".md", layer_page(layer, example));
  }
  write_file_atomically(folder + "/index.md", layer_index_page(layers));
}

}  // namespace kiln
