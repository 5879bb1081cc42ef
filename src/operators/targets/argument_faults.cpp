#include <algorithm>
#include <limits>
#include <map>
#include <sstream>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();
constexpr double kMostSize = 2147483647.0;  ///< so that products of two of them are numbers

/// Numbers that an argument may be.
struct ArgumentRange {
  const char* argument;
  double least, most;
};

/// Of the targets with these last names.
struct TargetRange {
  ArgumentRange range;
  const char* targets;
};

constexpr const char* kConvolutions = "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d";

constexpr TargetRange kRanges[] = {
    {{"p", 0.0, 1.0},
     "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout dropout dropout1d dropout2d dropout3d "
     "alpha_dropout feature_dropout feature_alpha_dropout bernoulli"},
    {{"p", 1.0, 2.0}, "MultiMarginLoss multi_margin_loss"},
    {{"in_features", 0.0, kNoLimit}, "Linear"},
    {{"out_features", 0.0, kNoLimit}, "Linear Bilinear"},
    {{"in1_features", 1.0, kNoLimit}, "Bilinear"},
    {{"in2_features", 0.0, kNoLimit}, "Bilinear"},
    {{"num_embeddings", 0.0, kNoLimit}, "Embedding EmbeddingBag"},
    {{"embedding_dim", 0.0, kNoLimit}, "Embedding EmbeddingBag"},
    {{"in_channels", 0.0, kNoLimit}, kConvolutions},
    {{"out_channels", 0.0, kNoLimit}, kConvolutions},
    {{"normalized_shape", 0.0, kNoLimit}, "LayerNorm layer_norm"},
    {{"dropout", 0.0, 1.0}, "RNN GRU LSTM MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer"},
    {{"d_model", 1.0, kMostSize}, "TransformerEncoderLayer TransformerDecoderLayer"},
    {{"nhead", 1.0, kMostSize}, "TransformerEncoderLayer TransformerDecoderLayer"},
    {{"embed_dim", 1.0, kMostSize}, "MultiheadAttention"},
    {{"num_heads", 1.0, kMostSize}, "MultiheadAttention"},
    {{"kdim", 1.0, kMostSize}, "MultiheadAttention"},
    {{"vdim", 1.0, kMostSize}, "MultiheadAttention"},
    {{"q", 0.0, 1.0}, "quantile nanquantile"},
    {{"label_smoothing", -kNoLimit, 1.0}, "CrossEntropyLoss cross_entropy"},
    {{"lambd", 0.0, kNoLimit}, "Softshrink softshrink"},
    {{"beta", 0.0, kNoLimit}, "SmoothL1Loss smooth_l1_loss"},
    {{"size", 1.0, kNoLimit}, "LocalResponseNorm local_response_norm"},
    {{"chunks", 1.0, kNoLimit}, "chunk"},
    {{"sections", 1.0, kNoLimit}, "tensor_split hsplit vsplit dsplit"},
    {{"split_size_or_sections", 0.0, kNoLimit}, "split"},
    {{"repeats", 0.0, kNoLimit}, "repeat_interleave"},
    {{"dims", 0.0, kNoLimit}, "tile"},
    {{"step", 1.0, kNoLimit}, "slice_scatter"},
    {{"k", 0.0, kNoLimit}, "topk"},
    {{"k", 1.0, kNoLimit}, "kthvalue"},
    {{"length", 0.0, kNoLimit}, "narrow narrow_copy"},
    {{"groups", 1.0, kNoLimit}, "ChannelShuffle channel_shuffle native_channel_shuffle"},
    {{"dilation", 1.0, kMostSize}, "Fold fold Unfold unfold"},
    {{"kernel_size", 1.0, kMostSize}, "Fold fold Unfold unfold"},
    {{"stride", 1.0, kMostSize}, "Fold fold Unfold unfold"},
    {{"padding", 0.0, kMostSize}, "Fold fold Unfold unfold"},
    {{"output_size", 1.0, kMostSize}, "Fold fold"},
    {{"n", 1.0, kNoLimit}, "fft ifft rfft irfft hfft ihfft"},
    {{"maxnorm", 0.0, kNoLimit}, "renorm"},
    {{"size", -1.0, kNoLimit}, "broadcast_to"},
    {{"proj_size", 0.0, kNoLimit}, "LSTM"},
    {{"size", 0.0, kNoLimit}, "zeros ones full rand randn randint normal"},
    {{"n", 0.0, kNoLimit}, "eye randperm"},
    {{"m", 0.0, kNoLimit}, "eye"},
    {{"steps", 0.0, kNoLimit}, "linspace logspace"},
    {{"window_length", 0.0, kNoLimit}, "hann_window hamming_window bartlett_window blackman_window kaiser_window"},
    {{"row", 0.0, kNoLimit}, "tril_indices triu_indices"},
    {{"col", 0.0, kNoLimit}, "tril_indices triu_indices"},
    {{"std", 0.0, kNoLimit}, "normal"},
    {{"minlength", 0.0, kNoLimit}, "bincount"},
    {{"n", 0.0, kNoLimit}, "polygamma"},
    {{"p", 1.0, kNoLimit}, "mvlgamma multigammaln"},
    {{"bins", 1.0, kNoLimit}, "histc"},
    {{"r", 0.0, kNoLimit}, "combinations"},
    {{"N", 0.0, kNoLimit}, "vander"},
};

/// Of all convolutions and poolings. A text, 'same', has no numbers and passes.
constexpr ArgumentRange kWindowRanges[] = {
    {"kernel_size", 1.0, kMostSize}, {"stride", 1.0, kNoLimit},         {"dilation", 1.0, kNoLimit},
    {"padding", 0.0, kNoLimit},      {"output_padding", 0.0, kNoLimit}, {"output_size", 0.0, kNoLimit},
    {"groups", 1.0, kNoLimit},
};

/// Convolutions and poolings by a word in their last name, conv_tbc and max_unpool2d among them.
bool looks_through_windows(const std::string& name) {
  constexpr const char* kWords[] = {"Conv", "conv", "Pool", "pool"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const char* word) { return name.find(word) != std::string::npos; });
}

using RangesByTarget = std::multimap<std::string, const ArgumentRange*>;

RangesByTarget ranges_by_target() {
  RangesByTarget ranges;
  for (const TargetRange& known : kRanges) {
    std::istringstream targets(known.targets);
    for (std::string target; targets >> target;) ranges.emplace(target, &known.range);
  }
  return ranges;
}

/// "0" for 0.0: limits are whole numbers.
std::string whole(double limit) { return std::to_string(static_cast<std::int64_t>(limit)); }

std::string needed(const ArgumentRange& range) {
  if (range.most == kNoLimit) return " of " + whole(range.least) + " or more";
  if (range.least == -kNoLimit) return " of " + whole(range.most) + " or less";
  return " from " + whole(range.least) + " to " + whole(range.most);
}

/// NaN is outside of every range. "": also if there is no such argument.
std::string fault_of_range(const FittedCall& call, const ArgumentRange& range) {
  const FittedArgument argument = find_argument(call, range.argument);
  if (argument.part == nullptr || argument.bound().source == BoundArgument::Source::at_fault) return "";
  const std::vector<double> numbers = call.reals(range.argument);
  const bool fits =
      std::all_of(numbers.begin(), numbers.end(), [&](double n) { return range.least <= n && n <= range.most; });
  return fits ? "" : "needs " + std::string(range.argument) + needed(range) + ", not " + call.written(range.argument);
}

// --- arguments that depend on each other ---

using Rule = std::string (*)(const FittedCall& call);

std::string fault_of_limits(const FittedCall& call) {
  if (call.real("min_val") < call.real("max_val")) return "";
  return "needs min_val below max_val, not " + call.written("min_val") + " and " + call.written("max_val");
}

std::string fault_of_order(const FittedCall& call) {
  if (call.real("lower") <= call.real("upper")) return "";
  return "needs lower up to upper, not " + call.written("lower") + " and " + call.written("upper");
}

std::string fault_of_alpha(const FittedCall& call) {
  return call.real("alpha") != 0.0 ? "" : "needs an alpha other than 0";
}

std::string fault_of_delta(const FittedCall& call) {
  return call.real("delta") > 0.0 ? "" : "needs delta above 0, not " + call.written("delta");
}

std::string fault_of_power(const FittedCall& call) {
  return call.real("p") > 0.0 ? "" : "needs p above 0, not " + call.written("p");
}

std::string fault_of_normalized_shape(const FittedCall& call) {
  return call.integers("normalized_shape").empty() ? "needs one size or more as normalized_shape" : "";
}

/// With a projection states are smaller than the layer inside.
std::string fault_of_projection(const FittedCall& call) {
  if (call.integer("proj_size") == 0 || call.integer("proj_size") < call.integer("hidden_size")) return "";
  return "needs proj_size below hidden_size, not " + call.written("proj_size") + " and " + call.written("hidden_size");
}

/// The heads share the columns.
std::string fault_of_division(const FittedCall& call, const std::string& columns, const std::string& heads) {
  if (call.integer(columns) % call.integer(heads) == 0) return "";
  return "needs " + columns + " to be a multiple of " + heads + ", not " + call.written(columns) + " and " +
         call.written(heads);
}

std::string fault_of_heads(const FittedCall& call) { return fault_of_division(call, "embed_dim", "num_heads"); }

std::string fault_of_nhead(const FittedCall& call) { return fault_of_division(call, "d_model", "nhead"); }

/// The groups of a convolution share the channels.
std::string fault_of_groups(const FittedCall& call) {
  std::string names, numbers;
  for (const char* channels : {"in_channels", "out_channels"}) {
    if (call.integer(channels) % call.integer("groups") == 0) continue;
    names += (names.empty() ? "" : " and ") + std::string(channels);
    numbers += (numbers.empty() ? "" : ", ") + call.written(channels);
  }
  return names.empty()
             ? ""
             : "needs " + names + " to be divisible by groups, not " + numbers + " by " + call.written("groups");
}

std::string fault_of_divisor(const FittedCall& call) {
  const bool given = find_argument(call, "divisor_override").part != nullptr && call.given("divisor_override");
  return given && call.integer("divisor_override") == 0 ? "needs a divisor_override other than 0" : "";
}

/// Sizes, of which one may be -1: it follows from the others.
std::string fault_of_sizes(const FittedCall& call, const char* argument) {
  const std::vector<std::int64_t> sizes = call.integers(argument);
  const auto unknown = std::count(sizes.begin(), sizes.end(), -1);
  const bool negative = std::any_of(sizes.begin(), sizes.end(), [](std::int64_t n) { return n < -1; });
  const bool nothing = std::any_of(sizes.begin(), sizes.end(), [](std::int64_t n) { return n == 0; });
  if (unknown < 2 && !negative && !(unknown > 0 && nothing)) return "";
  return "needs sizes of which one at most is -1, not " + call.written(argument);
}
std::string fault_of_shape(const FittedCall& call) { return fault_of_sizes(call, "shape"); }

std::string fault_of_parts(const FittedCall& call, const char* argument) {
  return call.integers(argument).empty() ? "needs one size or more as " + std::string(argument)
                                         : fault_of_sizes(call, argument);
}
std::string fault_of_split_sizes(const FittedCall& call) { return fault_of_parts(call, "sizes"); }
std::string fault_of_unflattened_size(const FittedCall& call) { return fault_of_parts(call, "unflattened_size"); }

std::string fault_of_pairs(const FittedCall& call) {
  const std::vector<std::int64_t> pad = call.integers("pad");
  return pad.size() % 2 == 0 ? "" : "needs pairs of numbers as pad, not " + call.written("pad");
}

std::string fault_of_counts(const FittedCall& call, const char* a, const char* b) {
  if (call.integers(a).size() == call.integers(b).size()) return "";
  return "needs as many " + std::string(a) + " as " + b + ", not " + call.written(a) + " and " + call.written(b);
}
std::string fault_of_moves(const FittedCall& call) { return fault_of_counts(call, "source", "destination"); }
std::string fault_of_rolls(const FittedCall& call) {
  const bool flat = call.integers("dims").empty() && call.integers("shifts").size() == 1;
  return flat ? "" : fault_of_counts(call, "shifts", "dims");
}

std::string fault_of_planes(const FittedCall& call) {
  return call.integers("dims").size() == 2 ? "" : "needs two dims, not " + call.written("dims");
}

/// Whole numbers from `low` up to below `high`.
std::string fault_of_integers(const FittedCall& call) {
  const std::int64_t low = find_argument(call, "low").part == nullptr ? 0 : call.integer("low");
  if (low < call.integer("high")) return "";
  return "needs a high above " + std::to_string(low) + ", not " + call.written("high");
}

/// -1: as many as there are.
std::string fault_of_classes(const FittedCall& call) {
  const std::int64_t n = call.integer("num_classes");
  return n == -1 || n > 0 ? "" : "needs num_classes of 1 or more, or -1, not " + std::to_string(n);
}

/// Steps must lead from start to end.
std::string fault_of_range_steps(const FittedCall& call) {
  const double start = find_argument(call, "start").part == nullptr ? 0.0 : call.real("start");
  const double step = find_argument(call, "step").part == nullptr ? 1.0 : call.real("step");
  if (step != 0.0 && (call.real("end") - start) / step >= 0.0) return "";
  return "cannot go from " + shortest_text(start) + " to " + shortest_text(call.real("end")) + " in steps of " +
         shortest_text(step);
}

/// Statistics must come from somewhere.
std::string fault_of_statistics(const FittedCall& call) {
  if (call.boolean("use_input_stats") || (call.given("running_mean") && call.given("running_var"))) return "";
  return "needs running_mean and running_var, or use_input_stats: true";
}

std::string fault_of_batch_statistics(const FittedCall& call) {
  if (call.boolean("training") || (call.given("running_mean") && call.given("running_var"))) return "";
  return "needs running_mean and running_var, or training: true";
}

std::string fault_of_bounds(const FittedCall& call) {
  return call.given("min") || call.given("max") ? "" : "needs min or max";
}

/// Without N there are as many powers as numbers.
std::string fault_of_powers(const FittedCall& call) {
  return call.integer("N", 2) > 1 ? "" : "needs N of 2 or more, not " + call.written("N");
}

std::string fault_of_corners(const FittedCall& call) {
  const std::string mode = find_argument(call, "mode").part == nullptr ? "" : call.text("mode");
  const bool has_none = mode == "area" || mode.compare(0, 7, "nearest") == 0;
  if (!has_none || !call.given("align_corners")) return "";
  return "takes no align_corners in mode '" + mode + "'";
}

std::string fault_of_zoom(const FittedCall& call) {
  for (const char* argument : {"size", "scale_factor"})
    if (call.given(argument) && call.reals(argument).empty())
      return "needs one number or more as " + std::string(argument) + ", not []";
  for (const double factor : call.reals("scale_factor"))
    if (!(factor > 0.0)) return "needs a scale_factor above 0";
  for (const std::int64_t n : call.integers("size"))
    if (n < 1) return "needs a size of 1 or more, not " + std::to_string(n);
  return fault_of_corners(call);
}

/// torch's Python counts what is in a window by the number itself; of two dimensions it wants one or two.
std::string fault_of_power_window(const FittedCall& call) {
  const BoundArgument& kernel = find_argument(call, "kernel_size").bound();
  const std::size_t n = kernel.value.items.size();
  const std::string& name = call.parts.back().signature.name;
  if (n == 0 || (n == 2 && name.compare(name.size() - 2, 2, "2d") == 0)) return "";
  return "takes a number as kernel_size, not " + call.written("kernel_size");
}

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> all = {
      {"torch.nn.Hardtanh", fault_of_limits},
      {"torch.nn.RReLU", fault_of_order},
      {"torch.nn.functional.rrelu", fault_of_order},
      {"torch.rrelu", fault_of_order},
      {"torch.nn.CELU", fault_of_alpha},
      {"torch.nn.functional.celu", fault_of_alpha},
      {"torch.celu", fault_of_alpha},
      {"torch.nn.HuberLoss", fault_of_delta},
      {"torch.nn.functional.huber_loss", fault_of_delta},
      {"torch.nn.LayerNorm", fault_of_normalized_shape},
      {"torch.nn.functional.layer_norm", fault_of_normalized_shape},
      {"torch.layer_norm", fault_of_normalized_shape},
      {"torch.nn.functional.instance_norm", fault_of_statistics},
      {"torch.nn.LSTM", fault_of_projection},
      {"torch.nn.MultiheadAttention", fault_of_heads},
      {"torch.nn.TransformerDecoderLayer", fault_of_nhead},
      {"torch.nn.TransformerEncoderLayer", fault_of_nhead},
      {"torch.nn.Conv1d", fault_of_groups},
      {"torch.nn.Conv2d", fault_of_groups},
      {"torch.nn.Conv3d", fault_of_groups},
      {"torch.nn.ConvTranspose1d", fault_of_groups},
      {"torch.nn.ConvTranspose2d", fault_of_groups},
      {"torch.nn.ConvTranspose3d", fault_of_groups},
      {"torch.nn.AvgPool2d", fault_of_divisor},
      {"torch.nn.AvgPool3d", fault_of_divisor},
      {"torch.nn.functional.avg_pool2d", fault_of_divisor},
      {"torch.nn.functional.avg_pool3d", fault_of_divisor},
      {"torch.renorm", fault_of_power},
      {"torch.reshape", fault_of_shape},
      {"torch.unflatten", fault_of_split_sizes},
      {"torch.nn.Unflatten", fault_of_unflattened_size},
      {"torch.nn.functional.pad", fault_of_pairs},
      {"torch.constant_pad_nd", fault_of_pairs},
      {"torch.clamp", fault_of_bounds},
      {"torch.clip", fault_of_bounds},
      {"torch.linalg.vander", fault_of_powers},
      {"torch.nn.functional.batch_norm", fault_of_batch_statistics},
      {"torch.movedim", fault_of_moves},
      {"torch.moveaxis", fault_of_moves},
      {"torch.roll", fault_of_rolls},
      {"torch.rot90", fault_of_planes},
      {"torch.randint", fault_of_integers},
      {"torch.randint_like", fault_of_integers},
      {"torch.nn.functional.one_hot", fault_of_classes},
      {"torch.arange", fault_of_range_steps},
      {"torch.nn.LPPool1d", fault_of_power_window},
      {"torch.nn.LPPool2d", fault_of_power_window},
      {"torch.nn.functional.lp_pool1d", fault_of_power_window},
      {"torch.nn.functional.lp_pool2d", fault_of_power_window},
      {"torch.nn.Upsample", fault_of_zoom},
      {"torch.nn.UpsamplingNearest2d", fault_of_zoom},
      {"torch.nn.UpsamplingBilinear2d", fault_of_zoom},
      {"torch.nn.functional.interpolate", fault_of_zoom},
      {"torch.nn.functional.upsample", fault_of_zoom},
      {"torch.nn.functional.upsample_nearest", fault_of_zoom},
      {"torch.nn.functional.upsample_bilinear", fault_of_zoom},
  };
  return all;
}

}  // namespace

std::vector<ArgumentFault> faults_of_arguments(const FittedCall& call) {
  const std::string& name = name_of(call);
  const std::string last = name.substr(name.rfind('.') + 1);
  static const RangesByTarget ranges = ranges_by_target();
  const auto [first, end] = ranges.equal_range(last);
  std::vector<ArgumentFault> faults = faults_of_words(call);
  const auto check = [&](const ArgumentRange& range) {
    const std::string fault = fault_of_range(call, range);
    if (!fault.empty()) faults.push_back({range.argument, fault});
  };
  for (auto range = first; range != end; ++range) check(*range->second);
  if (looks_through_windows(last))
    for (const ArgumentRange& range : kWindowRanges) check(range);
  const auto rule = rules().find(name);
  if (!faults.empty() || is_at_fault(call) || rule == rules().end()) return faults;
  const std::string fault = rule->second(call);
  if (!fault.empty()) faults.push_back({"", fault});
  return faults;
}

}  // namespace kiln
