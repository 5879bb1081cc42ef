#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/interpolation.h"
#include "engines/engine.h"
#include "train/option_table.h"

namespace kiln {

/// Every key of options.yaml (metatrain's names), and the keys below training_set and the like.
const OptionTable& options_table();
const OptionTable& dataset_table();

/// forces, stress or virial of a target.
struct DerivativeOptions {
  enum class Use { off, automatic, demanded } use = Use::automatic;  ///< automatic: where the data have the key
  std::string key;
  std::string unit;  ///< "": derived from the energy's and the length's
  SourcePos where;
};

/// `indices`: a list, or a text file with one integer a line.
struct IndexOptions {
  std::vector<std::int64_t> list;
  std::string file;
  SourcePos where;
};

struct DatasetOptions {
  std::string name;  ///< "training_set": dotted path of the section
  std::string file;
  std::string length_unit;  ///< "": not given
  std::string energy_key;
  std::string energy_unit;  ///< "": not given
  DerivativeOptions forces, stress, virial;
  std::optional<IndexOptions> indices;
  SourcePos file_where, energy_where;
};

/// validation_set or test_set: a part of the training set's file, or a data set of its own.
struct SubsetOptions {
  std::string name;
  double fraction = 0.0;
  std::optional<IndexOptions> indices;
  std::optional<DatasetOptions> dataset;
  SourcePos where;
};

enum class LossType { mse, mae, huber };

struct LossTerm {
  LossType type = LossType::mse;
  double weight = 1.0;
  double delta = 1.0;  ///< huber: where it turns linear, in scaled units
};

/// Energy and virial per atom; all in units of the scale.
struct LossOptions {
  LossTerm energy, forces, virial;
};

enum class BestModelMetric { loss, rmse_prod, mae_prod };

struct LoopOptions {
  int batch_size = 8;
  int num_epochs = 100;
  double learning_rate = 5e-3;
  double min_learning_rate = 0.0;
  double warmup_fraction = 0.01;
  double weight_decay = 0.0;
  double grad_clip_norm = 1.0;  ///< 0: no clipping
  LossOptions loss;
  int log_interval = 1;
  bool log_mae = false;
  int checkpoint_interval = 25;
  BestModelMetric best_model_metric = BestModelMetric::rmse_prod;
};

/// Values given instead of fitted ones.
struct BaselineOptions {
  std::optional<double> energy_of_all;  ///< one energy for every element, eV
  std::map<int, double> energies;       ///< by atomic number, eV; empty: fitted
  bool scale_targets = true;
  std::optional<double> scale;  ///< eV
};

struct TrainOptions {
  std::string model_file;
  SourcePos model_where;
  std::vector<int> atomic_types;  ///< empty: from the data
  Precision precision = Precision::f64;
  std::optional<std::uint64_t> seed;
  bool final_eval = true;
  DatasetOptions training_set;
  SubsetOptions validation_set, test_set;
  LoopOptions loop;
  BaselineOptions baseline;
  Yaml expanded;  ///< the file with overrides, interpolations, shorthands and defaults: options_restart.yaml
};

/// Reads the file, applies overrides `a.b=c`, resolves interpolations, expands shorthands, fills defaults, checks. All
/// faults go to `faults`; the result may be used only if there was no error.
TrainOptions read_options(const std::string& file, const std::vector<std::string>& overrides, Diagnostics& faults,
                          const Environment& environment = {});

/// The same for a tree at hand.
TrainOptions options_from(Yaml root, Diagnostics& faults);

}  // namespace kiln
