#include <CLI/CLI.hpp>
#include <cstdio>

#include "kiln/error.h"
#include "reference_task.h"

int main(int argc, char** argv) {
  CLI::App app{"Times Kiln against what the machine can do."};
  std::string output = "bench.json";
  app.add_option("-o,--output", output, "where to write the results (default: bench.json)");
  CLI11_PARSE(app, argc, argv);
  try {
    const std::vector<kiln::bench::Row> rows = kiln::bench::reference_task();
    kiln::bench::print_table(rows);
    kiln::bench::write_json(rows, output);
  } catch (const kiln::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.kind());
  }
  return 0;
}
