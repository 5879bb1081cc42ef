#pragma once

#include <string>
#include <vector>

#include "graph/config.h"

namespace kiln {

enum class Category { embedding, convolution, linear, readout, physics, autograd, arbitrary };

struct PortDeclaration {
  std::string name;
  std::string doc;
  bool optional = false;
  bool list = false;                  ///< takes one field or a list of fields
  bool sender = false;                ///< read at the senders of edges: needed one hop further out than the output
  std::vector<std::string> synonyms;  ///< deprecated names, accepted with a warning
};

/// A weight as model files, checkpoints and importers name it, `<layer>.<name>`: frozen, changed only with an upgrade
/// of the file format.
struct ParameterDeclaration {
  std::string name;   ///< {k}, {nu}: whole numbers
  std::string shape;  ///< "[n]": one entry per dimension, slowest first
  std::string doc;    ///< one line
};

struct InferContext;
class LowerContext;

/// Everything Kiln knows about a layer type. validate, `kiln layers`, docs and hints read this table.
struct LayerDeclaration {
  std::string name;
  std::vector<std::string> synonyms;  ///< other names accepted as `type`
  Category category = Category::linear;
  std::string doc;      ///< one line
  std::string formula;  ///< one or a few lines, with source
  std::vector<ConfigEntry> config;
  std::vector<PortDeclaration> inputs;
  std::vector<PortDeclaration> outputs;
  std::vector<ParameterDeclaration> parameters;  ///< in the order in which `lower` declares them
  int receiver_row = -1;                         ///< row of edge_index that receives; -1: no receiver
  bool any_ports = false;  ///< takes whatever ports a file gives, and gives whatever is asked for: arbitrary modules
  void (*infer)(InferContext& context) = nullptr;
  void (*lower)(LowerContext& context) = nullptr;
  std::string plugin;         ///< name of the plugin's file; set when it is loaded, "": Kiln's own
  std::string plugin_sha256;  ///< of that file

  bool passes_messages() const;        ///< reads senders: one more hop
  bool reads_senders(int port) const;  ///< through this port
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
};

std::string to_string(Category category);

/// All layers that YAML may name; handed in, so that graph/ includes no layer.
struct LayerTable {
  const LayerDeclaration* const* begin = nullptr;
  int size = 0;

  const LayerDeclaration* find(const std::string& name) const;  ///< name or synonym; nullptr
  std::vector<std::string> names() const;
};

}  // namespace kiln
