#pragma once

#include <vector>

#include "engines/engine.h"
#include "train/metrics.h"

namespace kiln {

/// What the output of an engine says about a batch; forces and virials where the edge gradients were asked for.
BatchPrediction prediction_of(const AtomGraph& graph, const EngineOutput& out, bool gradients);

/// Errors of an engine on structures, one at a time; forces and virials where the structures have them.
Metrics evaluate_samples(const Engine& engine, const std::vector<Sample>& samples);

}  // namespace kiln
