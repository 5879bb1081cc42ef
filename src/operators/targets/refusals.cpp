#include <algorithm>
#include <map>

#include "base/text.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

constexpr const char* kContainer = "write its parts as layers of their own, one each";
constexpr const char* kTransformer =
    "write its layers one by one: torch.nn.TransformerEncoderLayer and TransformerDecoderLayer, or let Python make it: "
    "--allow python:torch.nn";
constexpr const char* kStack =
    "write its layers one by one, torch.nn.TransformerEncoderLayer or TransformerDecoderLayer, and torch.nn.LayerNorm "
    "behind them; `repeat` does so";
constexpr const char* kRare = "let Python make it with --allow python:torch.nn, or save it as a .pt file";
constexpr const char* kTruth = "it gives no tensor but true or false";
constexpr const char* kBase = "it is a base class that computes nothing";

const std::map<std::string, const char*>& refusals() {
  static const std::map<std::string, const char*> reasons = {
      {"torch.allclose", "it gives no tensor but true or false: use torch.isclose"},
      {"torch.equal", "it gives no tensor but true or false: use torch.eq"},
      {"torch.is_complex", kTruth},
      {"torch.is_floating_point", kTruth},
      {"torch.is_nonzero", "it gives no tensor but true or false: use torch.ne"},
      {"torch.is_same_size", kTruth},
      {"torch.numel", "it gives no tensor but a number"},
      {"torch.nn.AdaptiveLogSoftmaxWithLoss",
       "TorchScript cannot express it: use torch.nn.Linear and torch.log_softmax"},
      {"torch.nn.Container", kContainer},
      {"torch.nn.CrossMapLRN2d", "use torch.nn.LocalResponseNorm"},
      {"torch.nn.DataParallel", "Kiln distributes the work itself"},
      {"torch.nn.FractionalMaxPool2d", kRare},
      {"torch.nn.FractionalMaxPool3d", kRare},
      {"torch.nn.Module", kBase},
      {"torch.nn.ModuleDict", kContainer},
      {"torch.nn.ModuleList", kContainer},
      {"torch.nn.NLLLoss2d", "use torch.nn.NLLLoss"},
      {"torch.nn.ParameterDict", kContainer},
      {"torch.nn.ParameterList", kContainer},
      {"torch.nn.RNNBase", kBase},
      {"torch.nn.RNNCellBase", kBase},
      {"torch.nn.Sequential", kContainer},
      {"torch.nn.SyncBatchNorm", "use torch.nn.BatchNorm1d, 2d or 3d"},
      {"torch.nn.Transformer", kTransformer},
      {"torch.nn.TransformerDecoder", kStack},
      {"torch.nn.TransformerEncoder", kStack},
      {"torch.nn.TripletMarginWithDistanceLoss", "use torch.nn.TripletMarginLoss"},
      {"torch.nn.functional.fractional_max_pool2d", "use torch.nn.FractionalMaxPool2d with --allow python:torch.nn"},
      {"torch.nn.functional.fractional_max_pool3d", "use torch.nn.FractionalMaxPool3d with --allow python:torch.nn"},
      {"torch.nn.functional.multi_head_attention_forward", "use torch.nn.MultiheadAttention"},
      {"torch.nn.functional.triplet_margin_with_distance_loss", "use torch.nn.functional.triplet_margin_loss"},
  };
  return reasons;
}

}  // namespace

bool is_made_by_python(const std::string& target) {
  const auto found = refusals().find(target);
  return found != refusals().end() && (found->second == kTransformer || found->second == kRare);
}

namespace {

/// Methods of tensors that are functions by another name, or by none.
std::string advice_for_method(const std::string& method) {
  static const std::map<std::string, std::string> functions = {
      {"view", "reshape"}, {"expand", "broadcast_to"}, {"repeat", "tile"}};
  const auto other = functions.find(method);
  const std::string function = "torch." + (other == functions.end() ? method : other->second);
  return is_known_target(function) ? "name the function: '" + function + "'"
                                   : "it is a method of tensors: `kiln layers --arbitrary` lists the functions";
}

}  // namespace

std::string refusal(const std::string& target) {
  const auto found = refusals().find(target);
  if (found != refusals().end()) return found->second;
  if (starts_with(target, "torch.nn.Lazy"))
    return "its sizes must be known before it runs: use 'torch.nn." + target.substr(13) + "'";
  if (starts_with(target, "torch.Tensor.")) return advice_for_method(target.substr(13));
  for (const char* module : {"builtins.", "os.", "sys.", "subprocess."}) {
    if (starts_with(target, module)) return "no graph may call it";
  }
  return "";
}

}  // namespace kiln
