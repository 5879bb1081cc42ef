#include <fmt/format.h>

#include "operators/operator_text.h"

namespace kiln {

void write_operation(const Operator& op, TextCall& call) {
  std::visit([&call](const auto& one) { write_text(one, call); }, op);
}

void write_text(const OneHot& op, TextCall& call) {
  const std::string given = call.inputs[0]->rows;
  call.output.species =
      op.first == 0 ? given : call.out.assign(call.name + "_species", fmt::format("{} - {}", given, op.first));
}

void write_text(const EdgeLengths&, TextCall& call) {
  const std::string vectors = cast_rows(*call.inputs[0], call.out, call.name);
  const std::string squares =
      call.out.share(call.name + "_squared", fmt::format("({0} * {0}).sum(1, keepdim=True)", vectors));
  // the floor keeps the slope finite at zero
  call.output.rows = call.out.assign(call.name, squares + ".clamp(min=1e-30).sqrt()");
}

void write_text(const Add&, TextCall& call) {
  bool by_blocks = true;
  for (const TextField* input : call.inputs) by_blocks = by_blocks && !input->blocks.empty() && !input->f64;
  const auto sum_of = [&](const auto& variable_of) {
    std::string sum = variable_of(*call.inputs[0]);
    for (std::size_t k = 1; k < call.inputs.size(); ++k) sum += " + " + variable_of(*call.inputs[k]);
    return sum;
  };
  if (by_blocks) {
    for (std::size_t b = 0; b < call.output.type.irreps.blocks.size(); ++b) {
      call.output.blocks.push_back(call.out.assign(call.name, sum_of([&](TextField& f) { return f.blocks[b]; })));
    }
    return;
  }
  call.output.rows = call.out.assign(call.name, sum_of([&](TextField& f) { return rows_of(f, call.out, call.name); }));
  for (const TextField* input : call.inputs) call.output.f64 = call.output.f64 || input->f64;  // promotion
}

void write_text(const Activation& op, TextCall& call) {
  const std::string x = cast_rows(*call.inputs[0], call.out, call.name);
  call.output.rows = call.out.assign(call.name, text_scaled(fmt::format("{0} * torch.sigmoid({0})", x), op.constant));
}

void write_text(const SpeciesTable& op, TextCall& call) {
  TextField& species = *call.inputs[0];
  const std::string& index = species.species.empty() ? species.rows : species.species;
  // energies of isolated atoms are large: added and summed in float64
  call.output.rows = call.out.assign(
      call.name, fmt::format("{}.double().index_select(0, {}).unsqueeze(1)", call.out.weight(op.values), index));
  call.output.f64 = true;
}

void write_text(const Affine& op, TextCall& call) {
  const std::string x = rows_of(*call.inputs[0], call.out, call.name);
  call.output.rows = call.out.assign(
      call.name, fmt::format("{}.double() * {} + {}", x, call.out.weight(op.scale), call.out.weight(op.shift)));
  call.output.f64 = true;
}

void write_text(const SumAtoms&, TextCall& call) {
  const std::string source = rows_of(*call.inputs[0], call.out, call.name);
  const std::string owned = call.out.assign(call.name + "_owned", source + ".double().index_select(0, owned)");
  call.output.rows = call.out.assign(
      call.name, fmt::format("{0}.new_zeros([n_structures, {0}.size(1)]).index_add(0, structure, {0})", owned));
  call.output.f64 = true;
}

}  // namespace kiln
