#include "engines/torch/library/torch_module.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/operator.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

#include "engines/torch/library/torch_names.h"
#include "engines/torch/torch_failure.h"

namespace kiln {
namespace {

using torch::jit::Module;

/// The modules of a program by path; "" is the root.
struct ModuleTree {
  std::map<std::string, Module> modules;

  Module& at(const std::string& path);
  void add(const std::string& path, const Module& module);
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

/// "a.b.c" as "a.b" and "c".
std::pair<std::string, std::string> split_path(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return {dot == std::string::npos ? "" : path.substr(0, dot), dot == std::string::npos ? path : path.substr(dot + 1)};
}

void ModuleTree::add(const std::string& path, const Module& module) {
  const auto [owner, name] = split_path(path);
  at(owner).register_module(name, module);
  modules.insert_or_assign(path, module);
}

/// A module that is there already (of a foreign archive), else a new one.
Module& ModuleTree::at(const std::string& path) {
  const auto found = modules.find(path);
  if (found != modules.end()) return found->second;
  if (path.empty()) return modules.emplace(path, new_module(type_name_of(path))).first->second;
  const auto [owner, name] = split_path(path);
  if (at(owner).hasattr(name)) return modules.emplace(path, at(owner).attr(name).toModule()).first->second;
  add(path, new_module(type_name_of(path)));
  return modules.at(path);
}

Module load_archive(const std::string& bytes) {
  std::istringstream in(bytes);
  return torch::jit::load(in, at::kCPU);
}

at::Tensor integer_tensor(const std::vector<std::int64_t>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), shape, at::kLong).clone();
}

at::Tensor make_tensor(const ProgramTensor& source, bool program_f64) {
  if (!source.integers.empty()) return integer_tensor(source.integers, source.shape);
  const at::Tensor wide = at::from_blob(const_cast<double*>(source.data.data()), source.shape, at::kDouble);
  return program_f64 || source.f64 ? wide.clone() : wide.to(at::kFloat);
}

constexpr std::pair<TensorDType, at::ScalarType> kScalarTypes[] = {
    {TensorDType::f64, at::kDouble},    {TensorDType::f32, at::kFloat}, {TensorDType::f16, at::kHalf},
    {TensorDType::bf16, at::kBFloat16}, {TensorDType::i64, at::kLong},  {TensorDType::i32, at::kInt},
    {TensorDType::i16, at::kShort},     {TensorDType::i8, at::kChar},   {TensorDType::u8, at::kByte},
    {TensorDType::boolean, at::kBool}};

at::Tensor tensor_of(const NamedArray& array) {
  const auto* type = std::find_if(std::begin(kScalarTypes), std::end(kScalarTypes),
                                  [&](const auto& known) { return known.first == array.dtype; });
  if (!at::isFloatingType(type->second)) return integer_tensor(array.integers, array.shape).to(type->second);
  if (!array.integers.empty()) return integer_tensor(array.integers, array.shape);
  const at::Tensor wide = at::from_blob(const_cast<double*>(array.reals.data()), array.shape, at::kDouble);
  return type->second == at::kDouble ? wide.clone() : wide.to(type->second);
}

TensorDType dtype_of(at::ScalarType type) {
  for (const auto& [dtype, scalar_type] : kScalarTypes)
    if (scalar_type == type) return dtype;
  throw std::runtime_error(std::string("a tensor of ") + at::toString(type) + " is no output");
}

/// Integers and booleans keep their dtype, reals come as float64 or, where they are narrower, as float32.
NamedArray array_of(const std::string& name, const at::Tensor& tensor) {
  if (tensor.is_complex())
    throw std::runtime_error("output '" + name + "' holds complex numbers: make it torch.view_as_real of them");
  NamedArray array{name, tensor.sizes().vec(), {}, {}};
  if (at::isFloatingType(tensor.scalar_type())) {
    if (tensor.scalar_type() != at::kDouble) array.dtype = TensorDType::f32;
    const at::Tensor wide = tensor.to(at::kDouble).contiguous();
    array.reals.assign(wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel());
  } else {
    array.dtype = dtype_of(tensor.scalar_type());
    const at::Tensor wide = tensor.to(at::kLong).contiguous();
    array.integers.assign(wide.data_ptr<std::int64_t>(), wide.data_ptr<std::int64_t>() + wide.numel());
  }
  return array;
}

const std::string kPlace = "File \"<string>\", line ";

/// The layer whose line stands at `place` of a message; "" where there is none.
std::string layer_at(const TorchProgram& program, const std::string& message, std::size_t place) {
  const int line = std::atoi(message.c_str() + place + kPlace.size());
  const bool known = line > 0 && line <= static_cast<int>(program.layer_of_line.size());
  return known ? program.layer_of_line[line - 1] : "";
}

/// The innermost layer of a run: its places come last, those of helpers, which are of no layer, behind it.
std::string last_layer(const TorchProgram& program, const std::string& message) {
  std::string layer;
  std::size_t place = message.rfind(kPlace);
  while (layer.empty() && place != std::string::npos) {
    layer = layer_at(program, message, place);
    place = place == 0 ? std::string::npos : message.rfind(kPlace, place - 1);
  }
  return layer;
}

/// Layers that call code from outside: what raises an exception there leaves no place in the program.
std::set<std::string> callers_of_archives(const TorchProgram& program) {
  std::set<std::string> layers;
  std::istringstream in(program.source);
  std::string line;
  for (const std::string& layer : program.layer_of_line) {
    std::getline(in, line);
    for (const ProgramModule& archive : program.modules)
      if (line.find("self." + archive.path + ".forward(") != std::string::npos) layers.insert(layer);
  }
  return layers;
}

/// The layer in which a run failed: the innermost of the program or, of an exception of code from outside, the only one
/// that runs any.
std::string failed_layer(const TorchProgram& program, const std::string& message) {
  const std::string layer = last_layer(program, message);
  if (!layer.empty() || message.find("File \"code/") == std::string::npos) return layer;
  const std::set<std::string> callers = callers_of_archives(program);
  return callers.size() == 1 ? *callers.begin() : "";
}

std::string in_layer(const std::string& layer) { return layer.empty() ? "" : " in layer '" + layer + "'"; }

/// torch's last line, or that of the exception if more lines follow it, without the name of Python's exception: "index
/// out of range in self".
std::string reason_of_run(const std::string& message) {
  static const std::regex names_of_exceptions("^((builtins\\.)?[A-Za-z]+Error: )+");
  const std::size_t exception = message.rfind("Error: "), begin = message.rfind('\n', exception) + 1;
  const std::size_t length = exception == std::string::npos ? std::string::npos : message.find('\n', exception) - begin;
  return std::regex_replace(message.substr(begin, length), names_of_exceptions, "");
}

/// Of a run: the layer and why; then all torch says.
TorchFailure failure_of_run(const TorchProgram& program, const std::string& message) {
  const std::string layer = failed_layer(program, message);
  return TorchFailure("the torch engine failed" + in_layer(layer) + ": " + reason_of_run(message) + "\n" + message,
                      layer);
}

/// Words with single blanks between them; a long text is cut.
std::string in_one_line(const std::string& text) {
  constexpr std::size_t kLongest = 600;
  std::istringstream in(text);
  std::string line;
  for (std::string word; in >> word;) {
    if (line.size() + word.size() > kLongest) return line + " …";
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

/// Of a compilation: the reason, with the signatures that were tried, stands before the first place, which is the
/// innermost; then come those who called, and text of the program.
TorchFailure failure_of_compilation(const TorchProgram& program, const std::string& message) {
  const std::size_t place = message.find(kPlace);
  std::string reason = message.substr(0, place);
  reason.erase(std::min(reason.size(), reason.rfind("The original call is:")));
  reason.erase(reason.find_last_not_of(" :\n") + 1);
  const std::string layer = place == std::string::npos ? "" : layer_at(program, message, place);
  return TorchFailure(
      "libtorch cannot compile the graph" + in_layer(layer) + ": " + in_one_line(reason) + "\n" + message, layer);
}

/// The interpreter keeps no type of what was thrown: the texts of torch's allocator and of C++'s own.
bool tells_lack_of_memory(const std::string& message) {
  return message.find("can't allocate memory") != std::string::npos ||
         message.find("std::bad_alloc") != std::string::npos;
}

using MakeFailure = TorchFailure (*)(const TorchProgram&, const std::string&);

void with_message(const TorchProgram& program, MakeFailure failure_of, const std::function<void()>& run) {
  std::string message;
  try {
    return run();
  } catch (const c10::Error& error) {
    message = error.what_without_backtrace();
  } catch (const std::exception& error) {
    message = error.what();
  }
  message.erase(message.find_last_not_of(" \n") + 1);
  TorchFailure failure = failure_of(program, message);
  failure.out_of_memory = tells_lack_of_memory(message);
  throw failure;
}

}  // namespace

void with_layer_in_errors(const TorchProgram& program, const std::function<void()>& run) {
  with_message(program, failure_of_run, run);
}

CompiledProgram compile(const TorchProgram& program) {
  ModuleTree tree;
  CompiledProgram compiled{tree.at(""), {}, {}};
  for (const ProgramModule& foreign : program.modules) {
    tree.add(foreign.path, load_archive(foreign.bytes));
    if (foreign.evaluation) compiled.in_evaluation.push_back(tree.at(foreign.path));
  }
  for (const ProgramTensor& source : program.tensors) {
    const auto [owner_path, name] = split_path(source.path);
    Module& owner = tree.at(owner_path);
    at::Tensor tensor = make_tensor(source, program.f64);
    tensor.set_requires_grad(source.role == TensorRole::trained);
    if (owner.hasattr(name)) {  // of a foreign module: its integers stay integers
      const at::ScalarType own = owner.attr(name).toTensor().scalar_type();
      if (!at::isFloatingType(own)) tensor = tensor.to(own);
      owner.setattr(name, tensor);
    } else if (source.role == TensorRole::table || source.role == TensorRole::running) {
      owner.register_buffer(name, tensor);
    } else {
      owner.register_parameter(name, tensor, /*is_buffer=*/false);
    }
    if (source.role != TensorRole::table) compiled.weights.push_back({source.name, tensor, source.role, owner, name});
  }
  with_message(program, failure_of_compilation, [&] { compiled.module.define(program.source, torch_names()); });
  return compiled;
}

at::Tensor present_tensor(const ModuleWeight& weight) {
  const at::Tensor tensor = weight.owner.attr(weight.attribute).toTensor();
  std::ostringstream what;
  if (tensor.scalar_type() != weight.tensor.scalar_type() || tensor.sizes() != weight.tensor.sizes())
    what << "became a tensor of shape " << tensor.sizes() << " and type " << tensor.scalar_type() << ", it had shape "
         << weight.tensor.sizes() << " and type " << weight.tensor.scalar_type();
  else if (tensor.requires_grad())
    what << "keeps the graph of the batch: give it values without one, x.detach()";
  if (!what.str().empty()) throw TorchFailure("in training, the buffer '" + weight.name + "' " + what.str());
  return tensor;
}

void train(CompiledProgram& compiled) {
  compiled.module.train();
  for (Module& module : compiled.in_evaluation) module.eval();
}

namespace {

std::vector<double> values_of(const at::Tensor& tensor) {
  const at::Tensor wide = tensor.detach().to(at::kDouble).contiguous();
  const double* data = wide.data_ptr<double>();
  return {data, data + wide.numel()};
}

CallParameter parameter_of(const std::string& name, const at::Tensor& tensor, bool is_buffer) {
  CallParameter parameter;
  parameter.name = name;
  parameter.shape = tensor.sizes().vec();
  parameter.init = CallParameter::Init::given;
  parameter.initial = values_of(tensor);
  parameter.trainable = !is_buffer && tensor.is_floating_point() && tensor.requires_grad();
  parameter.is_integer = !tensor.is_floating_point();
  return parameter;
}

CallForm form_of(const c10::FunctionSchema& schema, std::size_t first) {
  CallForm form;
  for (std::size_t k = first; k < schema.arguments().size(); ++k) {
    const c10::Argument& argument = schema.arguments()[k];
    form.arguments.push_back(
        {argument.name(), argument.type()->annotation_str(), !argument.default_value().has_value()});
  }
  return form;
}

void describe_result(const c10::FunctionSchema& schema, ForeignModule& foreign) {
  const std::vector<c10::Argument>& results = schema.returns();
  const c10::TypePtr type = results.size() == 1 ? results[0].type() : nullptr;
  if (results.size() > 1) {
    foreign.result = CallResult::tuple;
    foreign.n_elements = static_cast<int>(results.size());
  } else if (type == nullptr) {
    foreign.result = CallResult::nothing;
  } else if (type->kind() == c10::TypeKind::TensorType) {
    foreign.result = CallResult::tensor;
  } else if (const auto tuple = type->cast<c10::TupleType>()) {
    foreign.result = CallResult::tuple;
    foreign.n_elements = static_cast<int>(tuple->elements().size());
  } else if (type->kind() == c10::TypeKind::ListType) {
    foreign.result = CallResult::list;
  } else {
    foreign.result = CallResult::nothing;
    if (type->kind() != c10::TypeKind::NoneType) foreign.result_type = type->annotation_str();
  }
}

/// `forward` with all that it calls.
std::shared_ptr<torch::jit::Graph> inlined_forward(const Module& module) {
  std::shared_ptr<torch::jit::Graph> graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  return graph;
}

/// The first node of a block, or of the blocks within it, that is such; nullptr if none is.
template <class Predicate>
const torch::jit::Node* find_node(const torch::jit::Block& block, const Predicate& is_such) {
  for (const torch::jit::Node* node : block.nodes()) {
    if (is_such(*node)) return node;
    for (const torch::jit::Block* inner : node->blocks())
      if (const torch::jit::Node* found = find_node(*inner, is_such)) return found;
  }
  return nullptr;
}

/// Does it set an attribute that is no tensor?
bool sets_state_without_buffer(const torch::jit::Node& node) {
  if (node.kind() != c10::prim::SetAttr) return false;
  const auto type = node.input(0)->type()->expect<c10::ClassType>()->getAttribute(node.s(c10::attr::name));
  return !type->isSubtypeOf(*c10::TensorType::get());
}

/// Operators whose schema does not say that they move the running statistics they are given.
constexpr const char* kMovesStatistics[] = {"aten::batch_norm", "aten::instance_norm", "aten::native_batch_norm",
                                            "aten::cudnn_batch_norm", "aten::_batch_norm_impl_index"};

bool may_change_buffers(const torch::jit::Node& node) {
  const std::string kind = node.kind().toQualString();
  const auto* end = std::end(kMovesStatistics);
  if (std::find(std::begin(kMovesStatistics), end, kind) != end || kind == "prim::SetAttr") return true;
  const c10::FunctionSchema* schema = node.maybeSchema();
  return schema != nullptr && schema->is_mutable();
}

/// By its code: a module without such operations has constants for buffers. In doubt it has statistics.
void describe_state(const Module& module, ForeignModule& foreign) {
  const std::shared_ptr<torch::jit::Graph> forward = inlined_forward(module);
  const bool running = find_node(*forward->block(), may_change_buffers) != nullptr;
  for (const auto& buffer : module.named_buffers()) {
    foreign.parameters.push_back(parameter_of(buffer.name, buffer.value, true));
    foreign.parameters.back().running = running;
  }
  if (const torch::jit::Node* node = find_node(*forward->block(), sets_state_without_buffer))
    foreign.lost_state = node->s(c10::attr::name);
}

/// How torch wraps a scripted function to save it.
bool is_function(const Module& module) {
  return module.type()->name().has_value() && module.type()->name()->name() == "PlaceholderModule";
}

}  // namespace

ForeignModule inspect_archive(const std::string& bytes) {
  const Module module = load_archive(bytes);
  ForeignModule foreign;
  foreign.bytes = bytes;
  foreign.arguments_are_bound = !is_function(module);
  for (const auto& parameter : module.named_parameters())
    foreign.parameters.push_back(parameter_of(parameter.name, parameter.value, false));
  describe_state(module, foreign);
  const c10::FunctionSchema& schema = module.get_method("forward").function().getSchema();
  foreign.forms = {form_of(schema, /*first=*/1)};  // behind self
  describe_result(schema, foreign);
  return foreign;
}

std::optional<ForeignModule> inspect_registered(const std::string& name) {
  const auto& forms = torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(name));
  if (forms.empty()) return std::nullopt;
  ForeignModule foreign;
  for (const auto& form : forms) {
    const c10::FunctionSchema& schema = form->schema();
    if (schema.is_vararg()) return ForeignModule{};  // it takes anything
    foreign.forms.push_back(form_of(schema, /*first=*/0));
  }
  if (forms.size() == 1 && !forms[0]->schema().is_varret()) describe_result(forms[0]->schema(), foreign);
  return foreign;
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
  for (const NamedArray& input : inputs) arguments.emplace_back(tensor_of(input));
  c10::IValue named;
  with_layer_in_errors(program, [&] { named = compiled.module.get_method("named")(arguments); });
  std::vector<NamedArray> outputs;
  for (const auto& entry : named.toGenericDict())
    outputs.push_back(array_of(entry.key().toStringRef(), entry.value().toTensor().detach()));
  return outputs;
}

}  // namespace kiln
