#include <algorithm>

#include "graph/graph_checker.h"

namespace kiln {

namespace {

/// By layers that take any tensor.
enum class Read { not_at_all, by_calls_alone, by_others };

Read who_reads(const GraphCheck& check, int input) {
  Read read = Read::not_at_all;
  for (const WiredLayer& layer : check.wired.layers) {
    for (const std::vector<Source>& port : layer.inputs) {
      for (const Source& source : port) {
        if (source.kind != Source::Kind::input || source.index != input) continue;
        if (layer.declaration == nullptr || !layer.declaration->any_ports) return Read::by_others;
        read = Read::by_calls_alone;
      }
    }
  }
  return read;
}

bool measures_edges(const GraphCheck& check) {
  return std::any_of(check.roles.begin(), check.roles.end(),
                     [](const InputRole& role) { return role.type.meaning == Meaning::edge_index; });
}

std::size_t n_errors_with(const GraphCheck& check, const std::vector<int>& order, int input, const InputRole& role) {
  std::vector<InputRole> roles = check.roles;
  roles[input] = role;
  return trial_errors(check, order, roles).size();
}

/// Names mean little where there are no edges: a target that takes whole numbers only, such as torch.nn.Embedding, is
/// what makes them species. A tensor of a fixed shape must fit what reads it.
bool is_needed(const GraphCheck& check, const std::vector<int>& order, int input) {
  InputRole real = check.roles[input];
  make_free(real);
  const std::size_t n_free = n_errors_with(check, order, input, real);
  if (n_errors_with(check, order, input, check.roles[input]) > n_free) return false;
  if (check.roles[input].type.dtype != DType::integer) return true;
  real.type.guessed_real = false;
  return n_errors_with(check, order, input, real) > n_free;
}

}  // namespace

void settle_guessed_roles(GraphCheck& check, const std::vector<int>& order) {
  const bool has_edges = measures_edges(check);
  for (int i = 0; i < static_cast<int>(check.roles.size()); ++i) {
    InputRole& role = check.roles[i];
    const bool is_guess = !role.role_given && role.type.meaning != Meaning::plain;
    const Read read = is_guess ? who_reads(check, i) : Read::by_others;
    const bool has_other_shape = read != Read::by_others && contradicts_role(role);
    if (has_other_shape || (read == Read::by_calls_alone && !has_edges && !is_needed(check, order, i))) make_free(role);
    compare_shape(check.spec.inputs[i], role, check.faults);
  }
}

}  // namespace kiln
