#pragma once

#include "engines/native/test_models.h"
#include "model/model_file.h"

namespace kiln::test {

/// A small untrained MACE of H and He with drawn weights.
inline Model small_model(Precision precision = Precision::f64, MaceOptions options = {}) {
  Diagnostics faults;
  const std::string yaml = mace_yaml(options);
  const CheckedGraph checked =
      check_graph(parse_graph(parse_yaml(yaml, "model.yaml", faults), faults), layer_table(), faults);
  throw_if_errors(faults, ErrorKind::configuration);
  Model model;
  model.graph_json = checked.canonical_json;
  model.source_yaml = yaml;
  for (int z = 1; z <= options.n_species; ++z) model.atomic_numbers.push_back(z);
  model.precision = precision;
  model.weights = init_weights(lower_graph(checked), 7);
  model.references = {"a paper"};
  model.provenance = {{"trained on", "nothing"}};
  return model;
}

/// The kind and code of the error that `call` throws.
template <class Call>
std::pair<ErrorKind, std::string> error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.kind(), error.diagnostics().empty() ? "" : error.diagnostics().front().code};
  }
  ADD_FAILURE() << "no error was thrown";
  return {ErrorKind::internal, "none"};
}

using ErrorOf = std::pair<ErrorKind, std::string>;

}  // namespace kiln::test
