#pragma once

#include "operators/targets/shape_rules.h"

namespace kiln {

// Rules of losses, with what is said of the kinds of their numbers. Where the reduction is not 'none' the result is one
// number.
ShapeResult stretching_loss(const FittedCall& call);  ///< component by component: mse_loss, l1_loss, …
ShapeResult loss_like_input(const FittedCall& call);  ///< the target stretches to the input: soft_margin_loss
ShapeResult binary_cross_entropy_shape(const FittedCall& call);  ///< of tensors that do not stretch
ShapeResult class_loss(const FittedCall& call);                  ///< nll_loss: a class for every row of the input
ShapeResult class_or_probability_loss(const FittedCall& call);   ///< cross_entropy
ShapeResult margin_loss_of_class(const FittedCall& call);        ///< multi_margin_loss
ShapeResult margin_loss_of_classes(const FittedCall& call);      ///< multilabel_margin_loss
ShapeResult soft_loss_of_classes(const FittedCall& call);        ///< multilabel_soft_margin_loss
ShapeResult ranking_loss(const FittedCall& call);                ///< margin_ranking_loss: of as many dimensions each
ShapeResult triplet_loss(const FittedCall& call);                ///< triplet_margin_loss
ShapeResult angle_loss(const FittedCall& call);                  ///< cosine_embedding_loss
ShapeResult gaussian_loss(const FittedCall& call);               ///< gaussian_nll_loss
ShapeResult reduced_or_unknown(const FittedCall& call);          ///< nothing is said of losses that are not reduced

}  // namespace kiln
