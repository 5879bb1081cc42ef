#include "model/contraction_basis.h"

#include "kernels/symmetric_basis.h"

namespace kiln {

namespace {

Array basis_array(const SymmetricBasis& basis) {
  return {{basis.n_paths, 2 * basis.l_out + 1, basis.n_monomials}, flatten(basis)};
}

void add_bases(const SymmetricContraction& op, std::map<std::string, Array>& bases) {
  for (std::size_t k = 0; k < op.out.size(); ++k)
    for (std::size_t degree = 1; degree <= op.weights[k].size(); ++degree) {
      const std::string& weight = op.weights[k][degree - 1];
      if (weight.empty() || bases.count(weight)) continue;
      bases[weight] = basis_array(symmetric_basis(op.lmax, op.out[k].l, op.out[k].parity, static_cast<int>(degree)));
    }
}

}  // namespace

std::map<std::string, Array> contraction_bases(const LoweredGraph& graph) {
  std::map<std::string, Array> bases;
  for (const Operation& operation : graph.operations)
    if (const auto* op = std::get_if<SymmetricContraction>(&operation.op)) add_bases(*op, bases);
  return bases;
}

}  // namespace kiln
