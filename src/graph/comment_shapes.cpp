#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "graph/graph_checker.h"

namespace kiln {

namespace {

/// An error without its words, which may name the shapes in question.
using Place = std::tuple<std::string, std::string, int, int, int>;

Place place_of(const Diagnostic& error) {
  return {error.code, error.where.file, error.where.line, error.where.column, error.where.copy};
}

struct Errors {
  std::vector<Diagnostic> list;
  std::set<Place> places;
};

/// What inference says against the graph if its inputs are these.
Errors errors_with(const GraphCheck& check, const std::vector<int>& order, const std::vector<InputRole>& roles) {
  CheckedGraph graph;
  Diagnostics faults = check.faults;
  const auto n_before = static_cast<std::ptrdiff_t>(faults.list.size());
  GraphCheck trial{check.spec, faults, graph, check.wired, roles, check.configs, check.config_good};
  infer_types(trial, order);
  Errors errors;
  std::copy_if(faults.list.begin() + n_before, faults.list.end(), std::back_inserter(errors.list),
               [](const Diagnostic& fault) { return fault.severity == Severity::error; });
  for (const Diagnostic& error : errors.list) errors.places.insert(place_of(error));
  return errors;
}

/// The first of the errors that a comment brings; nullptr if it brings none or takes others away: then it says what
/// nothing else does.
const Diagnostic* contradiction(const Errors& without, const Errors& with) {
  const auto& places = with.places;
  if (!std::includes(places.begin(), places.end(), without.places.begin(), without.places.end())) return nullptr;
  const auto added = std::find_if(with.list.begin(), with.list.end(),
                                  [&](const Diagnostic& error) { return without.places.count(place_of(error)) == 0; });
  return added == with.list.end() ? nullptr : &*added;
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
  const std::string line = against.where.known() ? " (line " + std::to_string(against.where.line) + ")" : "";
  check.faults.warning("bad-shape", role.shape_where,
                       "model input '" + check.spec.inputs[input].name + "': the comment says " +
                           to_string(role.type.shape) + ", but " + against.what + line,
                       "the comment does not count; correct it");
}

}  // namespace

void forget_contradicted_comments(GraphCheck& check, const std::vector<int>& order) {
  const std::vector<int> inputs = shaped_by_comments(check, order);
  if (inputs.empty() || errors_with(check, order, check.roles).list.empty()) return;
  std::vector<InputRole> believed = check.roles;
  for (int input : inputs) forget_shape(believed[input]);
  Errors errors = errors_with(check, order, believed);
  for (int input : inputs) {
    std::vector<InputRole> with_one_more = believed;
    with_one_more[input] = check.roles[input];
    Errors found = errors_with(check, order, with_one_more);
    if (const Diagnostic* against = contradiction(errors, found)) {
      warn(check, input, *against);
    } else {
      believed = std::move(with_one_more);
      errors = std::move(found);
    }
  }
  check.roles = std::move(believed);
}

}  // namespace kiln
