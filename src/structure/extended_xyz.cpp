#include "structure/extended_xyz.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <system_error>

#include "base/elements.h"
#include "base/files.h"
#include "base/numbers.h"
#include "base/source_text.h"
#include "structure/cell.h"
#include "structure/comment_line.h"

namespace kiln {
namespace {

using std::string_view;

constexpr std::size_t kLongestExcerpt = 200;
constexpr std::size_t kLongestLine = 16 << 20;  ///< bytes; a pipe may send one line without end
constexpr int kFirstReserve = 1 << 16;          ///< atoms; a wrong count must not ask for memory

string_view without_blanks_around(string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t last = text.find_last_not_of(" \t");
  return first == text.size() ? string_view() : text.substr(first, last - first + 1);
}

/// Where one column of the atom lines goes.
struct Column {
  enum class Role { symbol, atomic_number, position, number, integer, logical, text };
  Role role = Role::number;
  std::size_t component = 0;          ///< of a position
  AtomProperty* property = nullptr;   ///< unless it is symbol, atomic number or position
  const std::string* name = nullptr;  ///< of the property, for messages
};

Column::Role role_of(char type) {
  switch (type) {
    case 'I':
      return Column::Role::integer;
    case 'L':
      return Column::Role::logical;
    case 'S':
      return Column::Role::text;
    default:
      return Column::Role::number;
  }
}

int atomic_number_from(string_view text) {
  std::int64_t number = 0;
  if (read_integer(text, number)) return number >= 1 && number <= 118 ? static_cast<int>(number) : 0;
  return atomic_number_of(std::string(text));
}

}  // namespace

struct ExtendedXyzReader::State {
  std::ifstream file;
  std::istream& in;
  std::string name;
  std::string line;
  int line_number = 0;
  int n_frames = 0;
  int frame_line = 0;
  std::vector<PropertyGroup> groups;
  std::vector<Column> columns;

  State(std::istream& stream, std::string file_name) : in(stream), name(std::move(file_name)) {}
  explicit State(const std::string& path) : in(file), name(path) {
    require_readable(path);
    file.open(path, std::ios::binary);
    if (!file) {
      throw Error(ErrorKind::data, "cannot-read", SourcePos::whole_file(path),
                  "it cannot be read: " + std::generic_category().message(errno));
    }
  }

  /// @param offset  byte of the current line
  [[noreturn]] void fail(std::size_t offset, const std::string& code, const std::string& what,
                         const std::string& hint) {
    SourcePos where;
    where.file = name;
    where.line = line_number;
    where.column = 1 + count_characters(line.substr(0, offset));
    if (find_bad_byte(line) == std::string::npos && offset < kLongestExcerpt)
      where.excerpt = line.substr(0, kLongestExcerpt);
    throw Error(ErrorKind::data,
                {{Severity::error, code, where, "frame " + std::to_string(n_frames) + ": " + what, hint}});
  }

  /// The next line, in pieces; false at the end of the file.
  bool read_line() {
    std::array<char, 4096> piece;
    line.clear();
    for (;;) {
      in.getline(piece.data(), piece.size());
      const auto n = static_cast<std::size_t>(in.gcount());
      line.append(piece.data(), in.good() ? n - 1 : n);  // without the '\n'
      const bool goes_on = in.fail() && !in.eof() && !in.bad() && n > 0;
      if (!goes_on) return !in.bad() && (!in.fail() || !line.empty());
      in.clear();
      if (line.size() > kLongestLine)
        fail(0, "long-line", "this line has more than 16 MiB", "Is this an extended XYZ file?");
    }
  }

  bool next_line() {
    ++line_number;
    if (!read_line()) {
      --line_number;
      if (in.bad())
        throw Error(ErrorKind::data, "cannot-read", SourcePos::whole_file(name),
                    "it cannot be read: " + std::generic_category().message(errno));
      return false;
    }
    if (line_number == 1 && line.compare(0, 3, "\xEF\xBB\xBF") == 0) line.erase(0, 3);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
  }

  /// The count of the next frame; nothing at the end of the file. Blank lines may stand between frames.
  std::optional<int> read_count() {
    do {
      if (!next_line()) return std::nullopt;
    } while (without_blanks_around(line).empty());
    std::int64_t count = 0;
    if (!read_integer(without_blanks_around(line), count)) {
      fail(0, "bad-count", "expected the number of atoms",
           n_frames > 0 ? "Has the frame before, which begins in line " + std::to_string(frame_line) +
                              ", more atoms than it says?"
                        : "An XYZ frame begins with the number of its atoms.");
    }
    if (count < 0 || count > std::numeric_limits<int>::max())
      fail(0, "bad-count", "the number of atoms is out of range", "");
    frame_line = line_number;
    return static_cast<int>(count);
  }

  void read_comment(Frame& frame, int n_atoms) {
    if (!next_line())
      fail(line.size(), "truncated", "the file ends before the comment line", "The file is cut off here.");
    try {
      parse_comment(frame);
    } catch (const CommentFault& fault) {
      fail(fault.offset, fault.code, fault.what, fault.hint);
    }
    assign_columns(frame, n_atoms);
  }

  void parse_comment(Frame& frame) {
    bool has_lattice = false, has_periodic = false;
    frame.structure.cell = {};
    frame.structure.periodic = {};
    frame.info.clear();
    groups = {{"species", 'S', 1}, {"pos", 'R', 3}};
    for (CommentEntry& entry : split_comment_line(line)) {
      if (entry.key == "Lattice" || entry.key == "lattice") {
        frame.structure.cell = parse_lattice(entry);
        has_lattice = true;
      } else if (entry.key == "pbc" || entry.key == "PBC") {
        frame.structure.periodic = parse_periodic(entry);
        has_periodic = true;
      } else if (entry.key == "Properties" || entry.key == "properties") {
        groups = parse_properties(entry);
      } else {
        frame.info.emplace_back(std::move(entry.key), std::move(entry.value));
      }
    }
    if (has_lattice && !has_periodic) frame.structure.periodic = {true, true, true};
    require_volume(frame.structure, has_lattice);
  }

  static void require_volume(const Structure& structure, bool has_lattice) {
    const auto& p = structure.periodic;
    if (!(p[0] || p[1] || p[2]) || has_volume(structure.cell)) return;
    throw CommentFault{0, "flat-cell",
                       has_lattice ? "an axis is periodic, but the Lattice has no volume"
                                   : "an axis is periodic, but there is no Lattice",
                       "Write pbc=\"F F F\" for a molecule, or give three cell vectors that span a volume."};
  }

  bool has_group(const std::string& wanted) const {
    return std::any_of(groups.begin(), groups.end(), [&](const PropertyGroup& g) { return g.name == wanted; });
  }

  void assign_columns(Frame& frame, int n_atoms) {
    columns.clear();
    frame.properties.clear();
    const std::string element = has_group("species") ? "species" : "Z";
    for (const PropertyGroup& group : groups) {
      if (group.name == element) {
        if (group.n_columns != 1) fail(0, "bad-properties", "'" + element + "' has more than one column", "");
        columns.push_back(
            {element == "Z" ? Column::Role::atomic_number : Column::Role::symbol, 0, nullptr, &group.name});
      } else if (group.name == "pos") {
        if (group.type != 'R' || group.n_columns != 3) fail(0, "bad-properties", "'pos' is not pos:R:3", "");
        for (std::size_t x = 0; x < 3; ++x) columns.push_back({Column::Role::position, x, nullptr, &group.name});
      } else {
        AtomProperty& property = frame.properties[group.name];
        property.type = group.type;
        property.n_columns = group.n_columns;
        const auto n_values =
            static_cast<std::size_t>(std::min(n_atoms, kFirstReserve)) * static_cast<std::size_t>(group.n_columns);
        if (group.type == 'S') {
          property.texts.reserve(n_values);
        } else {
          property.numbers.reserve(n_values);
        }
        columns.insert(columns.end(), static_cast<std::size_t>(group.n_columns),
                       {role_of(group.type), 0, &property, &group.name});
      }
    }
    if (!has_group(element)) fail(0, "bad-properties", "Properties have no species", "Add species:S:1 (or Z:I:1).");
    if (!has_group("pos")) fail(0, "bad-properties", "Properties have no positions", "Add pos:R:3.");
  }

  void read_atoms(Frame& frame, int n_atoms) {
    Structure& structure = frame.structure;
    structure.atomic_numbers.clear();
    structure.positions.clear();
    for (int i = 0; i < n_atoms; ++i) {
      if (!next_line()) {
        fail(line.size(), "truncated",
             "the file ends after " + std::to_string(i) + " of " + std::to_string(n_atoms) + " atoms",
             "The file is cut off, or the count in line " + std::to_string(frame_line) + " is wrong.");
      }
      structure.atomic_numbers.push_back(0);
      structure.positions.push_back({});
      read_atom(structure);
    }
  }

  void read_atom(Structure& structure) {
    const string_view text = line;
    std::size_t n = 0;
    for (std::size_t i = std::min(text.find_first_not_of(" \t"), text.size()); i < text.size(); ++n) {
      const std::size_t end = std::min(text.find_first_of(" \t", i), text.size());
      if (n < columns.size()) read_value(columns[n], text.substr(i, end - i), i, structure);
      i = std::min(text.find_first_not_of(" \t", end), text.size());
    }
    if (n == columns.size()) return;
    fail(0, "bad-columns",
         "this atom has " + std::to_string(n) + " columns, Properties ask for " + std::to_string(columns.size()),
         "Correct Properties, or the count in line " + std::to_string(frame_line) + " if this is no atom.");
  }

  void read_value(const Column& column, string_view text, std::size_t offset, Structure& structure) {
    double value = 0.0;
    switch (column.role) {
      case Column::Role::symbol:
      case Column::Role::atomic_number:
        structure.atomic_numbers.back() = atomic_number_from(text);
        if (structure.atomic_numbers.back() > 0) return;
        fail(offset, "unknown-element", "'" + std::string(text) + "' is no element",
             "Write symbols as in the periodic table, such as Si, or 1 .. 118.");
      case Column::Role::text:
        column.property->texts.emplace_back(text);
        return;
      case Column::Role::logical:
        value = read_logical(column, text, offset);
        break;
      default:
        value = read_finite(column, text, offset);
        break;
    }
    if (column.role == Column::Role::position) {
      structure.positions.back()[column.component] = value;
    } else {
      column.property->numbers.push_back(value);
    }
  }

  double read_logical(const Column& column, string_view text, std::size_t offset) {
    bool value = false;
    if (!parse_logical(text, value))
      fail(offset, "bad-value", "'" + *column.name + "' is '" + std::string(text) + "', not T or F", "");
    return value ? 1.0 : 0.0;
  }

  double read_finite(const Column& column, string_view text, std::size_t offset) {
    double value = 0.0;
    std::int64_t integer = 0;
    if (column.role == Column::Role::integer && !read_integer(text, integer)) {
      fail(offset, "bad-value", "'" + *column.name + "' is '" + std::string(text) + "', not an integer", "");
    }
    if (!read_real(text, value)) {
      fail(offset, "bad-value", "'" + *column.name + "' is '" + std::string(text) + "', not a number", "");
    }
    if (!std::isfinite(value)) {
      fail(offset, "not-finite", "'" + *column.name + "' is " + std::string(text),
           "Remove the frame or repair its numbers.");
    }
    return value;
  }
};

ExtendedXyzReader::ExtendedXyzReader(const std::string& path) : state_(std::make_unique<State>(path)) {}
ExtendedXyzReader::ExtendedXyzReader(std::istream& in, std::string name)
    : state_(std::make_unique<State>(in, std::move(name))) {}
ExtendedXyzReader::~ExtendedXyzReader() = default;

bool ExtendedXyzReader::read(Frame& frame) {
  const std::optional<int> n_atoms = state_->read_count();
  if (!n_atoms) return false;
  frame.file = state_->name;
  frame.line = state_->frame_line;
  frame.index = state_->n_frames;
  state_->read_comment(frame, *n_atoms);
  state_->read_atoms(frame, *n_atoms);
  ++state_->n_frames;
  return true;
}

std::vector<Frame> read_extended_xyz(const std::string& path) {
  ExtendedXyzReader reader(path);
  std::vector<Frame> frames;
  for (Frame frame; reader.read(frame); frame = {}) frames.push_back(std::move(frame));
  return frames;
}

const std::string* Frame::find_info(const std::string& key) const {
  for (const auto& [name, value] : info) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::vector<double> info_numbers(const Frame& frame, const std::string& key) {
  SourcePos where;
  where.file = frame.file;
  where.line = frame.line > 0 ? frame.line + 1 : 0;
  where.column = 1;
  const auto fail = [&](const char* code, const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::data,
                {{Severity::error, code, where, "frame " + std::to_string(frame.index) + ": " + what, hint}});
  };
  const std::string* value = frame.find_info(key);
  std::vector<double> numbers;
  if (!value) {
    std::string known;
    for (const auto& entry : frame.info) known += (known.empty() ? "" : ", ") + entry.first;
    fail("missing-key", "there is no '" + key + "'",
         known.empty() ? "The comment line has no keys." : "The comment line has: " + known);
  } else if (!parse_numbers(*value, numbers) || numbers.empty()) {
    fail("bad-value", "'" + key + "' is '" + *value + "', not a number or a list of numbers", "");
  } else if (!std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); })) {
    fail("not-finite", "'" + key + "' is " + *value, "Remove the frame or repair its numbers.");
  }
  return numbers;
}

Error in_frame(const Error& error, const Frame& frame) {
  std::vector<Diagnostic> diagnostics = error.diagnostics();
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.where.known()) continue;                                                // says already where
    const int line = diagnostic.atom < 0 ? frame.line : frame.line + 2 + diagnostic.atom;  // after count and comment
    diagnostic.where = SourcePos{frame.file, line, 1, 1, ""};
    diagnostic.what = "frame " + std::to_string(frame.index) + ": " + diagnostic.what;
  }
  return Error(error.kind(), std::move(diagnostics));
}

}  // namespace kiln
