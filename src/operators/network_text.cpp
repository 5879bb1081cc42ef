#include "operators/network_text.h"

#include <fmt/format.h>

#include <cmath>

#include "kernels/radial_network.h"
#include "operators/operator_text.h"

namespace kiln {
namespace {

/// x W c / sqrt(h_in); c is the constant of the activation before it, if there is one.
std::string write_layer(const NetworkText& network, std::size_t layer, const std::string& x, TextWriter& out,
                        const std::string& name) {
  const double constant = layer == 0 ? 1.0 : kSiluConstant;
  std::string weight = out.weight(network.weights[layer]);
  if (network.f64 && !out.f64()) weight += ".double()";
  const std::string scaled = text_scaled(weight, constant / std::sqrt(static_cast<double>(network.widths[layer])));
  return out.assign(fmt::format("{}_layer{}", name, layer), fmt::format("torch.matmul({}, {})", x, scaled));
}

}  // namespace

std::string write_hidden_layers(const NetworkText& network, const std::string& input, TextWriter& out,
                                const std::string& name) {
  std::string x = input;
  for (std::size_t layer = 0; layer + 1 < network.weights.size(); ++layer) {
    x = write_layer(network, layer, x, out, name);
    x = out.assign(name + "_hidden", fmt::format("{0} * torch.sigmoid({0})", x));
  }
  return x;
}

std::string write_last_layer(const NetworkText& network, const std::string& hidden, TextWriter& out,
                             const std::string& name) {
  return write_layer(network, network.weights.size() - 1, hidden, out, name);
}

void write_text(const Network& op, TextCall& call) {
  const NetworkText network{op.widths, op.weights};
  const std::string x = cast_rows(*call.inputs[0], call.out, call.name);
  call.output.rows =
      write_last_layer(network, write_hidden_layers(network, x, call.out, call.name), call.out, call.name);
}

}  // namespace kiln
