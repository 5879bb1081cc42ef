#pragma once

#include <string>
#include <vector>

#include "operators/targets/shape_rules.h"

namespace kiln {

/// What is known of a call, every argument of which is good by itself, though its rule finds a fault of shapes.
struct ShapeFaults {
  /// Other faults: those without some tensors unless one of these alone explains the fault, and those with other
  /// arguments, likewise.
  std::vector<std::string> further;
  std::vector<Shape> shapes;  ///< of the results, as much as does not depend on what is wrong
};

/// The rule tells one fault; here tensors are forgotten and arguments exchanged, one at a time, to see what it says
/// then.
ShapeFaults look_past_fault(ShapeRule rule, const FittedCall& call, const std::string& fault);

/// What a call gives whatever its tensors are: one of them holds numbers of the wrong kind.
std::vector<Shape> shapes_despite_dtypes(ShapeRule rule, const FittedCall& call);

/// Of each shape, what is the same in both; nothing where their numbers differ.
void keep_common(const std::vector<Shape>& others, std::vector<Shape>& shapes);

}  // namespace kiln
