#include "graph/input_role.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

struct Read {
  Diagnostics faults;
  InputRole role;
};

Read read(const std::string& name, const std::string& value) {
  Read result;
  const Yaml node = parse_yaml(value, "m.yaml", result.faults);
  const InputSpec input{name, node, {}};
  result.role = read_input_role(input, result.faults);
  compare_shape(input, result.role, result.faults);
  return result;
}

std::string codes(const std::string& name, const std::string& value) {
  std::string text;
  for (const Diagnostic& d : read(name, value).faults.list) {
    text += (text.empty() ? "" : " ") + std::string(d.severity == Severity::warning ? "w:" : "") + d.code;
  }
  return text;
}

TEST(InputRole, ByName) {
  const std::pair<const char*, Meaning> known[] = {{"species", Meaning::species},
                                                   {"z", Meaning::species},
                                                   {"coords", Meaning::positions},
                                                   {"pos", Meaning::positions},
                                                   {"positions", Meaning::positions},
                                                   {"edge_index", Meaning::edge_index},
                                                   {"edge_index0", Meaning::edge_index},
                                                   {"shift", Meaning::shift},
                                                   {"shifts", Meaning::shift},
                                                   {"contributions", Meaning::structure},
                                                   {"batch", Meaning::structure},
                                                   {"x", Meaning::plain},
                                                   {"atomic_numbers", Meaning::atomic_numbers}};
  for (const auto& [name, meaning] : known) EXPECT_EQ(read(name, "a comment").role.type.meaning, meaning) << name;
}

TEST(InputRole, AGivenRoleStandsOverTheName) {
  EXPECT_EQ(read("species", "{role: free}").role.type.meaning, Meaning::plain);
  EXPECT_EQ(read("my_atoms", "{role: positions}").role.type.meaning, Meaning::positions);
  EXPECT_EQ(codes("a", "{role: spieces}"), "unknown-role");
  EXPECT_NE(read("a", "{role: spieces}").faults.list[0].hint.find("species"), std::string::npos);
}

TEST(InputRole, Edges) {
  const InputRole role = read("e", "{role: edges, cutoff: 4.5, directed: true, receiver: 1}").role;
  EXPECT_EQ(role.cutoff, 4.5);
  EXPECT_EQ(role.receiver, 1);
  EXPECT_EQ(read("e", "{role: edges, directed: true, receiver: '1'}").role.receiver, 1);
  EXPECT_TRUE(read("e", "{role: edges, storage: half}").role.half);
  EXPECT_EQ(codes("e", "{role: edges, cutoff: -1}"), "bad-value");
  EXPECT_EQ(codes("e", "{role: edges, storage: all, cutof: 3}"), "unknown-key bad-value");
  EXPECT_EQ(codes("e", "{role: edges, directed: true}"), "bad-value");
  EXPECT_EQ(codes("pos", "{cutoff: 3.0}"), "unknown-key");
}

TEST(InputRole, ShapesInCommentsWarnAndGivenOnesAreErrors) {
  EXPECT_EQ(shape_from_text("Tensor (N,3)"), (std::vector<std::string>{"N", "3"}));
  EXPECT_EQ(shape_from_text("(N, 16)"), (std::vector<std::string>{"N", "16"}));
  EXPECT_TRUE(shape_from_text("positions (in Å) of atoms").empty());
  EXPECT_TRUE(shape_from_text("the atoms (N,3)").empty());
  EXPECT_EQ(codes("pos", "'Tensor (N,3)'"), "");
  EXPECT_EQ(codes("contributions", "'Tensor (N,)'"), "");
  EXPECT_EQ(codes("pos", "'Tensor (N,4)'"), "w:bad-shape");
  EXPECT_EQ(codes("pos", "{shape: [N, 4]}"), "bad-shape");
  EXPECT_NE(read("z", "{shape: [N, 4]}").faults.list.at(0).hint.find("role: free"), std::string::npos);
  EXPECT_EQ(codes("z", "{shape: [N, 4], role: free}"), "");
  EXPECT_EQ(codes("pos", "{shape: [N, 3]}"), "");
  EXPECT_EQ(codes("pos", "{shape: N}"), "bad-shape");
  EXPECT_EQ(codes("pos", "[N, 4]"), "w:bad-shape");
  EXPECT_EQ(codes("pos", "{shape: [N, 0]}"), "bad-shape");
  EXPECT_EQ(read("x", "{shape: [N, 0]}").faults.list.at(0).what,
            "model input 'x': '0' in 'shape' is neither a size nor a symbol");
  EXPECT_EQ(read("x", "{shape: [N, 0]}").faults.list.at(0).where.column, 13);
  EXPECT_EQ(to_string(read("x", "{shape: [N, 16]}").role.type.shape), "(N, 16)");
}

TEST(InputRole, AnyValueButAMappingIsAComment) {
  for (const char* comment : {"3", "1.5", "true", "[1, two words]", "[]", "[[N]]", "a comment"}) {
    EXPECT_EQ(codes("x", comment), "") << comment;
    EXPECT_FALSE(read("x", comment).role.type.shape.known) << comment;
  }
  EXPECT_EQ(to_string(read("x", "[N, 16]").role.type.shape), "(N, 16)");
  EXPECT_TRUE(is_shaped_by_comment(read("x", "[N, 16]").role));
}

}  // namespace
}  // namespace kiln
