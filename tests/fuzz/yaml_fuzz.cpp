// parse_yaml on any bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/yaml.h"
#include "expected_faults.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kiln::Diagnostics faults;
  const kiln::Yaml tree = kiln::parse_yaml(std::string(data, data + size), "fuzz.yaml", faults);
  kiln::to_json(faults);
  if (!faults.has_errors()) allow_faults([&] { kiln::to_canonical_json(tree); });
  for (const kiln::Diagnostic& fault : faults.list) kiln::to_string(fault);
  return 0;
}
