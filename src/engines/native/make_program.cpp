#include "engines/native/executor.h"
#include "engines/native/steps/steps.h"
#include "kiln/error.h"

namespace kiln::native {

namespace {

[[noreturn]] void refuse_layer(const Operation& operation, const std::string& what) {
  throw Error(ErrorKind::configuration, "unsupported-operator", "layer '" + operation.layer + "'" + what,
              "use the torch engine: --engine torch, or leave --engine out");
}

}  // namespace

void refuse(const Operation& operation, const std::string& reason) {
  refuse_layer(operation, std::string(" (") + name_of(operation.op) + ") cannot run on the native engine: " + reason);
}

namespace {

/// Torch functions are refused before anything else: what else is wrong with them does not matter.
void refuse_calls(const LoweredGraph& graph, const Plan& plan) {
  for (const Operation& operation : graph.operations) {
    const auto* call = std::get_if<Call>(&operation.op);
    if (call != nullptr && plan.fields[operation.output].needed)
      refuse_layer(operation, ": target '" + call->target + "' runs on the torch engine only");
  }
}

bool is_there(const FieldPlan& field) { return field.producer >= 0 || field.given; }

/// Fields the engine can read: made by its steps, given, or integers of the graph. Edge fields belong to edge
/// convolutions.
template <class T>
void check_inputs(const Preparation<T>& p, const Operation& operation) {
  for (const int input : operation.inputs) {
    const FieldType& type = p.graph.fields[input];
    if (type.level == Level::edge && !std::holds_alternative<EdgeConvolution>(operation.op))
      refuse(operation, "it reads a field of edges");
    if (type.level != Level::edge && type.dtype == DType::real && !is_there(p.plan.fields[input]))
      refuse(operation, "it reads an input of the model that is not a species");
  }
}

template <class T>
std::unique_ptr<Step<T>> make_step(const Preparation<T>& p, int k) {
  const Operation& operation = p.graph.operations[k];
  check_inputs(p, operation);
  const Operator& op = operation.op;
  if (std::holds_alternative<OneHot>(op)) return make_one_hot_step(p, k);
  if (std::holds_alternative<Linear>(op)) return make_linear_step(p, k);
  if (std::holds_alternative<EdgeConvolution>(op)) return make_edge_convolution_step(p, k);
  if (std::holds_alternative<SymmetricContraction>(op)) return make_symmetric_contraction_step(p, k);
  if (std::holds_alternative<Add>(op)) return make_add_step(p, k);
  if (std::holds_alternative<Activation>(op)) return make_activation_step(p, k);
  if (std::holds_alternative<SpeciesTable>(op)) return make_species_table_step(p, k);
  if (std::holds_alternative<Affine>(op)) return make_affine_step(p, k);
  if (std::holds_alternative<SumAtoms>(op)) return make_sum_atoms_step(p, k);
  if (std::holds_alternative<RowFunction>(op)) return make_row_function_step(p, k);
  refuse(operation, "there is no kernel for it on atoms");
}

}  // namespace

template <class T>
Program<T> make_program(const LoweredGraph& graph, const Weights& weights, VectorLevel level,
                        const std::vector<int>& kept, const std::vector<int>& given) {
  Program<T> program;
  program.plan = make_plan(graph, kept, given);
  refuse_calls(graph, program.plan);
  const Preparation<T> preparation{graph, weights, program.plan, level};
  for (const FieldType& field : graph.fields) {
    program.layouts.push_back(layout_of(field.irreps, Preparation<T>::channel_unit));
    program.system_fields.push_back(field.level == Level::system);
  }
  for (std::size_t k = 0; k < graph.operations.size(); ++k) {
    const Operation& op = graph.operations[k];
    const auto* convolution = std::get_if<EdgeConvolution>(&op.op);
    const bool runs = program.plan.fields[op.output].needed && graph.fields[op.output].level != Level::edge;
    program.steps.push_back(runs ? make_step(preparation, static_cast<int>(k)) : nullptr);
    program.hops.push_back(op.hops);
    program.outputs.push_back(op.output);
    program.edge_sets.push_back(convolution && runs ? convolution->edge_set : -1);
  }
  program.n_edge_sets = static_cast<int>(graph.edge_sets.size());
  program.n_species = graph.n_species;
  program.energy_field = graph.energy_field;
  program.atom_energy_field = graph.atom_energy_field;
  return program;
}

template Program<double> make_program(const LoweredGraph&, const Weights&, VectorLevel, const std::vector<int>&,
                                      const std::vector<int>&);
template Program<float> make_program(const LoweredGraph&, const Weights&, VectorLevel, const std::vector<int>&,
                                     const std::vector<int>&);

}  // namespace kiln::native
