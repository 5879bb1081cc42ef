#include <algorithm>
#include <set>
#include <sstream>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

using Names = std::set<std::string>;

Names words(const char* list) {
  std::istringstream in(list);
  Names all;
  for (std::string word; in >> word;) all.insert("torch." + word);
  return all;
}

/// Integers or booleans, whatever the tensors hold.
const Names& integral() {
  static const Names names = words(
      "eq ne lt le gt ge not_equal less less_equal greater greater_equal logical_and logical_or logical_xor "
      "logical_not isnan isinf isfinite isneginf isposinf isreal isclose isin argmax argmin argsort argwhere nonzero "
      "bincount count_nonzero bucketize searchsorted all any signbit linalg.matrix_rank multinomial "
      "nn.functional.one_hot bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift gcd "
      "lcm randint randperm tril_indices triu_indices");
  return names;
}

/// A tuple whose elements from the second on are places, pivots or codes of errors.
const Names& beside_integers() {
  static const Names names = words(
      "max min sort topk kthvalue median nanmedian mode cummax cummin frexp linalg.lu_factor linalg.lu_factor_ex "
      "linalg.ldl_factor linalg.ldl_factor_ex linalg.inv_ex linalg.cholesky_ex linalg.solve_ex adaptive_max_pool1d "
      "max_pool1d_with_indices nn.MaxPool1d nn.MaxPool2d nn.MaxPool3d nn.AdaptiveMaxPool1d nn.AdaptiveMaxPool2d "
      "nn.AdaptiveMaxPool3d nn.functional.max_pool1d nn.functional.max_pool2d nn.functional.max_pool3d "
      "nn.functional.adaptive_max_pool1d nn.functional.adaptive_max_pool2d nn.functional.adaptive_max_pool3d");
  return names;
}

/// Integers of integers.
const Names& integer_of_integers() {
  static const Names names = words(
      "abs absolute add addcmul addmm addmv addr adjoint amax amin aminmax atleast_1d atleast_2d atleast_3d "
      "baddbmm bilinear block_diag bmm broadcast_tensors broadcast_to cartesian_prod cat ceil chain_matmul "
      "channel_shuffle chunk clamp clamp_max clamp_min clip clone column_stack combinations concat concatenate "
      "conj conj_physical constant_pad_nd conv1d conv2d conv3d conv_transpose1d conv_transpose2d "
      "conv_transpose3d cross cummax cummin cumprod cumsum detach diag diag_embed diagflat diagonal "
      "diagonal_scatter diff dot dsplit dstack einsum embedding fill fix flatten flip fliplr flipud floor "
      "floor_divide fmax fmin fmod full_like gather heaviside hsplit hstack index_add index_copy index_fill "
      "index_put index_reduce index_select inner kron kthvalue linalg.cross linalg.diagonal linalg.matmul "
      "linalg.matrix_power linalg.multi_dot linalg.vander masked_fill masked_scatter masked_select matmul "
      "matrix_power max maximum median meshgrid min minimum mm mode moveaxis movedim msort mul multiply mv "
      "nan_to_num nanmedian nansum narrow narrow_copy native_channel_shuffle neg negative nn.ChannelShuffle "
      "nn.Flatten nn.Hardtanh nn.Identity nn.L1Loss nn.PixelShuffle nn.PixelUnshuffle nn.ReLU nn.ReLU6 "
      "nn.Unflatten nn.Upsample nn.UpsamplingNearest2d nn.ZeroPad2d nn.functional.bilinear "
      "nn.functional.channel_shuffle nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d "
      "nn.functional.conv_transpose1d nn.functional.conv_transpose2d "
      "nn.functional.conv_transpose3d nn.functional.embedding nn.functional.hardtanh nn.functional.l1_loss "
      "nn.functional.linear nn.functional.native_channel_shuffle nn.functional.pad nn.functional.pixel_shuffle "
      "nn.functional.pixel_unshuffle nn.functional.relu nn.functional.relu6 nn.functional.upsample "
      "nn.functional.upsample_nearest ones_like outer permute pixel_shuffle pixel_unshuffle positive pow prod put "
      "randint_like ravel real relu remainder repeat_interleave reshape resolve_conj resolve_neg roll rot90 round "
      "row_stack rsub scatter scatter_add scatter_reduce select select_scatter sgn sign slice_scatter sort split "
      "split_with_sizes square squeeze stack sub subtract sum swapaxes swapdims t take take_along_dim "
      "tensor_split tensordot tile topk trace transpose tril triu trunc unbind unflatten unique unsqueeze vander "
      "vdot vsplit vstack where zeros_like");
  return names;
}

/// What torch computes of no integers: those that they are given first, or of which all are.
const Names& of_reals() {
  static const Names names = words(
      "adaptive_max_pool1d batch_norm binomial cdist celu cholesky cholesky_inverse cholesky_solve complex det "
      "frac frexp frobenius_norm geqrf grid_sampler grid_sampler_2d grid_sampler_3d group_norm gru_cell "
      "hardshrink histc histogram instance_norm inverse layer_norm lerp linalg.cholesky linalg.cholesky_ex "
      "linalg.cond linalg.det linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh linalg.householder_product "
      "linalg.inv linalg.inv_ex linalg.ldl_factor linalg.ldl_factor_ex linalg.ldl_solve linalg.lstsq linalg.lu "
      "linalg.lu_factor linalg.lu_factor_ex linalg.lu_solve linalg.matrix_exp linalg.matrix_norm "
      "linalg.matrix_rank linalg.norm linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.solve_ex "
      "linalg.solve_triangular linalg.svd linalg.svdvals linalg.tensorinv linalg.tensorsolve linalg.vecdot "
      "linalg.vector_norm log_softmax logcumsumexp logdet lstm_cell lu_solve matrix_exp max_pool1d "
      "max_pool1d_with_indices max_pool2d max_pool3d mean multinomial nanmean nanquantile nn.AdaptiveAvgPool1d "
      "nn.AdaptiveAvgPool2d nn.AdaptiveAvgPool3d nn.AdaptiveMaxPool1d nn.AdaptiveMaxPool2d nn.AdaptiveMaxPool3d "
      "nn.BCELoss nn.BCEWithLogitsLoss nn.BatchNorm1d nn.BatchNorm2d nn.BatchNorm3d nn.Bilinear nn.CELU "
      "nn.CTCLoss nn.Conv1d nn.Conv2d nn.Conv3d nn.ConvTranspose1d nn.ConvTranspose2d nn.ConvTranspose3d "
      "nn.CrossEntropyLoss nn.ELU nn.Fold nn.GELU nn.GLU nn.GRU nn.GRUCell nn.GroupNorm nn.Hardshrink "
      "nn.Hardsigmoid nn.Hardswish nn.HuberLoss nn.InstanceNorm1d nn.InstanceNorm2d nn.InstanceNorm3d "
      "nn.KLDivLoss nn.LSTM nn.LSTMCell nn.LayerNorm nn.LeakyReLU nn.Linear nn.LogSigmoid nn.LogSoftmax "
      "nn.MaxPool1d nn.MaxPool2d nn.MaxPool3d nn.MaxUnpool1d nn.MaxUnpool2d nn.MaxUnpool3d nn.Mish "
      "nn.MultiLabelMarginLoss nn.MultiLabelSoftMarginLoss nn.MultiMarginLoss nn.NLLLoss nn.PReLU nn.RNN "
      "nn.RNNCell nn.RReLU nn.ReflectionPad1d nn.ReflectionPad2d nn.ReflectionPad3d nn.ReplicationPad1d "
      "nn.ReplicationPad2d nn.ReplicationPad3d nn.SELU nn.SiLU nn.SoftMarginLoss nn.Softmax nn.Softmax2d "
      "nn.Softmin nn.Softplus nn.Softshrink nn.Unfold nn.UpsamplingBilinear2d nn.functional.adaptive_avg_pool2d "
      "nn.functional.adaptive_avg_pool3d nn.functional.adaptive_max_pool1d nn.functional.adaptive_max_pool2d "
      "nn.functional.adaptive_max_pool3d nn.functional.affine_grid nn.functional.batch_norm "
      "nn.functional.binary_cross_entropy nn.functional.binary_cross_entropy_with_logits nn.functional.celu "
      "nn.functional.cross_entropy nn.functional.ctc_loss nn.functional.elu nn.functional.fold nn.functional.gelu "
      "nn.functional.glu nn.functional.grid_sample nn.functional.group_norm nn.functional.gumbel_softmax "
      "nn.functional.hardshrink nn.functional.hardsigmoid nn.functional.hardswish nn.functional.huber_loss "
      "nn.functional.instance_norm nn.functional.kl_div nn.functional.layer_norm nn.functional.leaky_relu "
      "nn.functional.log_softmax nn.functional.logsigmoid nn.functional.max_pool1d nn.functional.max_pool2d "
      "nn.functional.max_pool3d nn.functional.max_unpool1d nn.functional.max_unpool2d nn.functional.max_unpool3d "
      "nn.functional.mish nn.functional.multi_margin_loss nn.functional.multilabel_margin_loss "
      "nn.functional.multilabel_soft_margin_loss nn.functional.nll_loss nn.functional.normalize "
      "nn.functional.pdist nn.functional.prelu nn.functional.rrelu nn.functional.selu nn.functional.silu "
      "nn.functional.soft_margin_loss nn.functional.softmax nn.functional.softmin nn.functional.softplus "
      "nn.functional.softshrink nn.functional.unfold nn.functional.upsample_bilinear norm norm_except_dim "
      "nuclear_norm orgqr ormqr pdist pinverse poisson polar prelu qr quantile renorm rrelu selu slogdet softmax "
      "special.log_softmax special.round special.softmax std std_mean svd var var_mean view_as_complex");
  return names;
}
const Names& of_any_reals() {
  static const Names names = words(
      "addcdiv cosine_similarity dist hypot igamma igammac logaddexp logaddexp2 nextafter nn.CosineSimilarity "
      "nn.GaussianNLLLoss nn.MSELoss nn.SmoothL1Loss nn.functional.cosine_similarity "
      "nn.functional.gaussian_nll_loss nn.functional.mse_loss nn.functional.smooth_l1_loss special.gammainc "
      "special.gammaincc");
  return names;
}

/// Products and the like, of two tensors that hold the same: integers are not taken beside real numbers.
const Names& of_one_kind() {
  static const Names names = words(
      "addbmm addmm bilinear bmm cartesian_prod chain_matmul conv1d conv2d conv3d conv_transpose1d "
      "conv_transpose2d conv_transpose3d cross dot heaviside isclose linalg.cross linalg.matmul matmul meshgrid "
      "mm mv nn.functional.bilinear nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d "
      "nn.functional.conv_transpose1d nn.functional.conv_transpose2d "
      "nn.functional.conv_transpose3d nn.functional.linear rnn_relu_cell rnn_tanh_cell tensordot vdot");
  return names;
}

/// The tensors that are given, in the order of the arguments.
std::vector<const CallInput*> inputs_of(const FittedCall& call) {
  std::vector<const CallInput*> inputs;
  for (const FittedPart& part : call.parts)
    for (const BoundArgument& bound : part.binding.arguments)
      for (const int input : bound.inputs) inputs.push_back(&call.request.inputs[input]);
  return inputs;
}

bool all_hold_integers(const std::vector<const CallInput*>& inputs) {
  return !inputs.empty() &&
         std::all_of(inputs.begin(), inputs.end(), [](const CallInput* input) { return input->holds_integers; });
}

/// torch computes nothing of such tensors, and may look at nothing.
bool holds_nothing(const CallInput* input) { return std::any_of(input->shapes.begin(), input->shapes.end(), is_empty); }

bool has_real(const Yaml& value) {
  return value.kind == Yaml::Kind::real || std::any_of(value.items.begin(), value.items.end(), has_real);
}

/// Is any number among the arguments real?
bool is_given_reals(const FittedCall& call) {
  for (const FittedPart& part : call.parts)
    for (const BoundArgument& bound : part.binding.arguments)
      if (bound.source == BoundArgument::Source::value && has_real(bound.value)) return true;
  return false;
}

/// The dtype that the call asks for; "": none.
std::string dtype_of(const FittedCall& call) {
  const FittedArgument found = find_argument(call, "dtype");
  const bool given = found.part != nullptr && found.bound().source == BoundArgument::Source::value;
  return given ? found.bound().value.text : "";
}

bool names_integers(const std::string& dtype) {
  const std::string name = dtype.substr(dtype.rfind('.') + 1);
  return name == "long" || name == "short" || name == "bool" || name.find("int") != std::string::npos;
}

/// Of an element behind the first.
bool is_beside(const FittedCall& call, std::size_t element) {
  if (name_of(call) == "torch.linalg.lstsq") return element == 2;  // the rank
  return beside_integers().count(name_of(call)) != 0;
}

/// Numbers and tensors decide.
bool decided_by_arguments(const FittedCall& call) {
  const std::string& name = name_of(call);
  if (is_given_reals(call)) return false;
  return name == "torch.arange" || name == "torch.full" ||
         (integer_of_integers().count(name) != 0 && all_hold_integers(inputs_of(call)));
}

}  // namespace

bool gives_integers(const FittedCall& call, std::size_t element) {
  const std::string& name = name_of(call);
  if (!dtype_of(call).empty()) return names_integers(dtype_of(call));
  if (name == "torch.bincount" && call.given("weights")) return false;
  if (name == "torch.where" && call.parts.front().signature.arguments.size() == 1) return true;  // places
  return integral().count(name) != 0 || (element > 0 && is_beside(call, element)) || decided_by_arguments(call);
}

const CallInput* refused_integers(const FittedCall& call, std::string& fault) {
  const std::string& name = name_of(call);
  const std::vector<const CallInput*> inputs = inputs_of(call);
  if (inputs.empty() || !dtype_of(call).empty()) return nullptr;
  if (std::any_of(inputs.begin(), inputs.end(), holds_nothing)) return nullptr;
  fault = "needs real numbers, not integers";
  if (of_reals().count(name) != 0) return inputs[0]->holds_integers ? inputs[0] : nullptr;
  if (of_any_reals().count(name) != 0) return all_hold_integers(inputs) ? inputs[0] : nullptr;
  if (of_one_kind().count(name) == 0 || inputs.size() < 2) return nullptr;
  fault = "takes no integers beside real numbers";
  for (const int k : {0, 1})
    if (inputs[k]->holds_integers && inputs[1 - k]->holds_reals) return inputs[k];
  return nullptr;
}

}  // namespace kiln
