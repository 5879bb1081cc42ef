#pragma once

namespace kiln {

/// Sixteen uniform numbers on [0, 1) become normal ones of mean 0 and deviation 1 (Box and Muller 1958), with the
/// roundings of torch's vectors: logarithm, sine and cosine are the float32 approximations of Moshier's Cephes library,
/// evaluated with fused multiply-adds.
void make_normal(float* sixteen);

}  // namespace kiln
