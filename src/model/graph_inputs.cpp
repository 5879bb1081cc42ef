#include "model/graph_inputs.h"

#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "base/text.h"
#include "kiln/error.h"
#include "model/input_readers.h"
#include "model/stages.h"
#include "structure/cell.h"

namespace kiln {
namespace {

struct InputCheck {
  const CheckedGraph& graph;
  const CheckedInput& input;
  const FieldType& type;
  const GivenArray& given;
  std::string stage;  ///< the list of a further stage that it belongs to, which has a number of edges of its own; or ""
  Diagnostics& faults;

  /// "port 'x' of layer 'elements' (graph.yaml:4:3)"
  std::string reader() const { return reader_of(graph, input); }
  bool by_name() const { return has_role_by_name(graph, input); }
  /// Who says what it must be: the reader, or a role that it has from its name.
  std::string taker() const { return by_name() ? "the role '" + to_string(input.meaning) + "' of its name" : reader(); }
  std::string hint(const std::string& of_reader) const {
    return by_name() ? "if it is something else: model_inputs: {" + input.name + ": {role: free}}" : of_reader;
  }
  std::string named(const std::string& what) const { return described_input(input.name, given) + " " + what; }
  void error(const std::string& code, const std::string& what, const std::string& hint = {}) const {
    faults.error(code, SourcePos::whole_file(given.file), named(what), hint);
  }
  void warning(const std::string& code, const std::string& what, const std::string& hint = {}) const {
    faults.warning(code, SourcePos::whole_file(given.file), named(what), hint);
  }
};

/// A free tensor is taken as it comes, unless its reader wants integers.
bool dtype_fits(const InputCheck& check) {
  const bool real = is_real(check.given.tensor.dtype);
  if (check.type.level == Level::free) return !real || check.type.dtype == DType::real;
  return real == (check.type.dtype == DType::real && check.type.meaning != Meaning::edge_index);
}

void check_dtype(const InputCheck& check) {
  if (dtype_fits(check)) return;
  const bool real = is_real(check.given.tensor.dtype);
  check.error("wrong-dtype",
              "is " + name_of(check.given.tensor.dtype) + ", but " + check.taker() + " takes " +
                  (real ? "integers" : "real numbers"),
              check.hint(real ? "write it as int64" : "write it as float64 or float32"));
}

/// Sizes that symbols have, and the input that said so first.
using Symbols = std::map<std::string, std::pair<std::int64_t, std::string>>;

/// A shape: what layers take, or what the input is declared with.
struct Expected {
  Shape shape;
  bool declared = false;
};

Expected taken_shape(const InputCheck& check) {
  if (check.type.level == Level::free) return {unknown_shape()};
  Shape shape = shape_of(check.type);
  for (Size& size : shape.sizes)
    if (!check.stage.empty() && size.symbol == edge_rows(check.type.edge_set)) size.symbol = "E(" + check.stage + ")";
  return {shape};
}

Expected declared_shape(const InputCheck& check) { return {check.input.shape, true}; }

/// "port 'h' of layer 'mix' (graph.yaml:4:3) takes (N, 3): atom 3x0e".
std::string told(const InputCheck& check, const Expected& expected) {
  const std::string shape = to_string(expected.shape);
  if (!expected.declared)
    return check.taker() + " takes " + shape + (check.type.irreps.blocks.empty() ? "" : ": " + to_string(check.type));
  return (check.input.shape_in_comment ? "its comment says " : "its shape is declared as ") + shape + "; " +
         check.reader() + " reads it";
}

/// What is wrong with the sizes; "" if nothing. Symbols are added only where nothing is.
std::string shape_fault(const InputCheck& check, const Expected& expected, Symbols& symbols) {
  std::vector<std::int64_t> given = check.given.tensor.shape;
  if (check.type.meaning == Meaning::cell && given.size() == 3 && given[0] == 1) given.erase(given.begin());
  const Shape& shape = expected.shape;
  if (!shape.known) return "";
  const auto whole = [&] { return "has the shape " + shape_text(given) + ", but " + told(check, expected); };
  if (shape.sizes.size() != given.size()) return whole();
  Symbols found = symbols;
  for (std::size_t k = 0; k < given.size(); ++k) {
    const Size& size = shape.sizes[k];
    if (size.known() && size.n != given[k]) return whole();
    if (size.known() || size.symbol.empty()) continue;
    const auto [place, is_new] = found.emplace(size.symbol, std::make_pair(given[k], check.input.name));
    if (!is_new && place->second.first != given[k])
      return whole() + ", where " + size.symbol + " is " + std::to_string(place->second.first) + " as in '" +
             place->second.second + "'";
  }
  symbols = found;
  return "";
}

/// Against what layers take, and against `shape:`.
void check_shape(const InputCheck& check, Symbols& symbols) {
  std::string fault = shape_fault(check, taken_shape(check), symbols);
  if (fault.empty() && !check.input.shape_in_comment) fault = shape_fault(check, declared_shape(check), symbols);
  if (!fault.empty()) check.error("wrong-shape", fault, check.hint(""));
}

/// What a comment says binds nobody.
void check_comment(const InputCheck& check, Symbols& symbols) {
  if (!check.input.shape_in_comment) return;
  const std::string fault = shape_fault(check, declared_shape(check), symbols);
  if (!fault.empty()) check.warning("other-shape", fault);
}

void check_range(const InputCheck& check, std::int64_t first, std::int64_t end, const std::string& what,
                 const std::string& hint = {}) {
  const std::vector<std::int64_t> values = to_integers(check.given.tensor);
  const auto bad =
      std::find_if(values.begin(), values.end(), [&](std::int64_t value) { return value < first || value >= end; });
  if (bad == values.end()) return;
  check.error("out-of-range",
              "holds " + std::to_string(*bad) + " at " + std::to_string(bad - values.begin()) + ", but " +
                  check.taker() + " takes " + what + " from " + std::to_string(first) + " to " +
                  std::to_string(end - 1),
              check.hint(hint));
}

void check_integers(const InputCheck& check, const Symbols& symbols) {
  const int n_species = check.type.n_species;
  if (check.type.meaning == Meaning::species && n_species > 0) check_range(check, 0, n_species, "species");
  if (check.type.meaning == Meaning::atomic_numbers)
    check_range(check, 1, n_species > 0 ? n_species + 1 : 119, "atomic numbers");
  if (check.type.meaning == Meaning::structure)
    check_range(
        check, 0, 2, "indices",
        "run one structure at a time: 0 for its atoms, 1 for ghosts; what is no index of structures has the role free");
  const auto n_atoms = symbols.find(kAtomRows);
  if (check.type.meaning == Meaning::edge_index && n_atoms != symbols.end())
    check_range(check, 0, n_atoms->second.first, "atoms");
}

void check_finite(const InputCheck& check) {
  const std::string text = not_finite_text(check.given.tensor);
  if (!text.empty()) check.warning("not-finite", text);
}

/// A stress is a virial per volume. Numbers that are not finite have been told.
void check_volume(const InputCheck& check) {
  const std::vector<double> vectors = to_array(check.given.tensor).data;
  Cell cell{};
  if (!gives_stress(check.graph) || vectors.size() != cell.size() || !not_finite_text(check.given.tensor).empty())
    return;
  std::copy(vectors.begin(), vectors.end(), cell.begin());
  if (!has_volume(cell))
    check.error("no-volume", "has no volume, but the stress is one per volume",
                "give three vectors that are not in one plane, or a graph without the output of the stress");
}

}  // namespace

std::string not_finite_text(const Tensor& tensor) {
  if (!is_real(tensor.dtype)) return "";
  const std::vector<double> values = to_array(tensor).data;
  const auto n = std::count_if(values.begin(), values.end(), [](double value) { return !std::isfinite(value); });
  return n == 0 ? ""
                : "holds " + std::to_string(n) + (n == 1 ? " number that is" : " numbers that are") +
                      " not finite (nan or inf)";
}

void check_input_names(const CheckedGraph& graph, const GivenArrays& given, HowToGive how, Diagnostics& faults) {
  std::vector<std::string> known, missing;
  for (const CheckedInput& input : graph.inputs) {
    known.push_back(input.name);
    if (given.count(input.name) == 0) missing.push_back(input.name);
  }
  for (const auto& [name, array] : given) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string guess = did_you_mean(name, missing);
    faults.error("unknown-input", {}, "the graph has no input '" + name + "'",
                 guess.empty() ? "its inputs are " + joined(known) : guess);
  }
  for (const std::string& name : missing)
    faults.error("missing-input", {}, "model input '" + name + "' is not given", how(name));
}

namespace {

std::string stage_of(const CheckedGraph& graph, const CheckedInput& input) {
  const int edge_set = graph.fields[input.field].type.edge_set;
  const std::string list = edge_set < 0 ? "" : edge_list_of(graph, input);
  return list.empty() || list == largest_list(graph, edge_set) ? "" : list;
}

const Tensor& tensor_of(const GivenArrays& given, const std::string& name) { return given.at(name).tensor; }

/// r_ij = r_j - r_i + S·H of every edge, in the order of the input.
std::vector<double> edge_vectors(const GeometryInput& geometry, const std::vector<std::int64_t>& index,
                                 const GivenArrays& given) {
  const std::vector<double> r = to_array(tensor_of(given, geometry.positions)).data;
  const std::size_t n = index.size() / 2;
  std::vector<double> vectors(3 * n, 0.0);
  if (!geometry.shift.empty()) vectors = to_array(tensor_of(given, geometry.shift)).data;
  for (std::size_t e = 0; e < n; ++e)
    for (std::size_t x = 0; x < 3; ++x)
      vectors[3 * e + x] = r[3 * static_cast<std::size_t>(index[n + e]) + x] -
                           r[3 * static_cast<std::size_t>(index[e]) + x] + vectors[3 * e + x];
  return vectors;
}

/// Harmonics of such an edge are anything.
void warn_of_edges_without_length(const CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults) {
  for (const GeometryInput& geometry : graph.geometry) {
    if (geometry.positions.empty()) continue;
    const GivenArray& list = given.at(geometry.edge_index);
    const std::vector<std::int64_t> index = to_integers(list.tensor);
    const std::vector<double> vectors = edge_vectors(geometry, index, given);
    const std::size_t n = vectors.size() / 3;
    const auto has_length = [&](std::size_t e) {
      return vectors[3 * e] != 0.0 || vectors[3 * e + 1] != 0.0 || vectors[3 * e + 2] != 0.0;
    };
    std::size_t e = 0;
    while (e < n && has_length(e)) ++e;
    if (e == n) continue;
    faults.warning("edge-without-length", SourcePos::whole_file(list.file),
                   described_input(geometry.edge_index, list) + ": edge " + std::to_string(e) + " between atoms " +
                       std::to_string(index[e]) + " and " + std::to_string(index[n + e]) +
                       " has no length, and so no direction",
                   "leave it out; an edge to a periodic image of the same atom needs its shift");
  }
}

}  // namespace

void check_input_values(const CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults) {
  const std::size_t n_errors = faults.n_errors();
  Symbols symbols;
  const auto for_each = [&](auto&& function) {
    for (const CheckedInput& input : graph.inputs)
      function(InputCheck{graph, input, graph.fields[input.field].type, given.at(input.name), stage_of(graph, input),
                          faults});
  };
  for_each([&](const InputCheck& check) {
    check_dtype(check);
    check_shape(check, symbols);
  });
  Symbols said = symbols;
  for_each([&](const InputCheck& check) { check_comment(check, said); });
  for_each([&](const InputCheck& check) {
    if (is_real(check.given.tensor.dtype))
      check_finite(check);
    else if (dtype_fits(check))
      check_integers(check, symbols);
    if (check.type.meaning == Meaning::cell && dtype_fits(check)) check_volume(check);
  });
  if (faults.n_errors() != n_errors) return;
  check_stages(graph, given, faults);
  check_directions(graph, given, faults);
  warn_of_edges_without_length(graph, given, faults);
}

Precision precision_of(const GivenArrays& given) {
  bool real = false;
  for (const auto& [name, array] : given) {
    if (array.tensor.dtype == TensorDType::f64) return Precision::f64;
    real = real || is_real(array.tensor.dtype);
  }
  return real ? Precision::f32 : Precision::f64;
}

namespace {

int count_atoms(const LoweredGraph& graph, const GivenArrays& given) {
  for (std::size_t k = 0; k < graph.model_inputs.size(); ++k) {
    const Meaning meaning = graph.model_input_meanings[k];
    if (meaning == Meaning::species || meaning == Meaning::atomic_numbers || meaning == Meaning::positions ||
        meaning == Meaning::structure)
      return static_cast<int>(tensor_of(given, graph.model_inputs[k]).shape.at(0));
  }
  for (const LoweredInput& input : graph.inputs)
    if (graph.fields[input.field].level == Level::atom)
      return static_cast<int>(tensor_of(given, input.model_input).shape.at(0));
  if (graph.edge_sets.empty()) return 0;
  throw Error(ErrorKind::configuration, "no-atoms", "no model input says how many atoms there are",
              "add an input with the role species, positions or structure");
}

std::vector<int> order_by_receiver(const std::vector<std::int64_t>& index) {
  std::vector<int> order(index.size() / 2);
  for (std::size_t e = 0; e < order.size(); ++e) order[e] = static_cast<int>(e);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return index[a] < index[b]; });
  return order;
}

EdgeList edge_list(int n_atoms, const std::vector<std::int64_t>& index, const std::vector<double>& vectors,
                   const std::vector<int>& order) {
  EdgeList edges;
  edges.first.assign(static_cast<std::size_t>(n_atoms) + 1, 0);
  for (const int e : order) {
    ++edges.first[static_cast<std::size_t>(index[e]) + 1];
    edges.neighbor.push_back(static_cast<int>(index[order.size() + e]));
    for (int x = 0; x < 3; ++x) edges.vectors.push_back(vectors[3 * static_cast<std::size_t>(e) + x]);
  }
  for (std::size_t i = 1; i < edges.first.size(); ++i) edges.first[i] += edges.first[i - 1];
  return edges;
}

void add_edges(const LoweredGraph& graph, const GivenArrays& given, GivenAtoms& atoms) {
  for (std::size_t s = 0; s < graph.edge_sets.size(); ++s) {
    const GeometryInput& geometry = graph.geometry[s];
    const std::vector<std::int64_t> index = to_integers(tensor_of(given, geometry.edge_index));
    std::vector<double> vectors(3 * index.size() / 2, 0.0);
    if (!geometry.positions.empty()) vectors = edge_vectors(geometry, index, given);
    atoms.order.push_back(order_by_receiver(index));
    atoms.graph.edges.push_back(edge_list(atoms.graph.n_all(), index, vectors, atoms.order.back()));
    atoms.graph.edges.back().cutoff = graph.edge_sets[s].cutoff;
  }
}

}  // namespace

GivenAtoms given_atoms(const LoweredGraph& graph, const GivenArrays& given) {
  GivenAtoms atoms;
  const int n = count_atoms(graph, given);
  atoms.graph.n_rows.assign(static_cast<std::size_t>(graph.n_hops) + 1, n);
  atoms.graph.structure.assign(static_cast<std::size_t>(n), 0);
  for (std::size_t k = 0; k < graph.model_inputs.size(); ++k) {
    const Meaning meaning = graph.model_input_meanings[k];
    if (meaning != Meaning::species && meaning != Meaning::atomic_numbers && meaning != Meaning::structure) continue;
    const std::vector<std::int64_t> values = to_integers(tensor_of(given, graph.model_inputs[k]));
    if (meaning != Meaning::structure) atoms.graph.species.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (meaning == Meaning::structure)
        atoms.graph.structure[i] = values[i] != 0 ? 1 : 0;
      else
        atoms.graph.species.push_back(static_cast<int>(values[i] - (meaning == Meaning::species ? 0 : 1)));
    }
  }
  for (const int structure : atoms.graph.structure)
    atoms.graph.n_structures = std::max(atoms.graph.n_structures, structure + 1);
  add_edges(graph, given, atoms);
  return atoms;
}

}  // namespace kiln
