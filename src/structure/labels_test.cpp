#include "structure/labels.h"

#include <gtest/gtest.h>

#include <sstream>

namespace kiln {
namespace {

Frame frame_of(const std::string& text) {
  std::istringstream in(text);
  ExtendedXyzReader reader(in, "a.xyz");
  Frame frame, last;
  while (reader.read(frame)) last = frame;
  return last;
}

/// One atom with the given comment line, after another frame.
Frame with_comment(const std::string& comment) { return frame_of("1\n\nH 0 0 0\n1\n" + comment + "\nSi 1 2 3\n"); }

Diagnostic failure(const Frame& frame, const LabelKeys& keys = {}) {
  try {
    read_labels(frame, keys);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    return error.diagnostics().at(0);
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Labels, AreReadByTheirKeys) {
  const Frame frame = frame_of(
      "2\nProperties=species:S:1:pos:R:3:f:R:3:forces:R:3 E=-2.5 energy=7 virial=\"1 2 3 4 5 6 7 8 9\"\n"
      "Si 0 0 0 1 2 3 0 0 0\nC 1 1 1 4 5 6 0 0 0\n");
  const Labels labels = read_labels(frame, {"E", "f", "stress", "virial"});
  EXPECT_EQ(labels.energy, -2.5);
  EXPECT_EQ(labels.forces, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(labels.stress.empty());
  EXPECT_EQ(labels.virial, (std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const Labels none = read_labels(frame, {"", "", "", ""});
  EXPECT_FALSE(none.energy.has_value());
  EXPECT_TRUE(none.forces.empty() && none.stress.empty() && none.virial.empty());
}

TEST(Labels, SixNumbersAreXxYyZzYzXzXy) {
  const std::vector<double> xx_to_zz = {1, 6, 5, 6, 2, 4, 5, 4, 3};
  EXPECT_EQ(read_labels(with_comment("stress=\"1 2 3 4 5 6\""), {}).stress, xx_to_zz);
  EXPECT_EQ(read_labels(with_comment("virial=[1,2,3,4,5,6]"), {}).virial, xx_to_zz);
  EXPECT_EQ(read_labels(with_comment("stress=\"_JSON [[1,6,5],[6,2,4],[5,4,3]]\""), {}).stress, xx_to_zz);
}

TEST(Labels, WrongOnesAreErrorsWithTheirFrame) {
  const Diagnostic fault = failure(with_comment("stress=\"1 2 3\""));
  EXPECT_EQ(fault.code, "wrong-count");
  EXPECT_EQ(fault.what, "frame 1: 'stress' has 3 numbers");
  EXPECT_NE(fault.hint.find("xx yy zz yz xz xy"), std::string::npos) << fault.hint;
  EXPECT_EQ(fault.where.file, "a.xyz");
  EXPECT_EQ(fault.where.line, 4);
  EXPECT_EQ(failure(with_comment("energy=\"1 2\"")).code, "wrong-count");
  EXPECT_EQ(failure(with_comment("energy=nan")).code, "not-finite");
  EXPECT_EQ(failure(with_comment("energy=none")).code, "bad-value");
  for (const char* column : {"forces:R:2", "forces:S:3", "forces:L:3"}) {
    const bool text = column[7] != 'R';
    const std::string head = "1\nProperties=species:S:1:pos:R:3:" + std::string(column) + "\nC 0 0 0 ";
    EXPECT_EQ(failure(frame_of(head + (text ? "T T T\n" : "1 1\n"))).code, "wrong-count") << column;
  }
}

TEST(KeysFound, HintAtTheRightOne) {
  KeysFound found;
  EXPECT_EQ(found.hint("energy"), "Found in the comment line: none; per atom: none.");
  found.add(with_comment("stress=\"1 2 3 4 5 6\" energy=1"));
  found.add(frame_of("1\nProperties=species:S:1:pos:R:3:forces:R:3:tag:I:1 name=x\nC 0 0 0 1 1 1 7\n"));
  EXPECT_EQ(found.hint("force"),
            "Did you mean 'forces'? Found in the comment line: energy, name, stress; per atom: forces, tag.");
}

}  // namespace
}  // namespace kiln
