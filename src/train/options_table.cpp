#include "train/options.h"

namespace kiln {
namespace {

OptionTable derivative_table(const std::string& name, const std::string& unit) {
  return {
      option("key", kText, "", "key in the file; default: " + name),
      option("unit", kText, "", "default: " + unit),
      not_implemented("read_from"),
      not_implemented("reader"),
  };
}

const OptionTable* forces_table() {
  static const OptionTable table = derivative_table("forces", "energy unit / length unit");
  return &table;
}

const OptionTable* stress_table() {
  static const OptionTable table = derivative_table("stress", "energy unit / length unit^3");
  return &table;
}

const OptionTable* virial_table() {
  static const OptionTable table = derivative_table("virial", "energy unit");
  return &table;
}

const OptionTable* energy_table() {
  static const OptionTable table = {
      option("key", kText, "energy", "key of the energy in the file"),
      option("quantity", kText, "energy", "only energy").one_of({"energy"}),
      option("unit", kText, "", "eV, meV, kcal/mol, kJ/mol, hartree, Ry; default: eV"),
      option("type", kText, "scalar", "only scalar").one_of({"scalar"}, {"cartesian", "spherical"}),
      option("sample_kind", kText, "system", "only system").one_of({"system"}, {"atom", "atom_pair"}),
      option("num_subtargets", kInteger, "1", "only 1").within(1, 1),
      option("description", kText, "", "a note"),
      option("forces", kBoolean | kMapping, "", "true: needed, false: not read; default: read where the data have them")
          .with(forces_table),
      option("stress", kBoolean | kMapping, "", "as forces; sign of ASE: positive in tension").with(stress_table),
      option("virial", kBoolean | kMapping, "", "instead of stress; -dE/d(strain)").with(virial_table),
      not_implemented("read_from"),
      not_implemented("reader"),
  };
  return &table;
}

const OptionTable* targets_table() {
  static const OptionTable table = {option("energy", kMapping, "{}", "the energy of a structure").with(energy_table)};
  return &table;
}

const OptionTable* systems_table() {
  static const OptionTable table = {
      option("read_from", kText, "", "an extended XYZ file, relative to the working directory").needed(),
      option("length_unit", kText, "", "angstrom, bohr, nm; default: angstrom"),
      not_implemented("reader"),
  };
  return &table;
}

const OptionTable* loss_energy_table();

const OptionTable* loss_term_table() {
  static const OptionTable table = {
      option("type", kText, "mse", "form of the loss").one_of({"mse", "mae", "huber"}),
      option("weight", kReal, "1.0", "weight in the sum").within(0),
      option("delta", kReal, "1.0", "huber: where it turns linear, in units of the scale").within(kPositive),
      option("reduction", kText, "mean", "over the batch").one_of({"mean"}, {"sum", "none"}),
  };
  return &table;
}

const OptionTable* loss_energy_table() {
  static const OptionTable table = [] {
    OptionTable t = *loss_term_table();
    t.push_back(option("forces", kMapping, "{}", "loss of the forces").with(loss_term_table));
    t.push_back(option("stress", kMapping, "", "loss of the virial per atom, from stress").with(loss_term_table));
    t.push_back(option("virial", kMapping, "", "the same, where the data have virials").with(loss_term_table));
    t.push_back(not_implemented("gradients"));
    return t;
  }();
  return &table;
}

const OptionTable* loss_table() {
  static const OptionTable table = {
      option("energy", kMapping, "{}", "loss of the energy per atom").with(loss_energy_table)};
  return &table;
}

const OptionTable* baseline_table() {
  static const OptionTable table = {
      option("energy", kReal | kNumberTable, "", "eV: one for all, or by atomic number; default: least squares")};
  return &table;
}

const OptionTable* scaling_table() {
  static const OptionTable table = {
      option("energy", kReal, "", "eV; default: rms of the rest per atom").within(kPositive)};
  return &table;
}

const OptionTable* training_table() {
  static const OptionTable table = {
      option("batch_size", kInteger, "8", "structures a step").within(1, 1e9),
      option("num_epochs", kInteger, "100", "passes over the training set; 0: baseline only").within(0, 1e9),
      option("learning_rate", kReal, "0.005", "largest learning rate").within(0),
      option("min_learning_rate", kReal, "0.0", "where the schedule ends").within(0),
      option("warmup_fraction", kReal, "0.01", "part of all steps in which the rate rises").within(0, 1),
      option("scheduler", kText, "cosine", "form of the schedule").one_of({"cosine"}, {"plateau", "exponential"}),
      option("optimizer", kText, "adamw", "only adamw").one_of({"adamw"}, {"adam", "schedulefree"}),
      option("weight_decay", kReal, "", "decoupled, as in AdamW; default: none").within(0),
      option("grad_clip_norm", kReal, "1.0", "largest norm of the whole gradient; 0: no clipping").within(0),
      option("loss", kMapping, "{}", "mse, mae, huber, or weights and types by target").with(loss_table),
      option("log_interval", kInteger, "1", "epochs between log lines").within(1, 1e9),
      option("log_mae", kBoolean, "false", "log mean absolute errors too"),
      option("checkpoint_interval", kInteger, "25", "epochs between checkpoints").within(1, 1e9),
      option("best_model_metric", kText, "rmse_prod", "of the validation set: what the kept model is best in")
          .one_of({"loss", "rmse_prod", "mae_prod"}),
      option("scale_targets", kBoolean, "true", "fit the scale of the network's output"),
      option("atomic_baseline", kMapping, "{}", "energies of the elements instead of fitted ones").with(baseline_table),
      option("fixed_scaling_weights", kMapping, "{}", "the scale instead of the fitted one").with(scaling_table),
      not_implemented("num_workers"),
      not_implemented("per_structure_targets"),
      not_implemented("log_separate_blocks"),
      not_implemented("max_atoms_per_batch"),
      not_implemented("min_atoms_per_batch"),
      not_implemented("distributed"),
      not_implemented("distributed_port"),
      not_implemented("finetune"),
      not_implemented("ema_decay"),
      not_implemented("scheduler_patience"),
      not_implemented("scheduler_factor"),
      not_implemented("fixed_composition_weights"),
  };
  return &table;
}

const OptionTable* model_table() {
  static const OptionTable table = {
      option("file", kText, "", "the graph's YAML file, relative to the working directory").needed()};
  return &table;
}

const OptionTable* architecture_table() {
  static const OptionTable table = {
      option("name", kText, "", "the model: a graph of layers")
          .one_of({"graph"}, {"mace", "nequip", "allegro", "pet", "soap_bpnn", "gap", "llpr", "experimental.mace",
                              "experimental.space", "experimental.dpa3", "experimental.flashmd"})
          .needed(),
      option("atomic_types", kIntegers, "",
             "atomic numbers in the order of the species; default: those of the data, ascending"),
      option("model", kMapping, "", "what the architecture is built from").with(model_table).needed(),
      option("training", kMapping, "{}", "the training loop").with(training_table),
  };
  return &table;
}

}  // namespace

const OptionTable& dataset_table() {
  static const OptionTable table = {
      option("systems", kMapping, "", "the file and its length unit").with(systems_table).needed(),
      option("targets", kMapping, "{}", "what is trained").with(targets_table),
      option("indices", kIntegers | kText, "",
             "frames to use: a list, or a file with one integer a line; default: all"),
      not_implemented("extra_data"),
  };
  return table;
}

const OptionTable& options_table() {
  static const OptionTable table = {
      option("architecture", kMapping, "", "the model and how it is trained").with(architecture_table).needed(),
      option("device", kText, "cpu", "where it is trained").one_of({"cpu"}, {"gpu", "cuda", "mps", "multi-gpu"}),
      option("base_precision", kInteger, "64", "bits of the numbers: 32 or 64").within(16, 64),
      option("seed", kInteger, "", "of splits, order and initial weights; default: drawn and logged").within(0),
      option("final_eval", kBoolean, "true", "evaluate all sets after training"),
      option("training_set", kMapping, "", "a file, or systems, targets, indices").needed(),
      option("validation_set", kReal | kMapping, "", "a fraction of the training set, a file, indices or a data set")
          .within(0, 1)
          .needed(),
      option("test_set", kReal | kMapping, "0.0", "as validation_set").within(0, 1),
      not_implemented("print_stats"),
      not_implemented("wandb"),
  };
  return table;
}

}  // namespace kiln
