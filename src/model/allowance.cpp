#include "model/allowance.h"

#include <algorithm>

#include "base/text.h"
#include "graph/graph_spec.h"
#include "kiln/error.h"

namespace kiln {

namespace {

struct Kind {
  const char* prefix;
  std::vector<std::string> Allowance::*list;
};
constexpr Kind kKinds[] = {
    {"python:", &Allowance::python}, {"code:", &Allowance::layers}, {"plugin:", &Allowance::plugins}};

}  // namespace

Allowance read_allowance(const std::vector<std::string>& texts) {
  Allowance allowance;
  for (const std::string& text : texts) {
    const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) {
      return starts_with(text, k.prefix) && text.size() > std::string(k.prefix).size();
    });
    if (kind == std::end(kKinds))
      throw Error(ErrorKind::usage, "bad-allowance", "--allow does not know '" + text + "'",
                  "write --allow python:pkg.mod, --allow code:LAYER or --allow plugin:PATH");
    (allowance.*kind->list).push_back(text.substr(std::string(kind->prefix).size()));
  }
  return allowance;
}

bool allows_python(const Allowance& allowance, const std::string& target) {
  return std::any_of(allowance.python.begin(), allowance.python.end(),
                     [&](const std::string& module) { return starts_with(target, module + "."); });
}

bool allows_code(const Allowance& allowance, const std::string& layer,
                 const std::map<std::string, std::string>& copies) {
  const std::string written = written_name(copies, layer);
  return std::any_of(allowance.layers.begin(), allowance.layers.end(),
                     [&](const std::string& allowed) { return allowed == layer || allowed == written; });
}

}  // namespace kiln
