#include "base/interpolation_path.h"

namespace kiln {

std::string InterpolationPath::text() const {
  std::string text(n_dots, '.');
  for (const std::string& key : keys) text += (&key == &keys.front() ? "" : ".") + key;
  return text;
}

namespace {

/// What a nested interpolation gives may be several keys: ${${a}} with a: b.c is ${b.c}.
void add_keys(std::string key, std::vector<std::string>& keys) {
  const bool has_gap = key.front() == '.' || key.back() == '.' || key.find("..") != std::string::npos;
  for (std::size_t dot; !has_gap && (dot = key.find('.')) != std::string::npos; key.erase(0, dot + 1))
    keys.push_back(key.substr(0, dot));
  keys.push_back(std::move(key));
}

}  // namespace

InterpolationPath read_path(TextCursor& cursor, const ReadKey& read_key) {
  InterpolationPath path;
  for (; cursor.sees("."); ++cursor.i) ++path.n_dots;
  for (bool first = true;; first = false) {
    const bool bracket = cursor.sees("[");
    const bool separated = bracket || (!first && cursor.sees("."));
    if (!first && !separated) return path;
    if (separated) ++cursor.i;
    std::string key = read_key(cursor);
    if (key.empty() && first && !bracket) return path;
    if (key.empty()) throw Stop{cursor.i, "interpolation-syntax", "a key is missing", ""};
    if (bracket && !cursor.sees("]")) throw Stop{cursor.i, "interpolation-syntax", "the '[' has no ']'", ""};
    if (bracket) ++cursor.i;
    add_keys(std::move(key), path.keys);
  }
}

}  // namespace kiln
