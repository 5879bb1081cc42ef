#include <algorithm>
#include <cmath>

#include "engines/native/steps/edge_convolution.h"
#include "engines/native/steps/steps.h"
#include "kernels/coupling_pattern.h"
#include "kernels/wigner_3j.h"

namespace kiln::native {

double degree_scale(HarmonicsNormalization normalization, int l) {
  switch (normalization) {
    case HarmonicsNormalization::component:
      return 1.0;
    case HarmonicsNormalization::norm:
      return 1.0 / std::sqrt(2.0 * l + 1.0);
    case HarmonicsNormalization::integral:
      return 1.0 / std::sqrt(4.0 * std::acos(-1.0));
  }
  return 1.0;
}

namespace {

/// Only the degrees that are used.
template <class T>
HarmonicsBasis harmonics_of(const Preparation<T>& preparation, const Operation& operation) {
  const int producer = preparation.plan.fields[operation.inputs[1]].producer;
  const auto* harmonics = producer < 0 ? nullptr : std::get_if<Harmonics>(&preparation.graph.operations[producer].op);
  if (!harmonics) refuse(operation, "its edge attributes are not spherical harmonics of the edge vectors");
  int lmax = 0;
  for (const ConvolutionPath& path : std::get<EdgeConvolution>(operation.op).paths) lmax = std::max(lmax, path.l_edge);
  if (lmax > harmonics->lmax) refuse(operation, "it needs harmonics of a higher degree than its input has");
  std::vector<double> scales;
  for (int l = 0; l <= lmax; ++l) scales.push_back(degree_scale(harmonics->normalization, l));
  return make_harmonics(scales);
}

template <class T>
void add_elements(const EdgeConvolution& op, const ConvolutionPath& path, PreparedConvolution<T>& prepared,
                  PreparedConvolutionPath<T>& to) {
  const int l_sender = op.sender.blocks[path.in_block].irrep.l;
  const int n_in = 2 * l_sender + 1;
  to.first_element = prepared.elements.size();
  const std::vector<CouplingTerm> terms = wigner_3j(l_sender, path.l_edge, path.irrep.l);
  for (int element = 0; element < path.irrep.dim() * n_in; ++element) {
    for (const CouplingTerm& term : terms) {
      if (term.m3 * n_in + term.m1 != element) continue;
      const int harmonic = path.l_edge * path.l_edge + term.m2;
      const double value = path.coefficient * term.value;
      prepared.elements.push_back({harmonic, element, static_cast<T>(value)});
      prepared.coupling_sums.push_back({harmonic, value});
    }
    prepared.first_sum.push_back(static_cast<int>(prepared.coupling_sums.size()));
  }
  to.view.n_elements = static_cast<int>(prepared.elements.size() - to.first_element);
}

/// The elements again, zeros included, in the order of the straight-line code.
template <class T>
void add_values(const ConvolutionPath& path, PreparedConvolution<T>& prepared, PreparedConvolutionPath<T>& to) {
  to.first_value = prepared.values.size();
  const int l1 = to.view.l_sender, l2 = to.view.l_edge, l3 = to.view.l_out;
  if (l1 > kernels::kStraightSender || l2 > kernels::kStraightEdge || l3 > kernels::kStraightOut) return;
  const std::vector<CouplingTerm> terms = wigner_3j(l1, l2, l3);
  for (int m3 = 0; m3 <= 2 * l3; ++m3)
    for (int m1 = 0; m1 <= 2 * l1; ++m1)
      for (int m2 = 0; m2 <= 2 * l2; ++m2) {
        if (!kernels::coupling_allowed(l1, m1, l2, m2, l3, m3)) continue;
        const auto found = std::find_if(terms.begin(), terms.end(),
                                        [&](const CouplingTerm& t) { return t.m1 == m1 && t.m2 == m2 && t.m3 == m3; });
        prepared.values.push_back(found == terms.end() ? T(0) : static_cast<T>(path.coefficient * found->value));
      }
}

template <class T>
void add_path(const EdgeConvolution& op, const ConvolutionPath& path, PreparedConvolution<T>& prepared) {
  constexpr int unit = Preparation<T>::channel_unit;
  PreparedConvolutionPath<T> to;
  to.in_block = path.in_block;
  to.out_block = path.out_block;
  to.out_channel = path.out_channel;
  to.mul = path.mul;
  to.n_out = path.irrep.dim();
  const bool last = path.out_channel + path.mul == op.out.blocks[path.out_block].mul;
  to.direct = path.out_channel % unit == 0 && (path.mul % unit == 0 || last);
  if (!to.direct) {
    to.slot = prepared.slot_row_size;
    prepared.slot_row_size += to.n_out * padded(path.mul, unit);
  }
  to.view.l_sender = op.sender.blocks[path.in_block].irrep.l;
  to.view.l_edge = path.l_edge;
  to.view.l_out = path.irrep.l;
  to.view.n_blocks = padded(path.mul, unit) / prepared.kernels->lanes;
  to.view.coupling_offset = prepared.n_couplings;
  add_elements(op, path, prepared, to);
  add_values(path, prepared, to);
  prepared.n_couplings += to.n_out * (2 * to.view.l_sender + 1);
  prepared.paths.push_back(to);
}

/// [row, function] in float64 to [path][block][row][lane].
template <class T>
void pack_table(const EdgeConvolution& op, const std::vector<double>& table, PreparedConvolution<T>& prepared) {
  const int lanes = prepared.kernels->lanes;
  const int n_functions = prepared.radial.n_functions();
  const std::size_t n_rows = table.size() / n_functions;
  std::size_t size = 0;
  for (const PreparedConvolutionPath<T>& path : prepared.paths) size += path.view.n_blocks * n_rows * lanes;
  prepared.table.reserve(size);
  std::fill_n(prepared.table.data(), size, T(0));
  T* to = prepared.table.data();
  for (std::size_t k = 0; k < prepared.paths.size(); ++k) {
    PreparedConvolutionPath<T>& path = prepared.paths[k];
    path.view.table = to;
    path.view.table_stride = static_cast<std::ptrdiff_t>(n_rows) * lanes;
    for (int u = 0; u < path.mul; ++u)
      for (std::size_t row = 0; row < n_rows; ++row)
        to[(u / lanes * n_rows + row) * lanes + u % lanes] =
            static_cast<T>(table[row * n_functions + op.paths[k].radial_offset + u]);
    to += path.view.n_blocks * n_rows * lanes;
  }
}

/// Every copy of the output is written by one path at most.
bool is_covered(const Operation& operation, const EdgeConvolution& op) {
  std::vector<std::vector<int>> writers;
  for (const IrrepBlock& block : op.out.blocks) writers.emplace_back(block.mul, 0);
  for (const ConvolutionPath& path : op.paths)
    for (int u = 0; u < path.mul; ++u)
      if (++writers[path.out_block][path.out_channel + u] > 1) refuse(operation, "two of its paths share an output");
  for (const std::vector<int>& block : writers)
    if (std::count(block.begin(), block.end(), 0) > 0) return false;
  return true;
}

}  // namespace

template <class T>
PreparedConvolution<T> prepare_convolution(const Preparation<T>& preparation, const Operation& operation) {
  const auto& op = std::get<EdgeConvolution>(operation.op);
  PreparedConvolution<T> prepared;
  prepared.sender = operation.inputs[0];
  prepared.output = operation.output;
  prepared.edge_set = op.edge_set;
  prepared.kernels = &preparation.kernels();
  prepared.level = preparation.level;
  prepared.harmonics = harmonics_of(preparation, operation);
  prepared.radial = radial_source(preparation.graph, preparation.weights, preparation.plan, operation);
  if (prepared.radial.n_knots == 0) prepared.hidden = prepare_hidden_layers(prepared.radial, preparation.level);
  prepared.covered = is_covered(operation, op);
  for (const ConvolutionPath& path : op.paths) add_path(op, path, prepared);
  for (PreparedConvolutionPath<T>& path : prepared.paths) {
    path.view.elements = prepared.elements.data() + path.first_element;
    path.view.values = prepared.values.data() + path.first_value;
  }
  if (op.n_radial != prepared.radial.n_functions())
    refuse(operation, "it has another number of radial functions than its input");
  pack_table(op, radial_table(prepared.radial), prepared);
  return prepared;
}

template PreparedConvolution<double> prepare_convolution(const Preparation<double>&, const Operation&);
template PreparedConvolution<float> prepare_convolution(const Preparation<float>&, const Operation&);

}  // namespace kiln::native
