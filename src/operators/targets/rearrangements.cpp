#include <map>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

Size joined_size(const Shape& shape, int first, int last) {
  std::vector<std::int64_t> sizes;
  for (int k = first; k <= last; ++k) {
    if (!shape.sizes[k].known()) return {};
    sizes.push_back(shape.sizes[k].n);
  }
  return fixed_size(product(sizes));
}

ShapeResult unflattened(const FittedCall& call) {
  return unflattened_shape(call.input("input"), call.integer("dim"), call.integers("unflattened_size"));
}

/// The dimension is split by reshaping, so its place must be counted from the front.
std::string unflatten_text(const FittedCall& call) {
  const std::string input = call.written("input"), dim = call.written("dim"), sizes = call.written("unflattened_size");
  const std::string size = input + ".size()";
  if (call.integer("dim") == -1) return input + ".reshape(list(" + size + "[:-1]) + " + sizes + ")";
  const std::string next = std::to_string(call.integer("dim") + 1);
  return input + ".reshape(list(" + size + "[:" + dim + "]) + " + sizes + " + list(" + size + "[" + next + ":]))";
}

/// Channels become pixels, or pixels channels.
ShapeResult shuffled(const FittedCall& call) {
  Shape shape = call.input("input");
  ShapeResult result;
  const bool up = find_argument(call, "upscale_factor").part != nullptr;
  const std::int64_t r = call.integer(up ? "upscale_factor" : "downscale_factor");
  if (r < 1 || r > 10000) {
    result.fault = "needs a factor of 1 or more";
    return result;
  }
  if (!shape.known) return result;
  if (shape.rank() < 3) {
    result.fault = "takes tensors of three dimensions or more, not of shape " + to_string(shape);
    return result;
  }
  Size& channels = shape.sizes[shape.rank() - 3];
  if (up && channels.known() && channels.n % (r * r) != 0)
    result.fault = "cannot divide " + std::to_string(channels.n) + " channels by " + std::to_string(r * r);
  if (channels.known())
    channels = fixed_size(up ? channels.n / (r * r) : channels.n * r * r);
  else
    channels = Size{};
  for (int k = shape.rank() - 2; k < shape.rank(); ++k) {
    Size& size = shape.sizes[k];
    if (!up && size.known() && size.n % r != 0)
      result.fault = "cannot divide a dimension of " + std::to_string(size.n) + " by " + std::to_string(r);
    size = size.known() ? fixed_size(up ? size.n * r : size.n / r) : Size{};
  }
  return {{shape}, shape.rank() > 3, result.fault};
}

/// Places of a window in a grid of two dimensions; 0 where it does not fit.
std::int64_t n_places(const FittedCall& call, const std::vector<std::int64_t>& grid) {
  const auto kernel = call.integers("kernel_size"), dilation = call.integers("dilation");
  const auto padding = call.integers("padding"), stride = call.integers("stride");
  std::vector<std::int64_t> places;
  for (std::size_t k = 0; k < 2; ++k) {
    const std::int64_t room = grid[k] + 2 * padding[k] - dilation[k] * (kernel[k] - 1) - 1;
    places.push_back(room < 0 ? 0 : room / stride[k] + 1);
  }
  return product(places);
}

/// Windows become channels: (B, C, H, W) -> (B, C · kernel, places).
ShapeResult unfolded(const FittedCall& call) {
  const Shape shape = call.input("input");
  ShapeResult result;
  if (!shape.known) return result;
  if (shape.rank() != 3 && shape.rank() != 4)
    return {{}, false, "takes tensors of three or four dimensions, not of shape " + to_string(shape)};
  const int channel = shape.rank() - 3;
  const Size &height = shape.sizes[channel + 1], &width = shape.sizes[channel + 2], &channels = shape.sizes[channel];
  const bool known = height.known() && width.known();
  const std::int64_t places = known ? n_places(call, {height.n, width.n}) : 1;
  if (places == 0) return {{}, false, "has a window larger than the tensor of shape " + to_string(shape)};
  const std::int64_t window = product(call.integers("kernel_size"));
  Shape columns = make_shape({shape.sizes.begin(), shape.sizes.begin() + channel});
  columns.sizes.push_back(channels.known() ? fixed_size(product({channels.n, window})) : Size{});
  columns.sizes.push_back(known ? fixed_size(places) : Size{});
  return {{columns}, channel == 1, ""};
}

/// The way back: every column is a window of the grid.
ShapeResult folded(const FittedCall& call) {
  const Shape shape = call.input("input");
  ShapeResult result;
  if (!shape.known) return result;
  const auto grid = call.integers("output_size");
  const std::int64_t window = product(call.integers("kernel_size")), places = n_places(call, grid);
  const int channel = shape.rank() - 2;
  const bool fits = (shape.rank() == 2 || shape.rank() == 3) && places > 0 &&
                    may_equal(shape.sizes[channel + 1], fixed_size(places)) &&
                    (!shape.sizes[channel].known() || shape.sizes[channel].n % window == 0);
  if (!fits)
    return {{},
            false,
            "takes tensors of channels · " + std::to_string(window) + " by " + std::to_string(places) +
                ", not of shape " + to_string(shape)};
  Shape image = make_shape({shape.sizes.begin(), shape.sizes.begin() + channel});
  const Size& columns = shape.sizes[channel];
  image.sizes.push_back(columns.known() ? fixed_size(columns.n / window) : Size{});
  for (const std::int64_t n : grid) image.sizes.push_back(fixed_size(n));
  return {{image}, channel == 1, ""};
}

// --- larger and smaller grids ---

/// Dimensions behind batch and channels; 0: not known.
int n_spatial(const FittedCall& call) {
  const Shape shape = call.input("input");
  return shape.known ? shape.rank() - 2 : 0;
}

std::string repeated(const std::string& argument, int n, const FittedCall& call) {
  if (!call.given(argument)) return "None";
  const std::string text = call.written(argument);
  const std::size_t inside = text.size() - 2;
  if (text.find(',') != std::string::npos) return text;
  std::string list;
  for (int k = 0; k < n; ++k) list += (k > 0 ? ", " : "") + text.substr(1, inside);
  return "[" + list + "]";
}

const std::map<std::string, std::string>& interpolations() {
  static const std::map<std::string, std::string> names = {
      {"nearest", "upsample_nearest"}, {"nearest-exact", "_upsample_nearest_exact"},
      {"linear", "upsample_linear"},   {"bilinear", "upsample_bilinear"},
      {"bicubic", "upsample_bicubic"}, {"trilinear", "upsample_trilinear"}};
  return names;
}

std::string mode_of(const FittedCall& call) {
  const std::string& name = call.parts.back().signature.name;
  if (name == "torch.nn.UpsamplingBilinear2d" || name == "torch.nn.functional.upsample_bilinear") return "bilinear";
  return find_argument(call, "mode").part == nullptr ? "nearest" : call.text("mode");
}

std::string interpolated_text(const FittedCall& call) {
  const int n = n_spatial(call);
  const std::string mode = mode_of(call), input = call.written("input");
  const std::string size = repeated("size", n, call), factor = repeated("scale_factor", n, call);
  if (mode == "area") return "torch.ops.aten.adaptive_avg_pool" + std::to_string(n) + "d(" + input + ", " + size + ")";
  const bool nearest = mode.compare(0, 7, "nearest") == 0;
  const bool has_corners = find_argument(call, "align_corners").part != nullptr;
  const std::string corners = !has_corners ? "True" : call.boolean("align_corners") ? "True" : "False";
  return "torch.ops.aten." + interpolations().at(mode) + std::to_string(n) + "d(" + input + ", " + size +
         (nearest ? "" : ", " + corners) + ", " + factor + ")";
}

/// Of every dimension something must be left.
std::string fault_of_scaled(const Shape& shape, const std::vector<double>& factors) {
  for (int k = 2; k < shape.rank() && !factors.empty(); ++k) {
    const double factor = factors.size() == 1 ? factors[0] : factors[k - 2];
    const Size& size = shape.sizes[k];
    if (size.known() && static_cast<double>(size.n) * factor < 1.0)
      return "leaves nothing of a dimension of " + std::to_string(size.n);
  }
  return "";
}

std::string fault_of_grid(const FittedCall& call) {
  static const std::map<std::string, std::pair<int, int>> dimensions = {
      {"nearest", {1, 3}}, {"nearest-exact", {1, 3}}, {"linear", {1, 1}}, {"bilinear", {2, 2}},
      {"bicubic", {2, 2}}, {"trilinear", {3, 3}},     {"area", {1, 3}}};
  const Shape shape = call.input("input");
  const int n = n_spatial(call);
  const auto [low, high] = dimensions.at(mode_of(call));
  if (!shape.known) return "needs an input whose number of dimensions is known";
  if (n < low || n > high)
    return "in mode '" + mode_of(call) + "' takes tensors of " + std::to_string(low + 2) +
           (low == high ? "" : " to " + std::to_string(high + 2)) + " dimensions, not of shape " + to_string(shape);
  if (call.given("size") == call.given("scale_factor")) return "needs one of 'size' and 'scale_factor'";
  if (mode_of(call) == "area" && !call.given("size")) return "in mode 'area' needs 'size'";
  const char* argument = call.given("size") ? "size" : "scale_factor";
  const int given = static_cast<int>(call.reals(argument).size());
  const bool single = given == 1 && !find_argument(call, argument).bound().value.is_sequence();  // for all dimensions
  if (!single && given != n) return "needs " + std::to_string(n) + " numbers as " + argument;
  return fault_of_scaled(shape, call.reals("scale_factor"));
}

ShapeResult interpolated_shape(const FittedCall& call) {
  ShapeResult result;
  result.fault = fault_of_grid(call);
  if (!result.fault.empty()) return result;
  Shape shape = call.input("input");
  const auto sizes = call.integers("size");
  for (int k = 0; k < n_spatial(call); ++k)
    shape.sizes[2 + k] = sizes.empty() ? Size{} : fixed_size(sizes.size() == 1 ? sizes[0] : sizes[k]);
  return {{shape}, true, ""};
}

void add_grids(std::vector<TargetRow>& rows) {
  const std::string sizes = "Optional[List[int]] size=None, Optional[List[float]] scale_factor=None";
  const std::string modes =
      ", Literal['nearest','linear','bilinear','bicubic','trilinear','area','nearest-exact'] mode='nearest', "
      "Optional[bool] align_corners=None";
  const std::string recompute = ", Literal[None,False] recompute_scale_factor=None";
  TargetRow row;
  row.write = interpolated_text;
  row.shape = interpolated_shape;
  row.signature = "torch.nn.functional.interpolate(Tensor input, " + sizes + modes + recompute +
                  ", Literal[False] antialias=False) -> Tensor";
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

std::string aligned(const FittedCall& call) { return call.boolean("align_corners") ? "True" : "False"; }
std::string grid_sample_text(const FittedCall& call) {
  return fill_in("torch.grid_sampler({input}, {grid}, {mode|index}, {padding_mode|index}, ", call) + aligned(call) +
         ")";
}
std::string affine_grid_text(const FittedCall& call) {
  return fill_in("torch.affine_grid_generator({theta}, {size}, ", call) + aligned(call) + ")";
}

void add_sampling(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature =
      "torch.nn.functional.grid_sample(Tensor input, Tensor grid, Literal['bilinear','nearest','bicubic'] "
      "mode='bilinear', Literal['zeros','border','reflection'] padding_mode='zeros', "
      "Optional[bool] align_corners=None) -> Tensor";
  row.write = grid_sample_text;
  rows.push_back(row);
  row.signature =
      "torch.nn.functional.affine_grid(Tensor theta, List[int] size, Optional[bool] align_corners=None) -> Tensor";
  row.write = affine_grid_text;
  rows.push_back(row);
}

constexpr Twin kRearrangements[] = {
    {"", "Flatten", "Tensor input", "int start_dim=1, int end_dim=-1", "torch.flatten({input}, {start_dim}, {end_dim})",
     flattened},
    {"", "PixelShuffle", "Tensor input", "int upscale_factor", "torch.pixel_shuffle({input}, {upscale_factor})",
     shuffled},
    {"", "PixelUnshuffle", "Tensor input", "int downscale_factor", "torch.pixel_unshuffle({input}, {downscale_factor})",
     shuffled},
    {"", "ChannelShuffle", "Tensor input", "int groups", "torch.channel_shuffle({input}, {groups})", channel_shuffled},
    {"fold", "Fold", "Tensor input",
     "List2[int] output_size, List2[int] kernel_size, List2[int] dilation=1, List2[int] padding=0, List2[int] stride=1",
     "torch.ops.aten.col2im({input}, {output_size}, {kernel_size}, {dilation}, {padding}, {stride})", folded},
    {"unfold", "Unfold", "Tensor input",
     "List2[int] kernel_size, List2[int] dilation=1, List2[int] padding=0, List2[int] stride=1",
     "torch.ops.aten.im2col({input}, {kernel_size}, {dilation}, {padding}, {stride})", unfolded},
};

}  // namespace

ShapeResult channel_shuffled(const FittedCall& call) {
  ShapeResult result = natively_shuffled(call);
  need_three_dimensions(result);
  return result;
}

ShapeResult natively_shuffled(const FittedCall& call) {
  ShapeResult result = same_as_first(call);
  const Shape& shape = result.shapes[0];
  const std::int64_t groups = call.integer("groups");
  if (shape.known && shape.rank() > 1 && shape.sizes[1].known() && shape.sizes[1].n % groups != 0)
    result.fault =
        "cannot divide " + std::to_string(shape.sizes[1].n) + " channels into " + std::to_string(groups) + " groups";
  return result;
}

ShapeResult flattened(const FittedCall& call) {
  const Shape shape = first_input(call);
  ShapeResult result;
  if (!shape.known || shape.rank() == 0) return result;
  const int first = dimension(shape, call.integer("start_dim")), last = dimension(shape, call.integer("end_dim"));
  if (first < 0 || last < first) {
    result.fault =
        "has no dimensions " + call.written("start_dim") + " to " + call.written("end_dim") + " in " + to_string(shape);
    return result;
  }
  Shape flat = shape;
  flat.sizes.erase(flat.sizes.begin() + first, flat.sizes.begin() + last + 1);
  flat.sizes.insert(flat.sizes.begin() + first, first == last ? shape.sizes[first] : joined_size(shape, first, last));
  return {{flat}, first > 0, ""};
}

void add_rearrangements(std::vector<TargetRow>& rows) {
  for (const Twin& twin : kRearrangements) add_rows(twin, rows);
  TargetRow row;
  row.signature = "torch.nn.Unflatten(int dim, List[int] unflattened_size)";
  row.forward = "forward(Tensor input) -> Tensor";
  row.write = unflatten_text;
  row.shape = unflattened;
  rows.push_back(row);
  add_grids(rows);
  add_sampling(rows);
}

}  // namespace kiln
