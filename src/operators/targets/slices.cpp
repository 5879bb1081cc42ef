#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// A tensor and one of its dimensions.
struct Along {
  Shape shape;
  int dim = -1;

  Size& size() { return shape.sizes[dim]; }
};

/// What has no dimension has no parts. False if nothing is known, or there is a fault.
bool find_dimension(const FittedCall& call, Along& along, std::string& fault) {
  along.shape = first_input(call);
  if (!along.shape.known) return false;
  if (along.shape.rank() == 0) {
    fault = "takes no number: it has no dimension";
    return false;
  }
  along.dim = dimensions(call, "dim", along.shape, fault)[0];
  return fault.empty();
}

std::string where(const FittedCall& call) {
  return " in dimension " + call.written("dim") + " of " + to_string(first_input(call));
}

ShapeResult selected(const FittedCall& call) {
  Along along;
  std::string fault;
  if (!find_dimension(call, along, fault)) return faulty(fault);
  const Size size = along.size();
  const std::int64_t index = call.integer("index");
  if (size.known() && (index >= size.n || index < -size.n))
    return faulty("has no entry " + std::to_string(index) + where(call));
  along.shape.sizes.erase(along.shape.sizes.begin() + along.dim);
  return {{along.shape}, along.dim > 0, ""};
}

/// Of several entries along a dimension, which may not be more than there are.
ShapeResult some_entries(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  const std::vector<int> dims = dimensions(call, "dim", shape, fault);
  if (!fault.empty()) return faulty(fault);
  const Size size = dims[0] < 0 ? fixed_size(1) : shape.sizes[dims[0]];
  const std::int64_t k = call.integer("k");
  if (size.known() && k > size.n) return faulty("has no " + std::to_string(k) + " entries" + where(call));
  if (find_argument(call, "keepdim").part != nullptr) return reduced(call);
  Shape top = shape;
  if (dims[0] >= 0) top.sizes[dims[0]] = fixed_size(k);
  return {{top, top}, dims[0] > 0, ""};
}

constexpr std::size_t kMostParts = 1000;

/// Parts of these sizes along the dimension; of too many nothing is said.
ShapeResult in_parts(Along along, const std::vector<std::int64_t>& sizes) {
  ShapeResult result;
  result.row_wise = along.dim > 0;
  if (sizes.empty() || sizes.size() > kMostParts) return result;
  result.is_whole_list = true;
  for (const std::int64_t n : sizes) {
    along.size() = fixed_size(n);
    result.shapes.push_back(along.shape);
  }
  return result;
}

/// n in parts of `size`, the last of them smaller perhaps.
std::vector<std::int64_t> parts_of_size(std::int64_t n, std::int64_t size) {
  if (n <= 0 || size <= 0 || n / size > static_cast<std::int64_t>(kMostParts)) return {};
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(n / size), size);
  if (n % size > 0) sizes.push_back(n % size);
  return sizes;
}

/// n in so many parts, the first of them larger by one perhaps.
std::vector<std::int64_t> even_parts(std::int64_t n, std::int64_t n_parts) {
  if (n_parts <= 0 || n_parts > static_cast<std::int64_t>(kMostParts)) return {};
  std::vector<std::int64_t> sizes;
  for (std::int64_t k = 0; k < n_parts; ++k) sizes.push_back(n / n_parts + (k < n % n_parts ? 1 : 0));
  return sizes;
}

/// Every entry along the dimension, which goes.
ShapeResult unbound(const FittedCall& call) {
  Along along;
  std::string fault;
  if (!find_dimension(call, along, fault)) return faulty(fault);
  const Size size = along.size();
  along.shape.sizes.erase(along.shape.sizes.begin() + along.dim);
  ShapeResult result;
  result.row_wise = along.dim > 0;
  result.is_whole_list = size.known() && size.n > 0 && size.n <= static_cast<std::int64_t>(kMostParts);
  if (result.is_whole_list) result.shapes.assign(static_cast<std::size_t>(size.n), along.shape);
  return result;
}

/// In parts along `dim`: their sizes, of n in all; none if nothing is known of them.
ShapeResult parted(const FittedCall& call, std::vector<std::int64_t> (*sizes_of)(const FittedCall&, std::int64_t n)) {
  Along along;
  std::string fault;
  if (!find_dimension(call, along, fault)) return faulty(fault);
  const Size size = along.size();
  return in_parts(along, size.known() ? sizes_of(call, size.n) : std::vector<std::int64_t>{});
}

std::vector<std::int64_t> sizes_of_chunks(const FittedCall& call, std::int64_t n) {
  return parts_of_size(n, (n - 1) / call.integer("chunks") + 1);
}

/// So many parts; where they are told by places, nothing more is said.
std::vector<std::int64_t> sizes_of_sections(const FittedCall& call, std::int64_t n) {
  if (find_argument(call, "sections").part == nullptr) return {};
  return even_parts(n, call.integer("sections"));
}

ShapeResult chunked(const FittedCall& call) { return parted(call, sizes_of_chunks); }
ShapeResult split_evenly(const FittedCall& call) { return parted(call, sizes_of_sections); }

/// hsplit, vsplit, dsplit: along the second dimension, or the only one; the first; the third.
ShapeResult parted_along(const FittedCall& call, int dim, int least_rank) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  if (shape.rank() < least_rank)
    return faulty("takes tensors of " + std::to_string(least_rank) + (least_rank == 1 ? " dimension" : " dimensions") +
                  " or more, not of shape " + to_string(shape));
  const int at = std::min(dim, shape.rank() - 1);
  const Size size = shape.sizes[at];
  const bool by_number = find_argument(call, "sections").part != nullptr && size.known();
  if (!by_number) return in_parts({shape, at}, {});
  const std::int64_t sections = call.integer("sections");
  if (size.n % sections == 0) return in_parts({shape, at}, even_parts(size.n, sections));
  return faulty("cannot split a dimension of " + std::to_string(size.n) + " into " + call.written("sections") +
                " equal parts");
}
ShapeResult parted_sideways(const FittedCall& call) { return parted_along(call, 1, 1); }
ShapeResult parted_downwards(const FittedCall& call) { return parted_along(call, 0, 2); }
ShapeResult parted_in_depth(const FittedCall& call) { return parted_along(call, 2, 3); }

/// Entries of a slice in a dimension of n, as Python counts them.
std::int64_t slice_size(const FittedCall& call, std::int64_t n) {
  const auto bound = [&](const char* name, std::int64_t otherwise) {
    const std::int64_t at = call.integer(name, otherwise);
    return std::clamp<std::int64_t>(at < 0 ? at + n : at, 0, n);
  };
  const std::int64_t step = call.integer("step"), length = bound("end", n) - bound("start", 0);
  return length <= 0 ? 0 : (length - 1) / step + 1;
}

}  // namespace

/// `start` may be a tensor: then it counts as 0.
ShapeResult narrowed(const FittedCall& call) {
  Along along;
  std::string fault;
  if (!find_dimension(call, along, fault)) return faulty(fault);
  const Size size = along.size();
  const std::int64_t start = call.integer("start"), length = call.integer("length");
  const std::int64_t from = start < 0 && size.known() ? start + size.n : start;
  if (size.known() && (from < 0 || from > size.n))
    return faulty("has no entry " + std::to_string(start) + " to start at" + where(call));
  if (size.known() && length > size.n - from)
    return faulty("has no " + std::to_string(length) + " entries from " + std::to_string(start) + " on" + where(call));
  along.size() = fixed_size(length);
  return {{along.shape}, along.dim > 0, ""};
}

/// Parts along a dimension, which must be their sum, or of one size above 0.
ShapeResult split_by_sizes(const FittedCall& call) {
  Along along;
  std::string fault;
  const char* argument = find_argument(call, "split_sizes").part != nullptr ? "split_sizes" : "split_size_or_sections";
  const bool list = find_argument(call, argument).argument().type.list;
  const std::vector<std::int64_t> sizes = call.integers(argument);
  if (!find_dimension(call, along, fault))
    return fault.empty() && list ? ShapeResult{std::vector<Shape>(sizes.size()), false, "", false, !sizes.empty()}
                                 : faulty(fault);
  if (!along.size().known()) return in_parts(along, list ? sizes : std::vector<std::int64_t>{});
  std::int64_t left = along.size().n;
  if (!list && (left == 0 || call.integer(argument) > 0))
    return in_parts(along, parts_of_size(left, call.integer(argument)));
  for (const std::int64_t n : sizes) left = n < 0 || n > left ? -1 : left - n;
  if (list && left == 0) return in_parts(along, sizes);
  return faulty("cannot split dimension " + call.written("dim") + " of " + to_string(along.shape) + " into " +
                call.written(argument));
}

ShapeResult slice_scattered(const FittedCall& call) {
  const Shape shape = call.input("input"), part = call.input("src");
  const int at = dimension(shape, call.integer("dim"));
  if (!shape.known) return {};
  if (at < 0) return faulty("has no dimension " + call.written("dim") + " in " + to_string(shape));
  Shape slice = shape;
  Size& size = slice.sizes[at];
  size = size.known() ? fixed_size(slice_size(call, size.n)) : Size{};
  if (!may_equal(part, slice))
    return faulty("takes a tensor of shape " + to_string(slice) + " as 'src', not of shape " + to_string(part));
  return {{shape}, at > 0 && part.known, ""};
}

const ShapeRules& slice_rules() {
  static const ShapeRules rules = {
      {"torch.select", selected},
      {"torch.narrow", narrowed},
      {"torch.topk", some_entries},
      {"torch.kthvalue", some_entries},
      {"torch.unbind", unbound},
      {"torch.chunk", chunked},
      {"torch.tensor_split", split_evenly},
      {"torch.hsplit", parted_sideways},
      {"torch.vsplit", parted_downwards},
      {"torch.dsplit", parted_in_depth},
      {"torch.split_with_sizes", split_by_sizes},
  };
  return rules;
}

}  // namespace kiln
