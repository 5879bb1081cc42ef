#include "structure/labels.h"

#include <fmt/format.h>

namespace kiln {
namespace {

void require_count(bool condition, const Frame& frame, const std::string& what, const std::string& wanted) {
  if (!condition) throw in_frame(Error(ErrorKind::data, "wrong-count", what, "Expected: " + wanted + "."), frame);
}

std::string count_text(const std::string& key, std::size_t count) {
  return fmt::format("'{}' has {} number{}", key, count, count == 1 ? "" : "s");
}

std::optional<double> energy_of(const Frame& frame, const std::string& key) {
  if (!frame.find_info(key)) return std::nullopt;
  const std::vector<double> v = info_numbers(frame, key);
  require_count(v.size() == 1, frame, count_text(key, v.size()), "1");
  return v[0];
}

std::vector<double> forces_of(const Frame& frame, const std::string& key) {
  const auto found = frame.properties.find(key);
  if (found == frame.properties.end()) return {};
  const AtomProperty& p = found->second;
  const bool numbers = p.type == 'R' || p.type == 'I';
  require_count(numbers && p.n_columns == 3, frame, fmt::format("property '{}' is {}:{}", key, p.type, p.n_columns),
                "R:3, three numbers per atom");
  return p.numbers;
}

std::vector<double> tensor_of(const Frame& frame, const std::string& key) {
  if (!frame.find_info(key)) return {};
  const std::vector<double> v = info_numbers(frame, key);
  require_count(v.size() == 9 || v.size() == 6, frame, count_text(key, v.size()), "9, or 6: xx yy zz yz xz xy");
  if (v.size() == 9) return v;
  return {v[0], v[5], v[4], v[5], v[1], v[3], v[4], v[3], v[2]};
}

std::string listed(const std::set<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

Labels read_labels(const Frame& frame, const LabelKeys& keys) {
  return {energy_of(frame, keys.energy), forces_of(frame, keys.forces), tensor_of(frame, keys.stress),
          tensor_of(frame, keys.virial)};
}

void KeysFound::add(const Frame& frame) {
  for (const auto& entry : frame.info) of_frames.insert(entry.first);
  for (const auto& entry : frame.properties) of_atoms.insert(entry.first);
}

std::string KeysFound::hint(const std::string& wanted) const {
  std::vector<std::string> all(of_frames.begin(), of_frames.end());
  all.insert(all.end(), of_atoms.begin(), of_atoms.end());
  const std::string guess = did_you_mean(wanted, all);
  return fmt::format("{}{}Found in the comment line: {}; per atom: {}.", guess, guess.empty() ? "" : " ",
                     listed(of_frames), listed(of_atoms));
}

}  // namespace kiln
