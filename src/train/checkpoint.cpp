#include "train/checkpoint.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/safetensors.h"
#include "model/model_file.h"

namespace kiln {
namespace {

using Json = nlohmann::json;

Tensor reals(const std::vector<double>& values) {
  return to_tensor({{static_cast<std::int64_t>(values.size())}, values}, TensorDType::f64);
}

/// 64-bit integers, whole.
Tensor integers(const std::vector<std::int64_t>& values) {
  Tensor t;
  t.dtype = TensorDType::i64;
  t.shape = {static_cast<std::int64_t>(values.size())};
  t.bytes.resize(8 * values.size());
  if (!values.empty()) std::memcpy(t.bytes.data(), values.data(), t.bytes.size());
  return t;
}

std::vector<std::int64_t> integers_of(const Tensor& t) {
  std::vector<std::int64_t> values(t.bytes.size() / 8);
  if (!values.empty()) std::memcpy(values.data(), t.bytes.data(), 8 * values.size());
  return values;
}

ErrorSums Metrics::*const kSums[] = {&Metrics::energy, &Metrics::forces, &Metrics::stress, &Metrics::virial};

std::vector<double> pack(const SetSums& s) {
  std::vector<double> values{s.loss, static_cast<double>(s.metrics.n_structures)};
  for (auto member : kSums) {
    const ErrorSums& e = s.metrics.*member;
    values.insert(values.end(), {e.count, e.squares, e.absolutes, static_cast<double>(e.n_structures)});
  }
  return values;
}

SetSums unpack(const std::vector<double>& v) {
  SetSums s;
  s.loss = v.at(0);
  s.metrics.n_structures = static_cast<std::int64_t>(v.at(1));
  std::size_t k = 2;
  for (auto member : kSums) {
    s.metrics.*member = {v.at(k), v.at(k + 1), v.at(k + 2), static_cast<std::int64_t>(v.at(k + 3))};
    k += 4;
  }
  return s;
}

Json layout_json(const WeightLayout& layout) {
  Json parts = Json::array();
  for (const auto& p : layout.parts) parts.push_back({p.name, p.size});
  return parts;
}

WeightLayout layout_from(const Json& parts) {
  WeightLayout layout;
  for (const Json& p : parts) {
    layout.parts.push_back({p.at(0), layout.size, p.at(1)});
    layout.size += layout.parts.back().size;
  }
  return layout;
}

Json trainer_json(const TrainerState& s) {
  return {{"trainer_version", kTrainerVersion},
          {"epoch", s.loop.epoch},
          {"batch", s.loop.batch},
          {"step", s.loop.optimizer.step},
          {"best_epoch", s.loop.best_epoch},
          {"layout", layout_json(s.layout)},
          {"n_trained", s.layout.n_trained},
          {"record", s.record},
          {"csv", s.csv.text},
          {"data_sha256", s.data_sha256},
          {"training_options", s.training_options}};
}

void read_trainer_json(const Json& j, TrainerState& s) {
  s.loop.epoch = j.at("epoch");
  s.loop.batch = j.at("batch");
  s.loop.optimizer.step = j.at("step");
  s.loop.best_epoch = j.at("best_epoch");
  s.layout = layout_from(j.at("layout"));
  s.layout.n_trained = j.value("n_trained", s.layout.size);  // absent: from before there were running statistics
  s.record = j.at("record").get<RunRecord>();
  s.csv.text = j.at("csv");
  s.data_sha256 = j.at("data_sha256").get<std::vector<std::pair<std::string, std::string>>>();
  s.training_options = j.at("training_options");
}

void add_tensors(const TrainerState& s, std::map<std::string, Tensor>& tensors) {
  tensors["optimizer/m"] = reals(s.loop.optimizer.m);
  tensors["optimizer/v"] = reals(s.loop.optimizer.v);
  tensors["random/seed"] = integers({static_cast<std::int64_t>(s.seed)});
  tensors["trainer/weights"] = reals(s.loop.weights);
  tensors["trainer/best_weights"] = reals(s.loop.best_weights);
  tensors["trainer/best_metric"] = reals({s.loop.best_metric});
  tensors["trainer/sums"] = reals(pack(s.loop.training));
  tensors["trainer/split/training"] = integers(s.split.training);
  tensors["trainer/split/validation"] = integers(s.split.validation);
  tensors["trainer/split/test"] = integers(s.split.test);
}

void read_tensors(const std::map<std::string, Tensor>& tensors, TrainerState& s) {
  const auto real = [&](const char* name) { return to_array(tensors.at(name)).data; };
  const auto integer = [&](const char* name) { return integers_of(tensors.at(name)); };
  s.loop.optimizer.m = real("optimizer/m");
  s.loop.optimizer.v = real("optimizer/v");
  s.seed = static_cast<std::uint64_t>(integer("random/seed").at(0));
  s.loop.weights = real("trainer/weights");
  s.loop.best_weights = real("trainer/best_weights");
  s.loop.best_metric = real("trainer/best_metric").at(0);
  s.loop.training = unpack(real("trainer/sums"));
  s.split.training = integer("trainer/split/training");
  s.split.validation = integer("trainer/split/validation");
  s.split.test = integer("trainer/split/test");
}

[[noreturn]] void fail(const std::string& name, const std::string& what, std::string hint = {}) {
  throw Error(ErrorKind::data, "bad-checkpoint", SourcePos::whole_file(name), what, std::move(hint));
}

void check_version(const Json& j, const std::string& name) {
  const int version = j.at("trainer_version");
  if (version > kTrainerVersion)
    fail(name, fmt::format("it is of trainer version {}; this program knows up to {}", version, kTrainerVersion),
         "Use a newer Kiln.");
}

void check_sizes(const TrainerState& s, const std::string& name) {
  const std::size_t n = s.layout.size, n_trained = s.layout.n_trained;
  const LoopState& l = s.loop;
  if (n_trained > n || l.weights.size() != n || l.optimizer.m.size() != l.optimizer.v.size() ||
      (!l.optimizer.m.empty() && l.optimizer.m.size() != n_trained) ||
      (!l.best_weights.empty() && l.best_weights.size() != n))
    fail(name, "it holds arrays of sizes that do not belong together");
}

}  // namespace

std::string write_checkpoint(const Model& model, const TrainerState& state, const ModelHost& host) {
  TensorFile file = model_to_tensors(model, host);
  add_tensors(state, file.tensors);
  file.metadata["trainer"] = trainer_json(state).dump();
  return seal(file);
}

Checkpoint read_checkpoint(const std::string& bytes, const std::string& name, const ModelHost& host) {
  const TensorFile file = open_sealed(bytes, name);
  const auto trainer = file.metadata.find("trainer");
  if (trainer == file.metadata.end())
    fail(name, "it is a model, not a checkpoint", "Restart from checkpoint.kiln in the run's folder below outputs/.");
  Checkpoint checkpoint;
  try {
    const Json json = Json::parse(trainer->second);
    check_version(json, name);
    read_trainer_json(json, checkpoint.state);
    read_tensors(file.tensors, checkpoint.state);
  } catch (const nlohmann::json::exception& e) {
    fail(name, fmt::format("it has a part of the trainer that cannot be read: {}", e.what()));
  } catch (const std::out_of_range&) {
    fail(name, "it lacks tensors of the trainer");
  }
  check_sizes(checkpoint.state, name);
  checkpoint.model = model_from_tensors(file, name, host);
  return checkpoint;
}

}  // namespace kiln
