#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// Broadcast, then without one dimension.
ShapeResult without_dimension(const FittedCall& call, std::int64_t dim, bool keep) {
  ShapeResult result = broadcast(call);
  if (result.shapes.empty() || !result.shapes[0].known) return result;
  Shape& shape = result.shapes[0];
  const int at = dimension(shape, dim);
  if (shape.rank() == 0 && fault_of_dimension(shape, dim).empty()) return result;
  if (at < 0) {
    result.fault = "has no dimension " + std::to_string(dim) + " in " + to_string(shape);
    return result;
  }
  if (keep) {
    shape.sizes[at] = fixed_size(1);
  } else {
    shape.sizes.erase(shape.sizes.begin() + at);
  }
  result.row_wise = result.row_wise && at > 0;
  return result;
}

}  // namespace

ShapeResult similarity_shape(const FittedCall& call) { return without_dimension(call, call.integer("dim"), false); }
ShapeResult distance_shape(const FittedCall& call) { return without_dimension(call, -1, call.boolean("keepdim")); }

void add_distances(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature = "torch.nn.CosineSimilarity(int dim=1, float eps=1e-08)";
  row.forward = "forward(Tensor x1, Tensor x2) -> Tensor";
  row.expression = "torch.cosine_similarity({x1}, {x2}, {dim}, {eps})";
  row.shape = similarity_shape;
  rows.push_back(row);
  row.signature = "torch.nn.PairwiseDistance(float p=2.0, float eps=1e-06, bool keepdim=False)";
  row.expression = "torch.pairwise_distance({x1}, {x2}, {p}, {eps}, {keepdim})";
  row.shape = distance_shape;
  rows.push_back(row);
}

}  // namespace kiln
