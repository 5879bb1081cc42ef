#pragma once

#include <string>
#include <vector>

#include "graph/layer_declaration.h"
#include "graph/lower_context.h"

/// Parts of MACE_layer (docs/layers.md, MACE layer): declaration in mace_layer.cpp, lowering in mace_lowering.cpp.
namespace kiln::mace {

enum Port { kVectors, kNodeFeats, kNodeAttrs, kEdgeFeats, kEdgeIndex };

/// K: copies of 0e, else the common multiplicity.
int channels_of(const Irreps& hidden);

/// Some product of up to `correlation` features of natural parity with l <= lmax gives this irrep.
bool is_reachable(Irrep irrep, int lmax, int correlation);

/// Irreps of the message: sorted and simplified products with the harmonics that have natural parity and l <= lmax.
Irreps message_irreps(const Irreps& node_feats, int lmax);

/// Message tensor product: paths in e3nn's order of the weights, sorted output slots, everything but the normalization
/// by neighbors. `sign`: vectors run from sender to receiver, so that harmonics of r_ij carry (-1)^l.
EdgeConvolution message_product(const Irreps& node_feats, int lmax);

/// Those that there may be, of inputs of any irreps.
std::vector<std::string> parameter_names(const Config& config);

void lower(LowerContext& context);

}  // namespace kiln::mace
