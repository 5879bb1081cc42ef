#include "operators/operation.h"

namespace kiln {

const char* name_of(const Operator& op) {
  struct Name {
    const char* operator()(const OneHot&) const { return "one_hot"; }
    const char* operator()(const EdgeLengths&) const { return "edge_lengths"; }
    const char* operator()(const Harmonics&) const { return "harmonics"; }
    const char* operator()(const RadialBasis&) const { return "radial_basis"; }
    const char* operator()(const RadialFunctions&) const { return "radial_functions"; }
    const char* operator()(const Network&) const { return "network"; }
    const char* operator()(const Linear&) const { return "linear"; }
    const char* operator()(const EdgeConvolution&) const { return "edge_convolution"; }
    const char* operator()(const SymmetricContraction&) const { return "symmetric_contraction"; }
    const char* operator()(const Add&) const { return "add"; }
    const char* operator()(const Activation&) const { return "activation"; }
    const char* operator()(const SpeciesTable&) const { return "species_table"; }
    const char* operator()(const Affine&) const { return "affine"; }
    const char* operator()(const SumAtoms&) const { return "sum_atoms"; }
    const char* operator()(const Call&) const { return "call"; }
    const char* operator()(const Element&) const { return "element"; }
    const char* operator()(const RowFunction&) const { return "row_function"; }
  };
  return std::visit(Name{}, op);
}

}  // namespace kiln
