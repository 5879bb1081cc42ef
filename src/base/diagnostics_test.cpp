#include "base/diagnostics.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kiln {
namespace {

SourcePos water(int column, int length) {
  return {"water.yaml", 14, column, length, "    inputs: {edge_lenght: radial.values}"};
}

TEST(Diagnostics, DrawExcerptCaretAndHint) {
  const Diagnostic fault{Severity::error, "unknown-port", water(14, 11), "layer 'conv1' has no input 'edge_lenght'",
                         "Did you mean 'edge_length'?"};
  EXPECT_EQ(to_string(fault),
            "water.yaml:14:14: error: layer 'conv1' has no input 'edge_lenght'\n"
            "   14 |     inputs: {edge_lenght: radial.values}\n"
            "      |              ^~~~~~~~~~~\n"
            "  Did you mean 'edge_length'?");
}

TEST(Diagnostics, CaretCountsCharactersAndKeepsTabs) {
  const Diagnostic fault{Severity::warning, "x", {"a", 1, 4, 1, "\täö!"}, "w", ""};
  EXPECT_EQ(to_string(fault), "a:1:4: warning: w\n    1 | \täö!\n      | \t  ^");
}

TEST(Diagnostics, UnknownPlacesAreLeftOut) {
  EXPECT_EQ(to_string({Severity::error, "x", {}, "what", ""}), "error: what");
  EXPECT_EQ(to_string({Severity::error, "x", {"f.xyz", 0, 0, 1, ""}, "what", "hint"}), "f.xyz: error: what\n  hint");
}

TEST(Diagnostics, ControlCharactersAreShownNotSent) {
  const Diagnostic fault{
      Severity::error, "x", {"a\x1b[2J", 1, 3, 1, "\t\x1b]0;\xC2\x9Bx"}, "b\x1b[31m\nc\x7F", "\rd \xC2\xA7"};
  EXPECT_EQ(to_string(fault), "a␛[2J:1:3: error: b␛[31m␊c␡\n    1 | \t␛]0;\uFFFDx\n      | \t ^\n  ␍d §");
}

TEST(Diagnostics, ThrowCarriesAllOfThemAndTheKind) {
  Diagnostics faults;
  faults.warning("a", {}, "first");
  throw_if_errors(faults, ErrorKind::configuration);  // warnings alone do nothing
  faults.error("b", {}, "second");
  try {
    throw_if_errors(faults, ErrorKind::configuration);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_EQ(error.diagnostics().size(), 2u);
    EXPECT_STREQ(error.what(), "warning: first\nerror: second");
  }
}

TEST(Diagnostics, JsonHasTheFrozenKeys) {
  Diagnostics faults;
  faults.error("unknown-port", water(14, 11), "no \"such\" input\n", "try again");
  const auto json = nlohmann::json::parse(to_json(faults));
  EXPECT_EQ(json, (nlohmann::json{{"valid", false},
                                  {"diagnostics",
                                   {{{"severity", "error"},
                                     {"code", "unknown-port"},
                                     {"file", "water.yaml"},
                                     {"line", 14},
                                     {"column", 14},
                                     {"message", "no \"such\" input\n"},
                                     {"hint", "try again"}}}}}));
  EXPECT_EQ(to_json({}), R"({"valid":true,"diagnostics":[]})");
}

TEST(Diagnostics, DidYouMeanFindsTheNearest) {
  const std::vector<std::string> known = {"edge_index", "edge_lengths", "x"};
  EXPECT_EQ(did_you_mean("edge_lenght", known), "Did you mean 'edge_lengths'?");
  EXPECT_EQ(did_you_mean("Edge_Index", known), "Did you mean 'edge_index'?");
  EXPECT_EQ(did_you_mean("y", known), "");
  EXPECT_EQ(did_you_mean("X", known), "Did you mean 'x'?");
  EXPECT_EQ(did_you_mean("lengths", known), "Did you mean 'edge_lengths'?");
  EXPECT_EQ(did_you_mean("node_x", known), "");
  EXPECT_EQ(did_you_mean("feats", {"node_feats", "edge_feats"}), "");  // either may be meant
  EXPECT_EQ(did_you_mean("positions", known), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
  EXPECT_EQ(did_you_mean("edge_l", {"edge_lengths", "edge_index"}), "Did you mean 'edge_lengths'?");
  EXPECT_EQ(did_you_mean("edg", {"edge_lengths", "edge_index"}), "");  // either may be meant
  EXPECT_EQ(did_you_mean("kargs", {"args", "kwargs"}), "Did you mean 'args'?");
  EXPECT_EQ(misspelt_name("kargs", {"args", "kwargs"}), "");  // either
  EXPECT_EQ(misspelt_name("kwarg", {"args", "kwargs"}), "kwargs");
  EXPECT_EQ(misspelt_name("lengths", known), "");  // a guess only
  const std::vector<std::string> dotted = {"torch.ravel", "torch.log", "torch.nn.Linear", "torch.nn.functional.silu"};
  EXPECT_EQ(did_you_mean("silu", {"torch.nn.functional.my_silu"}), "");
  EXPECT_EQ(did_you_mean("torch.save", dotted), "");
  EXPECT_EQ(did_you_mean("torch.load", dotted), "");
  EXPECT_EQ(did_you_mean("torch.nn.Lin", dotted), "Did you mean 'torch.nn.Linear'?");
  EXPECT_EQ(did_you_mean("torch.loag", dotted), "Did you mean 'torch.log'?");
  EXPECT_EQ(did_you_mean("torch.Linear", dotted), "Did you mean 'torch.nn.Linear'?");
  EXPECT_EQ(did_you_mean("torch.nn.functional.SiLu_", dotted), "Did you mean 'torch.nn.functional.silu'?");
}

TEST(Diagnostics, FaultsOfIncludedFilesSayWhoIncludesThem) {
  SourcePos where{"block.yaml", 3, 5, 1, ""};
  where.via = "included as 'b' at m.yaml:2:7";
  Diagnostics faults;
  faults.error("code", where, "what", "Write x.");
  faults.warning("code", where, "what");
  EXPECT_EQ(faults.list[0].hint, "Write x. (included as 'b' at m.yaml:2:7)");
  EXPECT_EQ(faults.list[1].hint, "included as 'b' at m.yaml:2:7");
}

TEST(Diagnostics, FaultsOfCopiesAreToldForTheFirst) {
  const auto at = [](int line, int copy) {
    SourcePos where{"m.yaml", line, 1, 1, ""};
    where.copy = copy;
    return where;
  };
  Diagnostics faults;
  faults.error("a", at(1, 1), "in the second");  // order does not matter
  faults.error("a", at(1, 0), "in the first");
  faults.error("b", at(1, 1), "another fault");
  faults.error("a", at(2, 2), "another place");
  faults.error("a", at(2, 2), "another place");  // the same again
  faults.error("a", at(2, 2), "another text");
  faults.error("c", {}, "nowhere");
  faults.error("c", {}, "nowhere");
  faults.tell_copies_once();
  std::vector<std::string> told;
  for (const Diagnostic& d : faults.list) told.push_back(d.what);
  EXPECT_EQ(told, (std::vector<std::string>{"in the first", "another fault", "another place", "another text", "nowhere",
                                            "nowhere"}));
}

}  // namespace
}  // namespace kiln
