#pragma once

#include "graph/layer_declaration.h"

namespace kiln {

/// Every layer that YAML may name, sorted by name.
LayerTable layer_table();

extern const LayerDeclaration kArbitraryModule;             // arbitrary_module.cpp
extern const LayerDeclaration kAtomwiseLinear;              // atomwise_linear.cpp
extern const LayerDeclaration kAtomwiseSum;                 // atomwise_sum.cpp
extern const LayerDeclaration kAutogradForces;              // derivatives.cpp
extern const LayerDeclaration kDerivatives;                 // derivatives.cpp
extern const LayerDeclaration kMaceLayer;                   // mace_layer.cpp
extern const LayerDeclaration kOneHotAtomEncoding;          // one_hot_atom_encoding.cpp
extern const LayerDeclaration kPerSpeciesEnergy;            // per_species_energy.cpp
extern const LayerDeclaration kRadialBasisEdgeEncoding;     // radial_basis_edge_encoding.cpp
extern const LayerDeclaration kScalarReadout;               // scalar_readout.cpp
extern const LayerDeclaration kScaleShift;                  // scale_shift.cpp
extern const LayerDeclaration kSphericalHarmonicEdgeAttrs;  // spherical_harmonic_edge_attrs.cpp

}  // namespace kiln
