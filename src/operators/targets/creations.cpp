#include <cmath>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

Shape sizes_of(const std::vector<std::int64_t>& numbers) {
  Shape shape = make_shape({});
  for (const std::int64_t n : numbers) shape.sizes.push_back(fixed_size(n));
  return shape;
}

ShapeResult created(const std::vector<std::int64_t>& sizes) { return {{sizes_of(sizes)}, false, ""}; }

/// Of overloads of torch.normal some have no size, but tensors.
ShapeResult sized(const FittedCall& call) {
  constexpr std::int64_t kMostNumbers = std::int64_t{1} << 40;  // more than any memory holds
  if (find_argument(call, "size").part == nullptr) return {};
  if (product(call.integers("size")) > kMostNumbers)
    return faulty("cannot make a tensor as large as " + call.written("size"));
  return created(call.integers("size"));
}

ShapeResult identity(const FittedCall& call) {
  const std::int64_t n = call.integer("n");
  return created({n, find_argument(call, "m").part == nullptr ? n : call.integer("m")});
}

ShapeResult permutation(const FittedCall& call) { return created({call.integer("n")}); }
ShapeResult steps(const FittedCall& call) { return created({call.integer("steps")}); }
ShapeResult window(const FittedCall& call) { return created({call.integer("window_length")}); }

/// A dtype of integers would round the numbers before they are counted.
ShapeResult counted(const FittedCall& call) {
  if (call.given("dtype")) return {};
  const double start = find_argument(call, "start").part == nullptr ? 0.0 : call.real("start");
  const double step = find_argument(call, "step").part == nullptr ? 1.0 : call.real("step");
  const double n = std::ceil((call.real("end") - start) / step);
  constexpr double kMost = 1e9;
  return n >= 0.0 && n <= kMost ? created({static_cast<std::int64_t>(n)}) : ShapeResult{};
}

/// Places in a triangle of a matrix: two rows, one column each.
ShapeResult places(const FittedCall& call) {
  (void)call;
  return {{make_shape({fixed_size(2), Size{}})}, false, ""};
}

}  // namespace

const ShapeRules& creation_rules() {
  static const ShapeRules rules = {
      {"torch.zeros", sized},
      {"torch.ones", sized},
      {"torch.full", sized},
      {"torch.rand", sized},
      {"torch.randn", sized},
      {"torch.randint", sized},
      {"torch.normal", sized},
      {"torch.eye", identity},
      {"torch.randperm", permutation},
      {"torch.arange", counted},
      {"torch.linspace", steps},
      {"torch.logspace", steps},
      {"torch.hann_window", window},
      {"torch.hamming_window", window},
      {"torch.bartlett_window", window},
      {"torch.blackman_window", window},
      {"torch.kaiser_window", window},
      {"torch.tril_indices", places},
      {"torch.triu_indices", places},
      {"torch.zeros_like", same_as_first},
      {"torch.ones_like", same_as_first},
      {"torch.full_like", same_as_first},
      {"torch.rand_like", same_size},
      {"torch.randn_like", same_size},
      {"torch.randint_like", same_size},
  };
  return rules;
}

}  // namespace kiln
