#include "cli/picture_file.h"

#include "base/files.h"
#include "cli/child_process.h"
#include "graph/picture.h"
#include "kiln/error.h"

namespace kiln {

namespace {

constexpr const char* kInstall = "install Graphviz (Debian: apt install graphviz), or write a .dot file";

std::string drawn(const std::string& text, const std::string& path) {
  ChildResult result;
  try {
    result = run_child({"dot", "-T" + ending_of(path).substr(1)}, text);
  } catch (const Error& error) {
    if (error.diagnostics().front().code != "no-program") throw;
    throw Error(ErrorKind::resources, "no-graphviz", "'" + path + "' needs Graphviz: " + error.diagnostics()[0].what,
                kInstall);
  }
  if (result.exit_code != 0 || result.out.empty())
    throw Error(ErrorKind::resources, "graphviz-failed", "Graphviz could not draw '" + path + "': " + result.err,
                "write a .dot file instead");
  return result.out;
}

}  // namespace

void check_picture_path(const std::string& path) {
  for (const char* ending : {".svg", ".png", ".pdf", ".dot"})
    if (ending_of(path) == ending) return;
  throw Error(ErrorKind::usage, "unknown-ending", "'" + path + "' ends neither in .svg, .png, .pdf nor .dot",
              "the ending says how the graph is drawn");
}

void write_picture(const CheckedGraph& graph, const std::string& title, const std::string& path) {
  require_writable(path);
  const std::string text = graphviz_text(graph, title);
  write_file_atomically(path, ending_of(path) == ".dot" ? text : drawn(text, path));
}

}  // namespace kiln
