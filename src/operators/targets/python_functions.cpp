#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// torch.norm and torch.tensordot of a shape that is not worked out.
std::string norm_text(const FittedCall& call) {
  const bool frobenius = call.text("p") == "fro";
  const std::string p = frobenius ? "2" : call.written("p");
  if (!call.given("dim")) return call.written("input") + ".norm(" + p + ")";
  return fill_in("{input}.norm(" + p + ", {dim}, {keepdim})", call);
}

std::string mesh_text(const FittedCall& call) {
  return fill_in("torch.meshgrid({tensors}, indexing={indexing})", call);
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
    {"torch.meshgrid(Tensor... tensors, *Literal['ij','xy'] indexing='ij') -> List[Tensor]", "", "", spread_over_mesh,
     nullptr, mesh_text},
    {"torch.norm(Tensor input, number p=2, Optional[List[int]] dim=None, bool keepdim=False) -> Tensor", "", "",
     reduced, nullptr, norm_text},
    {"torch.norm(Tensor input, Literal['fro'] p='fro', Optional[List[int]] dim=None, bool keepdim=False) -> Tensor", "",
     "", reduced, nullptr, norm_text},
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
