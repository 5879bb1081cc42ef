#include "layers/layer_table.h"

namespace kiln {

namespace {

const LayerDeclaration* const kLayers[] = {
    &kArbitraryModule,
    &kAtomwiseLinear,
    &kAtomwiseSum,
    &kAutogradForces,
    &kDerivatives,
    &kMaceLayer,
    &kOneHotAtomEncoding,
    &kPerSpeciesEnergy,
    &kRadialBasisEdgeEncoding,
    &kScalarReadout,
    &kScaleShift,
    &kSphericalHarmonicEdgeAttrs,
};

}  // namespace

LayerTable layer_table() { return {kLayers, static_cast<int>(sizeof(kLayers) / sizeof(kLayers[0]))}; }

}  // namespace kiln
