// A graph of any bytes, checked with every layer that Kiln has. Includes are not followed: a file must not name others.
#include <cstddef>
#include <cstdint>

#include "base/interpolation.h"
#include "expected_faults.h"
#include "graph/checked_graph.h"
#include "graph/describe_graph.h"
#include "graph/expand_templates.h"
#include "graph/graph_document.h"
#include "layers/layer_table.h"

namespace {

bool has_include(const kiln::Yaml& document) {
  const kiln::Yaml* layers = document.find("model_layers");
  if (layers == nullptr) return false;
  for (const auto& [name, layer] : layers->entries) {
    if (layer.find("include") != nullptr) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kiln::Diagnostics faults;
  allow_faults([&] {
    kiln::Yaml document = kiln::parse_graph_document(std::string(data, data + size), "fuzz.yaml", faults);
    kiln::resolve_interpolations(document, faults);
    if (!has_include(document)) kiln::expand_templates(document, faults);
    const kiln::GraphSpec spec = kiln::parse_graph(document, faults);
    const kiln::CheckedGraph graph = kiln::check_graph(spec, kiln::layer_table(), faults);
    if (!faults.has_errors()) kiln::describe_json(graph);
  });
  for (const kiln::Diagnostic& fault : faults.list) kiln::to_string(fault);
  return 0;
}
