#pragma once

#include <string>

#include "graph/checked_graph.h"

namespace kiln {

/// Throws Error of kind usage unless the path ends in .svg, .png, .pdf or .dot.
void check_picture_path(const std::string& path);

/// Draws a graph: .dot is Graphviz's own language, the others are drawn by its program `dot`. Throws Error of kind
/// resources if that is not there, naming the package.
void write_picture(const CheckedGraph& graph, const std::string& title, const std::string& path);

}  // namespace kiln
