#include "operators/targets/loss_shapes.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

#define KILN_REDUCTION \
  "Literal[None] size_average=None, Literal[None] reduce=None, Literal['none','mean','sum'] reduction='mean'"

/// Of a function an argument, of a module a buffer.
std::string tensor_text(const FittedCall& call, const char* name) {
  return call.parts.size() > 1 ? "$" + std::string(name) : call.written(name);
}

/// Two tensors of one size. Where that is not known before, none may stretch to the other when it runs.
std::string equal_sizes_text(const FittedCall& call, const char* first, const char* second) {
  const std::string a = call.written(first), b = call.written(second);
  if (surely_equal(call.input(first), call.input(second))) return a + ", " + b;
  return a + ".expand_as(" + b + "), " + b + ".expand_as(" + a + ")";
}

std::string binary_cross_entropy_text(const FittedCall& call) {
  return "torch.ops.aten.binary_cross_entropy(" + equal_sizes_text(call, "input", "target") + ", " +
         tensor_text(call, "weight") + fill_in(", {reduction|index})", call);
}
std::string with_logits_text(const FittedCall& call) {
  return "torch.binary_cross_entropy_with_logits(" + equal_sizes_text(call, "input", "target") + ", " +
         tensor_text(call, "weight") + ", " + tensor_text(call, "pos_weight") + fill_in(", {reduction|index})", call);
}

/// Torch's Python takes a vector of weights only, which one -1 keeps.
std::string margin_text(const FittedCall& call) {
  const bool is_unknown = call.parts.size() == 1 && call.given("weight") && !call.input("weight").known;
  return fill_in("torch.ops.aten.multi_margin_loss({input}, {target}, {p}, {margin}, ", call) +
         tensor_text(call, "weight") + (is_unknown ? ".expand([-1])" : "") + fill_in(", {reduction|index})", call);
}

/// Where it is not known, -1 keeps every dimension if there are as many of them when it runs.
std::string of_same_rank(const FittedCall& call, const char* name, const char* other) {
  if (call.input(name).known && call.input(other).known) return call.written(name);
  return call.written(name) + ".expand([-1] * " + call.written(other) + ".dim())";
}
std::string ranking_text(const FittedCall& call) {
  return "torch.margin_ranking_loss(" + call.written("input1") + ", " + of_same_rank(call, "input2", "input1") + ", " +
         of_same_rank(call, "target", "input1") + fill_in(", {margin}, {reduction|index})", call);
}

constexpr Twin kLosses[] = {
    {"cosine_embedding_loss", "CosineEmbeddingLoss", "Tensor input1, Tensor input2, Tensor target",
     "float margin=0.0, " KILN_REDUCTION,
     "torch.cosine_embedding_loss({input1}, {input2}, {target}, {margin}, {reduction|index})", angle_loss},
    {"cross_entropy", "CrossEntropyLoss", "Tensor input, Tensor target",
     "Optional[Tensor] weight=None, Literal[None] size_average=None, int ignore_index=-100, "
     "Literal[None] reduce=None, Literal['none','mean','sum'] reduction='mean', float label_smoothing=0.0",
     "torch.ops.aten.cross_entropy_loss({input}, {target}, {weight}, {reduction|index}, {ignore_index}, "
     "{label_smoothing})",
     class_or_probability_loss},
    {"ctc_loss", "CTCLoss", "Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths",
     "int blank=0, Literal['none','mean','sum'] reduction='mean', bool zero_infinity=False",
     "torch.ctc_loss({log_probs}, {targets}, {input_lengths}, {target_lengths}, {blank}, {reduction|index}, "
     "{zero_infinity})",
     reduced_or_unknown},
    {"hinge_embedding_loss", "HingeEmbeddingLoss", "Tensor input, Tensor target", "float margin=1.0, " KILN_REDUCTION,
     "torch.hinge_embedding_loss({input}, {target}, {margin}, {reduction|index})", stretching_loss},
    {"huber_loss", "HuberLoss", "Tensor input, Tensor target",
     "Literal['none','mean','sum'] reduction='mean', float delta=1.0",
     "torch.ops.aten.huber_loss({input}, {target}, {reduction|index}, {delta})", stretching_loss},
    {"l1_loss", "L1Loss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.l1_loss({input}, {target}, {reduction|index})", stretching_loss},
    {"mse_loss", "MSELoss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.mse_loss({input}, {target}, {reduction|index})", stretching_loss},
    {"multilabel_margin_loss", "MultiLabelMarginLoss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.multilabel_margin_loss({input}, {target}, {reduction|index})", margin_loss_of_classes},
    {"nll_loss", "NLLLoss", "Tensor input, Tensor target",
     "Optional[Tensor] weight=None, Literal[None] size_average=None, int ignore_index=-100, "
     "Literal[None] reduce=None, Literal['none','mean','sum'] reduction='mean'",
     "torch.ops.aten.nll_loss_nd({input}, {target}, {weight}, {reduction|index}, {ignore_index})", class_loss},
    {"smooth_l1_loss", "SmoothL1Loss", "Tensor input, Tensor target", KILN_REDUCTION ", float beta=1.0",
     "torch.ops.aten.smooth_l1_loss({input}, {target}, {reduction|index}, {beta})", stretching_loss},
    {"soft_margin_loss", "SoftMarginLoss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.soft_margin_loss({input}, {target}, {reduction|index})", loss_like_input},
    {"triplet_margin_loss", "TripletMarginLoss", "Tensor anchor, Tensor positive, Tensor negative",
     "float margin=1.0, float p=2.0, float eps=1e-06, bool swap=False, " KILN_REDUCTION,
     "torch.triplet_margin_loss({anchor}, {positive}, {negative}, {margin}, {p}, {eps}, {swap}, {reduction|index})",
     triplet_loss},
};

std::string reduced_text(const std::string& loss, const std::string& reduction) {
  if (reduction == "none") return loss;
  return "torch." + reduction + "(" + loss + ")";
}

/// A number counts as one row.
std::string n_rows_text(const FittedCall& call) {
  const Shape input = call.input("input");
  const std::string rows = call.written("input") + ".size(0)";
  if (input.known) return input.rank() > 0 ? rows : "1";
  return "(" + rows + " if " + call.written("input") + ".dim() > 0 else 1)";
}

/// 'batchmean' is the sum by the number of rows.
std::string kl_div_text(const FittedCall& call) {
  const bool by_rows = call.text("reduction") == "batchmean";
  const std::string number = by_rows ? "2" : fill_in("{reduction|index}", call);
  const std::string loss =
      fill_in("torch.kl_div({input}, {target}, ", call) + number + fill_in(", log_target={log_target})", call);
  return by_rows ? loss + " / " + n_rows_text(call) : loss;
}

/// With the last dimension; where sizes are not known, others than the input's cannot be joined to it when it runs.
std::string variance_text(const FittedCall& call) {
  const Shape input = call.input("input"), var = call.input("var");
  const std::string given = call.written("var"), wider = given + ".unsqueeze(-1)";
  if (input.known && var.known) return var.rank() < input.rank() ? wider : given;
  const std::string full =
      "(" + given + " if " + given + ".dim() == " + call.written("input") + ".dim() else " + wider + ")";
  return "torch.cat([" + full + ", " + call.written("input") + "], -1).narrow(-1, 0, " + full + ".size(-1))";
}

/// The variance is bounded from below, but not in its derivative.
std::string gaussian_text(const FittedCall& call) {
  const std::string var = variance_text(call);
  const std::string bounded =
      "(" + var + " + (torch.clamp(" + var + ", min=" + call.written("eps") + ") - " + var + ").detach())";
  const std::string constant = call.boolean("full") ? " + 0.9189385332046727" : "";
  const std::string loss = "0.5 * (torch.log(" + bounded + ") + " + fill_in("({input} - {target}) ** 2", call) + " / " +
                           bounded + ")" + constant;
  return reduced_text(loss, call.text("reduction"));
}

/// Of every class of its own, then the mean over the classes: the input's last dimension.
std::string multilabel_soft_text(const FittedCall& call) {
  const Shape input = call.input("input");
  const std::string loss = fill_in(
      "-({target} * torch.nn.functional.logsigmoid({input}) + (1 - {target}) * "
      "torch.nn.functional.logsigmoid(-{input}))",
      call);
  const std::string weighted =
      call.given("weight") ? "((" + loss + ") * " + tensor_text(call, "weight") + ")" : "(" + loss + ")";
  const std::string dim = input.known ? std::to_string(input.rank() - 1) : call.written("input") + ".dim() - 1";
  const std::string mean = weighted + ".sum([" + dim + "]) / " + call.written("input") + ".size(-1)";
  return reduced_text(mean, call.text("reduction"));
}

/// Rows of a twin that is written by a function.
void add_written(const Twin& twin, std::string (*write)(const FittedCall&), std::vector<TargetRow>& rows) {
  const std::size_t first = rows.size();
  add_rows(twin, rows);
  for (std::size_t k = first; k < rows.size(); ++k) rows[k].write = write;
}

/// Module and function name their arguments differently.
void add_poisson(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.expression = "torch.poisson_nll_loss({input}, {target}, {log_input}, {full}, {eps}, {reduction|index})";
  row.shape = stretching_loss;
  const std::string rest =
      "bool log_input=True, bool full=False, Literal[None] size_average=None, float eps=1e-08, "
      "Literal[None] reduce=None, Literal['none','mean','sum'] reduction='mean')";
  row.signature = "torch.nn.functional.poisson_nll_loss(Tensor input, Tensor target, " + rest + " -> Tensor";
  rows.push_back(row);
  row.signature = "torch.nn.PoissonNLLLoss(" + rest;
  row.forward = "forward(Tensor input, Tensor target) -> Tensor";
  rows.push_back(row);
}

}  // namespace

void add_losses(std::vector<TargetRow>& rows) {
  for (const Twin& twin : kLosses) add_rows(twin, rows);
  const std::string weighted = "Optional[Tensor] weight=None, " KILN_REDUCTION;
  add_written({"binary_cross_entropy", "BCELoss", "Tensor input, Tensor target", weighted.c_str(), "",
               binary_cross_entropy_shape},
              binary_cross_entropy_text, rows);
  add_written({"binary_cross_entropy_with_logits", "BCEWithLogitsLoss", "Tensor input, Tensor target",
               "Optional[Tensor] weight=None, " KILN_REDUCTION ", Optional[Tensor] pos_weight=None", "",
               binary_cross_entropy_shape},
              with_logits_text, rows);
  add_written({"margin_ranking_loss", "MarginRankingLoss", "Tensor input1, Tensor input2, Tensor target",
               "float margin=0.0, " KILN_REDUCTION, "", ranking_loss},
              ranking_text, rows);
  add_written({"multi_margin_loss", "MultiMarginLoss", "Tensor input, Tensor target",
               "int p=1, float margin=1.0, Optional[Tensor] weight=None, " KILN_REDUCTION, "", margin_loss_of_class},
              margin_text, rows);
  add_written({"kl_div", "KLDivLoss", "Tensor input, Tensor target",
               "Literal[None] size_average=None, Literal[None] reduce=None, "
               "Literal['none','mean','sum','batchmean'] reduction='mean', bool log_target=False",
               "", stretching_loss},
              kl_div_text, rows);
  add_written({"gaussian_nll_loss", "GaussianNLLLoss", "Tensor input, Tensor target, Tensor var",
               "bool full=False, float eps=1e-06, Literal['none','mean','sum'] reduction='mean'", "", gaussian_loss},
              gaussian_text, rows);
  add_written({"multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss", "Tensor input, Tensor target",
               weighted.c_str(), "", soft_loss_of_classes},
              multilabel_soft_text, rows);
  add_poisson(rows);
}

}  // namespace kiln
