#include "model/foreign_code.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <new>
#include <optional>

#include "base/files.h"
#include "kiln/error.h"

// What real archives and Python objects become is tested in tests/cli/foreign_test.py; here are hosts that fail.

namespace kiln {
namespace {

/// A graph with one archive, which a host with this `inspect` looks into.
GraphSpec load(const std::function<ForeignModule(const std::string&)>& inspect, Diagnostics& faults) {
  const std::string folder = ::testing::TempDir() + "kiln_foreign_code/", graph = folder + "graph.yaml";
  std::filesystem::create_directories(folder);
  write_file_atomically(folder + "net.pt", "archive");
  write_file_atomically(graph,
                        "model_inputs: {x: \"\"}\n"
                        "model_layers: {a: {type: ArbitraryModule, config: {target: net.pt}, inputs: {x: x}}}\n"
                        "model_outputs: {y: a}\n");
  ModelHost host;
  host.allow.layers = {"a"};
  host.inspect = inspect;
  GraphSpec spec = parse_graph_file(graph, faults, {});
  load_foreign_code(spec, host, 0, faults);
  return spec;
}

TEST(ForeignCode, WithoutLibtorchNothingIsKnownButWhy) {
  Diagnostics faults;
  const GraphSpec spec =
      load([](const std::string&) -> ForeignModule { throw Error(ErrorKind::resources, "no-torch", "it is not here"); },
           faults);
  EXPECT_TRUE(faults.list.empty());
  EXPECT_EQ(spec.foreign.at("a").not_read, "it is not here");
}

TEST(ForeignCode, LackOfMemoryIsNotLackOfLibtorch) {
  Diagnostics faults;
  const auto too_large = [](const std::string&) -> ForeignModule {
    throw Error(ErrorKind::resources, "out-of-memory", "it does not fit");
  };
  EXPECT_THROW(load(too_large, faults), Error);
  const auto no_memory = [](const std::string&) -> ForeignModule { throw std::bad_alloc(); };
  EXPECT_THROW(load(no_memory, faults), std::bad_alloc);
  EXPECT_TRUE(faults.list.empty());
}

TEST(ForeignCode, AFileThatIsNoArchiveIsAFaultOfItsLayer) {
  Diagnostics faults;
  load([](const std::string&) -> ForeignModule { throw std::runtime_error("no zip"); }, faults);
  ASSERT_EQ(faults.list.size(), 1u);
  EXPECT_EQ(faults.list[0].code, "not-torchscript");
  EXPECT_EQ(faults.list[0].where.line, 2);
}

/// A graph with two operators, which a host with this function looks at.
GraphSpec load_operators(const std::function<std::optional<ForeignModule>(const std::string&)>& inspect,
                         Diagnostics& faults) {
  GraphSpec spec =
      parse_graph(parse_yaml("model_inputs: {x: \"\"}\n"
                             "model_layers:\n"
                             "  a: {type: ArbitraryModule, config: {target: 'lib::a'}, inputs: {0: x}}\n"
                             "  b: {type: ArbitraryModule, config: {target: 'lib::b'}, inputs: {0: x}}\n"
                             "  c: {type: ArbitraryModule, config: {target: 'aten::relu'}, inputs: {0: x}}\n"
                             "  d: {type: ArbitraryModule, config: {target: 'lib::d_'}, inputs: {0: x}}\n"
                             "model_outputs: {a: a, b: b, c: c, d: d}\n",
                             "graph.yaml", faults),
                  faults);
  ModelHost host;
  host.allow.layers = {"a", "b", "c", "d"};
  host.inspect_operator = inspect;
  load_foreign_code(spec, host, 0, faults);
  return spec;
}

TEST(ForeignCode, OperatorsThatNoLibraryHasRegisteredAreToldEach) {
  Diagnostics faults;
  std::vector<std::string> asked;
  load_operators(
      [&](const std::string& name) -> std::optional<ForeignModule> {
        asked.push_back(name);
        return std::nullopt;
      },
      faults);
  EXPECT_EQ(asked, (std::vector<std::string>{
                       "lib::a", "lib::b"}));  // torch's own, and what changes its argument, are not asked for
  ASSERT_EQ(faults.list.size(), 2u);
  EXPECT_EQ(faults.list[0].code, "unknown-target");
  EXPECT_EQ(faults.list[0].where.line, 3);
  EXPECT_EQ(faults.list[1].where.line, 4);
}

TEST(ForeignCode, WithoutLibtorchOperatorsAreNotLookedAt) {
  Diagnostics faults;
  const GraphSpec spec = load_operators(
      [](const std::string&) -> std::optional<ForeignModule> {
        throw Error(ErrorKind::resources, "no-torch", "it is not here");
      },
      faults);
  EXPECT_TRUE(faults.list.empty());
  EXPECT_EQ(spec.foreign.at("b").not_read, "it is not here");
  const auto too_large = [](const std::string&) -> std::optional<ForeignModule> {
    throw Error(ErrorKind::resources, "out-of-memory", "it does not fit");
  };
  EXPECT_THROW(load_operators(too_large, faults), Error);
}

}  // namespace
}  // namespace kiln
