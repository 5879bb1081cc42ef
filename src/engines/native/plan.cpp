#include "engines/native/plan.h"

#include <algorithm>

#include "kiln/error.h"

namespace kiln::native {
namespace {

template <class Op>
bool is(const LoweredGraph& graph, int operation) {
  return operation >= 0 && std::holds_alternative<Op>(graph.operations[operation].op);
}

bool is_atom_level(const LoweredGraph& graph, int field) { return graph.fields[field].level == Level::atom; }

void find_producers(const LoweredGraph& graph, Plan& plan) {
  for (std::size_t k = 0; k < graph.operations.size(); ++k)
    plan.fields[graph.operations[k].output].producer = static_cast<int>(k);
}

void mark_needed(const LoweredGraph& graph, Plan& plan) {
  for (FieldPlan& field : plan.fields) field.needed = field.kept;
  if (graph.energy_field >= 0) plan.fields[graph.energy_field].needed = true;
  if (graph.atom_energy_field >= 0) plan.fields[graph.atom_energy_field].needed = true;
  for (auto op = graph.operations.rbegin(); op != graph.operations.rend(); ++op)
    if (plan.fields[op->output].needed)
      for (const int input : op->inputs) plan.fields[input].needed = true;
}

void mark_differentiated(const LoweredGraph& graph, Plan& plan) {
  for (const LoweredInput& input : graph.inputs)
    if (input.meaning == Meaning::edge_vectors) plan.fields[input.field].differentiated = true;
  for (const Operation& op : graph.operations)
    for (const int input : op.inputs)
      if (plan.fields[input].differentiated) plan.fields[op.output].differentiated = true;
}

/// An edge convolution reads rows of other chunks, so what it gathers must be complete: made in an earlier stage.
void divide_into_stages(const LoweredGraph& graph, Plan& plan) {
  plan.stages.emplace_back();
  for (std::size_t k = 0; k < graph.operations.size(); ++k) {
    const Operation& op = graph.operations[k];
    FieldPlan& output = plan.fields[op.output];
    if (!output.needed) continue;
    if (graph.fields[op.output].level == Level::system) plan.system_operations.push_back(static_cast<int>(k));
    if (!is_atom_level(graph, op.output)) continue;  // edge fields are computed where they are read
    const int current = static_cast<int>(plan.stages.size()) - 1;
    if (is<EdgeConvolution>(graph, static_cast<int>(k)) && plan.fields[op.inputs[0]].stage == current)
      plan.stages.emplace_back();
    output.stage = static_cast<int>(plan.stages.size()) - 1;
    plan.stages.back().operations.push_back(static_cast<int>(k));
    plan.stages.back().hops = std::max(plan.stages.back().hops, op.hops);
  }
}

bool is_scalar_sum_operator(const Operator& op) {
  return std::holds_alternative<SpeciesTable>(op) || std::holds_alternative<Affine>(op) ||
         std::holds_alternative<Add>(op) || std::holds_alternative<SumAtoms>(op);
}

/// Energies are added in float64 whatever the precision: scalars made and read by adding, scaling and summing only.
void find_scalar_sums(const LoweredGraph& graph, Plan& plan) {
  for (const Operation& op : graph.operations)
    plan.fields[op.output].scalar_sum = is_scalar_sum_operator(op.op) && graph.fields[op.output].irreps.is_scalar();
  for (auto op = graph.operations.rbegin(); op != graph.operations.rend(); ++op)
    if (!is_scalar_sum_operator(op->op) || !plan.fields[op->output].scalar_sum)
      for (const int input : op->inputs) plan.fields[input].scalar_sum = false;
}

/// Does the reverse of this operation read the values of its inputs?
bool reverse_reads_inputs(const Operation& op) {
  if (const auto* linear = std::get_if<Linear>(&op.op)) return linear->n_attributes > 0;
  return std::holds_alternative<SymmetricContraction>(op.op) || std::holds_alternative<Activation>(op.op) ||
         std::holds_alternative<RowFunction>(op.op);
}

void find_local_fields(const LoweredGraph& graph, Plan& plan) {
  for (std::size_t f = 0; f < plan.fields.size(); ++f) {
    FieldPlan& field = plan.fields[f];
    const int id = static_cast<int>(f);
    field.local_adjoint = field.local_values = field.stage >= 0 && id != graph.atom_energy_field;
    if (field.kept) field.local_values = false;
  }
  for (const Operation& op : graph.operations) {
    if (!plan.fields[op.output].needed) continue;
    for (const int input : op.inputs) {
      FieldPlan& field = plan.fields[input];
      const bool other_stage = plan.fields[op.output].stage != field.stage;
      if (other_stage) field.local_adjoint = false;
      if (other_stage || reverse_reads_inputs(op)) field.local_values = false;
    }
  }
}

/// What a single linear map reads needs no adjoint of zeros to add to.
void find_only_readers(const LoweredGraph& graph, Plan& plan) {
  std::vector<int> n_readers(plan.fields.size(), 0);
  for (const Operation& op : graph.operations)
    if (plan.fields[op.output].needed)
      for (const int input : op.inputs) ++n_readers[input];
  for (std::size_t k = 0; k < graph.operations.size(); ++k) {
    const Operation& op = graph.operations[k];
    if (!plan.fields[op.output].needed || !std::holds_alternative<Linear>(op.op)) continue;
    FieldPlan& input = plan.fields[op.inputs[0]];
    const bool same_rows = input.producer >= 0 && graph.operations[input.producer].hops == op.hops;
    if (n_readers[op.inputs[0]] == 1 && input.local_adjoint && same_rows) input.only_reader = static_cast<int>(k);
  }
}

}  // namespace

Plan make_plan(const LoweredGraph& graph, const std::vector<int>& kept, const std::vector<int>& given) {
  if (graph.energy_field < 0 && kept.empty()) {
    throw Error(ErrorKind::configuration, "no-energy",
                "the native engine runs potentials; this graph has no output 'energy'",
                "name the output of the sum over atoms 'energy' in model_outputs");
  }
  Plan plan;
  plan.fields.resize(graph.fields.size());
  for (const int field : kept) plan.fields[field].kept = true;
  for (const int field : given) plan.fields[field].given = true;
  find_producers(graph, plan);
  mark_needed(graph, plan);
  mark_differentiated(graph, plan);
  divide_into_stages(graph, plan);
  find_scalar_sums(graph, plan);
  find_local_fields(graph, plan);
  find_only_readers(graph, plan);
  return plan;
}

}  // namespace kiln::native
