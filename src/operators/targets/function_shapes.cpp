#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

std::set<std::string> words(const char* list) {
  std::istringstream in(list);
  std::set<std::string> all;
  for (std::string word; in >> word;) all.insert("torch." + word);
  return all;
}

const std::set<std::string>& elementwise() {
  static const std::set<std::string> names = words(
      "abs absolute acos acosh angle arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh bernoulli "
      "bitwise_not ceil celu conj conj_physical isfinite isinf isnan isneginf isposinf isreal logical_not mvlgamma "
      "nn.functional.gelu nn.functional.hardshrink nn.functional.logsigmoid nn.functional.softplus "
      "nn.functional.softshrink poisson polygamma real resolve_conj resolve_neg signbit special.airy_ai "
      "special.multigammaln special.polygamma "
      "cos cosh deg2rad digamma dropout erf erfc erfinv exp exp2 expm1 fix floor frac hardshrink i0 lgamma log log10 "
      "log1p log2 logit nan_to_num neg negative positive rad2deg reciprocal relu round rrelu rsqrt selu sgn sigmoid "
      "sign sin sinc sinh special.digamma special.entr special.erf special.erfc special.erfcx special.erfinv "
      "special.exp2 special.expit special.expm1 special.gammaln special.i0 special.i0e special.i1 special.i1e "
      "special.log1p special.log_ndtr special.logit special.ndtr special.ndtri special.psi special.round special.sinc "
      "special.bessel_j0 special.bessel_j1 special.bessel_y0 special.bessel_y1 special.modified_bessel_i0 "
      "special.modified_bessel_i1 special.modified_bessel_k0 special.modified_bessel_k1 "
      "special.scaled_modified_bessel_k0 "
      "special.scaled_modified_bessel_k1 special.spherical_bessel_j0 sqrt square tan tanh threshold trunc clone "
      "detach");
  return names;
}

const std::set<std::string>& broadcasting() {
  static const std::set<std::string> names = words(
      "add sub subtract mul multiply div divide true_divide floor_divide fmod remainder pow float_power atan2 arctan2 "
      "hypot maximum minimum fmax fmin clamp clip clamp_min clamp_max lerp addcmul addcdiv copysign xlogy "
      "logaddexp "
      "logaddexp2 heaviside rsub special.xlogy special.xlog1py special.zeta eq ne lt le gt ge not_equal less "
      "less_equal greater greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor "
      "bitwise_left_shift bitwise_right_shift gcd lcm nextafter isclose binomial igamma igammac ldexp "
      "special.gammainc special.gammaincc special.chebyshev_polynomial_t special.chebyshev_polynomial_u "
      "special.chebyshev_polynomial_v special.chebyshev_polynomial_w special.hermite_polynomial_h "
      "special.hermite_polynomial_he special.laguerre_polynomial_l special.legendre_polynomial_p "
      "special.shifted_chebyshev_polynomial_t special.shifted_chebyshev_polynomial_u "
      "special.shifted_chebyshev_polynomial_v special.shifted_chebyshev_polynomial_w");
  return names;
}

/// Classes by number. Their number is seen when it runs if it is not given.
ShapeResult one_hot_shape(const FittedCall& call) {
  const std::int64_t n = call.integer("num_classes");
  Shape shape = first_input(call);
  if (call.holds_reals("self")) return wrong_kind("takes integers, not real numbers");
  if (!shape.known) return {};
  if (n < 0 && is_empty(shape)) return faulty("finds no number of classes in a tensor of shape " + to_string(shape));
  shape.sizes.push_back(n < 0 ? Size{} : fixed_size(n));
  return {{shape}, n > 0 && shape.rank() > 1, ""};
}

ShapeResult counts_shape(const FittedCall& call) {
  const Shape shape = first_input(call), weights = call.input("weights");
  if (call.holds_reals("self")) return wrong_kind("takes integers, not real numbers");
  if (shape.known && shape.rank() != 1) return faulty("takes a vector, not a tensor of shape " + to_string(shape));
  if (may_equal(shape, weights)) return {};
  return faulty("takes weights of shape " + to_string(shape) + ", not " + to_string(weights));
}

/// One number of two tensors that stretch to each other.
ShapeResult number_of_both(const FittedCall& call) {
  const ShapeResult both = broadcast(call);
  return both.fault.empty() ? ShapeResult{{make_shape({})}, false, ""} : both;
}

const ShapeRules& other_rules() {
  static const ShapeRules rules = {{"torch.layer_norm", layer_norm_function_shape},
                                   {"torch.softmax", along_dimension},
                                   {"torch.log_softmax", along_dimension},
                                   {"torch.cumsum", along_dimension},
                                   {"torch.cumprod", along_dimension},
                                   {"torch.logcumsumexp", along_dimension},
                                   {"torch.sum", reduced},
                                   {"torch.mean", reduced},
                                   {"torch.nansum", reduced},
                                   {"torch.prod", reduced},
                                   {"torch.amax", reduced},
                                   {"torch.amin", reduced},
                                   {"torch.std", reduced},
                                   {"torch.var", reduced},
                                   {"torch.logsumexp", reduced},
                                   {"torch.linalg.vector_norm", reduced},
                                   {"torch.linalg.norm", reduced},
                                   {"torch.frobenius_norm", reduced},
                                   {"torch.msort", same_size},
                                   {"torch.argmax", reduced},
                                   {"torch.argmin", reduced},
                                   {"torch.cosine_similarity", similarity_shape},
                                   {"torch.nn.functional.cosine_similarity", similarity_shape},
                                   {"torch.pairwise_distance", distance_shape},
                                   {"torch.nn.functional.pairwise_distance", distance_shape},
                                   {"torch.nn.functional.one_hot", one_hot_shape},
                                   {"torch.bincount", counts_shape},
                                   {"torch.dist", number_of_both},
                                   {"torch.grid_sampler", sampled_at_grid},
                                   {"torch.grid_sampler_2d", sampled_at_grid},
                                   {"torch.grid_sampler_3d", sampled_at_grid},
                                   {"torch.affine_grid_generator", affine_grid_shape},
                                   {"torch.pixel_shuffle", pixels_shuffled},
                                   {"torch.pixel_unshuffle", pixels_shuffled},
                                   {"torch.nn.functional.pixel_shuffle", pixels_shuffled},
                                   {"torch.nn.functional.pixel_unshuffle", pixels_shuffled},
                                   {"torch.channel_shuffle", channel_shuffled},
                                   {"torch.nn.functional.channel_shuffle", channel_shuffled},
                                   {"torch.native_channel_shuffle", natively_shuffled},
                                   {"torch.nn.functional.native_channel_shuffle", natively_shuffled},
                                   {"torch.nn.functional.pad", padded_function_shape}};
  return rules;
}

/// torch.max(a, b) is component by component, torch.max(a, dim) is not.
ShapeResult reduced_or_broadcast(const FittedCall& call) {
  const auto& arguments = call.parts.front().signature.arguments;
  return arguments.size() == 2 && arguments[1].name == "other" ? broadcast(call) : reduced(call);
}

/// torch.conv2d, torch.nn.functional.conv_transpose1d, …
bool is_convolution(const std::string& function) {
  const std::string name = function.substr(function.rfind('.') + 1);
  return starts_with(name, "conv") && name.size() > 2 && name.back() == 'd' &&
         is_digits(name.substr(name.size() - 2, 1));
}

ShapeResult prelu_function_shape(const FittedCall& call) {
  const Shape weight = call.input("weight");
  Size n = weight.known ? fixed_size(1) : Size{};
  for (const Size& size : weight.sizes) n = n.known() && size.known() ? fixed_size(product({n.n, size.n})) : Size{};
  return prelu_shape(first_input(call), n);
}

/// torch.where(condition) gives indices.
ShapeResult chosen_or_found(const FittedCall& call) {
  return call.parts.front().signature.arguments.size() == 1 ? ShapeResult{} : broadcast(call);
}

/// Other names of functions.
const std::map<std::string, std::string>& twins() {
  static const std::map<std::string, std::string> names = {
      {"torch.concatenate", "torch.cat"},
      {"torch.constant_pad_nd", "torch.nn.functional.pad"},
      {"torch.linalg.diagonal", "torch.diagonal"},
      {"torch.special.log_softmax", "torch.log_softmax"},
      {"torch.special.logsumexp", "torch.logsumexp"},
      {"torch.special.softmax", "torch.softmax"},
  };
  return names;
}

}  // namespace

ShapeRule shape_rule_of(const std::string& function) {
  const auto twin = twins().find(function);
  if (twin != twins().end()) return shape_rule_of(twin->second);
  const auto entries = entry_rules().find(function);
  if (entries != entry_rules().end()) return entries->second;
  if (elementwise().count(function) != 0) return same_as_first;
  if (broadcasting().count(function) != 0) return broadcast;
  if (function == "torch.where") return chosen_or_found;
  if (function == "torch.max" || function == "torch.min") return reduced_or_broadcast;
  if (is_convolution(function)) return convolution_shape;
  if (function == "torch.prelu" || function == "torch.nn.functional.prelu") return prelu_function_shape;
  for (const auto* rules : {&matrix_rules(), &square_rules(), &dimension_rules(), &diagonal_rules(), &slice_rules(),
                            &joining_rules(), &creation_rules(), &window_rules(), &order_rules(), &fourier_rules()}) {
    const auto found = rules->find(function);
    if (found != rules->end()) return found->second;
  }
  const auto other = other_rules().find(function);
  return other == other_rules().end() ? nullptr : other->second;
}

bool draws_random_numbers(const std::string& function) {
  static const std::set<std::string> names = words(
      "alpha_dropout bernoulli binomial dropout feature_alpha_dropout feature_dropout multinomial "
      "normal poisson rand rand_like randint randint_like randn randn_like randperm rrelu");
  return names.count(function) != 0;
}

}  // namespace kiln
