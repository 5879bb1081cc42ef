#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

bool is_transposed(const FittedCall& call) { return name_of(call).find("Transpose") != std::string::npos; }

std::vector<CallParameter> parameters(const FittedCall& call) {
  const std::int64_t in = call.integer("in_channels"), out = call.integer("out_channels");
  const std::int64_t groups = std::max<std::int64_t>(call.integer("groups"), 1);
  std::vector<std::int64_t> shape = {is_transposed(call) ? in : out, (is_transposed(call) ? out : in) / groups};
  const std::vector<std::int64_t> kernel = call.integers("kernel_size");
  shape.insert(shape.end(), kernel.begin(), kernel.end());
  const std::int64_t fan_in = product({shape.begin() + 1, shape.end()});
  std::vector<CallParameter> all = {uniform_parameter("weight", shape, kaiming_bound(fan_in))};
  if (call.boolean("bias")) all.push_back(uniform_parameter("bias", {out}, inverse_root(fan_in)));
  return all;
}

/// How much is padded before and behind each dimension.
std::vector<std::pair<std::int64_t, std::int64_t>> pads(const FittedCall& call) {
  const auto kernel = call.integers("kernel_size"), dilation = call.integers("dilation");
  const auto padding = call.integers("padding");
  const std::string word = call.text("padding");
  std::vector<std::pair<std::int64_t, std::int64_t>> all;
  for (std::size_t k = 0; k < kernel.size(); ++k) {
    const std::int64_t total = dilation[k] * (kernel[k] - 1);
    if (word == "same") all.emplace_back(total / 2, total - total / 2);
    if (word == "valid") all.emplace_back(0, 0);
    if (!padding.empty()) all.emplace_back(padding[k], padding[k]);
  }
  return all;
}

/// F.pad names the last dimension first.
std::vector<std::int64_t> pads_from_behind(const FittedCall& call) {
  std::vector<std::int64_t> list;
  const auto all = pads(call);
  for (auto pad = all.rbegin(); pad != all.rend(); ++pad) list.insert(list.end(), {pad->first, pad->second});
  return list;
}

std::string padded(const std::string& input, const FittedCall& call) {
  return "torch.nn.functional.pad(" + input + ", " + list_text(pads_from_behind(call)) + ", " +
         call.written("padding_mode") + ")";
}

/// Of padding the input where it is not by zeros.
std::string fault_of_pads(const FittedCall& call, const Shape& input) {
  const std::string mode = call.text("padding_mode");
  return mode == "zeros" ? "" : fault_of_padding_mode(input, pads_from_behind(call), mode);
}

std::string padded_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  std::string zeros;
  for (int k = 0; k < n; ++k) zeros += k == 0 ? "0" : ", 0";
  return "torch.conv" + std::to_string(n) + "d(" + padded(call.written("input"), call) + ", $weight, $bias, " +
         call.written("stride") + ", [" + zeros + "], " + call.written("dilation") + ", " + call.written("groups") +
         ")";
}

// --- shapes ---

/// What happens along the n last dimensions.
struct Convolution {
  int n = 0;
  bool transposed = false;
  bool same_size = false;  ///< padded so that sizes stay
  Size in, out;            ///< channels
  std::vector<Size> kernel;
  std::vector<std::int64_t> stride, dilation, more;            ///< `more`: output_padding
  std::vector<std::pair<std::int64_t, std::int64_t>> padding;  ///< before and behind
};

/// One number, or one per dimension.
std::string fault_of_step(const FittedCall& call, const char* argument, int n) {
  if (find_argument(call, argument).part == nullptr) return "";
  const bool is_none = call.integers(argument).empty() && call.text(argument).empty();  // else it may be 'same'
  return is_none ? "needs a number or " + std::to_string(n) + " as " + argument + ", not none"
                 : fault_of_count(call, argument, n);
}

/// May there be no images in it? Then torch looks at little.
bool may_be_empty_batch(const Shape& input, int n) {
  return !input.known || (input.rank() == n + 2 && input.sizes[0].n <= 0);
}

/// What is added behind must not make up for a step.
std::string fault_of_output_padding(const FittedCall& call, int n) {
  if (may_be_empty_batch(call.input("input"), n)) return "";
  const auto more = numbers_per_dimension(call, "output_padding", n, 0),
             stride = numbers_per_dimension(call, "stride", n, 1),
             dilation = numbers_per_dimension(call, "dilation", n, 1);
  for (int k = 0; k < n; ++k)
    if (more[k] > 0 && more[k] >= stride[k] && more[k] >= dilation[k])
      return "needs an output_padding below stride or dilation, not " + call.written("output_padding");
  return "";
}

std::string fault_of_steps(const FittedCall& call, int n) {
  for (const char* argument : {"stride", "dilation", "kernel_size", "padding", "output_padding"}) {
    const std::string fault = fault_of_step(call, argument, n);
    if (!fault.empty()) return fault;
  }
  return find_argument(call, "output_padding").part == nullptr ? "" : fault_of_output_padding(call, n);
}

/// Size of one dimension behind it; 0 or less: nothing is left.
std::int64_t size_behind(const Convolution& convolution, int k, std::int64_t n) {
  const std::int64_t extent = convolution.dilation[k] * (convolution.kernel[k].n - 1) + 1;
  const std::int64_t stride = convolution.stride[k];
  const std::int64_t both = convolution.padding[k].first + convolution.padding[k].second;
  if (convolution.transposed) return (n - 1) * stride - both + extent + convolution.more[k];
  return n + both < extent ? 0 : (n + both - extent) / stride + 1;
}

ShapeResult convolved(const Convolution& convolution, const Shape& input) {
  const int channel = input.rank() - convolution.n - 1;
  Shape behind = input;
  behind.sizes[channel] = convolution.in.n == 0 ? fixed_size(0) : convolution.out;  // of no channels torch makes none
  for (int k = 0; k < convolution.n; ++k) {
    Size& size = behind.sizes[channel + 1 + k];
    if (size.n == 0 && convolution.in.n != 0 && !may_be_empty_batch(input, convolution.n))
      return faulty("has nothing to look at in a tensor of shape " + to_string(input));
    if (convolution.same_size) continue;
    const std::int64_t n = size.known() && convolution.kernel[k].known() ? size_behind(convolution, k, size.n) : -1;
    if (size.known() && convolution.kernel[k].known() && n < 1)
      return faulty("has a kernel or paddings larger than the tensor of shape " + to_string(input));
    size = n < 1 ? Size{} : fixed_size(n);
  }
  return {{behind}, channel == 1, ""};
}

bool takes(const Convolution& convolution, const Shape& input) {
  const int channel = input.rank() - convolution.n - 1;
  return (channel == 0 || channel == 1) && may_equal(input.sizes[channel], convolution.in);
}

Convolution convolution_of(const FittedCall& call, int n, bool transposed) {
  Convolution convolution;
  convolution.n = n;
  convolution.transposed = transposed;
  convolution.same_size = call.integers("padding").empty() && call.text("padding") == "same";
  convolution.stride = numbers_per_dimension(call, "stride", n, 1);
  convolution.dilation = numbers_per_dimension(call, "dilation", n, 1);
  convolution.more = numbers_per_dimension(call, "output_padding", n, 0);
  for (const std::int64_t pad : numbers_per_dimension(call, "padding", n, 0))
    convolution.padding.emplace_back(pad, pad);
  return convolution;
}

std::string fault_of_channels(const FittedCall& call) {
  const std::int64_t in = call.integer("in_channels"), out = call.integer("out_channels");
  return out < 1 || (is_transposed(call) && in < 1) ? "needs channels to come from and to go to, not none" : "";
}

ShapeResult module_shape(const FittedCall& call) {
  const Shape input = call.input("input");
  const int n = dimensions_of(call);
  std::string fault = fault_of_steps(call, n);
  if (fault.empty()) fault = fault_of_same_size(call);
  if (fault.empty()) fault = fault_of_channels(call);
  if (!fault.empty() || !input.known) return faulty(fault);
  Convolution convolution = convolution_of(call, n, is_transposed(call));
  convolution.in = fixed_size(call.integer("in_channels"));
  convolution.out = fixed_size(call.integer("out_channels"));
  for (const std::int64_t size : call.integers("kernel_size")) convolution.kernel.push_back(fixed_size(size));
  const bool has_rank = input.rank() == n + 1 || input.rank() == n + 2;
  if (!has_rank)
    return faulty("takes tensors of " + std::to_string(n + 1) + " or " + std::to_string(n + 2) +
                  " dimensions, not of shape " + to_string(input));
  if (!takes(convolution, input))
    return faulty("takes tensors of " + std::to_string(convolution.in.n) + " channels and " + std::to_string(n) +
                  " more dimensions, not of shape " + to_string(input));
  ShapeResult result = convolved(convolution, input);
  if (result.fault.empty()) result.fault = fault_of_pads(call, input);
  return result;
}

std::string fault_of_word(const FittedCall& call) {
  const std::string word = call.text("padding");
  if (!call.integers("padding").empty() || word == "valid" || find_argument(call, "output_padding").part != nullptr)
    return "";
  if (word != "same") return "needs 'same', 'valid' or numbers as padding, not '" + word + "'";
  return fault_of_same_size(call);
}

/// A number per channel of the result.
std::string fault_of_bias(const FittedCall& call, const Size& out) {
  const Shape bias = call.input("bias"), expected = make_shape({out});
  if (may_equal(bias, expected)) return "";
  return "takes a tensor of shape " + to_string(expected) + " as 'bias', not " + to_string(bias);
}

/// Channels and kernel as the weight of a function has them; false if its shape is none of a weight.
bool take_weight(const Shape& weight, std::int64_t groups, Convolution& convolution) {
  if (weight.rank() != convolution.n + 2 || groups < 1) return false;
  const Size grouped = weight.sizes[1].known() ? fixed_size(weight.sizes[1].n * groups) : Size{};
  convolution.in = convolution.transposed ? weight.sizes[0] : grouped;
  convolution.out = convolution.transposed ? grouped : weight.sizes[0];
  convolution.kernel.assign(weight.sizes.begin() + 2, weight.sizes.end());
  if (convolution.transposed && grouped.n == 0) return false;
  return !weight.sizes[0].known() || (weight.sizes[0].n >= groups && weight.sizes[0].n % groups == 0);
}

void add_convolution(const std::string& n, std::vector<TargetRow>& rows) {
  const std::string sizes = "List" + n + "[int] ";
  const std::string first =
      "torch.nn.Conv" + n + "d(int in_channels, int out_channels, " + sizes + "kernel_size, " + sizes + "stride=1, ";
  const std::string numbers = sizes + "padding=0, ", words = "Literal['same','valid'] padding, ";
  const std::string rest = sizes + "dilation=1, int groups=1, bool bias=True, ";
  const std::string zeros = "Literal['zeros'] padding_mode='zeros')";
  const std::string modes = "Literal['reflect','replicate','circular'] padding_mode)";
  TargetRow row;
  row.forward = "forward(Tensor input) -> Tensor";
  row.parameters = parameters;
  row.shape = module_shape;
  row.expression = "torch.conv" + n + "d({input}, $weight, $bias, {stride}, {padding}, {dilation}, {groups})";
  for (const std::string& padding : {numbers, words}) {
    row.signature = first + padding + rest + zeros;
    rows.push_back(row);
  }
  row.write = padded_text;
  for (const std::string& padding : {numbers, words}) {
    row.signature = first + padding + rest + modes;
    rows.push_back(row);
  }
}

void add_transposed(const std::string& n, std::vector<TargetRow>& rows) {
  const std::string sizes = "List" + n + "[int] ";
  TargetRow row;
  row.signature = "torch.nn.ConvTranspose" + n + "d(int in_channels, int out_channels, " + sizes + "kernel_size, " +
                  sizes + "stride=1, " + sizes + "padding=0, " + sizes + "output_padding=0, int groups=1, " +
                  "bool bias=True, " + sizes + "dilation=1, Literal['zeros'] padding_mode='zeros')";
  row.forward = "forward(Tensor input) -> Tensor";
  row.parameters = parameters;
  row.shape = module_shape;
  row.expression = "torch.conv_transpose" + n +
                   "d({input}, $weight, $bias, {stride}, {padding}, {output_padding}, {groups}, {dilation})";
  rows.push_back(row);
}

}  // namespace

ShapeResult convolution_shape(const FittedCall& call) {
  const Shape input = call.input("input"), weight = call.input("weight");
  const std::string name = name_of(call);
  const int n = name[name.size() - 2] - '0';  // torch.conv2d
  const std::int64_t groups = call.integer("groups", 1);
  std::string fault = fault_of_steps(call, n);
  if (fault.empty()) fault = fault_of_word(call);
  if (!fault.empty() || !input.known || !weight.known) return faulty(fault);
  Convolution convolution = convolution_of(call, n, name.find("transpose") != std::string::npos);
  if (!take_weight(weight, groups, convolution) || !takes(convolution, input))
    return faulty("with a weight of shape " + to_string(weight) + " and " + std::to_string(groups) +
                  (groups == 1 ? " group" : " groups") + " cannot take tensors of shape " + to_string(input));
  ShapeResult result = convolved(convolution, input);
  if (result.fault.empty()) result.fault = fault_of_bias(call, convolution.out);
  const bool same_for_all =
      std::all_of(weight.sizes.begin(), weight.sizes.end(), [](const Size& size) { return size.known(); });
  result.row_wise = result.row_wise && same_for_all;
  return result;
}

void add_convolutions(std::vector<TargetRow>& rows) {
  for (const char* n : {"1", "2", "3"}) {
    add_convolution(n, rows);
    add_transposed(n, rows);
  }
}

}  // namespace kiln
