#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

std::string name_of(const FittedCall& call) { return call.parts.back().signature.name; }

/// 2 for Conv2d.
int dimensions_of(const FittedCall& call) {
  const std::string name = name_of(call);
  return name[name.size() - 2] - '0';
}

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

/// What is wrong with the paddings, of the input or, transposed, of the result.
std::string fault_of_pads(const FittedCall& call, const Shape& input) {
  const bool zeros = call.text("padding_mode") == "zeros";
  if (!is_transposed(call))
    return zeros ? "" : fault_of_padding_mode(input, pads_from_behind(call), call.text("padding_mode"));
  const auto more = call.integers("output_padding"), stride = call.integers("stride"),
             dilation = call.integers("dilation");
  for (std::size_t k = 0; k < more.size(); ++k) {
    if (more[k] >= stride[k] && more[k] >= dilation[k])
      return "needs an output_padding below stride or dilation, not " + call.written("output_padding");
  }
  return "";
}

std::string padded_text(const FittedCall& call) {
  const int n = dimensions_of(call);
  std::string zeros;
  for (int k = 0; k < n; ++k) zeros += k == 0 ? "0" : ", 0";
  return "torch.conv" + std::to_string(n) + "d(" + padded(call.written("input"), call) + ", $weight, $bias, " +
         call.written("stride") + ", [" + zeros + "], " + call.written("dilation") + ", " + call.written("groups") +
         ")";
}

/// Size of one dimension behind the convolution.
Size size_behind(const Size& size, std::size_t k, const FittedCall& call) {
  if (!size.known()) return {};
  const std::int64_t extent = call.integers("dilation")[k] * (call.integers("kernel_size")[k] - 1) + 1;
  const std::int64_t stride = call.integers("stride")[k], both = pads(call)[k].first + pads(call)[k].second;
  if (!is_transposed(call)) return fixed_size((size.n + both - extent) / stride + 1);
  return fixed_size((size.n - 1) * stride - both + extent + call.integers("output_padding")[k]);
}

ShapeResult shape(const FittedCall& call) {
  const Shape input = call.input("input");
  const int n = dimensions_of(call);
  const std::int64_t in = call.integer("in_channels"), out = call.integer("out_channels");
  const std::int64_t groups = call.integer("groups");
  ShapeResult result;
  for (const auto& [argument, least] : {std::pair<const char*, int>{"stride", 1},
                                        {"dilation", 1},
                                        {"kernel_size", 1},
                                        {"padding", 0},
                                        {"output_padding", 0}}) {
    if (result.fault.empty()) result.fault = fault_of_numbers(call, argument, least);
  }
  if (!result.fault.empty()) return result;
  if (groups < 1 || in % groups != 0 || out % groups != 0)
    result.fault = "cannot divide " + std::to_string(in) + " and " + std::to_string(out) + " channels into " +
                   std::to_string(groups) + " groups";
  if (!input.known || !result.fault.empty()) return result;
  const int channel = input.rank() - n - 1;
  if ((channel != 0 && channel != 1) || !may_equal(input.sizes[channel], fixed_size(in))) {
    result.fault = "takes tensors of " + std::to_string(in) + " channels and " + std::to_string(n) +
                   " more dimensions, not of shape " + to_string(input);
    return result;
  }
  Shape behind = input;
  behind.sizes[channel] = fixed_size(out);
  for (int k = 0; k < n; ++k) {
    Size& size = behind.sizes[channel + 1 + k];
    size = size_behind(size, k, call);
    if (input.sizes[channel + 1 + k].known() && size.n < 1)
      result.fault = "has a kernel or paddings larger than the tensor of shape " + to_string(input);
  }
  if (result.fault.empty()) result.fault = fault_of_pads(call, input);
  return {{behind}, channel == 1, result.fault};
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
  row.shape = shape;
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
  row.shape = shape;
  row.expression = "torch.conv_transpose" + n +
                   "d({input}, $weight, $bias, {stride}, {padding}, {output_padding}, {groups}, {dilation})";
  rows.push_back(row);
}

}  // namespace

ShapeResult convolution_shape(const FittedCall& call) {
  const Shape input = call.input("input"), weight = call.input("weight");
  const std::string name = name_of(call);
  const int n = name[name.size() - 2] - '0';  // torch.conv2d
  const bool transposed = name.find("transpose") != std::string::npos;
  const std::int64_t groups = call.integer("groups", 1);
  ShapeResult result;
  if (!input.known || !weight.known) return result;
  const int channel = input.rank() - n - 1;
  bool fits = weight.rank() == n + 2 && (channel == 0 || channel == 1) && groups >= 1;
  Size in, out;
  if (fits) {
    const Size grouped = weight.sizes[1].known() ? fixed_size(weight.sizes[1].n * groups) : Size{};
    in = transposed ? weight.sizes[0] : grouped;
    out = transposed ? grouped : weight.sizes[0];
    fits = may_equal(input.sizes[channel], in);
  }
  if (!fits) {
    result.fault = "with a weight of shape " + to_string(weight) + " and " + std::to_string(groups) +
                   (groups == 1 ? " group" : " groups") + " cannot take tensors of shape " + to_string(input);
    return result;
  }
  Shape behind = input;
  behind.sizes[channel] = out;
  std::fill_n(behind.sizes.begin() + channel + 1, n, Size{});  // they follow from strides and paddings
  const bool same_for_all =
      std::all_of(weight.sizes.begin(), weight.sizes.end(), [](const Size& s) { return s.known(); });
  return {{behind}, channel == 1 && same_for_all, ""};
}

void add_convolutions(std::vector<TargetRow>& rows) {
  for (const char* n : {"1", "2", "3"}) {
    add_convolution(n, rows);
    add_transposed(n, rows);
  }
}

}  // namespace kiln
