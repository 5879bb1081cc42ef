#include <algorithm>
#include <cmath>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

// --- larger and smaller grids ---

/// What computes a mode, and for how many dimensions behind batch and channels.
struct Interpolation {
  const char* mode;
  const char* name;
  int least, most;
};

constexpr Interpolation kInterpolations[] = {
    {"nearest", "upsample_nearest", 1, 3},     {"nearest-exact", "_upsample_nearest_exact", 1, 3},
    {"area", "adaptive_avg_pool", 1, 3},       {"linear", "upsample_linear", 1, 1},
    {"bilinear", "upsample_bilinear", 2, 2},   {"bicubic", "upsample_bicubic", 2, 2},
    {"trilinear", "upsample_trilinear", 3, 3},
};

std::string mode_of(const FittedCall& call) {
  const std::string& name = call.parts.back().signature.name;
  if (name == "torch.nn.UpsamplingBilinear2d" || name == "torch.nn.functional.upsample_bilinear") return "bilinear";
  return find_argument(call, "mode").part == nullptr ? "nearest" : call.text("mode");
}

const Interpolation& interpolation_of(const FittedCall& call) {
  const std::string mode = mode_of(call);
  return *std::find_if(std::begin(kInterpolations), std::end(kInterpolations),
                       [&](const Interpolation& interpolation) { return mode == interpolation.mode; });
}

bool is_smoothed(const FittedCall& call) {
  return find_argument(call, "antialias").part != nullptr && call.boolean("antialias");
}

bool asks_for_sizes(const FittedCall& call) {
  return find_argument(call, "recompute_scale_factor").part != nullptr && call.boolean("recompute_scale_factor");
}

/// Are the sizes worked out of the factors before the operator is called?
bool works_out_sizes(const FittedCall& call) {
  return !call.given("size") && (asks_for_sizes(call) || mode_of(call) == "area");
}

const char* scaling_argument(const FittedCall& call) { return call.given("size") ? "size" : "scale_factor"; }

/// Numbers that are given as a list, one per dimension; 0: one number for all.
int n_listed(const FittedCall& call) {
  const Yaml& value = find_argument(call, scaling_argument(call)).bound().value;
  return static_cast<int>(value.items.size());
}

/// How many dimensions behind batch and channels there may be.
std::pair<int, int> n_spatial(const FittedCall& call) {
  const Shape shape = call.input("input");
  const Interpolation& interpolation = interpolation_of(call);
  const int listed = n_listed(call);
  if (shape.known) return {shape.rank() - 2, shape.rank() - 2};
  return listed > 0 ? std::pair{listed, listed} : std::pair{interpolation.least, interpolation.most};
}

/// As a list of n.
std::string repeated(const std::string& argument, int n, const FittedCall& call) {
  if (!call.given(argument)) return "None";
  const std::string text = call.written(argument);
  if (n_listed(call) > 0) return text;
  std::string list;
  for (int k = 0; k < n; ++k) list += (k > 0 ? ", " : "") + text.substr(1, text.size() - 2);
  return "[" + list + "]";
}

double factor(const FittedCall& call, int k) {
  const std::vector<double> factors = call.reals("scale_factor");
  return factors.size() == 1 ? factors[0] : factors[k];
}

/// Sizes times factors, rounded down.
std::string worked_out_sizes(const FittedCall& call, int n) {
  std::string list;
  for (int k = 0; k < n; ++k)
    list += (k > 0 ? ", int(float(" : "int(float(") + call.written("input") + ".size(" + std::to_string(k + 2) +
            ")) * " + python_text(factor(call, k)) + ")";
  return "[" + list + "]";
}

/// For n dimensions behind batch and channels.
std::string interpolated_text(const FittedCall& call, int n) {
  const std::string mode = mode_of(call);
  const bool by_sizes = works_out_sizes(call);
  const std::string size = by_sizes ? worked_out_sizes(call, n) : repeated("size", n, call);
  const std::string start = "torch.ops.aten." + std::string(is_smoothed(call) ? "_" : "") +
                            interpolation_of(call).name + std::to_string(n) + (is_smoothed(call) ? "d_aa(" : "d(") +
                            call.written("input") + ", " + size;
  if (mode == "area") return start + ")";
  const bool has_corners = find_argument(call, "align_corners").part != nullptr;
  const std::string corners = !has_corners || call.boolean("align_corners") ? ", True" : ", False";
  const std::string factors = by_sizes ? "None" : repeated("scale_factor", n, call);
  return start + (mode.compare(0, 7, "nearest") == 0 ? "" : corners) + ", " + factors + ")";
}

/// A number of dimensions that is not known is looked at when it runs.
std::string interpolated_text(const FittedCall& call) {
  const auto [least, most] = n_spatial(call);
  std::string text = interpolated_text(call, most);
  for (int n = most - 1; n >= least; --n)
    text = interpolated_text(call, n) + " if " + call.written("input") + ".dim() == " + std::to_string(n + 2) +
           " else " + text;
  return least == most ? text : "(" + text + ")";
}

/// What is wrong whatever the tensor is.
std::string fault_of_scaling(const FittedCall& call) {
  const std::string mode = mode_of(call);
  if (call.given("size") == call.given("scale_factor")) return "needs one of 'size' and 'scale_factor'";
  if (call.given("size") && asks_for_sizes(call)) return "takes recompute_scale_factor: true with 'scale_factor' only";
  if (is_smoothed(call) && mode != "bilinear" && mode != "bicubic")
    return "takes antialias: true in modes 'bilinear' and 'bicubic' only";
  const Interpolation& interpolation = interpolation_of(call);
  const int listed = n_listed(call);
  if (listed > 0 && (listed < interpolation.least || listed > interpolation.most))
    return "in mode '" + mode + "' takes no " + std::to_string(listed) + " numbers as " + scaling_argument(call);
  return "";
}

std::int64_t scaled(std::int64_t n, double by) { return static_cast<std::int64_t>(static_cast<double>(n) * by); }

/// In every dimension something must be there, and left; of a mean over areas, at least there.
std::string fault_of_scaled(const FittedCall& call, const Shape& shape) {
  for (int k = 2; k < shape.rank(); ++k) {
    const Size& size = shape.sizes[k];
    const double by = call.given("scale_factor") && mode_of(call) != "area" ? factor(call, k - 2) : 1.0;
    if (size.known() && static_cast<double>(size.n) * by < 1.0)
      return "leaves nothing of a dimension of " + std::to_string(size.n);
  }
  return "";
}

std::string fault_of_grid(const FittedCall& call) {
  const std::string fault = fault_of_scaling(call);
  const Shape shape = call.input("input");
  if (!fault.empty() || !shape.known) return fault;
  const auto [mode, name, least, most] = interpolation_of(call);
  const int n = shape.rank() - 2, listed = n_listed(call);
  if (n < 1 || n > 3) return "takes tensors of 3 to 5 dimensions, not of shape " + to_string(shape);
  if (n < least || n > most)
    return "in mode '" + std::string(mode) + "' takes tensors of " + std::to_string(least + 2) +
           (least == most ? "" : " to " + std::to_string(most + 2)) + " dimensions, not of shape " + to_string(shape);
  if (listed > 0 && listed != n) return "needs " + std::to_string(n) + " numbers as " + scaling_argument(call);
  return fault_of_scaled(call, shape);
}

Size interpolated_size(const FittedCall& call, const Size& size, int k) {
  const auto sizes = call.integers("size");
  if (!sizes.empty()) return fixed_size(sizes.size() == 1 ? sizes[0] : sizes[k]);
  constexpr double kMost = 2147483648.0;
  const bool known = size.known() && static_cast<double>(size.n) * factor(call, k) < kMost;
  return known ? fixed_size(scaled(size.n, factor(call, k))) : Size{};
}

ShapeResult interpolated_shape(const FittedCall& call) {
  const std::string fault = fault_of_grid(call);
  Shape shape = call.input("input");
  if (!fault.empty() || !shape.known) return faulty(fault);
  for (int k = 0; k < shape.rank() - 2; ++k) shape.sizes[2 + k] = interpolated_size(call, shape.sizes[2 + k], k);
  return {{shape}, true, ""};
}

void add_interpolations(std::vector<TargetRow>& rows) {
  const std::string sizes = "Optional[List[int]] size=None, Optional[List[float]] scale_factor=None";
  const std::string modes =
      ", Literal['nearest','linear','bilinear','bicubic','trilinear','area','nearest-exact'] mode='nearest', "
      "Optional[bool] align_corners=None";
  const std::string recompute = ", Optional[bool] recompute_scale_factor=None";
  TargetRow row;
  row.write = interpolated_text;
  row.shape = interpolated_shape;
  row.signature = "torch.nn.functional.interpolate(Tensor input, " + sizes + modes + recompute +
                  ", bool antialias=False) -> Tensor";
  rows.push_back(row);
  row.signature = "torch.nn.functional.upsample(Tensor input, " + sizes + modes + ") -> Tensor";
  rows.push_back(row);
  for (const char* name : {"upsample_nearest", "upsample_bilinear"}) {
    row.signature = std::string("torch.nn.functional.") + name + "(Tensor input, " + sizes + ") -> Tensor";
    rows.push_back(row);
  }
  row.forward = "forward(Tensor input) -> Tensor";
  row.signature = "torch.nn.Upsample(" + sizes + modes + recompute + ")";
  rows.push_back(row);
  for (const char* name : {"UpsamplingNearest2d", "UpsamplingBilinear2d"}) {
    row.signature = std::string("torch.nn.") + name + "(" + sizes + ")";
    rows.push_back(row);
  }
}

// --- values between the points of a grid ---

std::string aligned(const FittedCall& call) { return call.boolean("align_corners") ? "True" : "False"; }
std::string grid_sample_text(const FittedCall& call) {
  return fill_in("torch.grid_sampler({input}, {grid}, {mode|index}, {padding_mode|index}, ", call) + aligned(call) +
         ")";
}
std::string affine_grid_text(const FittedCall& call) {
  return fill_in("torch.affine_grid_generator({theta}, {size}, ", call) + aligned(call) + ")";
}

bool is_bicubic(const FittedCall& call) {
  return find_argument(call, "mode").part != nullptr ? call.text("mode") == "bicubic"
                                                     : call.integer("interpolation_mode") == 2;
}

void add_sampling(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature =
      "torch.nn.functional.grid_sample(Tensor input, Tensor grid, Literal['bilinear','nearest','bicubic'] "
      "mode='bilinear', Literal['zeros','border','reflection'] padding_mode='zeros', "
      "Optional[bool] align_corners=None) -> Tensor";
  row.write = grid_sample_text;
  row.shape = sampled_at_grid;
  rows.push_back(row);
  row.signature =
      "torch.nn.functional.affine_grid(Tensor theta, List[int] size, Optional[bool] align_corners=None) -> Tensor";
  row.write = affine_grid_text;
  row.shape = affine_grid_shape;
  rows.push_back(row);
}

}  // namespace

/// A point for every place of the result: (batch, …, 2) in an image, (batch, …, 3) in a volume.
ShapeResult sampled_at_grid(const FittedCall& call) {
  const Shape input = call.input("input"), grid = call.input("grid");
  if (!input.known || !grid.known) return {};
  const int rank = input.rank();
  const bool fits = (rank == 4 || (rank == 5 && !is_bicubic(call))) && grid.rank() == rank &&
                    may_equal(input.sizes[0], grid.sizes[0]) && may_equal(grid.sizes.back(), fixed_size(rank - 2));
  const bool empty =
      fits && std::any_of(input.sizes.begin() + 2, input.sizes.end(), [](const Size& size) { return size.n == 0; });
  if (!fits || empty) return faulty("cannot sample " + to_string(input) + " at a grid of shape " + to_string(grid));
  Shape shape = input;
  std::copy(grid.sizes.begin() + 1, grid.sizes.end() - 1, shape.sizes.begin() + 2);
  return {{shape}, true, ""};
}

/// A map of two or three dimensions for every sample becomes points in a grid of these sizes.
ShapeResult affine_grid_shape(const FittedCall& call) {
  const Shape maps = call.input("theta");
  const std::vector<std::int64_t> size = call.integers("size");
  const int n = static_cast<int>(size.size()) - 2;
  const bool is_function = call.parts.front().signature.name == "torch.nn.functional.affine_grid";
  const bool fits =
      (n == 2 || n == 3) && std::all_of(size.begin(), size.end(), [&](auto k) { return k >= (is_function ? 1 : 0); });
  if (!fits) return faulty("needs four or five sizes, of batch, channels and grid, not " + call.written("size"));
  const Shape expected = make_shape({fixed_size(size[0]), fixed_size(n), fixed_size(n + 1)});
  if (!may_equal(maps, expected))
    return faulty("takes a tensor of shape " + to_string(expected) + " as 'theta', not " + to_string(maps));
  Shape points = make_shape({expected.sizes[0]});
  for (int k = 0; k < n; ++k) points.sizes.push_back(fixed_size(size[2 + k]));
  points.sizes.push_back(fixed_size(n));
  return {{points}, false, ""};
}

void add_grids(std::vector<TargetRow>& rows) {
  add_interpolations(rows);
  add_sampling(rows);
}

}  // namespace kiln
