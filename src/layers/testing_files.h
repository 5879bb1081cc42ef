#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "graph/describe_graph.h"
#include "layers/testing_graphs.h"

namespace kiln::testing {

/// A folder of files that is gone afterwards.
struct Files {
  std::filesystem::path folder;

  Files() {
    std::string name = (std::filesystem::temp_directory_path() / "kiln-graphs-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  ~Files() { std::filesystem::remove_all(folder); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  const Files& write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
    return *this;
  }
  Checked check(const std::string& text) const {
    write("m.yaml", text);
    Checked checked;
    const GraphSpec spec = parse_graph_file((folder / "m.yaml").string(), checked.faults);
    checked.graph = check_graph(spec, layer_table(), checked.faults);
    return checked;
  }
  std::string json(const std::string& text) const {
    const Checked checked = check(text);
    EXPECT_EQ(faults_of(checked), Faults{});
    return checked.graph.canonical_json;
  }
};

inline std::string json_of(const std::string& text) {
  const Checked checked = check(text);
  EXPECT_EQ(faults_of(checked), Faults{});
  return checked.graph.canonical_json;
}

/// The last component of the file, line and column of a fault.
inline std::string place_of(const Diagnostic& d) {
  return std::filesystem::path(d.where.file).filename().string() + ":" + std::to_string(d.where.line) + ":" +
         std::to_string(d.where.column);
}

inline bool says(const Diagnostic& d, const std::string& text) {
  return (d.what + "\n" + d.hint).find(text) != std::string::npos;
}

inline const std::string kHead = "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n";
inline const std::string kLinear = "type: AtomwiseLinear, config: {irreps_in_block: 4x0e, irreps_out_block: 4x0e}";

/// One linear map twice.
inline const std::string kBlock =
    "model_params: {width: 4}\n"
    "model_inputs: {h: {shape: [N, 4]}}\n"
    "model_layers:\n"
    "  first: {type: AtomwiseLinear, config: {irreps_out_block: \"${model_params.width}x0e\"}, inputs: {h: h}}\n"
    "  again: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: first}}\n"
    "model_outputs: {out: again}\n";

}  // namespace kiln::testing
