#include "cli/reference_values.h"

#include <cmath>

namespace kiln {

namespace {

void require(bool condition, const std::string& key, const std::string& wanted) {
  if (!condition) throw Error(ErrorKind::data, "wrong-reference", "'" + key + "' should hold " + wanted);
}

void require_finite(const std::vector<double>& values, const std::string& key) {
  for (const double x : values) require(std::isfinite(x), key, "finite numbers");
}

/// Row-major 3x3 from nine numbers, or from xx yy zz yz xz xy.
std::vector<double> tensor_of(const Frame& frame, const std::string& key) {
  if (!frame.find_info(key)) return {};
  const std::vector<double> v = info_numbers(frame, key);
  require(v.size() == 9 || v.size() == 6, key, "9 numbers, or 6: xx yy zz yz xz xy");
  require_finite(v, key);
  if (v.size() == 9) return v;
  return {v[0], v[5], v[4], v[5], v[1], v[3], v[4], v[3], v[2]};
}

std::vector<double> forces_of(const Frame& frame, const std::string& key) {
  const auto found = frame.properties.find(key);
  if (found == frame.properties.end()) return {};
  const AtomProperty& property = found->second;
  require(property.type != 'S' && property.n_columns == 3, key, "three numbers per atom");
  require_finite(property.numbers, key);
  return property.numbers;
}

}  // namespace

ReferenceValues reference_values(const Frame& frame, const ReferenceKeys& keys) try {
  ReferenceValues values;
  if (frame.find_info(keys.energy)) {
    const std::vector<double> energy = info_numbers(frame, keys.energy);
    require(energy.size() == 1, keys.energy, "one number");
    require_finite(energy, keys.energy);
    values.energy = energy[0];
  }
  values.forces = forces_of(frame, keys.forces);
  values.stress = tensor_of(frame, keys.stress);
  values.virial = tensor_of(frame, keys.virial);
  return values;
} catch (const Error& error) {
  throw in_frame(error, frame);
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
