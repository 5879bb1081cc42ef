// MACE_layer against the original, KLay 0.9.7 with e3nn 0.5.1 (tests/golden/mace_layer.json): the lowered graph is
// evaluated as operation.h states each operator, in plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "golden.h"
#include "kernels/radial_network.h"
#include "kernels/symmetric_basis.h"
#include "kernels/wigner_3j.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;
using Rows = std::vector<double>;  ///< [n, columns], row-major

/// Evaluates operators on rows of atoms and edges.
struct Interpreter {
  const LoweredGraph& graph;
  const Weights& weights;
  int n_atoms;
  std::vector<int> receiver, sender;  ///< per edge
  std::vector<Rows> values = {};

  int columns(int field) const { return graph.fields[field].irreps.dim(); }
  int rows(int field) const {
    return graph.fields[field].level == Level::edge ? static_cast<int>(receiver.size()) : n_atoms;
  }
  const Rows& weight(const std::string& name) const { return weights.at(name).data; }

  void run() {
    for (const Operation& op : graph.operations) {
      Rows out(static_cast<std::size_t>(rows(op.output)) * columns(op.output), 0.0);
      std::visit([&](const auto& o) { evaluate(o, op, out); }, op.op);
      values[op.output] = out;
    }
  }

  template <class Op>
  void evaluate(const Op&, const Operation& op, Rows&) {
    FAIL() << "not interpreted: " << name_of(op.op);
  }

  void evaluate(const EdgeLengths&, const Operation& op, Rows& out) {
    const Rows& v = values[op.inputs[0]];
    for (std::size_t e = 0; e < out.size(); ++e) out[e] = std::hypot(v[3 * e], v[3 * e + 1], v[3 * e + 2]);
  }

  /// Polynomials of docs/layers.md, harmonics.
  void evaluate(const Harmonics& h, const Operation& op, Rows& out) {
    const Rows& v = values[op.inputs[0]];
    const int n = (h.lmax + 1) * (h.lmax + 1);
    ASSERT_LE(h.lmax, 3);
    for (std::size_t e = 0; e < receiver.size(); ++e) {
      const double r = std::hypot(v[3 * e], v[3 * e + 1], v[3 * e + 2]);
      const double x = v[3 * e] / r, y = v[3 * e + 1] / r, z = v[3 * e + 2] / r;
      const double a0 = std::sqrt(15.0) * x * z, a4 = std::sqrt(15.0) / 2 * (z * z - x * x), p = x * x + z * z;
      const double s3 = std::sqrt(3.0), s168 = std::sqrt(168.0) / 8, s42 = std::sqrt(42.0) / 6, s7 = std::sqrt(7.0);
      const double all[16] = {1,
                              s3 * x,
                              s3 * y,
                              s3 * z,
                              a0,
                              std::sqrt(15.0) * x * y,
                              std::sqrt(5.0) * (y * y - p / 2),
                              std::sqrt(15.0) * y * z,
                              a4,
                              s42 * (a0 * z + a4 * x),
                              s7 * a0 * y,
                              s168 * (4 * y * y - p) * x,
                              s7 / 2 * y * (2 * y * y - 3 * p),
                              s168 * z * (4 * y * y - p),
                              s7 * a4 * y,
                              s42 * (a4 * z - a0 * x)};
      std::copy(all, all + n, out.begin() + static_cast<std::ptrdiff_t>(e) * n);
    }
  }

  Rows basis(const RadialBasis& b, double r) const {
    const double u = r / b.cutoff, p = b.degree;
    const double f = u >= 1 ? 0.0
                            : 1 - (p + 1) * (p + 2) / 2 * std::pow(u, p) + p * (p + 2) * std::pow(u, p + 1) -
                                  p * (p + 1) / 2 * std::pow(u, p + 2);
    Rows x;
    for (double w : weight(b.frequencies)) x.push_back(2 / b.cutoff * std::sin(w * u) / r * f);
    return x;
  }

  void evaluate(const RadialFunctions& f, const Operation& op, Rows& out) {
    for (std::size_t e = 0; e < receiver.size(); ++e) {
      Rows x = basis(f.basis, values[op.inputs[0]][e]);
      for (std::size_t layer = 0; layer < f.weights.size(); ++layer) {
        const Rows& w = weight(f.weights[layer]);
        const int n = f.widths[layer], m = f.widths[layer + 1];
        Rows next(m, 0.0);
        for (int o = 0; o < m; ++o) {
          for (int i = 0; i < n; ++i) next[o] += x[i] * w[i * m + o] / std::sqrt(n);
          if (layer + 1 < f.weights.size()) next[o] *= kSiluConstant / (1 + std::exp(-next[o]));
        }
        x = next;
      }
      std::copy(x.begin(), x.end(), out.begin() + static_cast<std::ptrdiff_t>(e * x.size()));
    }
  }

  void evaluate(const Linear& linear, const Operation& op, Rows& out) {
    const Rows &x = values[op.inputs[0]], &w = weight(linear.weight);
    const int n_attributes = std::max(linear.n_attributes, 1), d_in = linear.in.dim(), d_out = linear.out.dim();
    for (int atom = 0; atom < n_atoms; ++atom) {
      for (const LinearPath& path : linear.paths) {
        const IrrepBlock &in = linear.in.blocks[path.in_block], &to = linear.out.blocks[path.out_block];
        const int first_in = atom * d_in + linear.in.offset(path.in_block), dim = in.irrep.dim();
        const int first_out = atom * d_out + linear.out.offset(path.out_block);
        for (int u = 0; u < in.mul; ++u) {
          for (int a = 0; a < n_attributes; ++a) {
            const double z = linear.n_attributes > 0 ? values[op.inputs[1]][atom * n_attributes + a] : 1.0;
            for (int o = 0; o < to.mul; ++o) {
              const double scaled = path.scale * z * w[path.weight_offset + (u * n_attributes + a) * to.mul + o];
              for (int m = 0; m < dim; ++m) out[first_out + o * dim + m] += scaled * x[first_in + u * dim + m];
            }
          }
        }
      }
    }
  }

  void evaluate(const EdgeConvolution& c, const Operation& op, Rows& out) {
    const Rows &x = values[op.inputs[0]], &y = values[op.inputs[1]], &radial = values[op.inputs[2]];
    const int n_harmonics = (c.lmax + 1) * (c.lmax + 1);
    for (const ConvolutionPath& path : c.paths) {
      const int l1 = c.sender.blocks[path.in_block].irrep.l, d1 = 2 * l1 + 1, d3 = path.irrep.dim();
      for (const CouplingTerm& term : wigner_3j(l1, path.l_edge, path.irrep.l)) {
        for (std::size_t e = 0; e < receiver.size(); ++e) {
          const double harmonic = y[e * n_harmonics + path.l_edge * path.l_edge + term.m2];
          for (int u = 0; u < path.mul; ++u) {
            out[receiver[e] * c.out.dim() + c.out.offset(path.out_block) + (path.out_channel + u) * d3 + term.m3] +=
                path.coefficient * term.value * harmonic * radial[e * c.n_radial + path.radial_offset + u] *
                x[sender[e] * c.sender.dim() + c.sender.offset(path.in_block) + u * d1 + term.m1];
          }
        }
      }
    }
  }

  /// A is K copies of each l, block after block.
  void evaluate(const SymmetricContraction& s, const Operation& op, Rows& out) {
    const Rows &a = values[op.inputs[0]], &z = values[op.inputs[1]];
    const auto component = [&](int atom, int c, int lm) {
      const int l = static_cast<int>(std::sqrt(lm + 0.5));
      return a[atom * columns(op.inputs[0]) + s.channels * l * l + c * (2 * l + 1) + lm - l * l];
    };
    int offset = 0;
    for (std::size_t k = 0; k < s.out.size(); offset += s.channels * s.out[k].dim(), ++k) {
      for (int degree = 1; degree <= s.correlation; ++degree) {
        if (s.weights[k][degree - 1].empty()) continue;
        const SymmetricBasis b = symmetric_basis(s.lmax, s.out[k].l, s.out[k].parity, degree);
        const Rows& w = weight(s.weights[k][degree - 1]);
        for (int atom = 0; atom < n_atoms; ++atom) {
          for (int c = 0; c < s.channels; ++c) {
            for (int t = 0; t < b.n_monomials; ++t) {
              double monomial = 1.0;
              for (int f = 0; f < degree; ++f) monomial *= component(atom, c, b.monomials[t * degree + f]);
              for (int path = 0; path < b.n_paths; ++path) {
                double weighted = 0.0;
                for (int q = 0; q < s.n_attributes; ++q) {
                  weighted += z[atom * s.n_attributes + q] * w[(q * b.n_paths + path) * s.channels + c];
                }
                for (int m = 0; m < s.out[k].dim(); ++m) {
                  out[atom * columns(op.output) + offset + c * s.out[k].dim() + m] +=
                      weighted * monomial * b.coefficients[(path * s.out[k].dim() + m) * b.n_monomials + t];
                }
              }
            }
          }
        }
      }
    }
  }

  void evaluate(const Add&, const Operation& op, Rows& out) {
    for (int input : op.inputs) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += values[input][i];
    }
  }
};

/// The case as a graph; its blocks are left to inference, except that of the input.
std::string graph_of(const nlohmann::json& c) {
  const nlohmann::json &config = c["config"], &radial = c["radial"]["config"];
  nlohmann::json mace = config;
  mace.erase("irreps_in");
  mace.erase("irreps_out");
  nlohmann::json graph;
  graph["model_inputs"] = {{"pos", ""}, {"edge_index", ""}, {"h", {{"role", "free"}}}, {"z", {{"role", "free"}}}};
  auto& layers = graph["model_layers"];
  layers["geometry"] = {{"type", "SphericalHarmonicEdgeAttrs"},
                        {"inputs", {{"pos", "pos"}, {"edge_index", "edge_index"}}}};
  layers["radial"] = {
      {"type", "RadialBasisEdgeEncoding"}, {"config", radial}, {"inputs", {{"edge_lengths", "geometry.1"}}}};
  mace["node_attr_block"] = std::to_string(config["num_elements"].get<int>()) + "x0e";
  layers["conv"] = {{"type", "MACE_layer"},
                    {"config", mace},
                    {"inputs",
                     {{"vectors", "geometry.0"},
                      {"node_feats", "h"},
                      {"node_attrs", "z"},
                      {"edge_feats", "radial"},
                      {"edge_index", "edge_index"}}}};
  graph["model_outputs"] = {{"h_out", "conv"}};
  return graph.dump();
}

/// weights_max belongs to the highest degree, weights.{t} to the ones below; projected onto the symmetrized basis.
Rows projected(const ParameterSpec& parameter, const nlohmann::json& weights, int contraction, int correlation) {
  const ContractionPaths& paths = parameter.paths;
  const std::string prefix = "product.symmetric_contractions.contractions." + std::to_string(contraction) + ".weights";
  const std::string suffix =
      paths.degree == correlation ? "_max" : "." + std::to_string(correlation - 1 - paths.degree);
  const Rows original = golden::numbers(weights.at(prefix + suffix));
  const SymmetricBasis basis = symmetric_basis(paths.lmax, paths.irrep.l, paths.irrep.parity, paths.degree);
  const int n_attributes = static_cast<int>(parameter.shape[0]), channels = static_cast<int>(parameter.shape[2]);
  Rows symmetric(static_cast<std::size_t>(n_attributes) * basis.n_paths * channels, 0.0);
  for (int a = 0; a < n_attributes; ++a) {
    for (int t = 0; t < basis.n_unsymmetrized; ++t) {
      for (int k = 0; k < basis.n_paths; ++k) {
        for (int c = 0; c < channels; ++c) {
          symmetric[(a * basis.n_paths + k) * channels + c] +=
              basis.projection[t * basis.n_paths + k] * original[(a * basis.n_unsymmetrized + t) * channels + c];
        }
      }
    }
  }
  return symmetric;
}

Weights weights_of(const LoweredGraph& graph, const nlohmann::json& c, const nlohmann::json& shared) {
  Weights weights;
  for (const ParameterSpec& parameter : graph.parameters) {
    const std::string name = parameter.name.substr(parameter.name.find('.') + 1);
    Array& array = weights[parameter.name];
    array.shape = parameter.shape;
    if (parameter.init == ParameterSpec::Init::contraction) {
      const int contraction = name[std::string("product.contraction").size()] - '0';
      array.data = projected(parameter, c["weights"], contraction, c["config"]["correlation"].get<int>());
    } else if (name == "basis.bessel_weights") {
      array.data = golden::numbers(c["radial"]["weights"].at(name));
    } else {
      array.data = golden::numbers(c["weights"].contains(name) ? c["weights"].at(name) : shared.at(name));
    }
    std::int64_t size = 1;
    for (std::int64_t n : array.shape) size *= n;
    EXPECT_EQ(array.size(), size) << parameter.name;
  }
  return weights;
}

Rows evaluate(const nlohmann::json& c, const nlohmann::json& shared) {
  const LoweredGraph graph = lowered(graph_of(c));
  const Weights weights = weights_of(graph, c, shared);
  const nlohmann::json& inputs = c["inputs"];
  const std::vector<int> index = inputs["edge_index"]["data"].get<std::vector<int>>();
  const std::size_t n_edges = index.size() / 2;
  Interpreter interpreter{graph, weights, golden::shape(inputs["node_feats"])[0], {}, {}};
  interpreter.sender.assign(index.begin(), index.begin() + static_cast<std::ptrdiff_t>(n_edges));
  interpreter.receiver.assign(index.begin() + static_cast<std::ptrdiff_t>(n_edges), index.end());
  interpreter.values.resize(graph.fields.size());
  for (const LoweredInput& input : graph.inputs) {
    Rows& rows = interpreter.values[input.field];
    if (input.model_input == "h") rows = golden::numbers(inputs["node_feats"]);
    if (input.model_input == "z") rows = golden::numbers(inputs["node_attrs"]);
    if (input.meaning != Meaning::edge_vectors) continue;
    rows = golden::numbers(inputs["vectors"]);  // from row 0 to row 1, the receiver
    for (double& x : rows) x = -x;              // Kiln: from the receiver to the sender
  }
  interpreter.run();
  return interpreter.values[graph.outputs[0].field];
}

TEST(MaceLayer, ReproducesTheOriginal) {
  const nlohmann::json file = golden::read("mace_layer");
  ASSERT_EQ(file["cases"].size(), 5u);
  for (const nlohmann::json& c : file["cases"]) {
    const Rows found = evaluate(c, file["shared_weights"]);
    const Rows expected = golden::numbers(c["outputs"]["node_feats"]);
    EXPECT_TRUE(golden::relative_difference(found, expected) <= 1e-12) << c["name"];
  }
}

/// o3.Linear and FullyConnectedTensorProduct with scalars: paths, order of the flat weight, normalization.
TEST(AtomwiseLinear, ReproducesTheOriginal) {
  for (const nlohmann::json& c : golden::read("linear")["cases"]) {
    nlohmann::json document;
    document["model_inputs"] = {{"x", {{"role", "free"}}}};
    document["model_layers"]["linear"] = {
        {"type", "AtomwiseLinear"},
        {"config", {{"irreps_in_block", c["config"]["irreps_in"]}, {"irreps_out_block", c["config"]["irreps_out"]}}},
        {"inputs", {{"h", "x"}}}};
    document["model_outputs"] = {{"y", "linear"}};
    const LoweredGraph graph = lowered(document.dump());
    Weights weights;
    weights["linear.linear.weight"].data = golden::numbers(c["weights"]["linear.weight"]);
    Interpreter interpreter{graph, weights, golden::shape(c["inputs"]["h"])[0], {}, {}};
    interpreter.values.resize(graph.fields.size());
    interpreter.values[graph.inputs[0].field] = golden::numbers(c["inputs"]["h"]);
    interpreter.run();
    const Rows expected = golden::numbers(c["outputs"]["h"]);
    EXPECT_TRUE(golden::relative_difference(interpreter.values[graph.outputs[0].field], expected) <= 1e-13)
        << c["name"];
  }
}

}  // namespace
}  // namespace kiln
