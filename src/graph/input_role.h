#pragma once

#include <string>
#include <vector>

#include "graph/graph_spec.h"
#include "operators/field.h"

namespace kiln {

/// What an entry of model_inputs says: its role (given, or by its name), and for edges what kind of list they are.
struct InputRole {
  FieldType type;
  double cutoff = 0.0;  ///< Å, of edges; 0: not given
  SourcePos cutoff_where;
  int receiver = -1;               ///< row of a directed edge list that receives; -1: the list is symmetric
  bool half = false;               ///< half list
  bool role_given = false;         ///< by `role:`
  std::vector<std::string> shape;  ///< declared sizes and symbols; empty: not declared
  bool shape_given = false;        ///< by `shape:`; else read from a comment
  bool is_number = false;          ///< `shape: []`
  SourcePos shape_where;
  bool in_doubt = false;  ///< for a fault that is told: role or shape may be others
};

/// Reads one entry of model_inputs; faults for wrong keys, roles and shapes.
InputRole read_input_role(const InputSpec& input, Diagnostics& faults);

/// Does the declared shape differ from the one that the role has?
bool contradicts_role(const InputRole& role);
/// That as a fault: an error where `shape:` says it, a warning where a comment does.
void compare_shape(const InputSpec& input, const InputRole& role, Diagnostics& faults);
/// What its name alone makes a field of atoms, edges or structures is any tensor.
void make_free(InputRole& role);

/// Does a comment alone say what shape this free tensor has?
bool is_shaped_by_comment(const InputRole& role);
void forget_shape(InputRole& role);

/// "Tensor (N,3)" or "(N, 16)" as sizes; empty if the text is not a shape.
std::vector<std::string> shape_from_text(const std::string& text);

/// Names a meaning has as a role: species, edges, … ; "free" for plain.
std::string role_name(Meaning meaning);

}  // namespace kiln
