#include "model/upgrade.h"

#include "kiln/error.h"
#include "kiln/version.h"
#include "model/model.h"

namespace kiln {

namespace {

int version_of(const ModelDocument& document, const std::string& name) {
  const auto found = document.metadata.find("format_version");
  if (found == document.metadata.end() || !found->is_number_integer() || found->get<int>() < 1)
    throw Error(ErrorKind::data, "no-format-version", SourcePos::whole_file(name),
                "the metadata do not say which format version it has");
  return found->get<int>();
}

[[noreturn]] void refuse_newer(int version, int newest, const std::string& name) {
  throw Error(ErrorKind::data, "newer-model", SourcePos::whole_file(name),
              "it has format version " + std::to_string(version) + ", this Kiln (" + kiln::version() +
                  ") reads versions up to " + std::to_string(newest),
              "use the Kiln that wrote the file, or a newer one");
}

}  // namespace

// Version 1 is the first: there is nothing to upgrade yet.
Span<const Upgrade> upgrades() {
  static_assert(kModelFormatVersion == 1, "a new format version needs its upgrade here");
  return {};
}

ModelDocument upgrade(ModelDocument document, Span<const Upgrade> steps, const std::string& name) {
  const int newest = static_cast<int>(steps.size()) + 1;
  const int given = version_of(document, name);
  if (given > newest) refuse_newer(given, newest, name);
  for (int v = given; v < newest; ++v) {
    document = steps[v - 1](std::move(document));
    document.metadata["format_version"] = v + 1;
  }
  return document;
}

}  // namespace kiln
