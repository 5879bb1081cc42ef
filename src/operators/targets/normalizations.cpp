#include "operators/targets/target_table.h"

namespace kiln {

namespace {

// --- statistics over the batch (BatchNorm) or over each sample (InstanceNorm) ---

std::vector<CallParameter> statistics_parameters(const FittedCall& call) {
  const std::vector<std::int64_t> channels = {call.integer("num_features")};
  std::vector<CallParameter> parameters;
  if (call.boolean("affine")) {
    parameters.push_back(constant_parameter("weight", channels, 1.0));
    parameters.push_back(constant_parameter("bias", channels, 0.0));
  }
  if (!call.boolean("track_running_stats")) return parameters;
  parameters.push_back(running(constant_parameter("running_mean", channels, 0.0)));
  parameters.push_back(running(constant_parameter("running_var", channels, 1.0)));
  parameters.push_back(running(constant_parameter("num_batches_tracked", {}, 0.0)));
  parameters.back().is_integer = true;
  return parameters;
}

/// A statistic over a single value says nothing: torch refuses it, here where sizes are known and in `checked_input`
/// when it runs. Of a batch the statistics of a channel are over all rows, of an instance over its own components.
std::string fault_of_single_values(const Shape& shape, bool of_instances) {
  bool single = shape.known;
  for (int k = of_instances ? 2 : 0; single && k < shape.rank(); ++k) single = k == 1 || shape.sizes[k].n == 1;
  return single ? "needs more than one value per channel, not a tensor of shape " + to_string(shape) : "";
}

/// @param used  when the statistics of the input are used, as text: "True", "$training"
std::string checked_input(const std::string& input, const std::string& used, bool of_instances) {
  const std::string channels = input + ".size(1)";
  const std::string checked = "$several_values(" + input + ", " +
                              (of_instances ? input + ".size(0) * " + channels : channels) +
                              ")['more than one value per channel is needed']";
  if (used == "False") return input;
  return used == "True" ? checked : "(" + checked + " if " + used + " else " + input + ")";
}

/// Batches are counted as well; without a momentum their number gives the average of all.
std::string batch_norm_text(const FittedCall& call) {
  const bool track = call.boolean("track_running_stats");
  const std::string count = "$num_batches_tracked.add_(int($training))";
  const bool average = track && !call.given("momentum");
  const std::string momentum = average                  ? "1.0 / max(float(" + count + "), 1.0)"
                               : call.given("momentum") ? call.written("momentum")
                                                        : "0.0";
  const std::string used = track ? "$training" : "True";
  const std::string normalized = "torch.batch_norm(" + checked_input(call.written("input"), used, false) +
                                 ", $weight, $bias, $running_mean, $running_var, " + used + ", " + momentum + ", " +
                                 call.written("eps") + ", True)";
  return track && !average ? "(" + normalized + ", " + count + ")[0]" : normalized;
}

/// The dimension of channels is the second, or the first of a tensor without a batch.
ShapeResult channels_checked(const FittedCall& call, int low, int high, int channel) {
  const Shape shape = call.input("input");
  ShapeResult result{{shape}, false, ""};
  if (!shape.known) return result;
  const Size channels = fixed_size(call.integer("num_features"));
  const bool free = !call.boolean("affine") && !call.boolean("track_running_stats");  // nothing is held per channel
  if (shape.rank() < low || shape.rank() > high || (!free && !may_equal(shape.sizes[channel], channels)))
    result.fault = "takes tensors of " + std::to_string(channels.n) + " channels, not of shape " + to_string(shape);
  return result;
}

/// With running statistics an evaluation looks at each row by itself.
ShapeResult batch_norm_shape(const FittedCall& call) {
  const int n = dimensions_of(call);
  ShapeResult result = channels_checked(call, n == 1 ? 2 : n + 2, n + 2, 1);
  const bool track = call.boolean("track_running_stats");
  result.row_wise = call.input("input").known && track;
  if (!track && result.fault.empty()) result.fault = fault_of_single_values(call.input("input"), false);
  return result;
}

bool has_batch(const FittedCall& call) {
  const Shape shape = call.input("input");
  return !shape.known || shape.rank() != dimensions_of(call) + 1;
}

std::string normalized_instances(const FittedCall& call, const std::string& input) {
  const std::string used = call.boolean("track_running_stats") ? "$training" : "True";
  return "torch.instance_norm(" + checked_input(input, used, true) + ", $weight, $bias, $running_mean, $running_var, " +
         used + ", " + call.written("momentum") + ", " + call.written("eps") + ", True)";
}

std::string instance_norm_text(const FittedCall& call) {
  const std::string input = call.written("input");
  return single_or_batch(call, dimensions_of(call) + 1,
                         normalized_instances(call, input + ".unsqueeze(0)") + ".squeeze(0)",
                         normalized_instances(call, input));
}

/// Without a batch the first dimension is the channels: there is no telling how many atoms, structures or edges.
std::string fault_of_rows(const Shape& shape, int n, std::int64_t channels) {
  if (!counts_rows(shape.sizes[0])) return "";
  return "takes tensors of " + std::to_string(n + 2) + " dimensions, or of " + std::to_string(n + 1) + " with " +
         std::to_string(channels) + " channels first, not of shape " + to_string(shape);
}

std::string fault_of_instances(const FittedCall& call) {
  Shape shape = call.input("input");
  if (!shape.known || call.boolean("track_running_stats")) return "";
  if (!has_batch(call)) shape.sizes.insert(shape.sizes.begin(), fixed_size(1));
  return fault_of_single_values(shape, true);
}

ShapeResult channels_of_instances(const FittedCall& call) {
  const int n = dimensions_of(call);
  const bool batch = has_batch(call);
  const Shape shape = call.input("input");
  if (!call.boolean("affine") && !call.boolean("track_running_stats")) {  // then the number of channels is free
    ShapeResult result{{shape}, batch && shape.known, ""};
    if (shape.known && shape.rank() != n + 1 && shape.rank() != n + 2)
      result.fault = "takes tensors of " + std::to_string(n + 2) + " dimensions, not of shape " + to_string(shape);
    return result;
  }
  ShapeResult result = channels_checked(call, n + 1, n + 2, batch ? 1 : 0);
  result.row_wise = shape.known && (batch || call.boolean("track_running_stats"));
  if (!batch && result.fault.empty()) result.fault = fault_of_rows(shape, n, call.integer("num_features"));
  return result;
}

ShapeResult instance_norm_shape(const FittedCall& call) {
  ShapeResult result = channels_of_instances(call);
  if (result.fault.empty()) result.fault = fault_of_instances(call);
  return result;
}

void add_statistics(std::vector<TargetRow>& rows) {
  for (const char* n : {"1d", "2d", "3d"}) {
    TargetRow row;
    row.forward = "forward(Tensor input) -> Tensor";
    row.parameters = statistics_parameters;
    row.signature = std::string("torch.nn.BatchNorm") + n +
                    "(int num_features, float eps=1e-05, Optional[float] momentum=0.1, bool affine=True, "
                    "bool track_running_stats=True)";
    row.write = batch_norm_text;
    row.shape = batch_norm_shape;
    rows.push_back(row);
    row.signature = std::string("torch.nn.InstanceNorm") + n +
                    "(int num_features, float eps=1e-05, float momentum=0.1, bool affine=False, "
                    "bool track_running_stats=False)";
    row.write = instance_norm_text;
    row.shape = instance_norm_shape;
    rows.push_back(row);
  }
}

// --- statistics over groups of channels, or over the last dimensions ---

std::vector<CallParameter> group_norm_parameters(const FittedCall& call) {
  if (!call.boolean("affine")) return {};
  const std::vector<std::int64_t> channels = {call.integer("num_channels")};
  return {constant_parameter("weight", channels, 1.0), constant_parameter("bias", channels, 0.0)};
}

std::string fault_of_single_groups(const Shape& shape, std::int64_t groups) {
  std::vector<std::int64_t> sizes;
  for (const Size& size : shape.sizes) sizes.push_back(size.known() ? size.n : 0);
  return shape.known && product(sizes) == groups
             ? "needs more than one value per channel, not a tensor of shape " + to_string(shape)
             : "";
}

/// Weights and statistics of a function have a number per channel.
std::string fault_of_channels(const FittedCall& call) {
  const Shape shape = call.input("input");
  if (!shape.known || shape.rank() < 2) return "";
  for (const char* name : {"weight", "bias", "running_mean", "running_var"}) {
    const Shape given = call.input(name);
    if (given.known && (given.rank() != 1 || !may_equal(given.sizes[0], shape.sizes[1])))
      return "needs a number per channel as '" + std::string(name) + "', not a tensor of shape " + to_string(given) +
             " for one of " + to_string(shape);
  }
  return "";
}

ShapeResult group_norm_shape(const FittedCall& call) {
  const Shape shape = call.input("input");
  ShapeResult result{{shape}, shape.known, ""};
  const bool is_module = find_argument(call, "num_channels").part != nullptr;
  const Size found = shape.known && shape.rank() > 1 ? shape.sizes[1] : Size{};
  const Size declared = is_module ? fixed_size(call.integer("num_channels")) : Size{};
  const bool has_weights = is_module && call.boolean("affine");  // without, torch looks at no number of channels
  const std::int64_t groups = call.integer("num_groups");
  if (shape.known && shape.rank() < 2)
    result.fault = "takes tensors of two dimensions or more, not of shape " + to_string(shape);
  else if (has_weights && !may_equal(found, declared))
    result.fault = "takes tensors of " + std::to_string(declared.n) + " channels, not of shape " + to_string(shape);
  else if (groups < 1)
    result.fault = "needs one group or more, not " + std::to_string(groups);
  for (const Size& channels : {declared, found})
    if (result.fault.empty() && channels.known() && channels.n % groups != 0)
      result.fault =
          "cannot divide " + std::to_string(channels.n) + " channels into " + std::to_string(groups) + " groups";
  if (result.fault.empty()) result.fault = fault_of_single_groups(shape, groups);
  if (!is_module && result.fault.empty()) result.fault = fault_of_channels(call);
  return result;
}

/// Torch looks at how many numbers there are, of all samples together.
std::string group_norm_text(const FittedCall& call) {
  const bool is_module = find_argument(call, "num_channels").part != nullptr;
  const std::string groups = call.written("num_groups");
  const std::string input =
      "$several_values(" + call.written("input") + ", " + groups + ")['more than one value per channel is needed']";
  const std::string weights = is_module ? ", $weight, $bias, " : fill_in(", {weight}, {bias}, ", call);
  return "torch.group_norm(" + input + ", " + groups + weights + call.written("eps") + ", True)";
}

ShapeResult batch_norm_function_shape(const FittedCall& call) {
  ShapeResult result = same_size(call);
  const Shape& shape = result.shapes[0];
  result.fault = shape.known && shape.rank() < 2
                     ? "takes tensors of two dimensions or more, not of shape " + to_string(shape)
                     : fault_of_channels(call);
  if (result.fault.empty() && call.boolean("training"))
    result.fault = fault_of_single_values(call.input("input"), false);
  return result;
}

ShapeResult instance_norm_function_shape(const FittedCall& call) {
  ShapeResult result = same_size(call);
  result.fault = fault_of_channels(call);
  if (result.fault.empty() && call.boolean("use_input_stats"))
    result.fault = fault_of_single_values(call.input("input"), true);
  return result;
}

std::string batch_norm_function_text(const FittedCall& call) {
  return "torch.batch_norm(" + checked_input(call.written("input"), call.written("training"), false) +
         fill_in(", {weight}, {bias}, {running_mean}, {running_var}, {training}, {momentum}, {eps}, True)", call);
}

std::string instance_norm_function_text(const FittedCall& call) {
  return "torch.instance_norm(" + checked_input(call.written("input"), call.written("use_input_stats"), true) +
         fill_in(", {weight}, {bias}, {running_mean}, {running_var}, {use_input_stats}, {momentum}, {eps}, True)",
                 call);
}

std::vector<CallParameter> layer_norm_parameters(const FittedCall& call) {
  if (!call.boolean("elementwise_affine")) return {};
  const std::vector<std::int64_t> shape = call.integers("normalized_shape");
  return {constant_parameter("weight", shape, 1.0), constant_parameter("bias", shape, 0.0)};
}

ShapeResult layer_norm_shape(const FittedCall& call) {
  const Shape shape = first_with_last_size(call);
  const std::vector<std::int64_t> last = call.integers("normalized_shape");
  const int n = static_cast<int>(last.size());
  ShapeResult result{{shape}, shape.known && shape.rank() > n, ""};
  bool fits = shape.known ? shape.rank() >= n : last.empty() || may_equal(last_size(shape), fixed_size(last.back()));
  for (int k = 0; shape.known && fits && k < n; ++k)
    fits = may_equal(shape.sizes[shape.rank() - n + k], fixed_size(last[k]));
  if (!fits)
    result.fault = "takes tensors whose last dimensions are " + call.written("normalized_shape") + ", not of shape " +
                   to_string(shape);
  return result;
}

}  // namespace

/// Weights of a function have the sizes of what is normalized.
ShapeResult layer_norm_function_shape(const FittedCall& call) {
  ShapeResult result = layer_norm_shape(call);
  Shape normalized = make_shape({});
  for (const std::int64_t n : call.integers("normalized_shape")) normalized.sizes.push_back(fixed_size(n));
  for (const char* name : {"weight", "bias"})
    if (result.fault.empty() && !may_equal(call.input(name), normalized))
      result.fault = "takes a tensor of shape " + to_string(normalized) + " as '" + name + "', not of shape " +
                     to_string(call.input(name));
  return result;
}

namespace {

/// The mean square over neighboring channels, whatever dimensions follow.
std::string local_response_text(const FittedCall& call) {
  const std::int64_t size = call.integer("size");
  const std::string input = call.written("input"), n = std::to_string(size);
  const std::string pads = std::to_string(size / 2) + ", " + std::to_string((size - 1) / 2);
  return input + " / torch.nn.functional.avg_pool2d(torch.nn.functional.pad(" + input + ".mul(" + input +
         ").reshape([" + input + ".size(0), 1, " + input + ".size(1), -1]), [0, 0, " + pads + "]), [" + n +
         ", 1], [1, 1]).reshape(" + input + ".size()).mul(" + call.written("alpha") + ").add(" + call.written("k") +
         ").pow(" + call.written("beta") + ")";
}

/// Sums over neighboring channels, the second dimension.
ShapeResult local_response_shape(const FittedCall& call) {
  ShapeResult result = same_as_first(call);
  need_three_dimensions(result);
  return result;
}

void add_others(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature = "torch.nn.GroupNorm(int num_groups, int num_channels, float eps=1e-05, bool affine=True)";
  row.forward = "forward(Tensor input) -> Tensor";
  row.write = group_norm_text;
  row.shape = group_norm_shape;
  row.parameters = group_norm_parameters;
  rows.push_back(row);
  row.write = nullptr;
  row.signature = "torch.nn.LayerNorm(List[int] normalized_shape, float eps=1e-05, bool elementwise_affine=True)";
  row.expression = "torch.layer_norm({input}, {normalized_shape}, $weight, $bias, {eps}, True)";
  row.shape = layer_norm_shape;
  row.parameters = layer_norm_parameters;
  rows.push_back(row);
  row = TargetRow{};
  row.signature =
      "torch.nn.functional.group_norm(Tensor input, int num_groups, Optional[Tensor] weight=None, "
      "Optional[Tensor] bias=None, float eps=1e-05) -> Tensor";
  row.write = group_norm_text;
  row.shape = group_norm_shape;
  rows.push_back(row);
  row.write = nullptr;
  row.signature =
      "torch.nn.functional.layer_norm(Tensor input, List[int] normalized_shape, Optional[Tensor] weight=None, "
      "Optional[Tensor] bias=None, float eps=1e-05) -> Tensor";
  row.expression = "torch.layer_norm({input}, {normalized_shape}, {weight}, {bias}, {eps}, True)";
  row.shape = layer_norm_function_shape;
  rows.push_back(row);
  row = TargetRow{};
  row.write = local_response_text;
  row.shape = local_response_shape;
  row.signature =
      "torch.nn.functional.local_response_norm(Tensor input, int size, float alpha=0.0001, float beta=0.75, "
      "float k=1.0) -> Tensor";
  rows.push_back(row);
  row.signature = "torch.nn.LocalResponseNorm(int size, float alpha=0.0001, float beta=0.75, float k=1.0)";
  row.forward = "forward(Tensor input) -> Tensor";
  rows.push_back(row);
}

void add_functions(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature =
      "torch.nn.functional.batch_norm(Tensor input, Optional[Tensor] running_mean, Optional[Tensor] running_var, "
      "Optional[Tensor] weight=None, Optional[Tensor] bias=None, bool training=False, float momentum=0.1, "
      "float eps=1e-05) -> Tensor";
  row.write = batch_norm_function_text;
  row.shape = batch_norm_function_shape;
  rows.push_back(row);
  row.signature =
      "torch.nn.functional.instance_norm(Tensor input, Optional[Tensor] running_mean=None, "
      "Optional[Tensor] running_var=None, Optional[Tensor] weight=None, Optional[Tensor] bias=None, "
      "bool use_input_stats=True, float momentum=0.1, float eps=1e-05) -> Tensor";
  row.write = instance_norm_function_text;
  row.shape = instance_norm_function_shape;
  rows.push_back(row);
  row = TargetRow{};
  row.signature = "torch.nn.functional.normalize(Tensor input, float p=2.0, int dim=1, float eps=1e-12) -> Tensor";
  row.expression = "{input} / {input}.norm({p}, [{dim}], True).clamp_min({eps}).expand_as({input})";
  row.shape = along_dimension;
  rows.push_back(row);
}

}  // namespace

void add_normalizations(std::vector<TargetRow>& rows) {
  add_statistics(rows);
  add_others(rows);
  add_functions(rows);
}

}  // namespace kiln
