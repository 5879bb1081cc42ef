#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "base/source_text.h"
#include "graph/graph_checker.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

/// An error without its words, which may name the shapes in question.
using Identity = std::tuple<std::string, std::string, int, int, int>;

Identity identity_of(const Diagnostic& error) {
  return {error.code, error.where.file, error.where.line, error.where.column, error.where.copy};
}

struct Errors {
  std::vector<Diagnostic> list;
  std::set<Identity> identities;
};

Errors errors_with(const GraphCheck& check, const std::vector<int>& order, const std::vector<InputRole>& roles) {
  Errors errors{trial_errors(check, order, roles), {}};
  for (const Diagnostic& error : errors.list) errors.identities.insert(identity_of(error));
  return errors;
}

/// The first of the errors that comments bring; nullptr if they bring none.
const Diagnostic* added_error(const Errors& without, const Errors& with) {
  const auto added = std::find_if(with.list.begin(), with.list.end(), [&](const Diagnostic& error) {
    return without.identities.count(identity_of(error)) == 0;
  });
  return added == with.list.end() ? nullptr : &*added;
}

/// The same of one comment, but nullptr, too, if it takes others away: then it says what nothing else does.
const Diagnostic* contradiction(const Errors& without, const Errors& with) {
  const auto& all = with.identities;
  const bool keeps_all = std::includes(all.begin(), all.end(), without.identities.begin(), without.identities.end());
  return keeps_all ? added_error(without, with) : nullptr;
}

/// Inputs that have their shape from a comment, in the order in which layers read them.
std::vector<int> shaped_by_comments(const GraphCheck& check, const std::vector<int>& order) {
  std::vector<int> inputs;
  std::vector<bool> seen(check.roles.size(), false);
  for (int layer : order) {
    for (const std::vector<Source>& port : check.wired.layers[layer].inputs) {
      for (const Source& source : port) {
        if (source.kind != Source::Kind::input || seen[source.index]) continue;
        seen[source.index] = true;
        if (is_shaped_by_comment(check.roles[source.index])) inputs.push_back(source.index);
      }
    }
  }
  return inputs;
}

void warn(const GraphCheck& check, int input, const Diagnostic& against) {
  const InputRole& role = check.roles[input];
  const std::string at = against.where.known() ? " (" + place(against.where) + ")" : "";
  check.faults.warning("bad-shape", role.shape_where,
                       "model input '" + check.spec.inputs[input].name + "': the comment says " +
                           to_string(role.type.shape) + ", but " + against.what + at,
                       "the comment does not count; correct it");
}

/// Which comments are believed, and what inference says then.
struct Belief {
  const GraphCheck& check;
  const std::vector<int>& order;
  std::vector<InputRole> roles;
  Errors errors;
  std::vector<CommentDoubt> doubts = {};

  /// In this order, as many at once as bring no error: a few trials per comment that is contradicted.
  void believe(const int* first, const int* last) {
    if (first == last) return;
    std::vector<InputRole> more = roles;
    for (const int* input = first; input != last; ++input) more[*input] = check.roles[*input];
    Errors found = errors_with(check, order, more);
    const bool alone = last - first == 1;
    const Diagnostic* against = alone ? contradiction(errors, found) : added_error(errors, found);
    if (against == nullptr) {
      if (const Diagnostic* error = added_error(errors, found)) doubts.push_back({*first, *error});
      roles = std::move(more);
      errors = std::move(found);
    } else if (alone) {
      warn(check, *first, *against);
    } else {
      believe(first, first + (last - first) / 2);
      believe(first + (last - first) / 2, last);
    }
  }
};

}  // namespace

std::vector<Diagnostic> trial_errors(const GraphCheck& check, const std::vector<int>& order,
                                     const std::vector<InputRole>& roles) {
  CheckedGraph graph;
  Diagnostics faults = check.faults;
  const auto n_before = static_cast<std::ptrdiff_t>(faults.list.size());
  GraphCheck trial{check.spec, faults, graph, check.wired, roles, check.configs, check.config_good};
  infer_types(trial, order);
  std::vector<Diagnostic> errors;
  std::copy_if(faults.list.begin() + n_before, faults.list.end(), std::back_inserter(errors),
               [](const Diagnostic& fault) { return fault.severity == Severity::error; });
  return errors;
}

std::vector<CommentDoubt> forget_contradicted_comments(GraphCheck& check, const std::vector<int>& order) {
  const std::vector<int> inputs = shaped_by_comments(check, order);
  if (inputs.empty() || errors_with(check, order, check.roles).list.empty()) return {};
  Belief belief{check, order, check.roles, {}};
  for (int input : inputs) forget_shape(belief.roles[input]);
  belief.errors = errors_with(check, order, belief.roles);
  belief.believe(inputs.data(), inputs.data() + inputs.size());
  check.roles = std::move(belief.roles);
  return std::move(belief.doubts);
}

void name_doubted_comments(const std::vector<CommentDoubt>& doubts, GraphCheck& check) {
  for (const CommentDoubt& doubt : doubts) {
    const InputRole& role = check.roles[doubt.input];
    const std::string comment = "'" + check.spec.inputs[doubt.input].name + "' has the shape " +
                                to_string(role.type.shape) + " from its comment at " + place(role.shape_where);
    for (Diagnostic& fault : check.faults.list) {
      if (fault.severity != Severity::error || identity_of(fault) != identity_of(doubt.error)) continue;
      fault.hint += (fault.hint.empty() ? "" : "; ") + comment;
    }
  }
}

}  // namespace kiln
