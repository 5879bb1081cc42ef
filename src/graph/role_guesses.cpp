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

/// Inputs whose role is to be settled, all with any tensor: each is looked at beside that, so that their order in the
/// file does not matter.
struct Guesses {
  const GraphCheck& check;
  const std::vector<int>& order;
  std::vector<int> inputs;
  std::vector<InputRole> free_roles;  ///< of all inputs
  std::size_t n_errors = 0;           ///< with those

  std::size_t n_errors_of(std::vector<InputRole> roles) const { return trial_errors(check, order, roles).size(); }
  std::size_t n_errors_with(int input, const InputRole& role) const {
    std::vector<InputRole> roles = free_roles;
    roles[input] = role;
    return n_errors_of(std::move(roles));
  }

  /// Names mean little where there are no edges: a target that takes whole numbers only, such as torch.nn.Embedding, is
  /// what makes them species. A tensor of a fixed shape must fit what reads it.
  bool is_needed(int input) const {
    if (n_errors_with(input, check.roles[input]) > n_errors) return false;
    if (check.roles[input].type.dtype != DType::integer) return true;
    InputRole whole = free_roles[input];
    whole.type.guessed_real = false;
    return n_errors_with(input, whole) > n_errors;
  }

  /// The roles that are needed, if they go together.
  std::vector<InputRole> settled() const {
    std::vector<InputRole> roles = free_roles;
    for (const int input : inputs)
      if (is_needed(input)) roles[input] = check.roles[input];
    return n_errors_of(roles) > n_errors ? free_roles : roles;
  }
};

Guesses guesses_of(const GraphCheck& check, const std::vector<int>& order, std::vector<int> inputs) {
  Guesses guesses{check, order, std::move(inputs), check.roles};
  for (const int input : guesses.inputs) make_free(guesses.free_roles[input]);
  guesses.n_errors = guesses.n_errors_of(guesses.free_roles);
  return guesses;
}

}  // namespace

void settle_guessed_roles(GraphCheck& check, const std::vector<int>& order) {
  const bool has_edges = measures_edges(check);
  std::vector<int> inputs;
  for (int i = 0; i < static_cast<int>(check.roles.size()); ++i) {
    InputRole& role = check.roles[i];
    const bool is_guess = !role.role_given && role.type.meaning != Meaning::plain;
    const Read read = is_guess ? who_reads(check, i) : Read::by_others;
    if (read != Read::by_others && contradicts_role(role))
      make_free(role);
    else if (read == Read::by_calls_alone && !has_edges)
      inputs.push_back(i);
  }
  if (!inputs.empty()) check.roles = guesses_of(check, order, std::move(inputs)).settled();
  for (std::size_t i = 0; i < check.roles.size(); ++i) {
    InputRole& role = check.roles[i];
    compare_shape(check.spec.inputs[i], role, check.faults);
    if (contradicts_role(role) && role.shape_given) role.type = type_at_fault();  // either may be what is wrong
  }
}

}  // namespace kiln
