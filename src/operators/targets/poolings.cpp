#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

std::string name_of(const FittedCall& call) { return call.parts.back().signature.name; }

/// 2 for MaxPool2d and max_pool2d.
int dimensions_of(const FittedCall& call) {
  const std::string name = name_of(call);
  return name[name.find_last_of('d') - 1] - '0';
}

std::string fault_of_window(const FittedCall& call) {
  std::string fault;
  for (const auto& [argument, least] : {std::pair<const char*, int>{"kernel_size", 1},
                                        {"stride", 1},
                                        {"dilation", 1},
                                        {"padding", 0},
                                        {"output_size", 0}}) {
    if (fault.empty()) fault = fault_of_numbers(call, argument, least);
  }
  return fault;
}

/// Half a window may stand outside at most.
std::string fault_of_padding(const FittedCall& call) {
  if (find_argument(call, "kernel_size").part == nullptr || find_argument(call, "padding").part == nullptr ||
      name_of(call).find("npool") != std::string::npos)
    return "";
  const auto kernel = call.integers("kernel_size"), padding = call.integers("padding");
  for (std::size_t k = 0; k < kernel.size(); ++k) {
    if (2 * padding[k] > kernel[k])
      return "needs padding up to half of kernel_size " + call.written("kernel_size") + ", not " +
             call.written("padding");
  }
  return "";
}

constexpr std::int64_t kTooSmall = -2;  ///< a size where a window does not fit into the tensor

/// The input with its last dimensions replaced; one result or two.
ShapeResult with_last(const FittedCall& call, const std::vector<Size>& last) {
  Shape shape = call.input("input");
  ShapeResult result;
  result.fault = fault_of_window(call);
  if (result.fault.empty()) result.fault = fault_of_padding(call);
  if (!result.fault.empty() || !shape.known) return result;
  const int n = static_cast<int>(last.size());
  if (shape.rank() != n + 1 && shape.rank() != n + 2) {
    result.fault = "takes tensors of " + std::to_string(n + 1) + " or " + std::to_string(n + 2) +
                   " dimensions, not of shape " + to_string(shape);
    return result;
  }
  const bool batch = shape.rank() == n + 2;
  if (std::any_of(last.begin(), last.end(), [](const Size& size) { return size.n == kTooSmall; })) {
    result.fault = "has a window larger than the tensor of shape " + to_string(shape);
    return result;
  }
  std::copy(last.begin(), last.end(), shape.sizes.end() - n);
  const std::size_t n_results = call.parts.front().signature.results.size();
  return {std::vector<Shape>(n_results, shape), batch, ""};
}

ShapeResult adaptive_shape(const FittedCall& call) {
  std::vector<Size> last;
  for (const std::int64_t size : call.integers("output_size")) last.push_back(fixed_size(size));
  return with_last(call, last);
}

/// Sizes follow from kernels and strides; with ceil_mode, and of what is unknown, nothing is said.
ShapeResult window_shape(const FittedCall& call) {
  const int n = dimensions_of(call);
  const Shape shape = call.input("input");
  const auto kernel = call.integers("kernel_size");
  const auto stride = call.given("stride") ? call.integers("stride") : kernel;
  const bool has_padding = find_argument(call, "padding").part != nullptr;
  const bool has_dilation = find_argument(call, "dilation").part != nullptr;
  const std::vector<std::int64_t> zeros(n, 0), ones(n, 1);
  const auto padding = has_padding ? call.integers("padding") : zeros;
  const auto dilation = has_dilation ? call.integers("dilation") : ones;
  std::vector<Size> last(n);
  if (!shape.known || shape.rank() < n || !fault_of_window(call).empty()) return with_last(call, last);
  for (int k = 0; k < n; ++k) {
    const Size& size = shape.sizes[shape.rank() - n + k];
    const std::int64_t extent = dilation[k] * (kernel[k] - 1) + 1;
    if (size.known() && !call.boolean("ceil_mode")) {
      const std::int64_t room = size.n + 2 * padding[k] - extent;
      last[k].n = room < 0 ? kTooSmall : room / stride[k] + 1;
    }
  }
  return with_last(call, last);
}

ShapeResult unpooled_shape(const FittedCall& call) {
  const int n = dimensions_of(call);
  const Shape shape = call.input("input");
  const auto kernel = call.integers("kernel_size"), padding = call.integers("padding");
  const auto stride = call.given("stride") ? call.integers("stride") : kernel;
  std::vector<Size> last(n);
  for (int k = 0; shape.known && shape.rank() >= n && k < n; ++k) {
    const Size& size = shape.sizes[shape.rank() - n + k];
    if (size.known()) last[k] = fixed_size((size.n - 1) * stride[k] + kernel[k] - 2 * padding[k]);
  }
  return with_last(call, last);
}

std::string stride_text(const FittedCall& call) {
  return call.given("stride") ? call.written("stride") : call.written("kernel_size");
}

std::string average_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  const std::string divisor = n == 1 ? "" : ", {divisor_override}";
  return fill_in("torch.nn.functional.avg_pool" + std::to_string(n) + "d({input}, {kernel_size}, " + stride_text(call) +
                     ", {padding}, {ceil_mode}, {count_include_pad}" + divisor + ")",
                 call);
}

bool with_indices(const FittedCall& call) { return call.parts.front().signature.results.size() == 2; }

std::string maximum_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  const std::string name = "max_pool" + std::to_string(n) + "d" + (with_indices(call) ? "_with_indices" : "");
  const std::string space = with_indices(call) && n > 1 ? "torch.nn.functional." : "torch.";
  return fill_in(
      space + name + "({input}, {kernel_size}, " + stride_text(call) + ", {padding}, {dilation}, {ceil_mode})", call);
}

std::string adaptive_maximum_text(const FittedCall& call) {
  const std::string n = std::to_string(dimensions_of(call));
  return fill_in("torch.ops.aten.adaptive_max_pool" + n + "d({input}, {output_size})", call) +
         (with_indices(call) ? "" : "[0]");
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
  const auto stride = call.given("stride") ? call.integers("stride") : kernel;
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
  const std::string size = "List" + n + "[int] output_size";
  TargetRow row;
  row.shape = adaptive_shape;
  row.expression = "torch.nn.functional.adaptive_avg_pool" + n + "d({input}, {output_size})";
  add_both(n == "1" ? "" : "adaptive_avg_pool" + n + "d", size, "AdaptiveAvgPool" + n + "d", size, row, "Tensor", rows);
  row.write = adaptive_maximum_text;
  for (const bool indices : {false, true}) {
    const std::string flag = indices ? ", Literal[True] return_indices" : ", Literal[False] return_indices=False";
    add_both("adaptive_max_pool" + n + "d", size + flag, "AdaptiveMaxPool" + n + "d", size + flag, row,
             indices ? "Tensor, Tensor" : "Tensor", rows);
  }
}

}  // namespace

void add_poolings(std::vector<TargetRow>& rows) {
  for (const char* n : {"1", "2", "3"}) {
    add_windows(n, rows);
    add_adaptive(n, rows);
  }
}

}  // namespace kiln
