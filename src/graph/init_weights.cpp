#include <algorithm>
#include <map>

#include "base/numbers.h"
#include "base/rng.h"
#include "base/torch_random.h"
#include "graph/checked_graph.h"
#include "graph/layer_weights.h"
#include "kernels/symmetric_basis.h"

namespace kiln {

namespace {

/// MACE draws N(0, 1) / n over its n unsymmetrized paths; the same functions in the symmetrized basis.
std::vector<double> draw_contraction(const ParameterSpec& parameter, Rng& rng) {
  const ContractionPaths& paths = parameter.paths;
  const SymmetricBasis basis = symmetric_basis(paths.lmax, paths.irrep.l, paths.irrep.parity, paths.degree);
  const std::int64_t n_attributes = parameter.shape[0], channels = parameter.shape[2];
  std::vector<double> weights(product(parameter.shape), 0.0);
  for (std::int64_t a = 0; a < n_attributes; ++a) {
    for (int t = 0; t < basis.n_unsymmetrized; ++t) {
      for (std::int64_t c = 0; c < channels; ++c) {
        const double drawn = rng.normal() / basis.n_unsymmetrized;
        for (int k = 0; k < basis.n_paths; ++k) {
          weights[(a * basis.n_paths + k) * channels + c] += basis.projection[t * basis.n_paths + k] * drawn;
        }
      }
    }
  }
  return weights;
}

std::vector<double> initial_values(const ParameterSpec& parameter, Rng& rng) {
  std::vector<double> values(product(parameter.shape), parameter.value);
  switch (parameter.init) {
    case ParameterSpec::Init::constant:
      return values;
    case ParameterSpec::Init::given:
      return parameter.initial;
    case ParameterSpec::Init::contraction:
      return draw_contraction(parameter, rng);
    default:
      break;
  }
  const bool uniform = parameter.init == ParameterSpec::Init::uniform;
  for (double& value : values) value *= uniform ? 2.0 * rng.uniform() - 1.0 : rng.normal();
  return values;
}

/// A draw of torch: how, and its deviation or bound.
using TorchDraw = std::pair<ParameterSpec::Init, double>;

/// The parameter's, whether it starts with it or an `init` of the file took its place.
std::optional<TorchDraw> torch_draw(const ParameterSpec& parameter) {
  using Init = ParameterSpec::Init;
  if (parameter.init == Init::torch_uniform || parameter.init == Init::torch_normal)
    return TorchDraw{parameter.init, parameter.value};
  return parameter.displaced;
}

std::vector<double> draw_as_torch(const ParameterSpec& parameter, const TorchDraw& draw, TorchRandom& random) {
  const std::int64_t n = product(parameter.shape);
  const auto [how, value] = draw;
  std::vector<double> values =
      how == ParameterSpec::Init::torch_uniform ? random.uniform(n, -value, value) : random.normal(n, 0.0, value);
  if (parameter.zero_row >= 0) {
    const std::int64_t columns = n / parameter.shape[0];
    std::fill_n(values.begin() + parameter.zero_row * columns, columns, 0.0);
  }
  return values;
}

}  // namespace

Weights init_weights(const LoweredGraph& graph, std::uint64_t seed) {
  Weights weights;
  std::map<std::string, TorchRandom> torch_streams;  // one per layer, whose parameters are drawn in order
  for (const ParameterSpec& parameter : graph.parameters) {
    Array& weight = weights[parameter.name];
    weight.shape = parameter.shape;
    const std::optional<TorchDraw> draw = torch_draw(parameter);
    if (draw) {
      const std::string layer = layer_of(parameter);
      const auto stream = torch_streams.try_emplace(layer, torch_seed(parameter.seed, layer, seed)).first;
      weight.data = draw_as_torch(parameter, *draw, stream->second);
    }
    if (draw && !parameter.displaced) continue;
    Rng rng(parameter.seed.value_or(seed), "weights/" + parameter.name);
    weight.data = initial_values(parameter, rng);
  }
  return weights;
}

}  // namespace kiln
