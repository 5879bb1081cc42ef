#include "train/run_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/elements.h"

namespace kiln {
namespace {

std::string symbols(const std::vector<int>& atomic_numbers) {
  std::string text;
  for (int z : atomic_numbers) text += (text.empty() ? "" : " ") + element_symbol(z);
  return text;
}

/// What has been read so far is what the checkpoint's run read.
void require_same_data(const RunData& data, const TrainerState& before) {
  const bool same = data.sha256.size() <= before.data_sha256.size() &&
                    std::equal(data.sha256.begin(), data.sha256.end(), before.data_sha256.begin());
  if (!same)
    throw Error(ErrorKind::data, "other-data",
                "the data files are not those of the checkpoint: its split would mean other structures",
                "Restart with the same files, or start from scratch.");
}

Dataset read_and_note(const DatasetOptions& options, RunData& data, RunLog& log) {
  std::vector<std::string> notes;
  Dataset set = read_dataset(options, notes);
  for (const std::string& note : notes) log.info(note);
  data.sha256.emplace_back(set.file, set.sha256);
  return set;
}

std::vector<std::int64_t> frames_of(const DatasetOptions& options, std::int64_t n_frames) {
  if (options.indices) return read_indices(*options.indices, options.name, n_frames);
  std::vector<std::int64_t> frames(static_cast<std::size_t>(n_frames));
  std::iota(frames.begin(), frames.end(), 0);
  return frames;
}

void require_unseen(const DatasetOptions& set, const std::vector<std::int64_t>& frames, const TrainOptions& o,
                    const Split& split) {
  std::error_code none;
  if (std::filesystem::equivalent(set.file, o.training_set.file, none))
    require_disjoint(split.training, "training_set", frames, set.name, set.file_where);
}

/// A validation or test set: from its own file, or the part of the training set's file that the split gives.
void load_subset(const SubsetOptions& subset, const TrainOptions& o, const Dataset& whole,
                 std::vector<std::int64_t>& frames, RunSet& set, RunData& data, RunLog& log) {
  set.file = whole.file;
  if (!subset.dataset) {
    set.samples = select(whole, frames);
    return;
  }
  const Dataset own = read_and_note(*subset.dataset, data, log);
  frames = frames_of(*subset.dataset, static_cast<std::int64_t>(own.samples.size()));
  require_unseen(*subset.dataset, frames, o, data.split);
  set.file = own.file;
  set.samples = select(own, frames);
}

void warn_if_empty(const SubsetOptions& subset, const RunSet& set, RunLog& log) {
  if (set.samples.empty() && subset.fraction > 0.0)
    log.warning(
        fmt::format("{}: a fraction of {} is less than one structure: the set is empty", subset.name, subset.fraction));
}

void require_known_elements(const RunSet& set, const char* name, const RunData& data, const TrainOptions& o) {
  for (int z : elements_of(set.samples))
    if (!std::count(data.atomic_numbers.begin(), data.atomic_numbers.end(), z))
      throw Error(
          ErrorKind::data, "unknown-element", SourcePos::whole_file(set.file),
          fmt::format("{} has {}, which {} have not", name, element_symbol(z),
                      o.atomic_types.empty() ? "the structures of training_set" : "architecture.atomic_types"),
          fmt::format("Train on structures with {0}, or list {1} in architecture.atomic_types.", element_symbol(z), z));
}

void require_species_of_graph(const RunData& data, const LoweredGraph& graph, const TrainOptions& o) {
  const int n = static_cast<int>(data.atomic_numbers.size());
  if (const std::string fault = fault_of_elements(graph, data.atomic_numbers); !fault.empty())
    throw Error(ErrorKind::configuration,
                {{Severity::error, "atomic-numbers", o.model_where, fault,
                  "Let it read species (role species), or list all elements up to the last one in "
                  "architecture.atomic_types."}});
  if (graph.n_species == 0 || graph.n_species == n) return;
  throw Error(ErrorKind::configuration,
              {{Severity::error, "species-count", o.model_where,
                fmt::format("the model has {} species, {} {} ({})", graph.n_species,
                            o.atomic_types.empty() ? "the training set has" : "architecture.atomic_types has", n,
                            symbols(data.atomic_numbers)),
                "Change the number of species in the model, or list its elements in architecture.atomic_types."}});
}

void build_all_graphs(RunData& data, const LoweredGraph& graph) {
  std::vector<double> cutoffs;
  for (const EdgeSet& set : graph.edge_sets) cutoffs.push_back(set.cutoff);
  std::vector<int> species_of(119, -1);
  for (std::size_t s = 0; s < data.atomic_numbers.size(); ++s)
    species_of[static_cast<std::size_t>(data.atomic_numbers[s])] = static_cast<int>(s);
  for (RunSet* set : {&data.training, &data.validation, &data.test})
    build_graphs(set->samples, cutoffs, graph.n_hops, species_of);
}

}  // namespace

RunData load_run_data(const TrainOptions& o, const LoweredGraph& graph, std::uint64_t seed, const TrainerState* before,
                      RunLog& log) {
  RunData data;
  const Dataset whole = read_and_note(o.training_set, data, log);
  if (before) require_same_data(data, *before);
  data.split = before ? before->split : make_split(static_cast<std::int64_t>(whole.samples.size()), o, seed);
  data.training = {whole.file, select(whole, data.split.training)};
  load_subset(o.validation_set, o, whole, data.split.validation, data.validation, data, log);
  load_subset(o.test_set, o, whole, data.split.test, data.test, data, log);
  if (before) require_same_data(data, *before);
  warn_if_empty(o.validation_set, data.validation, log);
  warn_if_empty(o.test_set, data.test, log);
  data.atomic_numbers = o.atomic_types.empty() ? elements_of(data.training.samples) : o.atomic_types;
  require_known_elements(data.training, "training_set", data, o);
  require_known_elements(data.validation, "validation_set", data, o);
  require_known_elements(data.test, "test_set", data, o);
  require_species_of_graph(data, graph, o);
  log.info(fmt::format("structures: {} to train on, {} to validate, {} to test; species: {}",
                       data.training.samples.size(), data.validation.samples.size(), data.test.samples.size(),
                       symbols(data.atomic_numbers)));
  build_all_graphs(data, graph);
  return data;
}

}  // namespace kiln
