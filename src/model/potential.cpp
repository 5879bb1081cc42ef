#include "kiln/potential.h"

#include <algorithm>

#include "base/elements.h"
#include "base/files.h"
#include "engines/native/native_engine.h"
#include "model/potential_graph.h"
#include "model/self_tests.h"

namespace kiln {

struct Potential::Impl {
  std::string name;
  std::vector<int> atomic_numbers;
  PotentialGraph graph;
  std::unique_ptr<Engine> engine;
};

namespace {

struct EngineScratch : Potential::Scratch {
  explicit EngineScratch(std::unique_ptr<Engine::Scratch> of_engine) : engine(std::move(of_engine)) {}
  std::unique_ptr<Engine::Scratch> engine;
};

Engine::Scratch& engine_scratch(Potential::Scratch& scratch) {
  return *static_cast<EngineScratch&>(scratch).engine;  // only make_scratch below makes any
}

}  // namespace

Potential::Potential(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Potential::Potential(Potential&&) noexcept = default;
Potential& Potential::operator=(Potential&&) noexcept = default;
Potential::~Potential() = default;

Potential Potential::load(const std::string& path) { return from_bytes(read_file(path), path); }

Potential Potential::from_bytes(const std::string& bytes, const std::string& name) {
  const Model model = read_model(bytes, name);
  run_self_test(model);
  auto impl = std::make_unique<Impl>();
  impl->name = name;
  impl->atomic_numbers = model.atomic_numbers;
  impl->graph = potential_graph(model);
  impl->engine = make_native_engine(impl->graph.lowered, model.weights, model.precision);
  return Potential(std::move(impl));
}

double Potential::cutoff() const {
  const auto& cutoffs = impl_->graph.cutoffs;
  return cutoffs.empty() ? 0.0 : *std::max_element(cutoffs.begin(), cutoffs.end());
}
int Potential::n_hops() const { return impl_->graph.lowered.n_hops; }
double Potential::influence_distance() const { return impl_->graph.checked.influence_distance; }
const std::vector<int>& Potential::atomic_numbers() const { return impl_->atomic_numbers; }
std::vector<std::string> Potential::species() const {
  std::vector<std::string> symbols;
  for (int z : impl_->atomic_numbers) symbols.push_back(element_symbol(z));
  return symbols;
}

std::string Potential::name() const { return impl_->name; }

std::unique_ptr<Potential::Scratch> Potential::make_scratch() const {
  return std::make_unique<EngineScratch>(impl_->engine->make_scratch());
}

Prediction Potential::evaluate(const Structure& structure, const Request& request, Scratch& scratch) const {
  return evaluate(atom_graph_of(impl_->graph, structure), request, scratch);
}

Prediction Potential::evaluate(const AtomGraph& graph, const Request& request, Scratch& scratch) const {
  return predict(*impl_->engine, graph, request, engine_scratch(scratch));
}

}  // namespace kiln
