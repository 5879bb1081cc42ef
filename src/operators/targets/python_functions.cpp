#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// Without dimensions of all of them.
std::string norm_text(const FittedCall& call) {
  const std::string dims = call.given("dim") ? call.written("dim") : "[]", p = call.text("p");
  if (p == "fro") return fill_in("torch.frobenius_norm({input}, " + dims + ", {keepdim})", call);
  if (p == "nuc")
    return fill_in("torch.nuclear_norm({input}, " + (call.given("dim") ? dims + ", " : "") + "{keepdim})", call);
  return fill_in("{input}.norm({p}, " + dims + ", {keepdim})", call);
}

/// Frobenius' norm is of one or two dimensions or of all, the nuclear norm of matrices.
ShapeResult norm_shape(const FittedCall& call) {
  const std::string p = call.text("p");
  const std::size_t n = call.integers("dim").size();
  const Shape shape = first_input(call);
  if ((p == "fro" && n > 2) || (p == "nuc" && call.given("dim") && n != 2))
    return faulty("with p: " + p + " takes " + (p == "fro" ? "at most " : "") + "two dimensions, not " +
                  call.written("dim"));
  if (p == "nuc" && shape.known && (call.given("dim") ? shape.rank() < 2 : shape.rank() != 2))
    return faulty("takes a matrix, not a tensor of shape " + to_string(shape));
  return reduced(call);
}

/// Functions that Python's torch adds to the operators.
const TargetRow kRows[] = {
    {"torch.atleast_1d(Tensor input) -> Tensor", "", "torch.atleast_1d({input})"},
    {"torch.atleast_2d(Tensor input) -> Tensor", "", "torch.atleast_2d({input})"},
    {"torch.atleast_3d(Tensor input) -> Tensor", "", "torch.atleast_3d({input})"},
    {"torch.block_diag(Tensor... tensors) -> Tensor", "", "torch.ops.aten.block_diag({tensors})", joined_as_blocks},
    {"torch.broadcast_tensors(Tensor... tensors) -> List[Tensor]", "", "torch.ops.aten.broadcast_tensors({tensors})",
     broadcast_each},
    {"torch.cartesian_prod(Tensor... tensors) -> Tensor", "", "torch.ops.aten.cartesian_prod({tensors})",
     joined_as_products},
    {"torch.cdist(Tensor x1, Tensor x2, float p=2.0) -> Tensor", "", "torch.cdist({x1}, {x2}, {p})", all_distances},
    {"torch.chain_matmul(Tensor... matrices) -> Tensor", "", "torch.ops.aten.chain_matmul({matrices})",
     multiplied_in_a_row},
    {"torch.einsum(str equation, Tensor... operands) -> Tensor", "", "torch.einsum({equation}, {operands})",
     summed_by_letters},
    {"torch.meshgrid(Tensor... tensors, *Literal['ij','xy'] indexing='ij') -> List[Tensor]", "",
     "torch.meshgrid({tensors}, indexing={indexing})", spread_over_mesh},
    {"torch.norm(Tensor input, number p=2, Optional[List[int]] dim=None, bool keepdim=False) -> Tensor", "", "",
     norm_shape, nullptr, norm_text},
    {"torch.norm(Tensor input, Literal['fro','nuc'] p='fro', Optional[List[int]] dim=None, bool keepdim=False) -> "
     "Tensor",
     "", "", norm_shape, nullptr, norm_text},
    {"torch.narrow_copy(Tensor input, int dim, int start, int length) -> Tensor", "",
     "torch.narrow_copy({input}, {dim}, {start}, {length})", narrowed},
    {"torch.slice_scatter(Tensor input, Tensor src, int dim=0, Optional[int] start=None, Optional[int] end=None, "
     "int step=1) -> Tensor",
     "", "torch.slice_scatter({input}, {src}, {dim}, {start}, {end}, {step})", slice_scattered},
    {"torch.split(Tensor tensor, int split_size_or_sections, int dim=0) -> List[Tensor]", "",
     "torch.split({tensor}, {split_size_or_sections}, {dim})", split_by_sizes},
    {"torch.split(Tensor tensor, List[int] split_size_or_sections, int dim=0) -> List[Tensor]", "",
     "torch.split({tensor}, {split_size_or_sections}, {dim})", split_by_sizes},
    {"torch.tensordot(Tensor a, Tensor b, int dims=2) -> Tensor", "",
     "torch.ops.aten.tensordot({a}, {b}, [k - {dims} for k in range({dims})], [k for k in range({dims})])", contracted},
    {"torch.unique(Tensor input, bool sorted=True) -> Tensor", "",
     "torch._unique2({input}, {sorted}, False, False)[0]"},
    {"torch.nn.functional.gumbel_softmax(Tensor logits, float tau=1.0, Literal[False] hard=False, float eps=1e-10, "
     "int dim=-1) -> Tensor",
     "", "torch.softmax(({logits} - torch.empty_like({logits}).exponential_().log()) / {tau}, {dim})", along_dimension,
     nullptr, nullptr, true},
};

}  // namespace

void add_python_functions(std::vector<TargetRow>& rows) { rows.insert(rows.end(), std::begin(kRows), std::end(kRows)); }

}  // namespace kiln
