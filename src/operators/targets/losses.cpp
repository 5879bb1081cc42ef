#include "operators/targets/target_table.h"

namespace kiln {

namespace {

#define KILN_REDUCTION \
  "Literal[None] size_average=None, Literal[None] reduce=None, Literal['none','mean','sum'] reduction='mean'"

/// One number, or a loss per component.
ShapeResult loss_shape(const FittedCall& call) {
  ShapeResult result = broadcast(call);
  if (call.text("reduction") != "none" && result.fault.empty()) return {{make_shape({})}, false, ""};
  return result;
}

/// One number, or losses of which nothing is said.
ShapeResult reduced_or_unknown(const FittedCall& call) {
  if (call.text("reduction") != "none") return {{make_shape({})}, false, ""};
  return {};
}

/// Of tensors that do not stretch: what would, torch's Python refuses.
ShapeResult same_sizes_loss(const FittedCall& call) {
  const Shape input = call.input("input"), target = call.input("target");
  if (may_equal(input, target)) return loss_shape(call);
  return faulty("takes a target of its input's shape " + to_string(input) + ", not " + to_string(target));
}

/// Of tensors that stretch, but have as many dimensions each.
std::string fault_of_ranks(const FittedCall& call) {
  const std::vector<Shape> shapes = call.inputs();
  for (const Shape& shape : shapes)
    if (shape.known && shapes[0].known && shape.rank() != shapes[0].rank())
      return "takes tensors of as many dimensions each, not of shapes " + to_string(shapes[0]) + " and " +
             to_string(shape);
  return "";
}
ShapeResult same_ranks_loss(const FittedCall& call) {
  const std::string fault = fault_of_ranks(call);
  return fault.empty() ? loss_shape(call) : faulty(fault);
}
ShapeResult same_ranks_or_unknown(const FittedCall& call) {
  const std::string fault = fault_of_ranks(call);
  return fault.empty() ? reduced_or_unknown(call) : faulty(fault);
}

// When it runs, tensors of other sizes cannot be stacked, and -1 keeps a dimension that there is.
#define KILN_TARGET_OF_SAME_SIZES "torch.stack([{input}, {target}])[1]"
#define KILN_OF_SAME_RANK(tensor, other) "{" tensor "}.expand([-1] * {" other "}.dim())"

constexpr Twin kLosses[] = {
    {"binary_cross_entropy", "BCELoss", "Tensor input, Tensor target", "Optional[Tensor] weight=None, " KILN_REDUCTION,
     "torch.ops.aten.binary_cross_entropy({input}, " KILN_TARGET_OF_SAME_SIZES ", {weight}, {reduction|index})",
     same_sizes_loss},
    {"binary_cross_entropy_with_logits", "BCEWithLogitsLoss", "Tensor input, Tensor target",
     "Optional[Tensor] weight=None, " KILN_REDUCTION ", Optional[Tensor] pos_weight=None",
     "torch.binary_cross_entropy_with_logits({input}, " KILN_TARGET_OF_SAME_SIZES
     ", {weight}, {pos_weight}, {reduction|index})",
     same_sizes_loss},
    {"cosine_embedding_loss", "CosineEmbeddingLoss", "Tensor input1, Tensor input2, Tensor target",
     "float margin=0.0, " KILN_REDUCTION,
     "torch.cosine_embedding_loss({input1}, {input2}, {target}, {margin}, {reduction|index})", reduced_or_unknown},
    {"cross_entropy", "CrossEntropyLoss", "Tensor input, Tensor target",
     "Optional[Tensor] weight=None, Literal[None] size_average=None, int ignore_index=-100, "
     "Literal[None] reduce=None, Literal['none','mean','sum'] reduction='mean', float label_smoothing=0.0",
     "torch.ops.aten.cross_entropy_loss({input}, {target}, {weight}, {reduction|index}, {ignore_index}, "
     "{label_smoothing})",
     reduced_or_unknown},
    {"ctc_loss", "CTCLoss", "Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths",
     "int blank=0, Literal['none','mean','sum'] reduction='mean', bool zero_infinity=False",
     "torch.ctc_loss({log_probs}, {targets}, {input_lengths}, {target_lengths}, {blank}, {reduction|index}, "
     "{zero_infinity})",
     reduced_or_unknown},
    {"hinge_embedding_loss", "HingeEmbeddingLoss", "Tensor input, Tensor target", "float margin=1.0, " KILN_REDUCTION,
     "torch.hinge_embedding_loss({input}, {target}, {margin}, {reduction|index})", loss_shape},
    {"huber_loss", "HuberLoss", "Tensor input, Tensor target",
     "Literal['none','mean','sum'] reduction='mean', float delta=1.0",
     "torch.ops.aten.huber_loss({input}, {target}, {reduction|index}, {delta})", loss_shape},
    {"l1_loss", "L1Loss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.l1_loss({input}, {target}, {reduction|index})", loss_shape},
    {"margin_ranking_loss", "MarginRankingLoss", "Tensor input1, Tensor input2, Tensor target",
     "float margin=0.0, " KILN_REDUCTION,
     "torch.margin_ranking_loss({input1}, " KILN_OF_SAME_RANK("input2", "input1") ", " KILN_OF_SAME_RANK(
         "target", "input1") ", {margin}, {reduction|index})",
     same_ranks_loss},
    {"mse_loss", "MSELoss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.mse_loss({input}, {target}, {reduction|index})", loss_shape},
    {"multilabel_margin_loss", "MultiLabelMarginLoss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.multilabel_margin_loss({input}, {target}, {reduction|index})", reduced_or_unknown},
    {"multi_margin_loss", "MultiMarginLoss", "Tensor input, Tensor target",
     "int p=1, float margin=1.0, Optional[Tensor] weight=None, " KILN_REDUCTION,
     "torch.ops.aten.multi_margin_loss({input}, {target}, {p}, {margin}, {weight}, {reduction|index})",
     reduced_or_unknown},
    {"nll_loss", "NLLLoss", "Tensor input, Tensor target",
     "Optional[Tensor] weight=None, Literal[None] size_average=None, int ignore_index=-100, "
     "Literal[None] reduce=None, Literal['none','mean','sum'] reduction='mean'",
     "torch.ops.aten.nll_loss_nd({input}, {target}, {weight}, {reduction|index}, {ignore_index})", reduced_or_unknown},
    {"smooth_l1_loss", "SmoothL1Loss", "Tensor input, Tensor target", KILN_REDUCTION ", float beta=1.0",
     "torch.ops.aten.smooth_l1_loss({input}, {target}, {reduction|index}, {beta})", loss_shape},
    {"soft_margin_loss", "SoftMarginLoss", "Tensor input, Tensor target", KILN_REDUCTION,
     "torch.ops.aten.soft_margin_loss({input}, {target}, {reduction|index})", loss_shape},
    {"triplet_margin_loss", "TripletMarginLoss", "Tensor anchor, Tensor positive, Tensor negative",
     "float margin=1.0, float p=2.0, float eps=1e-06, bool swap=False, " KILN_REDUCTION,
     "torch.triplet_margin_loss({anchor}, {positive}, {negative}, {margin}, {p}, {eps}, {swap}, {reduction|index})",
     same_ranks_or_unknown},
};

std::string reduced_text(const std::string& loss, const std::string& reduction) {
  if (reduction == "none") return loss;
  return "torch." + reduction + "(" + loss + ")";
}

/// 'batchmean' is the sum by the number of rows.
std::string kl_div_text(const FittedCall& call) {
  const bool by_rows = call.text("reduction") == "batchmean";
  const std::string number = by_rows ? "2" : fill_in("{reduction|index}", call);
  const std::string loss =
      fill_in("torch.kl_div({input}, {target}, ", call) + number + fill_in(", log_target={log_target})", call);
  return by_rows ? loss + " / " + call.written("input") + ".size(0)" : loss;
}

/// A variance per component, or one for all of the last dimension, which may be left out then.
ShapeResult gaussian_shape(const FittedCall& call) {
  const Shape input = call.input("input"), given = call.input("var"), target = call.input("target");
  Shape sum, var = given;
  if (input.known && var.known && var.rank() + 1 == input.rank()) var.sizes.push_back(fixed_size(1));
  Shape one_for_all = input;
  if (input.rank() > 0) one_for_all.sizes.pop_back();
  one_for_all.sizes.push_back(fixed_size(1));
  if (!may_equal(var, input) && !may_equal(var, one_for_all))
    return faulty("cannot take variances of shape " + to_string(given) + " for a tensor of shape " + to_string(input));
  if (input.known && target.known && !broadcast_shapes(input, target, sum))
    return faulty("cannot combine tensors of shapes " + to_string(input) + " and " + to_string(target));
  return reduced_or_unknown(call);
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

/// Of every class of its own, then the mean over the classes.
std::string multilabel_soft_text(const FittedCall& call, const std::string& weight) {
  const std::string loss = fill_in(
      "-({target} * torch.nn.functional.logsigmoid({input}) + (1 - {target}) * "
      "torch.nn.functional.logsigmoid(-{input}))",
      call);
  const std::string weighted = call.given("weight") ? "((" + loss + ") * " + weight + ")" : "(" + loss + ")";
  const std::string mean = weighted + ".sum([-1]) / " + call.written("input") + ".size(-1)";
  return reduced_text(mean, call.text("reduction"));
}
std::string multilabel_soft_function(const FittedCall& call) {
  return multilabel_soft_text(call, call.written("weight"));
}
std::string multilabel_soft_module(const FittedCall& call) { return multilabel_soft_text(call, "$weight"); }

/// Rows of a twin that is written by a function.
void add_written(const Twin& twin, std::string (*function)(const FittedCall&), std::string (*module)(const FittedCall&),
                 std::vector<TargetRow>& rows) {
  const std::size_t first = rows.size();
  add_rows(twin, rows);
  for (std::size_t k = first; k < rows.size(); ++k) rows[k].write = rows[k].forward.empty() ? function : module;
}

/// Module and function name their arguments differently.
void add_poisson(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.expression = "torch.poisson_nll_loss({input}, {target}, {log_input}, {full}, {eps}, {reduction|index})";
  row.shape = loss_shape;
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
  add_written({"kl_div", "KLDivLoss", "Tensor input, Tensor target",
               "Literal[None] size_average=None, Literal[None] reduce=None, "
               "Literal['none','mean','sum','batchmean'] reduction='mean', bool log_target=False",
               "", loss_shape},
              kl_div_text, kl_div_text, rows);
  add_written({"gaussian_nll_loss", "GaussianNLLLoss", "Tensor input, Tensor target, Tensor var",
               "bool full=False, float eps=1e-06, Literal['none','mean','sum'] reduction='mean'", "", gaussian_shape},
              gaussian_text, gaussian_text, rows);
  add_written({"multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss", "Tensor input, Tensor target",
               "Optional[Tensor] weight=None, " KILN_REDUCTION, "", reduced_or_unknown},
              multilabel_soft_function, multilabel_soft_module, rows);
  add_poisson(rows);
}

}  // namespace kiln
