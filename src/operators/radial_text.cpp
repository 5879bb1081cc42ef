#include <fmt/format.h>

#include "kernels/quintic_spline.h"
#include "operators/network_text.h"
#include "operators/operator_text.h"

namespace kiln {
namespace {

/// B_n(r) f(r) on a variable [n_rows, 1]. The floor under r gives the limit at 0.
std::string write_basis(const RadialBasis& op, const std::string& lengths, const std::string& frequencies,
                        TextWriter& out, const std::string& name) {
  const std::string r = out.assign(name + "_r", lengths + ".clamp(min=1e-12)");
  const std::string u = out.assign(name + "_u", text_scaled(r, 1.0 / op.cutoff));
  const double p = op.degree;
  const std::string envelope = out.assign(
      name + "_cutoff",
      fmt::format("(1.0 + torch.pow({u}, {p}) * ({a} + {u} * ({b} + {u} * {c}))) * ({u} < 1.0).type_as({u})",
                  fmt::arg("u", u), fmt::arg("p", text_number(p)), fmt::arg("a", text_number(-(p + 1) * (p + 2) / 2)),
                  fmt::arg("b", text_number(p * (p + 2))), fmt::arg("c", text_number(-p * (p + 1) / 2))));
  const std::string prefactor =
      out.assign(name + "_prefactor", fmt::format("{} * {} / {}", envelope, text_number(2.0 / op.cutoff), r));
  return out.assign(name + "_basis", fmt::format("torch.sin({} * {}) * {}", u, frequencies, prefactor));
}

/// ATen multiplies small matrices in place as long as 6 * columns < 400; beyond that it would call BLAS for each edge.
constexpr int kColumnsAtOnce = 64;

/// The spline is linear in its knot values:  R(r) = sum_j phi_j(r) R(knot j). These are the power coefficients of the
/// phi_j in t = (r - left knot) / spacing, [n_knots, n_columns / 64, 6, 64]: interval, j / 64, power, j % 64. The last
/// interval begins at the cutoff and is zero, and so are the columns behind the knots.
std::vector<double> spline_coefficients(const SplineOperators& spline, int n_columns) {
  // value, slope * h, curvature * h^2 at both ends of an interval -> t^0 .. t^5
  static const double hermite[6][6] = {{1, 0, 0, 0, 0, 0},       {0, 1, 0, 0, 0, 0},
                                       {0, 0, 0.5, 0, 0, 0},     {-10, -6, -1.5, 10, -4, 0.5},
                                       {15, 8, 1.5, -15, 7, -1}, {-6, -3, -0.5, 6, -3, 0.5}};
  const int n = spline.n_knots;
  const double h = spline.spacing;
  std::vector<double> table(static_cast<std::size_t>(6) * n * n_columns, 0.0);
  for (int i = 0; i + 1 < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const std::size_t first =
          (static_cast<std::size_t>(i) * n_columns + j / kColumnsAtOnce * kColumnsAtOnce) * 6 + j % kColumnsAtOnce;
      for (int k = 0; k < 6; ++k) {
        for (int end = 0; end < 2; ++end) {
          const int knot = i + end;
          const double* weights = &hermite[k][3 * end];
          table[first + k * kColumnsAtOnce] += weights[0] * (j == knot) + weights[1] * h * spline.slope[knot * n + j] +
                                               weights[2] * h * h * spline.curvature[knot * n + j];
        }
      }
    }
  }
  return table;
}

/// phi_j(r) of all lengths, [n_rows, n_columns]; the same for all radial functions with these knots.
std::string write_spline_basis(const std::string& lengths, const SplineOperators& spline, int n_columns,
                               TextWriter& out, const std::string& name) {
  const int parts = n_columns / kColumnsAtOnce;
  std::vector<double> coefficients = spline_coefficients(spline, n_columns);
  const std::string table =
      out.real_table("spline", {spline.n_knots, parts, 6, kColumnsAtOnce}, std::move(coefficients));
  const std::string x = out.share(name + "_x", lengths + " * " + text_number(1.0 / spline.spacing));
  const std::string interval =
      out.share(name + "_interval", fmt::format("{}.detach().long().clamp(max={})", x, spline.n_knots - 1));
  const std::string t = out.share(name + "_t", fmt::format("{} - {}.type_as({})", x, interval, x));
  const std::string t2 = out.share(name + "_t2", fmt::format("{0} * {0}", t));
  const std::string t01 = out.share(name + "_t01", fmt::format("torch.cat([torch.ones_like({0}), {0}], 1)", t));
  const std::string t23 = out.share(name + "_t23", fmt::format("{} * {}", t01, t2));
  std::string powers = fmt::format("torch.cat([{}, {}, {} * {}], 1).unsqueeze(1)", t01, t23, t23, t2);
  if (parts > 1) powers += fmt::format(".repeat(1, {}, 1).view(-1, 1, 6)", parts);
  const std::string rows =
      fmt::format("{}.index_select(0, {}.reshape(-1)).view(-1, 6, {})", table, interval, kColumnsAtOnce);
  return out.share(name + "_spline", fmt::format("torch.bmm({}, {}).view(-1, {})", powers, rows, n_columns));
}

/// The network at the knots, in float64, and from there to the edges. The last layer is linear: it is left for the
/// edges where that saves work.
void write_tabulated(const RadialFunctions& op, const std::string& lengths, TextCall& call) {
  TextWriter& out = call.out;
  const SplineOperators spline = spline_operators(op.n_knots, op.basis.cutoff);
  const int n_columns = (op.n_knots + kColumnsAtOnce - 1) / kColumnsAtOnce * kColumnsAtOnce;
  std::vector<double> knots(n_columns, op.basis.cutoff);  // the functions vanish behind the last knot
  for (int k = 0; k + 1 < op.n_knots; ++k) knots[k] = k * spline.spacing;
  const std::string table = out.real_table("knots", {n_columns, 1}, knots, true);
  const std::string frequencies = out.weight(op.basis.frequencies) + (out.f64() ? "" : ".double()");
  const std::string basis = write_basis(op.basis, table, frequencies, out, call.name + "_knots");
  const NetworkText at_knots{op.widths, op.weights, true};
  const std::string hidden = write_hidden_layers(at_knots, basis, out, call.name + "_knots");
  const auto to_edges = [&](const std::string& values) {
    const std::string phi = write_spline_basis(lengths, spline, n_columns, out, call.name);
    return out.assign(call.name, fmt::format("torch.matmul({}, {})", phi, out.f64() ? values : values + ".float()"));
  };
  const double n_hidden = op.widths[op.widths.size() - 2], n_out = op.widths.back();
  if (n_columns * n_out > 1.5 * n_hidden * (n_columns + n_out)) {
    call.output.rows = write_last_layer({op.widths, op.weights}, to_edges(hidden), out, call.name);
  } else {
    call.output.rows = to_edges(write_last_layer(at_knots, hidden, out, call.name + "_knots"));
  }
}

}  // namespace

void write_text(const RadialBasis& op, TextCall& call) {
  const std::string lengths = cast_rows(*call.inputs[0], call.out, call.name);
  call.output.rows = write_basis(op, lengths, call.out.weight(op.frequencies), call.out, call.name);
}

void write_text(const RadialFunctions& op, TextCall& call) {
  const std::string lengths = cast_rows(*call.inputs[0], call.out, call.name);
  if (op.n_knots > 0) return write_tabulated(op, lengths, call);
  const std::string basis = write_basis(op.basis, lengths, call.out.weight(op.basis.frequencies), call.out, call.name);
  const NetworkText network{op.widths, op.weights};
  call.output.rows =
      write_last_layer(network, write_hidden_layers(network, basis, call.out, call.name), call.out, call.name);
}

}  // namespace kiln
