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

constexpr Twin kRearrangements[] = {
    {"", "Flatten", "Tensor input", "int start_dim=1, int end_dim=-1", "torch.flatten({input}, {start_dim}, {end_dim})",
     flattened},
    {"", "PixelShuffle", "Tensor input", "int upscale_factor", "torch.pixel_shuffle({input}, {upscale_factor})",
     pixels_shuffled},
    {"", "PixelUnshuffle", "Tensor input", "int downscale_factor", "torch.pixel_unshuffle({input}, {downscale_factor})",
     pixels_shuffled},
    {"", "ChannelShuffle", "Tensor input", "int groups", "torch.channel_shuffle({input}, {groups})", channel_shuffled},
    {"fold", "Fold", "Tensor input",
     "List2[int] output_size, List2[int] kernel_size, List2[int] dilation=1, List2[int] padding=0, List2[int] stride=1",
     "torch.ops.aten.col2im({input}, {output_size}, {kernel_size}, {dilation}, {padding}, {stride})", folded},
    {"unfold", "Unfold", "Tensor input",
     "List2[int] kernel_size, List2[int] dilation=1, List2[int] padding=0, List2[int] stride=1",
     "torch.ops.aten.im2col({input}, {kernel_size}, {dilation}, {padding}, {stride})", unfolded},
};

}  // namespace

/// Channels become pixels, or pixels channels.
ShapeResult pixels_shuffled(const FittedCall& call) {
  Shape shape = first_input(call);
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
  if (!shape.known) return result;
  if (shape.rank() == 0) {  // a vector of one
    for (const char* argument : {"start_dim", "end_dim"})
      if (result.fault.empty()) result.fault = fault_of_dimension(shape, call.integer(argument));
    return result;
  }
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
  row.expression = "{input}.unflatten({dim}, {unflattened_size})";
  row.shape = unflattened;
  rows.push_back(row);
}

}  // namespace kiln
