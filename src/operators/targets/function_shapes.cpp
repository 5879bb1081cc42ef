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
      "abs absolute acos acosh angle arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh ceil celu "
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
      "hypot maximum minimum fmax fmin clamp clip clamp_min clamp_max lerp addcmul addcdiv copysign xlogy logaddexp "
      "logaddexp2 heaviside rsub special.xlogy special.xlog1py special.zeta eq ne lt le gt ge not_equal less "
      "less_equal greater greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor "
      "bitwise_left_shift bitwise_right_shift gcd lcm nextafter isclose");
  return names;
}

const std::set<std::string>& integral() {
  static const std::set<std::string> names = words(
      "eq ne lt le gt ge not_equal less less_equal greater greater_equal logical_and logical_or logical_xor "
      "logical_not "
      "isnan isinf isfinite isneginf isposinf isreal isclose isin argmax argmin argsort argwhere nonzero bincount "
      "count_nonzero bucketize searchsorted all any signbit linalg.matrix_rank multinomial");
  return names;
}

ShapeResult cannot_join(const Shape& a, const Shape& b) {
  ShapeResult result;
  result.fault = "cannot join tensors of shapes " + to_string(a) + " and " + to_string(b);
  return result;
}

ShapeResult no_dimension(std::int64_t dim, const Shape& shape) {
  ShapeResult result;
  result.fault = "has no dimension " + std::to_string(dim) + " in " + to_string(shape);
  return result;
}

/// torch.cat leaves such tensors out, whatever the others are.
bool is_empty_list(const Shape& shape) { return shape.known && shape.rank() == 1 && shape.sizes[0].n == 0; }

bool agree_but_in(int dim, const Shape& a, const Shape& b) {
  bool fits = a.rank() == b.rank();
  for (int k = 0; fits && k < a.rank(); ++k) fits = k == dim || may_equal(a.sizes[k], b.sizes[k]);
  return fits;
}

ShapeResult concatenated(const FittedCall& call) {
  std::vector<Shape> parts = call.inputs();
  parts.erase(std::remove_if(parts.begin(), parts.end(), is_empty_list), parts.end());
  if (parts.empty() || !parts[0].known) return {};
  Shape shape = parts[0];
  const int dim = dimension(shape, call.integer("dim", 0));
  if (dim < 0) return no_dimension(call.integer("dim", 0), shape);
  for (std::size_t p = 1; p < parts.size(); ++p) {
    if (!parts[p].known) return {};
    if (!agree_but_in(dim, parts[p], shape)) return cannot_join(shape, parts[p]);
    Size& sum = shape.sizes[dim];
    const Size& more = parts[p].sizes[dim];
    sum = sum.known() && more.known() ? fixed_size(sum.n + more.n) : Size{};
  }
  return {{shape}, dim > 0, ""};
}

ShapeResult stacked(const FittedCall& call) {
  const std::vector<Shape> parts = call.inputs();
  for (const Shape& part : parts) {
    if (!part.known) return {};
    if (!agree_but_in(-1, part, parts[0])) return cannot_join(parts[0], part);
  }
  if (parts.empty()) return {};
  Shape shape = parts[0];
  const std::int64_t dim = call.integer("dim", 0), at = dim < 0 ? dim + shape.rank() + 1 : dim;
  if (at < 0 || at > shape.rank()) return no_dimension(dim, shape);
  shape.sizes.insert(shape.sizes.begin() + at, fixed_size(static_cast<std::int64_t>(parts.size())));
  return {{shape}, at > 0, ""};
}

const std::map<std::string, ShapeRule>& other_rules() {
  static const std::map<std::string, ShapeRule> rules = {
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
      {"torch.max", reduced},
      {"torch.min", reduced},
      {"torch.std", reduced},
      {"torch.var", reduced},
      {"torch.logsumexp", reduced},
      {"torch.norm", reduced},
      {"torch.linalg.vector_norm", reduced},
      {"torch.argmax", reduced},
      {"torch.argmin", reduced},
      {"torch.cat", concatenated},
      {"torch.concat", concatenated},
      {"torch.cosine_similarity", similarity_shape},
      {"torch.nn.functional.cosine_similarity", similarity_shape},
      {"torch.pairwise_distance", distance_shape},
      {"torch.nn.functional.pairwise_distance", distance_shape},
      {"torch.stack", stacked},
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

}  // namespace

ShapeRule shape_rule_of(const std::string& function) {
  if (elementwise().count(function) != 0) return same_as_first;
  if (broadcasting().count(function) != 0) return broadcast;
  if (function == "torch.where") return chosen_or_found;
  if (function == "torch.max" || function == "torch.min") return reduced_or_broadcast;
  if (is_convolution(function)) return convolution_shape;
  if (function == "torch.prelu" || function == "torch.nn.functional.prelu") return prelu_function_shape;
  for (const auto* rules : {&matrix_rules(), &dimension_rules()}) {
    const auto found = rules->find(function);
    if (found != rules->end()) return found->second;
  }
  const auto other = other_rules().find(function);
  return other == other_rules().end() ? nullptr : other->second;
}

bool gives_integers(const std::string& function) { return integral().count(function) != 0; }

bool draws_random_numbers(const std::string& function) {
  static const std::set<std::string> names = words(
      "alpha_dropout bernoulli binomial dropout feature_alpha_dropout feature_dropout multinomial native_dropout "
      "normal poisson rand rand_like randint randint_like randn randn_like randperm rrelu");
  return names.count(function) != 0;
}

}  // namespace kiln
