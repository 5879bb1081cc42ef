#include "cli/output_file.h"

#include <filesystem>

#include "kiln/error.h"

namespace kiln {

void require_other_file(const std::string& output, const std::string& input) {
  std::error_code missing;
  if (std::filesystem::equivalent(output, input, missing))
    throw Error(ErrorKind::usage, "output-is-input", "'" + output + "' is read: it cannot be the output too",
                "give another file with -o");
}

}  // namespace kiln
