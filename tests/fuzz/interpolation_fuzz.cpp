// parse_yaml and resolve_interpolations on any bytes, with an environment.
#include <cstddef>
#include <cstdint>

#include "base/interpolation.h"
#include "expected_faults.h"

namespace {

std::optional<std::string> variable(const std::string& name) {
  if (name == "NUMBER") return "16";
  if (name == "TREE") return "A: 10\nB: [${.A}, ${= 2 * a}]\n";
  if (name == "BYTES") return "\xFF";
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kiln::Diagnostics faults;
  kiln::Yaml tree = kiln::parse_yaml(std::string(data, data + size), "fuzz.yaml", faults);
  kiln::resolve_interpolations(tree, faults, variable);
  if (!faults.has_errors()) allow_faults([&] { kiln::to_canonical_json(tree); });
  for (const kiln::Diagnostic& fault : faults.list) kiln::to_string(fault);
  return 0;
}
