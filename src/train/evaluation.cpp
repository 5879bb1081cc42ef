#include "train/evaluation.h"

#include "engines/derivatives.h"

namespace kiln {

BatchPrediction prediction_of(const AtomGraph& graph, const EngineOutput& out, bool gradients) {
  BatchPrediction p;
  p.energies = out.energies;
  if (!gradients) return p;
  p.forces = forces_from_edges(graph, out);
  p.virials = virials_from_edges(graph, out);
  return p;
}

Metrics evaluate_samples(const Engine& engine, const std::vector<Sample>& samples) {
  Metrics metrics;
  const auto scratch = engine.make_scratch();
  for (const Sample& s : samples) {
    const bool gradients = !s.forces.empty() || !s.virial.empty();
    EngineOutput out;
    engine.evaluate(s.graph, gradients, *scratch, out);
    add_errors({&s}, prediction_of(s.graph, out, gradients), metrics);
  }
  return metrics;
}

}  // namespace kiln
