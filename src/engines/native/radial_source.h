#pragma once

#include "engines/native/prepare.h"
#include "kernels/quintic_spline.h"
#include "kernels/radial_network.h"

namespace kiln::native {

/// The radial functions of an edge convolution as functions of the length, in float64: basis (or the length itself),
/// then a network, evaluated exactly or tabulated.
struct RadialSource {
  bool has_basis = false;
  BesselBasis basis;
  RadialNetwork network;
  int n_knots = 0;       ///< 0: exact
  double spacing = 0.0;  ///< Å between knots

  /// Rows of the table per edge: six of a spline, or the units of the last hidden layer.
  int n_rows() const { return n_knots > 0 ? 6 : network.widths[network.widths.size() - 2]; }
  int n_functions() const { return network.widths.back(); }
};

/// Follows the radial input of an edge convolution back to the edge lengths.
RadialSource radial_source(const LoweredGraph& graph, const Weights& weights, const Plan& plan,
                           const Operation& convolution);

/// Radial functions that stand in a field of edges; `reader` is named where they are none.
RadialSource radial_source(const LoweredGraph& graph, const Weights& weights, const Plan& plan, int field,
                           const Operation& reader);

/// What every edge multiplies: [rows, n_functions]. Tabulated: value, slope and curvature of each knot; exact: the last
/// matrix of the network.
std::vector<double> radial_table(const RadialSource& source);

/// Weights of an edge's six rows of a spline table, for the functions and their derivatives by the length; zero beyond
/// the cutoff.
/// @return the first of these rows
int spline_row_weights(const RadialSource& source, double length, HermiteWeights& weights);

/// The functions at one length.
/// @param table  of radial_table
/// @param values  [n_functions], overwritten
void radial_values(const RadialSource& source, const std::vector<double>& table, double length, double* values);

}  // namespace kiln::native
