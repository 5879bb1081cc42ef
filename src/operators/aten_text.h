#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "operators/field.h"
#include "operators/operation.h"

namespace kiln {

/// A constant that a text reads: a buffer of the module.
struct TextTable {
  std::string name;  ///< below `tables`
  std::vector<std::int64_t> shape;
  std::vector<double> reals;
  std::vector<std::int64_t> integers;  ///< if not empty: an int64 table
  bool f64 = false;                    ///< stays float64 in a float32 program
};

/// A field while the text is written: the variables that hold it. Atom features with l > 0 are kept block by block with
/// the channels innermost, so that linear layers, messages and contractions are plain matrix products; `rows` is made
/// where somebody asks for it.
struct TextField {
  FieldType type;
  std::string rows;                 ///< [n_rows, dim], layout mul_ir
  std::vector<std::string> blocks;  ///< per block: [n_rows, mul] for l = 0, else [n_rows, 2l + 1, mul]
  std::string species;              ///< of one-hot species: the indices behind them; rows only where asked for
  bool f64 = false;                 ///< float64 also in a float32 program: energies
};

/// Variables of an edge set. Its edges stand in slots: one row of `width` slots per center (atom that receives), filled
/// up with slots that hold no edge, so that sums over the edges of an atom are batched matrix products.
struct TextEdges {
  std::string centers;                     ///< [n_centers], atoms with edges
  std::string width;                       ///< int, slots per center
  std::string sender;                      ///< [n_slots]
  std::string is_edge;                     ///< [n_slots, 1], 1 or 0; "" where every slot holds an edge
  std::string slot_of_edge, edge_of_slot;  ///< [n_edges], [n_slots]; "" where edges stand in their own order
};

/// Collects the lines of one method, one assignment each, and the tables they read.
class TextWriter {
 public:
  /// `reserved`: names that are taken (arguments).
  TextWriter(bool f64, std::set<std::string> reserved) : f64_(f64), taken_(std::move(reserved)) {}

  bool f64() const { return f64_; }
  void set_layer(const std::string& layer) { layer_ = layer; }

  /// A name that is not taken yet: this one, or with a number behind it. It is taken from then on.
  std::string fresh(const std::string& name);
  /// Writes `name = expression` with a name that is not taken yet, and returns it.
  std::string assign(const std::string& name, const std::string& expression);
  /// Elements of a tuple or list: `all = expression`, `a = all[0]`, …: no unpacking, which tracers do not follow.
  std::vector<std::string> assign(const std::vector<std::string>& names, const std::string& expression);
  /// The same expression twice is computed once.
  std::string share(const std::string& name, const std::string& expression);
  void write(const std::string& line);  ///< a line as it stands

  std::string real_table(const std::string& name, std::vector<std::int64_t> shape, std::vector<double> values,
                         bool f64 = false);
  std::string index_table(const std::string& name, std::vector<std::int64_t> values);
  std::string weight(const std::string& name) const;  ///< `self.layer.parameter`
  std::string cast(const std::string& expression) const { return expression + (f64_ ? ".double()" : ".float()"); }

  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<std::string>& layers() const { return layers_; }  ///< of each line
  const std::vector<TextTable>& tables() const { return tables_; }

 private:
  std::string add_table(TextTable table);

  bool f64_;
  std::string layer_;
  std::set<std::string> taken_;
  std::map<std::string, std::string> shared_;  ///< expression -> variable
  std::vector<std::string> lines_, layers_;
  std::vector<TextTable> tables_;
};

/// One operation to be written.
struct TextCall {
  TextWriter& out;
  std::string name;                  ///< stem of variable names: layer and operator
  std::vector<TextField*> inputs;    ///< conversions of their layout are kept
  TextField& output;                 ///< type given
  const TextEdges* edges = nullptr;  ///< of the edge set of an edge operation
};

/// The table operator -> ATen text (operator_text.h has one function for each).
void write_operation(const Operator& op, TextCall& call);

/// Variables of a field in the layout that is asked for; `cast_rows` and `cast_blocks` are in the program's precision.
std::string rows_of(TextField& field, TextWriter& out, const std::string& name);
std::string cast_rows(TextField& field, TextWriter& out, const std::string& name);
const std::vector<std::string>& cast_blocks(TextField& field, TextWriter& out, const std::string& name);

std::string text_number(double value);                            ///< 17 digits where needed, always with '.' or 'e'
std::string text_list(const std::vector<std::string>& values);    ///< "a, b"
std::string text_list(const std::vector<std::int64_t>& values);   ///< "1, 2"
std::string text_scaled(const std::string& value, double scale);  ///< "x * 0.5", or "x" for 1
std::string attribute_path(const std::string& name);  ///< weight name -> attributes: words that TorchScript or the
                                                      ///< module uses get a '_'

}  // namespace kiln
