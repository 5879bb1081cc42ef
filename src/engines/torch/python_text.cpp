#include "engines/torch/method_text.h"
#include "engines/torch/torch_text.h"

namespace kiln {
namespace {

constexpr const char* kHead =
    R"("""The graph as an ordinary Python module: Graph(torch.jit.load(FILE)), with the weights of the file.

torch.fx.symbolic_trace(Graph(...)) shows its calls, in evaluation mode. Functions that look at numbers are one node
each. What is traced keeps no switch of the gradient mode: forces need gradients to be on.
"""
from math import inf, nan
from typing import Dict, List, Optional, Tuple

import torch
import torch.fx
from torch import Tensor


def _share(scripted, module, kept=()):
    """Gives the module the parameters, buffers and sub-modules of the scripted one; those in `kept` stay scripted."""
    for name, value in scripted.named_parameters(recurse=False):
        module.register_parameter(name, torch.nn.Parameter(value.detach(), value.requires_grad))
    for name, value in scripted.named_buffers(recurse=False):
        module.register_buffer(name, value)
    for name, child in scripted.named_children():
        module.add_module(name, child if name in kept else _share(child, torch.nn.Module()))
    return module.train(scripted.training)


)";

std::string body(const MethodText& method, const std::string& indent) {
  std::string text;
  for (const std::string& line : method.lines) text += indent + line + "\n";
  return text;
}

/// A function that tracers do not look into. What it calls on the way is a function, too.
std::string wrapped_function(const MethodText& helper) {
  std::string text = body(helper, "    ");
  for (std::size_t at; (at = text.find("self.")) != std::string::npos;) text.erase(at, 5);
  return "@torch.fx.wrap\n" + signature(helper, "") + "\n" + text + "\n\n";
}

std::string method_of_class(const MethodText& method) {
  return "\n    " + signature(method, "self") + "\n" + body(method, "        ");
}

/// The method of the same name, which the others call.
std::string call_of_function(const MethodText& helper) {
  std::vector<std::string> names;
  for (const std::string& argument : helper.arguments) names.push_back(argument.substr(0, argument.find(':')));
  MethodText method = helper;
  method.lines = {"return " + helper.name + "(" + text_list(names) + ")"};
  return method_of_class(method);
}

std::string constructor(const LoweredGraph& graph) {
  std::string kept;
  for (const ForeignCode& code : graph.foreign) kept += "\"" + attribute_path(code.layer) + "\", ";
  return "class Graph(torch.nn.Module):\n    def __init__(self, scripted):\n        super().__init__()\n"
         "        _share(scripted, self, (" +
         kept + "))\n";
}

}  // namespace

std::string python_module(const LoweredGraph& graph, Precision precision) {
  const ProgramText program = make_program_text(graph, precision == Precision::f64);
  std::string text = kHead;
  for (const MethodText& helper : program.helpers) text += wrapped_function(helper);
  text += constructor(graph);
  for (const MethodText& method : program.methods) text += method_of_class(method);
  for (const MethodText& helper : program.helpers) text += call_of_function(helper);
  return text;
}

}  // namespace kiln
