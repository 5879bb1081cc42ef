#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

bool is_named(const FittedCall& call, const char* module, const char* function) {
  return name_of(call).find(module) != std::string::npos || name_of(call).find(function) != std::string::npos;
}
bool is_maximum(const FittedCall& call) { return is_named(call, "MaxPool", "max_pool"); }
bool is_average(const FittedCall& call) { return is_named(call, "AvgPool", "avg_pool"); }

bool with_indices(const FittedCall& call) { return call.parts.front().signature.results.size() == 2; }

// --- windows that move ---

/// A number for each of the last dimensions.
struct Window {
  std::vector<std::int64_t> kernel, stride, padding, dilation;
  bool ceil = false;  ///< the last one may stand outside
};

Window window_of(const FittedCall& call, int n) {
  Window window;
  window.kernel = numbers_per_dimension(call, "kernel_size", n, 1);
  window.stride =
      call.integers("stride").empty() ? window.kernel : numbers_per_dimension(call, "stride", n, 1);  // torch's default
  window.padding = numbers_per_dimension(call, "padding", n, 0);
  window.dilation = numbers_per_dimension(call, "dilation", n, 1);
  window.ceil = find_argument(call, "ceil_mode").part != nullptr && call.boolean("ceil_mode");
  return window;
}

std::string fault_of_window(const FittedCall& call, int n) {
  std::string fault;
  for (const char* argument : {"kernel_size", "stride", "dilation", "padding"})
    if (fault.empty() && find_argument(call, argument).part != nullptr) fault = fault_of_count(call, argument, n);
  return fault;
}

/// Half a window may stand outside at most.
std::string fault_of_padding(const FittedCall& call, const Window& window) {
  for (std::size_t k = 0; k < window.kernel.size(); ++k) {
    if (2 * window.padding[k] > window.kernel[k])
      return "needs padding up to half of kernel_size " + call.written("kernel_size") + ", not " +
             call.written("padding");
  }
  return "";
}

/// Channels and n dimensions, or a batch of them.
std::string fault_of_rank(const Shape& shape, int n) {
  if (!shape.known || shape.rank() == n + 1 || shape.rank() == n + 2) return "";
  return "takes tensors of " + std::to_string(n + 1) + " or " + std::to_string(n + 2) + " dimensions, not of shape " +
         to_string(shape);
}

/// There must be something in every dimension but that of a batch.
std::string fault_of_nothing(const Shape& shape, int first) {
  for (int k = first; k < shape.rank(); ++k)
    if (shape.sizes[k].n == 0) return "has nothing to look at in a tensor of shape " + to_string(shape);
  return "";
}

/// How often a window fits along a dimension of n; 0 or less: it is larger.
std::int64_t n_places(const Window& window, int k, std::int64_t n) {
  const std::int64_t stride = window.stride[k], extent = window.dilation[k] * (window.kernel[k] - 1) + 1;
  const std::int64_t room = n + 2 * window.padding[k] - extent + (window.ceil ? stride - 1 : 0);
  const std::int64_t rounded_down = room < 0 ? -((stride - 1 - room) / stride) : room / stride;
  const std::int64_t places = rounded_down + 1;
  const bool last_begins_outside = window.ceil && (places - 1) * stride >= n + window.padding[k];
  return last_begins_outside ? places - 1 : places;
}

/// torch's maximum over windows of one dimension gives nothing where a step further back one would have fit.
std::int64_t least_places(const FittedCall& call) {
  return is_maximum(call) && dimensions_of(call) == 1 && !with_indices(call) ? 0 : 1;
}

/// The input with its last dimensions replaced; one result or two.
ShapeResult with_last(const FittedCall& call, const std::vector<Size>& last) {
  Shape shape = first_input(call);
  const int n = static_cast<int>(last.size());
  std::copy(last.begin(), last.end(), shape.sizes.end() - n);
  const std::size_t n_results = call.parts.front().signature.results.size();
  return {std::vector<Shape>(n_results, shape), shape.rank() >= n + 2, ""};
}

ShapeResult window_shape(const FittedCall& call) {
  const int n = dimensions_of(call);
  const Shape shape = first_input(call);
  std::string fault = fault_of_window(call, n);
  const Window window = window_of(call, n);
  if (fault.empty()) fault = fault_of_rank(shape, n);
  if (fault.empty()) fault = fault_of_nothing(shape, shape.rank() == n + 2 ? 1 : 0);
  if (fault.empty()) fault = fault_of_padding(call, window);
  if (!fault.empty() || !shape.known) return faulty(fault);
  std::vector<Size> last(n);
  for (int k = 0; k < n; ++k) {
    const Size& size = shape.sizes[shape.rank() - n + k];
    if (!size.known()) continue;
    const std::int64_t places = n_places(window, k, size.n);
    const bool outside = is_average(call) && n == 3 && size.n < window.kernel[k];  // torch looks at no padding then
    if (places < least_places(call) || outside)
      return faulty("has a window larger than the tensor of shape " + to_string(shape));
    last[k] = fixed_size(places);
  }
  return with_last(call, last);
}

ShapeResult unpooled_shape(const FittedCall& call) {
  const int n = dimensions_of(call);
  const Shape shape = call.input("input"), indices = call.input("indices");
  std::string fault = fault_of_window(call, n);
  if (call.given("stride") && call.integers("stride").empty()) fault = "needs numbers as stride, not none";
  if (fault.empty()) fault = fault_of_rank(shape, n);
  if (fault.empty() && !may_equal(shape, indices))
    fault = "takes indices of its input's shape " + to_string(shape) + ", not " + to_string(indices);
  if (!fault.empty() || !shape.known) return faulty(fault);
  const Window window = window_of(call, n);
  std::vector<Size> last(n);
  for (int k = 0; k < n; ++k) {
    const Size& size = shape.sizes[shape.rank() - n + k];
    if (!size.known()) continue;
    const std::int64_t before = (size.n - 1) * window.stride[k] + window.kernel[k] - 2 * window.padding[k];
    if (before < 1) return faulty("has paddings that leave nothing of a tensor of shape " + to_string(shape));
    last[k] = fixed_size(before);
  }
  return with_last(call, last);
}

// --- windows that follow from the sizes of the result ---

/// An item of null asks for the input's own size.
std::vector<Size> asked_sizes(const FittedCall& call, int n) {
  const Yaml value = find_argument(call, "output_size").bound().value;
  std::vector<Size> sizes;
  for (const Yaml& item : value.items) sizes.push_back(item.is_null() ? Size{} : fixed_size(item.int_value));
  return value.is_sequence() ? sizes : std::vector<Size>(n, fixed_size(value.int_value));
}

/// torch takes means over all of the last dimensions, of whatever tensor has them.
bool is_mean(const FittedCall& call, const std::vector<Size>& asked) {
  return is_average(call) && asked.size() > 1 &&
         std::all_of(asked.begin(), asked.end(), [](const Size& size) { return size.n == 1; });
}

std::string fault_of_adaptive(const FittedCall& call, const std::vector<Size>& asked, int n) {
  const Shape shape = first_input(call);
  std::string fault;
  if (static_cast<int>(asked.size()) != n)
    fault = "needs " + std::to_string(n) + " numbers as output_size, not " + call.written("output_size");
  if (!fault.empty() || !shape.known) return fault;
  if (is_mean(call, asked) && shape.rank() >= n) return "";
  fault = fault_of_rank(shape, n);
  const int first = is_average(call) && n == 1 ? shape.rank() - 1 : 1;
  return fault.empty() ? fault_of_nothing(shape, first) : fault;
}

ShapeResult adaptive_shape(const FittedCall& call) {
  const int n = dimensions_of(call);
  const Shape shape = first_input(call);
  std::vector<Size> last = asked_sizes(call, n);
  const std::string fault = fault_of_adaptive(call, last, n);
  if (!fault.empty() || !shape.known) return faulty(fault);
  for (int k = 0; k < n; ++k)
    if (!last[k].known()) last[k] = shape.sizes[shape.rank() - n + k];
  return with_last(call, last);
}

std::string asked_sizes_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  const std::vector<Size> sizes = asked_sizes(call, n);
  std::string list;
  for (int k = 0; k < static_cast<int>(sizes.size()); ++k)
    list += (k > 0 ? ", " : "") + (sizes[k].known() ? std::to_string(sizes[k].n)
                                                    : call.written("input") + ".size(" + std::to_string(k - n) + ")");
  return "[" + list + "]";
}

std::string stride_text(const FittedCall& call) {
  return call.written(call.integers("stride").empty() ? "kernel_size" : "stride");
}

std::string average_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  const std::string divisor = n == 1 ? "" : ", {divisor_override}";
  return fill_in("torch.nn.functional.avg_pool" + std::to_string(n) + "d({input}, {kernel_size}, " + stride_text(call) +
                     ", {padding}, {ceil_mode}, {count_include_pad}" + divisor + ")",
                 call);
}

std::string maximum_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  const std::string name = "max_pool" + std::to_string(n) + "d" + (with_indices(call) ? "_with_indices" : "");
  const std::string space = with_indices(call) && n > 1 ? "torch.nn.functional." : "torch.";
  return fill_in(
      space + name + "({input}, {kernel_size}, " + stride_text(call) + ", {padding}, {dilation}, {ceil_mode})", call);
}

std::string adaptive_maximum_text(const FittedCall& call) {
  const std::string n = std::to_string(dimensions_of(call));
  return "torch.ops.aten.adaptive_max_pool" + n + "d(" + call.written("input") + ", " + asked_sizes_text(call) +
         (with_indices(call) ? ")" : ")[0]");
}

std::string adaptive_average_text(const FittedCall& call) {
  const std::string n = std::to_string(dimensions_of(call));
  return "torch.ops.aten.adaptive_avg_pool" + n + "d(" + call.written("input") + ", " + asked_sizes_text(call) + ")";
}

/// The p-norm of each window, as torch makes it of an average.
std::string power_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  const std::int64_t window = product(call.integers("kernel_size"));
  const std::string mean =
      fill_in("torch.nn.functional.avg_pool" + std::to_string(n) + "d({input}.pow({norm_type}), {kernel_size}, " +
                  stride_text(call) + ", " + (n == 1 ? "[0]" : "[0, 0]") + ", {ceil_mode})",
              call);
  return "(torch.sign(" + mean + ") * torch.relu(torch.abs(" + mean + "))).mul(" + std::to_string(window) +
         ").pow(1.0 / " + call.written("norm_type") + ")";
}

/// Sizes are taken from the input when it runs.
std::string unpool_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  const auto kernel = call.integers("kernel_size"), padding = call.integers("padding");
  const auto stride = call.integers("stride").empty() ? kernel : call.integers("stride");
  const std::string input = call.written("input"), indices = call.written("indices");
  std::string sizes;
  for (int k = 0; k < n; ++k)
    sizes += (k > 0 ? ", (" : "(") + input + ".size(" + std::to_string(k - n) + ") - 1) * " +
             std::to_string(stride[k]) + " + " + std::to_string(kernel[k] - 2 * padding[k]);
  if (n == 1)
    return "torch.ops.aten.max_unpool2d(" + input + ".unsqueeze(-1), " + indices + ".unsqueeze(-1), [" + sizes +
           ", 1]).squeeze(-1)";
  const std::string more = n == 3 ? ", " + stride_text(call) + ", " + call.written("padding") : "";
  return "torch.ops.aten.max_unpool" + std::to_string(n) + "d(" + input + ", " + indices + ", [" + sizes + "]" + more +
         ")";
}

/// Rows of a function and of its module; `given` stands behind the tensors, `results` is what both give.
void add_both(const std::string& function, const std::string& function_given, const std::string& module,
              const std::string& module_given, TargetRow row, const std::string& results,
              std::vector<TargetRow>& rows) {
  const std::string tensors =
      function.find("unpool") != std::string::npos ? "Tensor input, Tensor indices" : "Tensor input";
  if (!function.empty()) {
    row.signature = "torch.nn.functional." + function + "(" + tensors + ", " + function_given + ") -> " + results;
    rows.push_back(row);
  }
  row.signature = "torch.nn." + module + "(" + module_given + ")";
  row.forward =
      "forward(" +
      (module.find("Unpool") != std::string::npos ? "Tensor input, Tensor indices" : std::string("Tensor input")) +
      ") -> " + results;
  rows.push_back(row);
}

void add_windows(const std::string& n, std::vector<TargetRow>& rows) {
  const std::string sizes = "List" + n + "[int] ", stride = "Optional[List" + n + "[int]] stride=None, ";
  TargetRow row;
  row.shape = window_shape;
  row.write = average_text;
  add_both("", "", "AvgPool" + n + "d",
           sizes + "kernel_size, " + stride + sizes + "padding=0, bool ceil_mode=False, bool count_include_pad=True" +
               (n == "1" ? "" : ", Optional[int] divisor_override=None"),
           row, "Tensor", rows);
  row.write = maximum_text;
  const std::string start = sizes + "kernel_size, " + stride + sizes + "padding=0, " + sizes + "dilation=1, ";
  for (const bool indices : {false, true}) {
    const std::string flag = indices ? "Literal[True] return_indices" : "Literal[False] return_indices=False";
    add_both("max_pool" + n + "d", start + "bool ceil_mode=False, " + flag, "MaxPool" + n + "d",
             start + flag + ", bool ceil_mode=False", row, indices ? "Tensor, Tensor" : "Tensor", rows);
  }
  row.write = unpool_text;
  row.shape = unpooled_shape;
  const std::string given = sizes + "kernel_size, " + stride + sizes + "padding=0";
  add_both("max_unpool" + n + "d", given, "MaxUnpool" + n + "d", given, row, "Tensor", rows);
  if (n == "3") return;
  row.write = power_text;
  row.shape = window_shape;
  const std::string power = "number norm_type, " + sizes + "kernel_size, " + stride + "bool ceil_mode=False";
  add_both("lp_pool" + n + "d", power, "LPPool" + n + "d", power, row, "Tensor", rows);
}

void add_adaptive(const std::string& n, std::vector<TargetRow>& rows) {
  const std::string size = "List" + n + (n == "1" ? "[int]" : "[Optional[int]]") + " output_size";
  TargetRow row;
  row.shape = adaptive_shape;
  row.write = adaptive_average_text;
  add_both(n == "1" ? "" : "adaptive_avg_pool" + n + "d", size, "AdaptiveAvgPool" + n + "d", size, row, "Tensor", rows);
  row.write = adaptive_maximum_text;
  for (const bool indices : {false, true}) {
    const std::string flag = indices ? ", Literal[True] return_indices" : ", Literal[False] return_indices=False";
    add_both("adaptive_max_pool" + n + "d", size + flag, "AdaptiveMaxPool" + n + "d", size + flag, row,
             indices ? "Tensor, Tensor" : "Tensor", rows);
  }
}

}  // namespace

const ShapeRules& window_rules() {
  static const ShapeRules rules = {
      {"torch.avg_pool1d", window_shape},
      {"torch.max_pool1d", window_shape},
      {"torch.max_pool1d_with_indices", window_shape},
      {"torch.max_pool2d", window_shape},
      {"torch.max_pool3d", window_shape},
      {"torch.nn.functional.avg_pool1d", window_shape},
      {"torch.nn.functional.avg_pool2d", window_shape},
      {"torch.nn.functional.avg_pool3d", window_shape},
      {"torch.adaptive_avg_pool1d", adaptive_shape},
      {"torch.adaptive_max_pool1d", adaptive_shape},
      {"torch.nn.functional.adaptive_avg_pool1d", adaptive_shape},
  };
  return rules;
}

void add_poolings(std::vector<TargetRow>& rows) {
  for (const char* n : {"1", "2", "3"}) {
    add_windows(n, rows);
    add_adaptive(n, rows);
  }
}

}  // namespace kiln
