#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/source_text.h"
#include "graph/graph_checker.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

constexpr int kMaxRank = 5;
constexpr std::size_t kMaxSizes = 32, kMaxReaders = 32;
constexpr std::size_t kMaxReadersAtFault = 4, kMaxInputsAtFault = 8;  ///< these take many times as long to ask
constexpr std::int64_t kOtherSize = 1000003;                          ///< that no layer asks for

using Sizes = std::set<std::int64_t>;

/// Shapes that one reader of the input takes, by rank from 1 on.
struct Taken {
  bool any = false;                        ///< a tensor of this rank, with sizes that nobody knows
  std::vector<std::optional<Sizes>> axes;  ///< sizes that this axis must have; nullopt: it may have any
};

struct Reader {
  PortOfLayer at;
  std::vector<Diagnostic> others = {};  ///< faults that it has whatever it reads there
  std::vector<Taken> ranks;
};

void collect_sizes(const Yaml& node, Sizes& sizes) {
  if (node.kind == Yaml::Kind::integer && node.int_value > 0 && sizes.size() < kMaxSizes) sizes.insert(node.int_value);
  for (const Yaml& item : node.items) collect_sizes(item, sizes);
  for (const auto& [key, value] : node.entries) collect_sizes(value, sizes);
}

/// Has a layer at fault been told that it does not take the input? One with typed ports has if it does not take what
/// the input is by now.
bool is_told_of(const GraphCheck& check, const Reader& reader, int input) {
  const WiredLayer& layer = check.wired.layers[reader.at.layer];
  if (is_refused(check, layer.source_where[reader.at.port][reader.at.item])) return true;
  const FieldType& type = check.graph.fields[check.input_fields[input]].type;
  return !layer.declaration->any_ports && !takes_type(check, reader.at, type, reader.others);
}

/// Calls of one module read alike: one of them is enough. Of those at fault the first few are asked that read few
/// fields: what has been told already is not asked for.
std::vector<Reader> some_readers_of(const GraphCheck& check, int input) {
  std::vector<Reader> readers;
  std::set<std::pair<int, std::size_t>> seen;  // owner, port
  std::size_t n_at_fault = 0;
  const auto ask = [&](const PortOfLayer& at) {
    const bool good = check.is_good(at.layer);
    const bool is_large = check.wired.layers[at.layer].references.size() > kMaxInputsAtFault;
    if (readers.size() == kMaxReaders || (!good && (is_large || ++n_at_fault > kMaxReadersAtFault))) return;
    std::optional<std::vector<Diagnostic>> others = faults_elsewhere(check, at);
    if (!others) return;
    Reader reader{at, std::move(*others), {}};
    if (good || !is_told_of(check, reader, input)) readers.push_back(std::move(reader));
  };
  for (int i = 0; i < static_cast<int>(check.wired.layers.size()); ++i) {
    const WiredLayer& layer = check.wired.layers[i];
    for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
      for (std::size_t item = 0; item < layer.inputs[port].size(); ++item) {
        const Source& source = layer.inputs[port][item];
        if (source.kind == Source::Kind::input && source.index == input && seen.insert({layer.owner, port}).second)
          ask({i, port, item});
      }
    }
  }
  return readers;
}

/// Numbers in the configs of the readers and in the shapes of all inputs, the columns that the input has for a layer
/// with typed ports, and 1, which broadcasts.
Sizes candidates(const GraphCheck& check, int input, const std::vector<Reader>& readers) {
  Sizes sizes = {1};
  const Irreps& irreps = check.graph.fields[check.input_fields[input]].type.irreps;
  if (!irreps.blocks.empty()) sizes.insert(irreps.dim());
  for (const InputRole& role : check.roles)
    for (const Size& size : role.type.shape.sizes)
      if (size.n > 0 && sizes.size() < kMaxSizes) sizes.insert(size.n);
  for (const Reader& reader : readers)
    collect_sizes(check.spec.layers[check.wired.layers[reader.at.layer].owner].config, sizes);
  return sizes;
}

/// Asks a reader for what shapes it takes.
struct Questions {
  const GraphCheck& check;
  FieldType type;  ///< of the input as it stands in the file
  const Reader& reader;

  bool takes(int rank, int axis, const Size& size) const {
    FieldType asked = type;
    if (!asked.shape.known) asked.shape = make_shape(std::vector<Size>(static_cast<std::size_t>(rank)));
    if (asked.shape.rank() != rank) return false;
    if (axis >= 0) {
      Size& declared = asked.shape.sizes[static_cast<std::size_t>(axis)];
      if (!may_equal(declared, size)) return false;
      declared = size;
    }
    return takes_type(check, reader.at, asked, reader.others);
  }

  /// One that goes with others, such as multiples of it, is not what the axis must have.
  bool takes_others(int rank, int axis, std::int64_t size) const {
    const auto takes_size = [&](std::int64_t other) { return takes(rank, axis, fixed_size(other)); };
    return takes_size(kOtherSize) || takes_size(2 * size) || takes_size(3 * size) || (size > 2 && takes_size(size - 1));
  }

  std::optional<Sizes> sizes_at(int rank, int axis, const Sizes& known) const {
    Sizes sizes;
    for (const std::int64_t size : known) {
      if (!takes(rank, axis, fixed_size(size))) continue;
      if (takes_others(rank, axis, size)) return std::nullopt;
      sizes.insert(size);
    }
    return sizes.empty() ? std::nullopt : std::make_optional(sizes);
  }

  std::vector<Taken> answers(const Sizes& known) const {
    std::vector<Taken> ranks(kMaxRank);
    for (int rank = 1; rank <= kMaxRank; ++rank) {
      Taken& taken = ranks[static_cast<std::size_t>(rank - 1)];
      taken.any = takes(rank, -1, {});
      for (int axis = 0; axis < rank; ++axis)
        taken.axes.push_back(taken.any ? sizes_at(rank, axis, known) : std::nullopt);
    }
    return ranks;
  }
};

bool have_common(const Sizes& a, const Sizes& b) {
  return std::any_of(a.begin(), a.end(), [&](std::int64_t size) { return b.count(size) != 0; });
}

/// Where two readers contradict each other.
struct Contradiction {
  int rank = 0, axis = 0;
  std::int64_t first = 0, second = 0;  ///< sizes that they take there
};

std::optional<Contradiction> at_rank(int rank, const Taken& a, const Taken& b) {
  for (int axis = rank - 1; axis >= 0; --axis) {
    const auto &of_a = a.axes[static_cast<std::size_t>(axis)], &of_b = b.axes[static_cast<std::size_t>(axis)];
    if (of_a && of_b && !have_common(*of_a, *of_b)) return Contradiction{rank, axis, *of_a->begin(), *of_b->begin()};
  }
  return std::nullopt;
}

/// nullopt if a shape fits both, or if they do not even agree about the rank.
std::optional<Contradiction> contradiction(const Reader& a, const Reader& b) {
  std::optional<Contradiction> found;
  for (std::size_t k = 0; k < a.ranks.size(); ++k) {
    if (!a.ranks[k].any || !b.ranks[k].any) continue;
    const auto here = at_rank(static_cast<int>(k) + 1, a.ranks[k], b.ranks[k]);
    if (!here) return std::nullopt;
    if (!found) found = here;
  }
  return found;
}

std::string text_of(const Contradiction& where, std::int64_t size) {
  const bool is_last = where.axis == where.rank - 1;
  return (where.axis == 0 && !is_last ? "(" : "(…, ") + std::to_string(size) + (is_last ? ")" : ", …)");
}

void tell(GraphCheck& check, int input, const Reader& a, const Reader& b, const Contradiction& what) {
  const WiredLayer &first = check.wired.layers[a.at.layer], &second = check.wired.layers[b.at.layer];
  check.faults.error(
      "bad-shape", second.input_where[b.at.port],
      "layer '" + second.spec->name + "' takes '" + check.spec.inputs[input].name + "' as " +
          text_of(what, what.second) + ", but layer '" + first.spec->name + "' as " + text_of(what, what.first),
      "no tensor is both; '" + first.spec->name + "' reads it at " + place(first.input_where[a.at.port]));
}

/// Of readers that contradict each other all but one are wrong.
void compare_readers(GraphCheck& check, int input) {
  std::vector<Reader> readers = some_readers_of(check, input);
  if (readers.size() < 2) return;
  const Sizes known = candidates(check, input, readers);
  for (Reader& reader : readers) reader.ranks = Questions{check, check.roles[input].type, reader}.answers(known);
  std::vector<std::size_t> wrong;
  for (std::size_t b = 1; b < readers.size(); ++b) {
    const auto contradicts = [&](std::size_t a) { return contradiction(readers[a], readers[b]).has_value(); };
    for (std::size_t a = 0; a < b && wrong.empty(); ++a)
      if (contradicts(a)) wrong.push_back(a);
    if (wrong.empty() || !std::all_of(wrong.begin(), wrong.end(), contradicts)) continue;
    tell(check, input, readers[wrong[0]], readers[b], *contradiction(readers[wrong[0]], readers[b]));
    wrong.push_back(b);
  }
}

// --- kinds of numbers ---

/// The same tensor of reals, or of whole numbers, for certain.
FieldType with_numbers(FieldType type, DType dtype) {
  type.dtype = dtype;
  type.guessed_real = false;
  type.open = dtype == DType::real;
  return type;
}

/// A reader of real numbers only and one of whole numbers only: nothing is both.
void compare_numbers(GraphCheck& check, int input) {
  const FieldType& type = check.roles[input].type;
  const PortOfLayer *of_reals = nullptr, *of_integers = nullptr;
  if (!type.guessed_real) return;
  const std::vector<Reader> readers = some_readers_of(check, input);
  if (readers.size() < 2) return;
  for (const Reader& reader : readers) {
    const auto takes = [&](DType dtype) {
      return takes_type(check, reader.at, with_numbers(type, dtype), reader.others);
    };
    const bool takes_reals = takes(DType::real), takes_integers = takes(DType::integer);
    if (takes_reals && !takes_integers && of_reals == nullptr) of_reals = &reader.at;
    if (takes_integers && !takes_reals && of_integers == nullptr) of_integers = &reader.at;
  }
  if (of_reals == nullptr || of_integers == nullptr) return;
  const WiredLayer &reals = check.wired.layers[of_reals->layer], &integers = check.wired.layers[of_integers->layer];
  check.faults.error(
      "wrong-dtype", integers.input_where[of_integers->port],
      "layer '" + integers.spec->name + "' takes '" + check.spec.inputs[input].name +
          "' as whole numbers, but layer '" + reals.spec->name + "' as real ones",
      "no tensor is both; '" + reals.spec->name + "' reads it at " + place(reals.input_where[of_reals->port]));
}

// --- symbols ---

/// Where a symbol stands.
struct PlaceOfSymbol {
  int input = 0, axis = 0;
};

/// What a reader needs a symbol to be.
struct Demand {
  PlaceOfSymbol place;
  Reader reader;
  Sizes sizes;
};

/// nullopt if the reader says nothing of the symbol.
std::optional<Sizes> sizes_needed(const GraphCheck& check, const PlaceOfSymbol& place, const Reader& reader,
                                  const Sizes& known) {
  const FieldType& type = check.roles[place.input].type;
  const Questions questions{check, type, reader};
  const int rank = type.shape.rank();
  return questions.takes(rank, -1, {}) ? questions.sizes_at(rank, place.axis, known) : std::nullopt;
}

using PlacesOfSymbols = std::map<std::string, std::vector<PlaceOfSymbol>>;

/// Of free inputs.
PlacesOfSymbols places_of_symbols(const GraphCheck& check) {
  PlacesOfSymbols places;
  for (int i = 0; i < static_cast<int>(check.input_fields.size()); ++i) {
    const FieldType& type = check.roles[i].type;
    if (is_shaped_by_comment(check.roles[i])) continue;  // whose words are no symbols
    for (int axis = 0; type.open && type.shape.known && axis < type.shape.rank(); ++axis) {
      const Size& size = type.shape.sizes[static_cast<std::size_t>(axis)];
      if (!size.known() && !size.symbol.empty()) places[size.symbol].push_back({i, axis});
    }
  }
  return places;
}

/// All that readers need it to be. Each is asked about the sizes that it may have in mind, then about those of all.
std::vector<Demand> demands_of(const GraphCheck& check, const std::vector<PlaceOfSymbol>& places) {
  std::vector<Demand> demands;
  Sizes all;
  for (const PlaceOfSymbol& place : places) {
    const std::vector<Reader> readers = some_readers_of(check, place.input);
    const Sizes known = candidates(check, place.input, readers);
    for (const Reader& reader : readers) {
      const std::optional<Sizes> sizes = sizes_needed(check, place, reader, known);
      if (!sizes) continue;
      demands.push_back({place, reader, *sizes});
      all.insert(sizes->begin(), sizes->end());
    }
  }
  if (all.size() < 2) return {};
  for (Demand& demand : demands) demand.sizes = sizes_needed(check, demand.place, demand.reader, all).value_or(all);
  return demands;
}

void tell_of_symbol(GraphCheck& check, const std::string& symbol, const Demand& a, const Demand& b) {
  const auto who = [&](const Demand& demand) {
    return "layer '" + check.wired.layers[demand.reader.at.layer].spec->name + "'";
  };
  const auto what = [&](const Demand& demand) {
    return "as " + std::to_string(*demand.sizes.begin()) + " in '" + check.spec.inputs[demand.place.input].name + "'";
  };
  const WiredLayer &first = check.wired.layers[a.reader.at.layer], &second = check.wired.layers[b.reader.at.layer];
  check.faults.error("bad-shape", second.input_where[b.reader.at.port],
                     who(b) + " takes the size '" + symbol + "' " + what(b) + ", but " + who(a) + " " + what(a),
                     "a symbol is one number wherever it stands; '" + first.spec->name + "' reads it at " +
                         place(first.input_where[a.reader.at.port]));
}

bool contradict(const Demand& a, const Demand& b) { return !have_common(a.sizes, b.sizes); }

/// One symbol is one number: of those that contradict each other all but one are wrong. Those at one place are told
/// already.
void compare_demands(GraphCheck& check, const std::string& symbol, const std::vector<Demand>& demands) {
  std::vector<const Demand*> wrong;
  for (std::size_t b = 1; b < demands.size(); ++b) {
    const Demand& demand = demands[b];
    const auto contradicts = [&](const Demand* other) { return contradict(*other, demand); };
    const auto is_there = [&](const Demand* other) {
      return other->place.input == demand.place.input && other->place.axis == demand.place.axis;
    };
    for (std::size_t a = 0; a < b && wrong.empty(); ++a)
      if (contradict(demands[a], demand)) wrong.push_back(&demands[a]);
    if (wrong.empty() || !std::all_of(wrong.begin(), wrong.end(), contradicts)) continue;
    if (std::none_of(wrong.begin(), wrong.end(), is_there)) tell_of_symbol(check, symbol, *wrong[0], demand);
    wrong.push_back(&demand);
  }
}

/// Is any size for the readers to say?
bool leaves_open(const Shape& shape) {
  return !shape.known || std::any_of(shape.sizes.begin(), shape.sizes.end(), [](const Size& s) { return !s.known(); });
}

}  // namespace

void check_readers(GraphCheck& check) {
  for (int i = 0; i < static_cast<int>(check.input_fields.size()); ++i) {
    if (!check.roles[i].type.open) continue;
    if (leaves_open(check.roles[i].type.shape)) compare_readers(check, i);
    compare_numbers(check, i);
  }
  for (const auto& [symbol, places] : places_of_symbols(check)) {
    if (places.size() > 1) compare_demands(check, symbol, demands_of(check, places));
  }
}

}  // namespace kiln
