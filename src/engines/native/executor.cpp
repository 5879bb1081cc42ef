#include "engines/native/executor.h"

#include <algorithm>
#include <string>

#include "engines/native/steps/scalar_sums.h"
#include "kiln/error.h"

namespace kiln::native {
namespace {

int rows_at(const AtomGraph& graph, int hops) {
  const int last = static_cast<int>(graph.n_rows.size()) - 1;
  return last < 0 ? 0 : graph.n_rows[std::min(hops, last)];
}

[[noreturn]] void refuse_graph(const std::string& what) { throw Error(ErrorKind::internal, "bad-atom-graph", what); }

template <class T>
int rows_of_field(const Program<T>& program, const AtomGraph& graph, int field) {
  if (program.system_fields[field]) return graph.n_structures;
  if (program.plan.fields[field].given) return graph.n_all();
  return rows_at(graph, program.hops[program.plan.fields[field].producer]);
}

template <class T>
void reserve_field(const Program<T>& program, Run<T>& run, int field) {
  const FieldPlan& f = program.plan.fields[field];
  FieldMemory<T>& memory = run.workspace.fields[field];
  const std::size_t rows = rows_of_field(program, run.graph, field), row_size = program.layouts[field].row_size;
  if (f.scalar_sum) {
    const std::size_t n = rows * ScalarRows<T>::width(run, field);
    memory.sums.assign(n, 0.0);
    memory.sums_adjoint.assign(n, 0.0);
    return;
  }
  memory.values.reserve((f.local_values ? kChunkRows : rows) * row_size);
  if (!run.gradients || !f.differentiated) return;
  const std::size_t n = (f.local_adjoint ? kChunkRows : rows) * row_size;
  memory.adjoint.reserve(n);
  std::fill_n(memory.adjoint.data(), n, T(0));
}

int n_chunks(const AtomGraph& graph, const Stage& stage) {
  return (rows_at(graph, stage.hops) + kChunkRows - 1) / kChunkRows;
}

template <class T>
bool is_differentiated(const Program<T>& program, int operation) {
  return program.plan.fields[program.outputs[operation]].differentiated;
}

template <class T>
void clear_local_adjoint(const Program<T>& program, Run<T>& run, int field) {
  const FieldPlan& f = program.plan.fields[field];
  if (f.scalar_sum || !f.differentiated || !f.local_adjoint || f.only_reader >= 0) return;
  std::fill_n(run.workspace.fields[field].adjoint.data(),
              static_cast<std::size_t>(kChunkRows) * program.layouts[field].row_size, T(0));
}

template <class T>
void reverse_chunk(const Program<T>& program, Run<T>& run, const Stage& stage, int index) {
  for (const int k : stage.operations) clear_local_adjoint(program, run, program.outputs[k]);
  for (auto k = stage.operations.rbegin(); k != stage.operations.rend(); ++k) {
    const Chunk chunk = chunk_of(program, run.graph, *k, index);
    if (chunk.n_rows > 0 && is_differentiated(program, *k)) program.steps[*k]->reverse(run, chunk);
  }
}

template <class T>
void write_energies(const Program<T>& program, Run<T>& run) {
  run.out.energies = run.workspace.fields[program.energy_field].sums;
  run.out.atom_energies.clear();
  if (program.atom_energy_field < 0) return;
  const ScalarRows<T> atoms(run, program.atom_energy_field, Chunk{});
  for (int r = 0; r < run.graph.n_owned(); ++r) run.out.atom_energies.push_back(atoms.value(r, 0));
}

}  // namespace

template <class T>
void check_atom_graph(const Program<T>& program, const AtomGraph& graph) {
  if (static_cast<int>(graph.edges.size()) < program.n_edge_sets) refuse_graph("an edge set is missing");
  for (const int species : graph.species)
    if (program.n_species > 0 && (species < 0 || species >= program.n_species))
      refuse_graph("a species is outside the model's table");
  for (std::size_t k = 0; k < program.steps.size(); ++k)
    if (program.edge_sets[k] >= 0 && graph.edges[program.edge_sets[k]].n_receivers() < rows_at(graph, program.hops[k]))
      refuse_graph("an edge set has fewer receivers than the model needs: the graph was built for fewer hops");
}

template <class T>
void run_forward(const Program<T>& program, Run<T>& run) {
  for (const Stage& stage : program.plan.stages)
    for (int index = 0; index < n_chunks(run.graph, stage); ++index)
      for (const int k : stage.operations) {
        const Chunk chunk = chunk_of(program, run.graph, k, index);
        if (chunk.n_rows > 0) program.steps[k]->forward(run, chunk);
      }
  for (const int k : program.plan.system_operations) program.steps[k]->forward(run, {0, 0, run.graph.n_structures});
}

template <class T>
void run_reverse(const Program<T>& program, Run<T>& run, int n_structures) {
  std::vector<double>& energies_bar = run.workspace.fields[program.energy_field].sums_adjoint;
  std::fill_n(energies_bar.begin(), n_structures, 1.0);
  const Plan& plan = program.plan;
  for (auto k = plan.system_operations.rbegin(); k != plan.system_operations.rend(); ++k)
    program.steps[*k]->reverse(run, {0, 0, run.graph.n_structures});
  for (auto stage = plan.stages.rbegin(); stage != plan.stages.rend(); ++stage)
    for (int index = 0; index < n_chunks(run.graph, *stage); ++index) reverse_chunk(program, run, *stage, index);
}

template <class T>
void reserve_workspace(const Program<T>& program, Run<T>& run) {
  const Plan& plan = program.plan;
  run.workspace.fields.resize(plan.fields.size());
  run.workspace.senders.resize(program.steps.size());
  for (std::size_t field = 0; field < plan.fields.size(); ++field)
    if (plan.fields[field].given) reserve_field(program, run, static_cast<int>(field));
  for (std::size_t k = 0; k < program.steps.size(); ++k) {
    if (program.steps[k]) reserve_field(program, run, program.outputs[k]);
    if (program.edge_sets[k] >= 0)
      find_chunk_senders(run.graph.edges[program.edge_sets[k]], rows_at(run.graph, program.hops[k]), run.graph.n_all(),
                         run.workspace.senders[k]);
  }
}

template <class T>
Chunk chunk_of(const Program<T>& program, const AtomGraph& graph, int operation, int index) {
  const int begin = index * kChunkRows;
  return {index, begin, std::clamp(rows_at(graph, program.hops[operation]) - begin, 0, kChunkRows)};
}

template <class T>
void execute(const Program<T>& program, const AtomGraph& graph, bool gradients, Workspace<T>& workspace,
             EngineOutput& out) {
  check_atom_graph(program, graph);
  Run<T> run{graph, program.plan, program.layouts, workspace, out, gradients};
  out.edge_gradients.clear();
  if (gradients)
    for (const EdgeList& edges : graph.edges) out.edge_gradients.emplace_back(edges.vectors.size(), 0.0);
  reserve_workspace(program, run);
  run_forward(program, run);
  write_energies(program, run);
  if (gradients) run_reverse(program, run, graph.n_structures);
}

#define KILN_INSTANTIATE(T)                                               \
  template void check_atom_graph(const Program<T>&, const AtomGraph&);    \
  template void reserve_workspace(const Program<T>&, Run<T>&);            \
  template void run_forward(const Program<T>&, Run<T>&);                  \
  template void run_reverse(const Program<T>&, Run<T>&, int);             \
  template Chunk chunk_of(const Program<T>&, const AtomGraph&, int, int); \
  template void execute(const Program<T>&, const AtomGraph&, bool, Workspace<T>&, EngineOutput&);
KILN_INSTANTIATE(double)
KILN_INSTANTIATE(float)
#undef KILN_INSTANTIATE

}  // namespace kiln::native
