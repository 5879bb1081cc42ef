#include "train/baseline.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/elements.h"

namespace kiln {
namespace {

Eigen::MatrixXd count_elements(const std::vector<Sample>& samples, const std::vector<int>& atomic_numbers) {
  Eigen::MatrixXd counts = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(samples.size()),
                                                 static_cast<Eigen::Index>(atomic_numbers.size()));
  for (std::size_t s = 0; s < samples.size(); ++s)
    for (int z : samples[s].structure.atomic_numbers) {
      const auto at = std::find(atomic_numbers.begin(), atomic_numbers.end(), z);
      if (at != atomic_numbers.end()) counts(static_cast<Eigen::Index>(s), at - atomic_numbers.begin()) += 1.0;
    }
  return counts;
}

Eigen::VectorXd energies_of(const std::vector<Sample>& samples) {
  Eigen::VectorXd energies(static_cast<Eigen::Index>(samples.size()));
  for (std::size_t s = 0; s < samples.size(); ++s) energies[static_cast<Eigen::Index>(s)] = samples[s].energy;
  return energies;
}

std::string with_symbols(const std::vector<int>& atomic_numbers, const std::vector<double>& energies) {
  std::string text;
  for (std::size_t s = 0; s < energies.size(); ++s)
    text += fmt::format("{}{} {:.10g}", s ? ", " : "", element_symbol(atomic_numbers[s]), energies[s]);
  return text;
}

/// Energies given by the options, in the order of the species.
std::vector<double> given_energies(const BaselineOptions& o, const std::vector<int>& atomic_numbers) {
  std::vector<double> energies;
  for (int z : atomic_numbers) {
    const auto found = o.energies.find(z);
    if (!o.energy_of_all && found == o.energies.end())
      throw Error(
          ErrorKind::configuration, "missing-element",
          fmt::format("architecture.training.atomic_baseline.energy has no entry for {} ({})", element_symbol(z), z),
          "Give one for each element of the model, or none to have all fitted.");
    energies.push_back(o.energy_of_all ? *o.energy_of_all : found->second);
  }
  return energies;
}

bool is_given(const BaselineOptions& o) { return o.energy_of_all || !o.energies.empty(); }

/// Walks back from the energy through sums and scales.
struct SlotSearch {
  const LoweredGraph& graph;
  std::vector<std::pair<const SpeciesTable*, std::vector<const Affine*>>> tables;  ///< each with the scales above it
  std::vector<const Affine*> scales;

  const Operation* producer(int field) const {
    for (const Operation& op : graph.operations)
      if (op.output == field) return &op;
    return nullptr;
  }

  void visit(int field, std::vector<const Affine*> above) {
    const Operation* op = producer(field);
    if (!op) return;
    if (std::holds_alternative<Add>(op->op))
      for (int input : op->inputs) visit(input, above);
    else if (std::holds_alternative<SumAtoms>(op->op))
      visit(op->inputs.front(), above);
    else if (const auto* table = std::get_if<SpeciesTable>(&op->op))
      tables.emplace_back(table, above);
    else if (const auto* affine = std::get_if<Affine>(&op->op)) {
      scales.push_back(affine);
      above.push_back(affine);
      visit(op->inputs.front(), above);
    }
  }
};

void warn_slots(const BaselineSlots& slots, std::vector<std::string>& warnings) {
  if (!slots.others.empty())
    warnings.push_back(
        fmt::format("several candidates for baseline or scale on the path to the energy, none of them is fitted: {}",
                    fmt::join(slots.others, ", ")));
  else if (slots.energies.empty())
    warnings.push_back(
        "no PerSpeciesEnergy on the path to 'energy': no baseline is fitted; the network must learn the energies of "
        "the atoms");
  if (slots.others.empty() && slots.scale.empty())
    warnings.push_back("no ScaleShift on the path to 'energy': no scale is fitted");
}

void warn_rank(const Baseline& b, std::vector<std::string>& warnings) {
  if (b.rank < static_cast<int>(b.energies.size()))
    warnings.push_back(
        fmt::format("the baseline is not unique: rank {} of {} unknowns (the compositions are linearly dependent); the "
                    "solution of smallest norm is taken",
                    b.rank, b.energies.size()));
}

/// What `freeze` holds is left as it is.
bool is_frozen(const LoweredGraph& graph, const std::string& name) {
  return std::any_of(graph.parameters.begin(), graph.parameters.end(),
                     [&](const ParameterSpec& p) { return p.name == name && p.frozen; });
}

/// E = sum of (energies + scale x + shift), or of scale (energies + x) + shift.
void write_slots(const LoweredGraph& graph, const BaselineSlots& slots, const Baseline& b, Weights& weights) {
  if (!slots.scale.empty() && !is_frozen(graph, slots.scale)) weights.at(slots.scale).data[0] = b.scale;
  if (slots.energies.empty() || is_frozen(graph, slots.energies)) return;
  if (!slots.shift.empty() && !is_frozen(graph, slots.shift))
    weights.at(slots.shift).data[0] = 0.0;  // the baseline has it
  std::vector<double>& energies = weights.at(slots.energies).data;
  for (std::size_t s = 0; s < energies.size(); ++s)
    energies[s] = b.energies[s] / (slots.scale_covers_energies ? b.scale : 1.0);
}

/// rms of what is left per atom; 1 where that is no more than the rounding of the energies.
double scale_of(const std::vector<Sample>& samples, const std::vector<int>& atomic_numbers,
                const std::vector<double>& energies) {
  const double rms = rms_per_atom(samples, atomic_numbers, energies);
  const double size = rms_per_atom(samples, atomic_numbers, std::vector<double>(energies.size(), 0.0));
  return rms > 1e-11 * size ? rms : 1.0;
}

Baseline baseline_for(const LoweredGraph& graph, const BaselineSlots& slots, const Weights& weights,
                      const std::vector<Sample>& training, const std::vector<int>& atomic_numbers,
                      const BaselineOptions& o, std::vector<std::string>& warnings) {
  Baseline b;
  b.energies.assign(atomic_numbers.size(), 0.0);
  b.rank = static_cast<int>(atomic_numbers.size());
  if (!slots.energies.empty()) {
    if (is_frozen(graph, slots.energies))
      b.energies = weights.at(slots.energies).data;
    else if (is_given(o))
      b.energies = given_energies(o, atomic_numbers);
    else
      b = fit_baseline(training, atomic_numbers);
    warn_rank(b, warnings);
  }
  if (is_frozen(graph, slots.scale))
    b.scale = weights.at(slots.scale).data[0];
  else
    b.scale = o.scale ? *o.scale : o.scale_targets ? scale_of(training, atomic_numbers, b.energies) : 1.0;
  return b;
}

}  // namespace

Baseline fit_baseline(const std::vector<Sample>& samples, const std::vector<int>& atomic_numbers) {
  const Eigen::MatrixXd counts = count_elements(samples, atomic_numbers);
  const Eigen::VectorXd energies = energies_of(samples);
  Eigen::BDCSVD<Eigen::MatrixXd> svd(counts, Eigen::ComputeThinU | Eigen::ComputeThinV);
  svd.setThreshold(1e-10);
  Eigen::VectorXd x = svd.solve(energies);
  x += svd.solve(energies - counts * x);  // energies are large numbers: the last digits come from the residual
  Baseline b;
  b.energies.assign(x.data(), x.data() + x.size());
  b.rank = static_cast<int>(svd.rank());
  b.scale = scale_of(samples, atomic_numbers, b.energies);
  return b;
}

double rms_per_atom(const std::vector<Sample>& samples, const std::vector<int>& atomic_numbers,
                    const std::vector<double>& energies) {
  const Eigen::Map<const Eigen::VectorXd> x(energies.data(), static_cast<Eigen::Index>(energies.size()));
  const Eigen::VectorXd rest = energies_of(samples) - count_elements(samples, atomic_numbers) * x;
  double sum = 0.0;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const double per_atom = rest[static_cast<Eigen::Index>(s)] / samples[s].n_atoms();
    sum += per_atom * per_atom;
  }
  return samples.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(samples.size()));
}

BaselineSlots find_baseline_slots(const LoweredGraph& graph) {
  SlotSearch search{graph, {}, {}};
  if (graph.energy_field >= 0) search.visit(graph.energy_field, {});
  BaselineSlots slots;
  if (search.scales.size() == 1) {
    slots.scale = search.scales[0]->scale;
    slots.shift = search.scales[0]->shift;
  } else {
    for (const Affine* a : search.scales) slots.others.push_back(a->scale);
  }
  if (search.tables.size() == 1 && search.scales.size() <= 1) {
    slots.energies = search.tables[0].first->values;
    slots.scale_covers_energies = !search.tables[0].second.empty();
  } else {
    for (const auto& table : search.tables) slots.others.push_back(table.first->values);
  }
  return slots;
}

Baseline set_baseline(const LoweredGraph& graph, const std::vector<Sample>& training,
                      const std::vector<int>& atomic_numbers, const BaselineOptions& options, Weights& weights,
                      std::vector<std::string>& notes, std::vector<std::string>& warnings) {
  const BaselineSlots slots = find_baseline_slots(graph);
  warn_slots(slots, warnings);
  Baseline b = baseline_for(graph, slots, weights, training, atomic_numbers, options, warnings);
  write_slots(graph, slots, b, weights);
  if (!slots.energies.empty())
    notes.push_back(fmt::format("baseline (eV per atom): {}", with_symbols(atomic_numbers, b.energies)));
  if (!slots.scale.empty())
    notes.push_back(fmt::format("scale: {:.10g} eV, rms of (energy - baseline) per atom", b.scale));
  return b;
}

}  // namespace kiln
