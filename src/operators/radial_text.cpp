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

/// Power coefficients of the spline's intervals from its knot values, [n_knots * 6, n_knots]: row 6 i + k is the
/// coefficient of t^k in interval i. The last interval begins at the cutoff and is zero.
std::vector<double> power_coefficients(const SplineOperators& spline) {
  // value, slope * h, curvature * h^2 at both ends of an interval -> t^0 .. t^5
  static const double hermite[6][6] = {{1, 0, 0, 0, 0, 0},       {0, 1, 0, 0, 0, 0},
                                       {0, 0, 0.5, 0, 0, 0},     {-10, -6, -1.5, 10, -4, 0.5},
                                       {15, 8, 1.5, -15, 7, -1}, {-6, -3, -0.5, 6, -3, 0.5}};
  const int n = spline.n_knots;
  const double h = spline.spacing;
  std::vector<double> table(static_cast<std::size_t>(6) * n * n, 0.0);
  for (int i = 0; i + 1 < n; ++i) {
    for (int k = 0; k < 6; ++k) {
      double* row = &table[static_cast<std::size_t>(6 * i + k) * n];
      for (int end = 0; end < 2; ++end) {
        const std::size_t knot = static_cast<std::size_t>(i + end) * n;
        row[i + end] += hermite[k][3 * end];
        for (int j = 0; j < n; ++j) {
          row[j] += hermite[k][3 * end + 1] * h * spline.slope[knot + j];
          row[j] += hermite[k][3 * end + 2] * h * h * spline.curvature[knot + j];
        }
      }
    }
  }
  return table;
}

/// Interval [n_rows] and powers t^0 .. t^5 [n_rows, 6] of each length; the same for all tables with these knots.
struct SplinePlace {
  std::string interval, powers;
};

SplinePlace write_place(const std::string& lengths, double spacing, int n_knots, TextWriter& out,
                        const std::string& name) {
  const std::string x = out.share(name + "_x", lengths + " * " + text_number(1.0 / spacing));
  const std::string interval =
      out.share(name + "_interval", fmt::format("{}.detach().long().clamp(max={})", x, n_knots - 1));
  const std::string t = out.share(name + "_t", fmt::format("{} - {}.type_as({})", x, interval, x));
  const std::string t2 = out.share(name + "_t2", fmt::format("{0} * {0}", t));
  const std::string line = out.share(name + "_t01", fmt::format("torch.cat([torch.ones_like({0}), {0}], 1)", t));
  const std::string middle = out.share(name + "_t23", fmt::format("{} * {}", line, t2));
  return {out.share(name + "_interval", interval + ".reshape(-1)"),
          out.share(name + "_powers", fmt::format("torch.cat([{}, {}, {} * {}], 1)", line, middle, middle, t2))};
}

/// Largest number of columns at which ATen multiplies small matrices in place instead of calling BLAS for each edge
/// (6 * columns < 400) and that divides n.
int columns_at_once(int n) {
  int columns = 66;
  while (n % columns != 0) --columns;
  return columns;
}

/// Spline through knot values [n_knots, n] at all lengths: [n_rows, n].
std::string write_interpolation(const std::string& values, int n, const SplineOperators& spline,
                                const std::string& lengths, TextWriter& out, const std::string& name) {
  const SplinePlace place = write_place(lengths, spline.spacing, spline.n_knots, out, name);
  const int columns = columns_at_once(n), parts = n / columns;
  const std::string operators =
      out.real_table("spline", {6 * spline.n_knots, spline.n_knots}, power_coefficients(spline), true);
  std::string table =
      fmt::format("torch.matmul({}, {}).view({}, 6, {}, {})", operators, values, spline.n_knots, parts, columns);
  if (parts > 1) table += ".transpose(1, 2)";
  table += fmt::format(".reshape({}, {})", spline.n_knots, 6 * n);
  table = out.assign(name + "_table", out.f64() ? table : table + ".float()");
  const std::string rows = fmt::format("{}.index_select(0, {}).view(-1, 6, {})", table, place.interval, columns);
  std::string powers = place.powers + ".unsqueeze(1)";
  if (parts > 1) powers += fmt::format(".expand(-1, {}, -1).reshape(-1, 1, 6)", parts);
  return out.assign(name + "_spline", fmt::format("torch.bmm({}, {}).view(-1, {})", powers, rows, n));
}

/// The last layer is linear, so the spline of its output is its value on the spline of its input: the narrower of the
/// two is tabulated.
void write_tabulated(const RadialFunctions& op, const std::string& lengths, TextCall& call) {
  TextWriter& out = call.out;
  const SplineOperators spline = spline_operators(op.n_knots, op.basis.cutoff);
  std::vector<double> knots(op.n_knots);
  for (int k = 0; k < op.n_knots; ++k) knots[k] = k + 1 < op.n_knots ? k * spline.spacing : op.basis.cutoff;
  const std::string table = out.real_table("knots", {op.n_knots, 1}, knots, true);
  const std::string frequencies = out.weight(op.basis.frequencies) + (out.f64() ? "" : ".double()");
  const std::string basis = write_basis(op.basis, table, frequencies, out, call.name + "_knots");
  const NetworkText at_knots{op.widths, op.weights, true};
  const std::string hidden = write_hidden_layers(at_knots, basis, out, call.name + "_knots");
  const int n_hidden = op.widths[op.widths.size() - 2], n_out = op.widths.back();
  if (n_out <= n_hidden) {
    const std::string values = write_last_layer(at_knots, hidden, out, call.name + "_knots");
    call.output.rows = write_interpolation(values, n_out, spline, lengths, out, call.name);
  } else {
    const std::string at_edges = write_interpolation(hidden, n_hidden, spline, lengths, out, call.name);
    call.output.rows = write_last_layer({op.widths, op.weights}, at_edges, out, call.name);
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
