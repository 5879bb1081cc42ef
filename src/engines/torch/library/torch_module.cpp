#include "engines/torch/library/torch_module.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>

namespace kiln {
namespace {

using torch::jit::Module;

/// The modules of a program by path; "" is the root.
struct ModuleTree {
  std::map<std::string, Module> modules;

  Module& at(const std::string& path);
};

Module new_module(const std::string& type_name) {
  Module module("__torch__.kiln." + type_name);
  module.register_attribute("training", c10::BoolType::get(), true);  // before `define`; eval() needs it
  return module;
}

std::string type_name_of(const std::string& path) {
  std::string name = path.empty() ? "Graph" : "Graph_" + path;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
}

Module& ModuleTree::at(const std::string& path) {
  const auto found = modules.find(path);
  if (found != modules.end()) return found->second;
  Module& made = modules.emplace(path, new_module(type_name_of(path))).first->second;
  if (!path.empty()) {
    const std::size_t dot = path.rfind('.');
    Module& parent = at(dot == std::string::npos ? "" : path.substr(0, dot));
    parent.register_module(dot == std::string::npos ? path : path.substr(dot + 1), made);
  }
  return made;
}

at::Tensor integer_tensor(const std::vector<std::int64_t>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), shape, at::kLong).clone();
}

at::Tensor make_tensor(const ProgramTensor& source, bool program_f64) {
  if (!source.integers.empty()) return integer_tensor(source.integers, source.shape);
  const at::Tensor wide = at::from_blob(const_cast<double*>(source.data.data()), source.shape, at::kDouble);
  return program_f64 || source.f64 ? wide.clone() : wide.to(at::kFloat);
}

/// The line of the text where torch failed: the innermost `line 12, in fields` (at run time) or `line 12` (at
/// compilation) of its message; 0 if there is none.
int failed_line(const std::string& message) {
  const std::string mark = "File \"<string>\", line ";
  const std::size_t found = message.rfind(mark);
  return found == std::string::npos ? 0 : std::atoi(message.c_str() + found + mark.size());
}

/// The layer and torch's last line, then all torch says.
std::string describe(const TorchProgram& program, std::string message) {
  message.erase(message.find_last_not_of(" \n") + 1);
  const int line = failed_line(message);
  const bool known = line > 0 && line <= static_cast<int>(program.layer_of_line.size());
  const std::string layer = known ? program.layer_of_line[line - 1] : "";
  return "the torch engine failed" + (layer.empty() ? "" : " in layer '" + layer + "'") + ": " +
         message.substr(message.rfind('\n') + 1) + "\n" + message;
}

}  // namespace

void with_layer_in_errors(const TorchProgram& program, const std::function<void()>& run) {
  std::string message;
  try {
    return run();
  } catch (const c10::Error& error) {
    message = error.what_without_backtrace();
  } catch (const std::exception& error) {
    message = error.what();
  }
  throw std::runtime_error(describe(program, message));
}

CompiledProgram compile(const TorchProgram& program) {
  ModuleTree tree;
  CompiledProgram compiled{tree.at(""), {}};
  for (const ProgramTensor& source : program.tensors) {
    const std::size_t dot = source.path.rfind('.');
    Module& owner = tree.at(dot == std::string::npos ? "" : source.path.substr(0, dot));
    const std::string name = dot == std::string::npos ? source.path : source.path.substr(dot + 1);
    at::Tensor tensor = make_tensor(source, program.f64);
    if (source.is_buffer) {
      owner.register_buffer(name, tensor);
      continue;
    }
    tensor.set_requires_grad(source.trainable);
    owner.register_parameter(name, tensor, /*is_buffer=*/false);
    compiled.weights.push_back({source.name, tensor, source.trainable});
  }
  with_layer_in_errors(program, [&] { compiled.module.define(program.source); });
  return compiled;
}

std::string archive_of(const TorchProgram& program) {
  CompiledProgram compiled = compile(program);
  for (ModuleWeight& weight : compiled.weights) weight.tensor.set_requires_grad(false);
  compiled.module.eval();
  torch::jit::ExtraFilesMap extra;
  for (const auto& [name, content] : program.extra_files) extra[name] = content;
  std::ostringstream out;
  compiled.module.save(out, extra);
  return out.str();
}

std::vector<NamedArray> run_named(const TorchProgram& program, const std::vector<NamedArray>& inputs) {
  CompiledProgram compiled = compile(program);
  compiled.module.eval();
  std::vector<c10::IValue> arguments;
  for (const NamedArray& input : inputs) {
    arguments.emplace_back(
        input.integers.empty()
            ? at::from_blob(const_cast<double*>(input.reals.data()), input.shape, at::kDouble).clone()
            : integer_tensor(input.integers, input.shape));
  }
  std::vector<NamedArray> outputs;
  with_layer_in_errors(program, [&] {
    const c10::IValue named = compiled.module.get_method("named")(arguments);
    for (const auto& entry : named.toGenericDict()) {
      const at::Tensor value = entry.value().toTensor().detach().to(at::kDouble).contiguous();
      const double* data = value.data_ptr<double>();
      outputs.push_back({entry.key().toStringRef(), value.sizes().vec(), {data, data + value.numel()}, {}});
    }
  });
  return outputs;
}

}  // namespace kiln
