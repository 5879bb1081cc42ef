#include "graph/check_lowering.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <set>

#include "base/numbers.h"
#include "graph/layer_weights.h"
#include "graph/liveness.h"
#include "kernels/symmetric_basis.h"
#include "operators/expression.h"
#include "operators/torch_target.h"

namespace kiln {

namespace {

constexpr std::size_t kMaxOperations = 10000;  ///< of one layer; what compiles them takes minutes for more

struct LoweringCheck {
  const LowerContext& context;
  const LayerDeclaration& declaration;
  LoweredSizes before;
  const PluginCode& which;
  Diagnostics& faults;

  const LoweredGraph& graph() const { return *context.graph; }
  void error(const std::string& what) const {
    faults.error("bad-lowering", which.where, which.who + ": lower: " + what);
  }
};

// --- operations ---

/// How many operands an operator takes.
struct Operands {
  int least = 1, most = 1;
};
constexpr int kAny = std::numeric_limits<int>::max();

struct OperandsOf {
  template <class Op>
  Operands operator()(const Op&) const {
    return {};
  }
  Operands operator()(const Linear& op) const { return op.n_attributes > 0 ? Operands{2, 2} : Operands{1, 1}; }
  Operands operator()(const EdgeConvolution&) const { return {3, 3}; }
  Operands operator()(const SymmetricContraction&) const { return {2, 2}; }
  Operands operator()(const Add&) const { return {1, kAny}; }
  Operands operator()(const SumAtoms&) const { return {1, 2}; }
  Operands operator()(const RowFunction&) const { return {1, kAny}; }
  Operands operator()(const Call& op) const {
    int n = 0;
    for (const int size : op.list_sizes) n += std::max(size, 1);
    return {n, n};
  }
};

void check_operands(const LoweringCheck& check, const Operation& operation) {
  const std::string name = std::string("'") + name_of(operation.op) + "'";
  const int n = static_cast<int>(operation.inputs.size());
  const Operands wanted = std::visit(OperandsOf{}, operation.op);
  if (n < wanted.least || n > wanted.most)
    check.error(name + " has " + std::to_string(n) + (n == 1 ? " operand" : " operands") + ", not " +
                std::to_string(n < wanted.least ? wanted.least : wanted.most));
  for (int k = 0; k < n; ++k) {
    const int field = operation.inputs[k];
    if (field >= 0 && field < operation.output) continue;
    check.error("operand " + std::to_string(k) + " of " + name + " is field " + std::to_string(field) +
                ", which is not made before it");
  }
}

std::string rows_of(const FieldType& type) {
  const bool edges = type.level == Level::edge;
  return to_string(type.level) + (edges ? "s of set " + std::to_string(type.edge_set) : "s");
}

/// A function of rows gives a row for each that it reads.
void check_rows(const LoweringCheck& check, const Operation& operation) {
  if (!std::holds_alternative<RowFunction>(operation.op)) return;
  const auto& fields = check.graph().fields;
  const std::string given = rows_of(fields[operation.output]);
  for (const int field : operation.inputs) {
    if (field < 0 || field >= operation.output || rows_of(fields[field]) == given) continue;
    return check.error("a function of rows reads " + rows_of(fields[field]) + " and gives " + given);
  }
}

/// Every new field has its operation, in the same order; but derivatives, which engines make.
void check_fields(const LoweringCheck& check) {
  const std::vector<FieldType>& fields = check.graph().fields;
  std::size_t next = check.before.operations;
  for (std::size_t f = check.before.fields; f < fields.size(); ++f) {
    const bool made =
        next < check.graph().operations.size() && check.graph().operations[next].output == static_cast<int>(f);
    if (made)
      ++next;
    else if (!is_derivative(fields[f].meaning))
      check.error("field " + std::to_string(f) + " is made by no operation");
  }
  if (next < check.graph().operations.size()) check.error("an operation gives a field that is another's");
}

void check_weights(const LoweringCheck& check, const Operation& operation) {
  for (const std::string& weight : weights_of(operation.op)) {
    if (!weight.empty() && check.context.parameter_places->count(weight) == 0)
      check.error(std::string("'") + name_of(operation.op) + "' reads a weight '" + weight +
                  "', which is no parameter");
  }
}

/// An expression may name operands by number, weights by name, and, of a call, kCallNames and kCallHelpers.
struct ExpressionNames {
  std::size_t n_operands;
  std::string expression;
  std::set<std::string> known;

  template <class Op>
  void operator()(const Op&) {}
  void operator()(const Call& op) {
    read(op.expression, op.weights, op.list_sizes.size());
    known.insert(std::begin(kCallNames), std::end(kCallNames));
    known.insert(std::begin(kCallHelpers), std::end(kCallHelpers));
  }
  void operator()(const RowFunction& op) { read(op.expression, op.weights, n_operands); }

 private:
  void read(const std::string& text, const std::vector<std::pair<std::string, std::string>>& weights, std::size_t n) {
    expression = text;
    for (std::size_t k = 0; k < n; ++k) known.insert(std::to_string(k));
    for (const auto& weight : weights) known.insert(weight.first);
  }
};

/// "mul_(" where a function's name ends so that torch changes its tensor in place; "" where none does.
std::string in_place_call(const std::string& expression) {
  for (std::size_t at = expression.find("_("); at != std::string::npos; at = expression.find("_(", at + 1)) {
    std::size_t first = at;
    while (first > 0 &&
           (std::isalnum(static_cast<unsigned char>(expression[first - 1])) || expression[first - 1] == '_'))
      --first;
    if (first > 0 && expression[first - 1] == '.' && expression[at - 1] != '_')
      return expression.substr(first - 1, at + 3 - first);
  }
  return "";
}

void check_expression(const LoweringCheck& check, const Operation& operation) {
  const auto* function = std::get_if<RowFunction>(&operation.op);
  const std::string in_place = function == nullptr ? "" : in_place_call(function->expression);
  if (!in_place.empty()) check.error("'" + in_place + "' changes a tensor that others read: " + function->expression);
  ExpressionNames names{operation.inputs.size(), "", {}};
  std::visit(names, operation.op);
  for (const std::string& name : names_in(names.expression)) {
    if (names.known.count(name) == 0)
      check.error("'$" + name + "' in '" + names.expression + "' is neither a weight of this operation nor an operand");
  }
}

// --- parameters ---

/// What a parameter that starts as the symmetrized coupling does must be shaped like.
bool fits_contraction(const ParameterSpec& parameter) {
  if (parameter.shape.size() != 3) return false;
  const ContractionPaths& paths = parameter.paths;
  return n_symmetric_paths(paths.lmax, paths.irrep.l, paths.irrep.parity, paths.degree) == parameter.shape[1];
}

std::string fault_of_parameter(const ParameterSpec& parameter, const LayerDeclaration& declaration) {
  const std::string name = own_name(parameter), quoted = "parameter '" + name + "'";
  const auto& shape = parameter.shape;
  if (!is_parameter_name(name)) return "'" + name + "' is no name of a parameter";
  if (!declaration.any_ports && !declares_parameter(declaration, name)) return quoted + " is not declared";
  const bool negative = std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n < 0; });
  const bool drawn = parameter.init == ParameterSpec::Init::contraction && !declaration.plugin.empty();
  if (negative || (drawn && !fits_contraction(parameter))) return quoted + " has the shape " + list_text(shape);
  if (parameter.init == ParameterSpec::Init::given &&
      static_cast<std::int64_t>(parameter.initial.size()) != product(shape))
    return quoted + " starts with " + std::to_string(parameter.initial.size()) + " numbers, its shape " +
           list_text(shape) + " has " + std::to_string(product(shape));
  if (parameter.zero_row >= 0 && (shape.empty() || parameter.zero_row >= shape[0]))
    return quoted + " has no row " + std::to_string(parameter.zero_row);
  return "";
}

// --- outputs ---

void check_outputs(const LoweringCheck& check) {
  const LowerContext& context = check.context;
  const std::size_t n = context.output_types.size();
  if (context.outputs.size() != n)
    return check.error("gives " + std::to_string(context.outputs.size()) + " outputs, not " + std::to_string(n));
  for (std::size_t port = 0; port < n; ++port) {
    const std::string output = "output '" + context.output_names[port] + "' is ";
    const int field = context.outputs[port];
    if (field < 0) {
      check.error(output + "no field: it has not been set");
    } else if (field >= static_cast<int>(check.graph().fields.size())) {
      check.error(output + "field " + std::to_string(field) + ", which does not exist");
    } else if (!same_rows(context.type(field), context.output_types[port])) {
      check.error(output + to_string(context.type(field)) + ", but " + to_string(context.output_types[port]) +
                  " was inferred");
    }
  }
}

}  // namespace

LoweredSizes sizes_of(const LoweredGraph& graph) {
  return {graph.fields.size(), graph.operations.size(), graph.parameters.size()};
}

void check_lowering(const LowerContext& context, const LayerDeclaration& declaration, const LoweredSizes& before,
                    const PluginCode& which, Diagnostics& faults) {
  const LoweringCheck check{context, declaration, before, which, faults};
  const LoweredGraph& graph = *context.graph;
  const std::size_t n = graph.operations.size() - before.operations;
  if (n > kMaxOperations)
    return check.error("appends " + std::to_string(n) + " operations; at most " + std::to_string(kMaxOperations) +
                       " are allowed");
  check_fields(check);
  for (std::size_t k = before.operations; k < graph.operations.size(); ++k) {
    check_operands(check, graph.operations[k]);
    check_rows(check, graph.operations[k]);
    check_weights(check, graph.operations[k]);
    check_expression(check, graph.operations[k]);
  }
  for (std::size_t k = before.parameters; k < graph.parameters.size(); ++k) {
    const std::string fault = fault_of_parameter(graph.parameters[k], declaration);
    if (!fault.empty()) check.error(fault);
  }
  check_outputs(check);
}

}  // namespace kiln
