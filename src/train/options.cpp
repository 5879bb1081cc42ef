#include "train/options.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/elements.h"
#include "base/units.h"
#include "base/unresolved.h"
#include "train/option_shorthand.h"

namespace kiln {
namespace {

/// Reads values of a checked section; absent ones leave the default.
struct Section {
  const Yaml& root;
  std::string path;

  const Yaml* find(const std::string& key) const { return find_option(root, path.empty() ? key : path + "." + key); }
  double real(const std::string& key, double absent = 0.0) const { return find(key) ? find(key)->real_value : absent; }
  int integer(const std::string& key) const { return find(key) ? static_cast<int>(find(key)->int_value) : 0; }
  bool boolean(const std::string& key) const { return find(key) && find(key)->bool_value; }
  std::string text(const std::string& key) const { return find(key) ? find(key)->text : std::string(); }
  SourcePos where(const std::string& key) const {
    const Yaml* section = path.empty() ? nullptr : find_option(root, path);
    return find(key) ? find(key)->where : section ? section->where : root.where;
  }
  Section below(const std::string& key) const { return {root, path.empty() ? key : path + "." + key}; }
};

/// A unit is known, or the fault says which are.
void check_unit(const Yaml* node, double (*factor)(const std::string&), const std::string& path, Diagnostics& faults) {
  if (!node) return;
  try {
    factor(node->text);
  } catch (const Error& e) {
    const Diagnostic& d = e.diagnostics().front();
    faults.error("unknown-unit", node->where, fmt::format("{}: {}", path, d.what), d.hint);
  }
}

DerivativeOptions read_derivative(const Section& energy, const std::string& name, Diagnostics& faults) {
  using Use = DerivativeOptions::Use;
  DerivativeOptions d;
  d.key = name;
  d.use = name == "virial" ? Use::off : Use::automatic;
  const Yaml* node = energy.find(name);
  if (!node) return d;
  d.where = node->where;
  if (node->kind == Yaml::Kind::boolean) {
    d.use = node->bool_value ? Use::demanded : Use::off;
    return d;
  }
  const Section section = energy.below(name);
  d.use = Use::demanded;
  if (section.find("key")) d.key = section.text("key");
  d.unit = section.text("unit");
  check_unit(section.find("unit"),
             name == "forces"   ? force_unit
             : name == "stress" ? stress_unit
                                : energy_unit,
             section.path + ".unit", faults);
  return d;
}

void check_stress_or_virial(DatasetOptions& set, Diagnostics& faults) {
  using Use = DerivativeOptions::Use;
  if (set.virial.use != Use::demanded) return;
  if (set.stress.use == Use::demanded)
    faults.error("stress-and-virial", set.virial.where, fmt::format("{}: both stress and virial", set.name),
                 "They say the same; keep one.");
  set.stress.use = Use::off;
}

std::optional<IndexOptions> read_indices(const Section& set) {
  const Yaml* node = set.find("indices");
  if (!node) return std::nullopt;
  IndexOptions indices;
  indices.where = node->where;
  if (node->kind == Yaml::Kind::text) indices.file = node->text;
  for (const Yaml& item : node->items) indices.list.push_back(item.int_value);
  return indices;
}

DatasetOptions read_dataset(const Section& section, Diagnostics& faults) {
  DatasetOptions set;
  const Section systems = section.below("systems"), energy = section.below("targets.energy");
  set.name = section.path;
  set.file = systems.text("read_from");
  set.file_where = systems.where("read_from");
  set.length_unit = systems.text("length_unit");
  set.energy_key = energy.text("key");
  set.energy_unit = energy.text("unit");
  set.energy_where = energy.where("key");
  check_unit(systems.find("length_unit"), length_unit, systems.path + ".length_unit", faults);
  check_unit(energy.find("unit"), energy_unit, energy.path + ".unit", faults);
  set.forces = read_derivative(energy, "forces", faults);
  set.stress = read_derivative(energy, "stress", faults);
  set.virial = read_derivative(energy, "virial", faults);
  set.indices = read_indices(section);
  check_stress_or_virial(set, faults);
  return set;
}

/// Table of a set given by indices into the training set's file.
const OptionTable& indices_table() {
  static const OptionTable table = {
      option("indices", kIntegers | kText, "", "a list, or a file with one integer a line").needed()};
  return table;
}

SubsetOptions read_subset(Yaml& root, const std::string& name, Diagnostics& faults) {
  SubsetOptions subset;
  subset.name = name;
  Yaml* node = root.find(name);
  if (!node || node->is_null()) return subset;
  subset.where = node->where;
  if (!node->is_mapping()) {
    subset.fraction = node->real_value;
    return subset;
  }
  const bool own_file = node->find("systems") != nullptr;
  check_options(*node, own_file ? dataset_table() : indices_table(), name, faults);
  if (own_file)
    subset.dataset = read_dataset({root, name}, faults);
  else
    subset.indices = read_indices({root, name});
  return subset;
}

LossTerm read_loss_term(const Section& section) {
  LossTerm term;
  const std::string type = section.text("type");
  term.type = type == "mae" ? LossType::mae : type == "huber" ? LossType::huber : LossType::mse;
  term.weight = section.real("weight", term.weight);
  term.delta = section.real("delta", term.delta);
  return term;
}

LossOptions read_loss(const Section& energy, Diagnostics& faults) {
  LossOptions loss;
  loss.energy = read_loss_term(energy);
  loss.forces = read_loss_term(energy.below("forces"));
  const bool virial = energy.find("virial") != nullptr;
  if (virial && energy.find("stress"))
    faults.error("stress-and-virial", energy.where("virial"), energy.path + ": both stress and virial",
                 "They weigh the same term; keep one.");
  loss.virial = read_loss_term(energy.below(virial ? "virial" : "stress"));
  return loss;
}

BestModelMetric read_metric(const std::string& text) {
  if (text == "loss") return BestModelMetric::loss;
  return text == "mae_prod" ? BestModelMetric::mae_prod : BestModelMetric::rmse_prod;
}

LoopOptions read_loop(const Section& training, Diagnostics& faults) {
  LoopOptions loop;
  loop.batch_size = training.integer("batch_size");
  loop.num_epochs = training.integer("num_epochs");
  loop.learning_rate = training.real("learning_rate");
  loop.min_learning_rate = training.real("min_learning_rate");
  loop.warmup_fraction = training.real("warmup_fraction");
  loop.weight_decay = training.real("weight_decay");
  loop.grad_clip_norm = training.real("grad_clip_norm");
  loop.loss = read_loss(training.below("loss.energy"), faults);
  loop.log_interval = training.integer("log_interval");
  loop.log_mae = training.boolean("log_mae");
  loop.checkpoint_interval = training.integer("checkpoint_interval");
  loop.best_model_metric = read_metric(training.text("best_model_metric"));
  if (loop.min_learning_rate > loop.learning_rate)
    faults.error("option-range", training.where("min_learning_rate"),
                 training.path + ".min_learning_rate is larger than learning_rate", "");
  return loop;
}

BaselineOptions read_baseline(const Section& training, Diagnostics& faults) {
  BaselineOptions baseline;
  baseline.scale_targets = training.boolean("scale_targets");
  if (const Yaml* scale = training.find("fixed_scaling_weights.energy")) baseline.scale = scale->real_value;
  const Yaml* energies = training.find("atomic_baseline.energy");
  if (!energies) return baseline;
  if (energies->is_number()) baseline.energy_of_all = energies->real_value;
  for (const auto& [key, value] : energies->entries) {
    const int z = key.kind == Yaml::Kind::integer ? static_cast<int>(key.int_value) : atomic_number_of(key.text);
    if (z < 1 || z > 118)
      faults.error("unknown-element", key.where,
                   fmt::format("{}.atomic_baseline.energy: '{}' is no element", training.path, key.text), "");
    else
      baseline.energies[z] = value.real_value;
  }
  return baseline;
}

std::vector<int> read_atomic_types(const Section& architecture, Diagnostics& faults) {
  std::vector<int> types;
  const Yaml* node = architecture.find("atomic_types");
  if (!node) return types;
  for (const Yaml& item : node->items) {
    const bool valid = item.int_value >= 1 && item.int_value <= 118;
    if (!valid || std::count(types.begin(), types.end(), static_cast<int>(item.int_value)))
      faults.error(
          "unknown-element", item.where,
          fmt::format("architecture.atomic_types: {} {}", item.text, valid ? "stands twice" : "is no atomic number"),
          "");
    else
      types.push_back(static_cast<int>(item.int_value));
  }
  return types;
}

Precision read_precision(const Section& top, Diagnostics& faults) {
  const int bits = top.integer("base_precision");
  if (bits != 32 && bits != 64)
    faults.error(bits == 16 ? "not-implemented" : "option-value", top.where("base_precision"),
                 fmt::format("base_precision: {} {}", bits, bits == 16 ? "is not implemented yet" : "is no precision"),
                 "Available: 32, 64.");
  return bits == 32 ? Precision::f32 : Precision::f64;
}

void check_fractions(const TrainOptions& o, Diagnostics& faults) {
  const double sum = o.validation_set.fraction + o.test_set.fraction;
  if (!(sum < 1.0))
    faults.error("option-range", o.validation_set.where,
                 fmt::format("validation_set and test_set together take {} of the structures", sum),
                 "Nothing is left to train on.");
}

void check_sections(Yaml& root, Diagnostics& faults) {
  check_options(root, options_table(), "", faults);
  Yaml* training = root.find("training_set");
  if (training && training->is_mapping()) check_options(*training, dataset_table(), "training_set", faults);
}

}  // namespace

TrainOptions options_from(Yaml root, Diagnostics& faults) {
  TrainOptions o;
  if (!root.is_mapping()) {
    faults.error("option-type", root.where, "the options are not a mapping", "Start with 'architecture:'.");
    return o;
  }
  expand_shorthand(root, faults);
  check_sections(root, faults);
  o.validation_set = read_subset(root, "validation_set", faults);
  o.test_set = read_subset(root, "test_set", faults);
  const Section top{root, ""}, architecture{root, "architecture"}, training{root, "architecture.training"};
  o.model_file = architecture.text("model.file");
  o.model_where = architecture.where("model.file");
  o.atomic_types = read_atomic_types(architecture, faults);
  o.precision = read_precision(top, faults);
  if (const Yaml* seed = top.find("seed")) o.seed = static_cast<std::uint64_t>(seed->int_value);
  o.final_eval = top.boolean("final_eval");
  o.training_set = read_dataset({root, "training_set"}, faults);
  o.loop = read_loop(training, faults);
  o.baseline = read_baseline(training, faults);
  check_fractions(o, faults);
  o.expanded = std::move(root);
  return o;
}

TrainOptions read_options(const std::string& file, const std::vector<std::string>& overrides, Diagnostics& faults,
                          const Environment& environment) {
  Yaml root = read_yaml_file(file, faults);
  if (faults.has_errors()) return {};
  if (root.is_null()) root = yaml_mapping();
  for (const std::string& text : overrides) apply_override(root, text, faults);
  resolve_interpolations(root, faults, environment);
  TrainOptions options = options_from(root, faults);
  drop_faults_of_unresolved(root, faults);
  return options;
}

}  // namespace kiln
