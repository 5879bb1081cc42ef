#include "layers/layer_table.h"

namespace kiln {

namespace {

const LayerDeclaration* const kLayers[] = {
    &kArbitraryModule,             // arbitrary_module.cpp
    &kAtomwiseLinear,              // atomwise_linear.cpp
    &kAtomwiseSum,                 // atomwise_sum.cpp
    &kAutogradForces,              // derivatives.cpp
    &kDerivatives,                 // derivatives.cpp
    &kMaceLayer,                   // mace_layer.cpp
    &kOneHotAtomEncoding,          // one_hot_atom_encoding.cpp
    &kPerSpeciesEnergy,            // per_species_energy.cpp
    &kRadialBasisEdgeEncoding,     // radial_basis_edge_encoding.cpp
    &kScalarReadout,               // scalar_readout.cpp
    &kScaleShift,                  // scale_shift.cpp
    &kSphericalHarmonicEdgeAttrs,  // spherical_harmonic_edge_attrs.cpp
};

}  // namespace

LayerTable layer_table() { return {kLayers, static_cast<int>(sizeof(kLayers) / sizeof(kLayers[0]))}; }

}  // namespace kiln
