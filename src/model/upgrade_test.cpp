#include "model/upgrade.h"

#include <gtest/gtest.h>

#include "model/test_model.h"

namespace kiln {
namespace {

ModelDocument rename_cutoff(ModelDocument old) {
  old.metadata["cutoff"] = old.metadata["r_max"];
  old.metadata.erase("r_max");
  return old;
}

ModelDocument list_species(ModelDocument old) {
  old.metadata["species"] = {old.metadata["cutoff"]};
  return old;
}

const std::vector<Upgrade> kSteps = {rename_cutoff, list_species};

ModelDocument document(int version) { return {{{"format_version", version}, {"r_max", 5.0}, {"cutoff", 4.0}}, {}}; }

TEST(Upgrade, TakesEachVersionToTheNewest) {
  EXPECT_EQ(upgrade(document(1), kSteps, "a").metadata.dump(), R"({"format_version":3,"cutoff":5.0,"species":[5.0]})");
  EXPECT_EQ(upgrade(document(2), kSteps, "a").metadata["species"].dump(), "[4.0]");
  EXPECT_FALSE(upgrade(document(3), kSteps, "a").metadata.contains("species"));
}

TEST(Upgrade, RefusesNewerAndMissingVersions) {
  EXPECT_EQ(test::error_of([] { upgrade(document(4), kSteps, "a"); }), test::ErrorOf(ErrorKind::data, "newer-model"));
  EXPECT_EQ(test::error_of([] { upgrade(document(0), kSteps, "a"); }),
            test::ErrorOf(ErrorKind::data, "no-format-version"));
  EXPECT_EQ(test::error_of([] {
              upgrade({{{"cutoff", 1}}, {}}, kSteps, "a");
            }),
            test::ErrorOf(ErrorKind::data, "no-format-version"));
}

TEST(Upgrade, EveryOldVersionHasAStep) {
  EXPECT_EQ(upgrades().size() + 1, static_cast<std::size_t>(kModelFormatVersion));
}

}  // namespace
}  // namespace kiln
