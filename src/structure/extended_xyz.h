#pragma once

#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "kiln/structure.h"

namespace kiln {

/// One per-atom column group of a frame, as in Properties=name:type:n_columns.
struct AtomProperty {
  char type = 'R';  ///< 'R' real, 'I' integer, 'L' logical, 'S' text
  int n_columns = 1;
  std::vector<double> numbers;     ///< [n_atoms * n_columns] for R, I and L
  std::vector<std::string> texts;  ///< [n_atoms * n_columns] for S
};

/// One frame of an extended-XYZ file: the structure and everything else under the names of the file.
struct Frame {
  Structure structure;
  std::vector<std::pair<std::string, std::string>>
      info;  ///< comment-line keys in file order, values unquoted; without Lattice, Properties, pbc
  std::map<std::string, AtomProperty> properties;  ///< without species and pos
  std::string file;
  int line = 0;   ///< of the atom count
  int index = 0;  ///< from 0

  const std::string* find_info(const std::string& key) const;
};

/// Streaming reader: one frame at a time, memory of one frame. Errors are Error of kind data with file, line and frame:
/// truncated frames, wrong counts, NaN, unknown elements, duplicated properties, a periodic axis in a zero-volume cell.
/// Accepts CRLF, a byte-order mark, quoted keys and values, `_JSON [..]`, any property order, pbc or PBC (T/F/1/0), no
/// Lattice; lines up to 16 MiB. Without pbc, a Lattice means periodic along all three.
class ExtendedXyzReader {
 public:
  explicit ExtendedXyzReader(const std::string& path);  ///< throws if it cannot be opened
  ExtendedXyzReader(std::istream& in, std::string name);
  ~ExtendedXyzReader();
  bool read(Frame& frame);  ///< false at the end of the file

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::vector<Frame> read_extended_xyz(const std::string& path);

/// Numbers of an info value: "1 2 3", "[1, 2, 3]", "_JSON [[1,2],[3,4]]". Throws Error of kind data naming key, file
/// and line.
std::vector<double> info_numbers(const Frame& frame, const std::string& key);

/// The same error with file, line and index of the frame in front; the line of the atom if it is about one.
Error in_frame(const Error& error, const Frame& frame);

/// Writes one frame; numbers with 17 digits where needed to read back the same.
void write_extended_xyz(std::ostream& out, const Frame& frame);

}  // namespace kiln
