#include "engines/torch/library/torch_names.h"

#include <torch/csrc/jit/frontend/error_report.h>

#include <limits>

namespace kiln {
namespace {

using torch::jit::BuiltinFunction;
using torch::jit::GraphFunction;
using torch::jit::SourceRange;
using torch::jit::SugaredValue;
using ValuePtr = std::shared_ptr<SugaredValue>;

ValuePtr builtin(const std::string& space, const std::string& name) {
  return std::make_shared<BuiltinFunction>(c10::Symbol::fromQualString(space + "::" + name), c10::nullopt);
}

/// What stands before a dot, such as "torch.linalg".
struct Names : SugaredValue {
  explicit Names(std::string full_name) : path(std::move(full_name)) {}
  std::string kind() const override { return path; }

  const std::string path;
};

/// Operators of one namespace: torch.linalg.norm is aten::linalg_norm, torch.ops.kiln.x is kiln::x.
struct OperatorNames : Names {
  OperatorNames(const std::string& full_name, std::string op_space, std::string op_prefix = "")
      : Names(full_name), space(std::move(op_space)), prefix(std::move(op_prefix)) {}
  ValuePtr attr(const SourceRange&, GraphFunction&, const std::string& field) override {
    return builtin(space, prefix + field);
  }

  const std::string space, prefix;
};

struct OperatorSpaces : Names {
  OperatorSpaces() : Names("torch.ops") {}
  ValuePtr attr(const SourceRange&, GraphFunction&, const std::string& field) override {
    return std::make_shared<OperatorNames>(path + "." + field, field);
  }
};

/// Functions whose arguments Python orders otherwise than ATen: the same text would mean something else.
constexpr const char* kReordered[] = {"batch_norm", "instance_norm", "embedding",    "embedding_bag",
                                      "unfold",     "max_unpool2d",  "max_unpool3d", "multi_head_attention_forward"};

struct FunctionalNames : Names {
  FunctionalNames() : Names("torch.nn.functional") {}
  ValuePtr attr(const SourceRange& where, GraphFunction&, const std::string& field) override {
    for (const char* name : kReordered) {
      if (field == name)
        throw torch::jit::ErrorReport(where) << path << "." << field << " is not the operator aten::" << field
                                             << ": write torch.ops.aten." << field << " with the operator's arguments";
    }
    return builtin("aten", field == "logsigmoid" ? "log_sigmoid" : field);
  }
};

struct NnNames : Names {
  NnNames() : Names("torch.nn") {}
  ValuePtr attr(const SourceRange& where, GraphFunction&, const std::string& field) override {
    if (field == "functional") return std::make_shared<FunctionalNames>();
    throw torch::jit::ErrorReport(where) << path << "." << field << " is no function: modules are layers of their own";
  }
};

constexpr std::pair<const char*, c10::ScalarType> kDTypes[] = {{"float64", at::kDouble},
                                                               {"double", at::kDouble},
                                                               {"float32", at::kFloat},
                                                               {"float", at::kFloat},
                                                               {"float16", at::kHalf},
                                                               {"half", at::kHalf},
                                                               {"bfloat16", at::kBFloat16},
                                                               {"int64", at::kLong},
                                                               {"long", at::kLong},
                                                               {"int32", at::kInt},
                                                               {"int", at::kInt},
                                                               {"int16", at::kShort},
                                                               {"short", at::kShort},
                                                               {"int8", at::kChar},
                                                               {"uint8", at::kByte},
                                                               {"bool", at::kBool},
                                                               {"complex64", at::kComplexFloat},
                                                               {"cfloat", at::kComplexFloat},
                                                               {"complex128", at::kComplexDouble},
                                                               {"cdouble", at::kComplexDouble}};

constexpr std::pair<const char*, double> kNumbers[] = {{"pi", 3.141592653589793},
                                                       {"e", 2.718281828459045},
                                                       {"inf", std::numeric_limits<double>::infinity()},
                                                       {"nan", std::numeric_limits<double>::quiet_NaN()}};

/// A constant of that name, or nullptr.
ValuePtr constant(const std::string& name, const SourceRange& where, GraphFunction& method) {
  c10::IValue value;
  for (const auto& [known, dtype] : kDTypes) {
    if (name == known) value = static_cast<std::int64_t>(dtype);
  }
  for (const auto& [known, number] : kNumbers) {
    if (name == known) value = number;
  }
  if (value.isNone()) return nullptr;
  return std::make_shared<torch::jit::SimpleValue>(method.graph()->insertConstant(value, where));
}

struct TorchNames : Names {
  TorchNames() : Names("torch") {}
  ValuePtr attr(const SourceRange& where, GraphFunction& method, const std::string& field) override {
    if (field == "nn") return std::make_shared<NnNames>();
    if (field == "ops") return std::make_shared<OperatorSpaces>();
    if (field == "jit") return std::make_shared<OperatorNames>("torch.jit", "aten");
    if (field == "autograd") return std::make_shared<OperatorNames>("torch.autograd", "aten");
    if (field == "linalg" || field == "special" || field == "fft")
      return std::make_shared<OperatorNames>("torch." + field, "aten", field + "_");
    const ValuePtr known = constant(field, where, method);
    return known != nullptr ? known : builtin("aten", field);
  }
};

/// Python's math: its numbers, and the functions that ATen has for numbers.
struct MathNames : Names {
  MathNames() : Names("math") {}
  ValuePtr attr(const SourceRange& where, GraphFunction& method, const std::string& field) override {
    const ValuePtr known = constant(field, where, method);
    return known != nullptr ? known : builtin("aten", field);
  }
};

struct TorchResolver : torch::jit::Resolver {
  ValuePtr resolveValue(const std::string& name, GraphFunction&, const SourceRange&) override {
    if (name == "math") return std::make_shared<MathNames>();
    return name == "torch" ? std::make_shared<TorchNames>() : nullptr;
  }
  c10::TypePtr resolveType(const std::string&, const SourceRange&) override { return nullptr; }
};

}  // namespace

torch::jit::ResolverPtr torch_names() { return std::make_shared<TorchResolver>(); }

}  // namespace kiln
