#include "structure/extended_xyz.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "base/rng.h"

namespace kiln {
namespace {

std::vector<Frame> read_all(const std::string& content) {
  std::istringstream in(content);
  ExtendedXyzReader reader(in, "a.xyz");
  std::vector<Frame> frames;
  for (Frame frame; reader.read(frame);) frames.push_back(frame);
  return frames;
}

/// Two atoms with the given comment line.
Frame with_comment(const std::string& comment) { return read_all("1\n" + comment + "\nSi 1 2 3\n").at(0); }

const std::string kCube = "Lattice=\"2 0 0 0 3 0 0 0 4\" ";

void expect_fault(const std::string& content, int frame, int line, const std::string& code, const std::string& says) {
  try {
    read_all(content);
    ADD_FAILURE() << content;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    ASSERT_EQ(error.diagnostics().size(), 1u);
    const Diagnostic& fault = error.diagnostics().front();
    EXPECT_EQ(fault.code, code) << error.what();
    EXPECT_EQ(fault.where.file, "a.xyz");
    EXPECT_EQ(fault.where.line, line) << error.what();
    EXPECT_EQ(fault.what.find("frame " + std::to_string(frame) + ":"), 0u) << error.what();
    EXPECT_NE(to_string(fault).find(says), std::string::npos) << error.what();
  }
}

TEST(ExtendedXyz, ReadsFramesOneByOne) {
  const auto frames = read_all(
      "2\n"
      "energy=-1.5 Lattice=\"5 0 0 0.5 6 0 0 0 7\" "
      "Properties=forces:R:3:species:S:1:tag:I:1:pos:R:3:fixed:L:1:label:S:2\n"
      "0.1 0.2 0.3 Si 7 1 2 3 T a b\n"
      "  -1e-1\t0 0   O -7 4.5 5E0 +6 F c d  \n"
      "\n"
      "1\n"
      "\n"
      "H 0 0 0\n"
      "\n");
  ASSERT_EQ(frames.size(), 2u);
  const Frame& a = frames[0];
  EXPECT_EQ(a.structure.atomic_numbers, (std::vector<int>{14, 8}));
  EXPECT_EQ(a.structure.positions[1], (std::array<double, 3>{4.5, 5, 6}));
  EXPECT_EQ(a.structure.cell, (std::array<double, 9>{5, 0, 0, 0.5, 6, 0, 0, 0, 7}));
  EXPECT_EQ(a.structure.periodic, (std::array<bool, 3>{true, true, true}));
  EXPECT_EQ(a.properties.at("forces").numbers, (std::vector<double>{0.1, 0.2, 0.3, -0.1, 0, 0}));
  EXPECT_EQ(a.properties.at("tag").numbers, (std::vector<double>{7, -7}));
  EXPECT_EQ(a.properties.at("fixed").numbers, (std::vector<double>{1, 0}));
  EXPECT_EQ(a.properties.at("label").texts, (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(a.properties.size(), 4u);
  EXPECT_EQ(a.info, (std::vector<std::pair<std::string, std::string>>{{"energy", "-1.5"}}));
  EXPECT_EQ(a.line, 1);
  EXPECT_EQ(frames[1].line, 6);
  EXPECT_EQ(frames[1].index, 1);
  EXPECT_EQ(frames[1].structure.atomic_numbers, (std::vector<int>{1}));
  EXPECT_EQ(frames[1].structure.periodic, (std::array<bool, 3>{}));
  EXPECT_TRUE(frames[1].properties.empty());
}

TEST(ExtendedXyz, ByteOrderMarkCarriageReturnsMissingLastLineEnd) {
  const auto frames = read_all(
      "\xEF\xBB\xBF"
      "1\r\npbc=\"F F F\" name=\"x y\"\r\nSi 1 2 3\r\n1\r\n\r\nH 0 0 0.5");
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(*frames[0].find_info("name"), "x y");
  EXPECT_EQ(frames[1].structure.positions[0][2], 0.5);
  EXPECT_EQ(frames[1].line, 4);
  EXPECT_TRUE(read_all("").empty());
  EXPECT_TRUE(read_all("\n \n\n").empty());
  EXPECT_EQ(read_all("0\n\n").at(0).structure.n_atoms(), 0);
}

TEST(ExtendedXyz, LongLinesAreReadWhole) {
  for (const std::size_t n : {4080, 4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097, 8190, 8191, 8192, 100000}) {
    const std::string value(n, 'x');
    for (const char* end : {"\n", "\r\n"}) {
      const auto frames = read_all("1\nk=" + value + end + "Si 1 2 3" + end + "1\nk=" + value + end + "Si 1 2 3");
      ASSERT_EQ(frames.size(), 2u);
      EXPECT_TRUE(*frames[0].find_info("k") == value && *frames[1].find_info("k") == value) << n;
    }
  }
}

/// A stream of blanks.
struct EndlessBuffer : std::streambuf {
  char blanks[64] = {};
  EndlessBuffer() { std::fill(std::begin(blanks), std::end(blanks), ' '); }
  int_type underflow() override {
    setg(blanks, blanks, std::end(blanks));
    return ' ';
  }
};

TEST(ExtendedXyz, ALineWithoutEndIsAFault) {
  EndlessBuffer buffer;
  std::istream endless(&buffer);
  Frame frame;
  try {
    ExtendedXyzReader(endless, "a.xyz").read(frame);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.diagnostics().at(0).code, "long-line");
    EXPECT_EQ(error.diagnostics().at(0).where.line, 1);
  }
}

TEST(ExtendedXyz, CommentDialects) {
  const Frame frame = with_comment(
      "a=1 \"b c\"=2 d=\"quoted \\\"text\\\"\" e='single' f=[1, 2, [3]] g={4 5} h=_JSON [1.0, [2]] i=\"_JSON [3, 4]\" "
      "<R2>=5.5 j k = 6 "
      "l=\"\" m=x=y n=\"back\\\\slash\" o=\"two\\nlines\"");
  const std::pair<const char*, const char*> expected[] = {{"a", "1"},
                                                          {"b c", "2"},
                                                          {"d", "quoted \"text\""},
                                                          {"e", "single"},
                                                          {"f", "[1, 2, [3]]"},
                                                          {"g", "{4 5}"},
                                                          {"h", "_JSON [1.0, [2]]"},
                                                          {"i", "_JSON [3, 4]"},
                                                          {"<R2>", "5.5"},
                                                          {"j", "T"},
                                                          {"k", "6"},
                                                          {"l", ""},
                                                          {"m", "x=y"},
                                                          {"n", "back\\slash"},
                                                          {"o", "two\nlines"}};
  ASSERT_EQ(frame.info.size(), std::size(expected));
  for (std::size_t k = 0; k < std::size(expected); ++k) {
    EXPECT_EQ(frame.info[k].first, expected[k].first);
    EXPECT_EQ(frame.info[k].second, expected[k].second);
  }
  EXPECT_EQ(info_numbers(frame, "a"), (std::vector<double>{1}));
  EXPECT_EQ(info_numbers(frame, "f"), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(info_numbers(frame, "g"), (std::vector<double>{4, 5}));
  EXPECT_EQ(info_numbers(frame, "h"), (std::vector<double>{1, 2}));
  EXPECT_EQ(info_numbers(frame, "i"), (std::vector<double>{3, 4}));
  EXPECT_EQ(*with_comment("made by hand").find_info("comment"), "made by hand");
}

TEST(ExtendedXyz, PeriodicityDialects) {
  using P = std::array<bool, 3>;
  EXPECT_EQ(with_comment(kCube).structure.periodic, (P{true, true, true}));
  EXPECT_EQ(with_comment(kCube + "pbc=\"T F T\"").structure.periodic, (P{true, false, true}));
  EXPECT_EQ(with_comment(kCube + "PBC=\"1 1 0\"").structure.periodic, (P{true, true, false}));
  EXPECT_EQ(with_comment(kCube + "pbc=[True, False, False]").structure.periodic, (P{true, false, false}));
  EXPECT_EQ(with_comment(kCube + "pbc=F").structure.periodic, (P{}));
  EXPECT_EQ(with_comment("pbc=\"F F F\"").structure.periodic, (P{}));
  EXPECT_EQ(with_comment("energy=1").structure.periodic, (P{}));
}

TEST(ExtendedXyz, AtomicNumbersInsteadOfSymbols) {
  EXPECT_EQ(read_all("1\nProperties=Z:I:1:pos:R:3\n14 0 0 0\n")[0].structure.atomic_numbers[0], 14);
  EXPECT_EQ(read_all("1\n\n14 0 0 0\n")[0].structure.atomic_numbers[0], 14);
  const Frame both = read_all("1\nProperties=species:S:1:Z:I:1:pos:R:3\nSi 14 0 0 0\n")[0];
  EXPECT_EQ(both.properties.at("Z").numbers[0], 14);
}

TEST(ExtendedXyz, FaultsHaveFileLineAndFrame) {
  const std::string good = "1\n\nSi 0 0 0\n";
  expect_fault(good + "3\n\nSi 0 0 0\nSi 1 1 1\n", 1, 7, "truncated", "after 2 of 3 atoms");
  expect_fault("5\n", 0, 1, "truncated", "before the comment line");
  expect_fault("2147483647\n\nSi 0 0 0\n", 0, 3, "truncated", "after 1 of 2147483647");
  expect_fault("3\n\nSi 0 0 0\n" + good, 0, 4, "bad-columns", "1 columns");
  expect_fault("1\n\nSi 0 0 0\nSi 1 1 1\n", 1, 4, "bad-count", "line 1");
  expect_fault("Si 0 0 0\n", 0, 1, "bad-count", "number of atoms");
  expect_fault("-1\n\n", 0, 1, "bad-count", "out of range");
  expect_fault("99999999999\n\n", 0, 1, "bad-count", "out of range");
  expect_fault("1.0\n\nSi 0 0 0\n", 0, 1, "bad-count", "number of atoms");
  expect_fault(good + "1\n\nSi 0 nan 0\n", 1, 6, "not-finite", "nan");
  expect_fault("1\nProperties=species:S:1:pos:R:3:f:R:1\nSi 0 0 0 inf\n", 0, 3, "not-finite", "'f' is inf");
  expect_fault("1\n\nSi 0 0 1e999\n", 0, 3, "bad-value", "1e999");
  expect_fault("1\n\nSi 0 0 x\n", 0, 3, "bad-value", "'x', not a number");
  expect_fault("1\n\nSi 0 0 1,5\n", 0, 3, "bad-value", "1,5");
  expect_fault("1\nProperties=species:S:1:pos:R:3:n:I:1\nSi 0 0 0 1.5\n", 0, 3, "bad-value", "not an integer");
  expect_fault("1\nProperties=species:S:1:pos:R:3:n:L:1\nSi 0 0 0 2\n", 0, 3, "bad-value", "not T or F");
  expect_fault("1\n\nXx 0 0 0\n", 0, 3, "unknown-element", "'Xx'");
  expect_fault("1\n\nsi 0 0 0\n", 0, 3, "unknown-element", "'si'");
  expect_fault("1\n\n119 0 0 0\n", 0, 3, "unknown-element", "'119'");
  expect_fault("1\n\nSi 0 0\n", 0, 3, "bad-columns", "3 columns");
  expect_fault("1\n\nSi 0 0 0 0\n", 0, 3, "bad-columns", "5 columns");
  expect_fault("2\n\nSi 0 0 0\n\nSi 1 1 1\n", 0, 4, "bad-columns", "0 columns");
}

TEST(ExtendedXyz, FaultsOfTheCommentLine) {
  const auto expect_comment_fault = [](const std::string& comment, const std::string& code, const std::string& says) {
    expect_fault("1\n" + comment + "\nSi 0 0 0\n", 0, 2, code, says);
  };
  expect_comment_fault("Properties=species:S:1:pos:R:3:f:R:1:f:R:1", "duplicate-property", "'f'");
  expect_comment_fault("Properties=species:S:1:pos:R:3:pos:R:3", "duplicate-property", "'pos'");
  expect_comment_fault("Properties=species:S:1:pos:R", "bad-properties", "triples");
  expect_comment_fault("Properties=species:S:1:pos:X:3", "bad-properties", "'X'");
  expect_comment_fault("Properties=species:S:1:pos:R:x", "bad-properties", "'x'");
  expect_comment_fault("Properties=species:S:1:pos:R:0", "bad-properties", "'0'");
  expect_comment_fault("Properties=species:S:1:pos:R:2", "bad-properties", "pos:R:3");
  expect_comment_fault("Properties=species:S:1", "bad-properties", "no positions");
  expect_comment_fault("Properties=pos:R:3", "bad-properties", "no species");
  expect_comment_fault("Properties=", "bad-properties", "triples");
  expect_comment_fault("energy=1 energy=2", "duplicate-key", "'energy'");
  expect_comment_fault("pbc=F PBC=F", "duplicate-key", "'PBC'");
  expect_comment_fault("Lattice=\"1 0 0 0 1 0 0 0\"", "bad-lattice", "nine");
  expect_comment_fault("Lattice=\"1 0 0 0 1 0 0 0 nan\"", "bad-lattice", "nine");
  expect_comment_fault("Lattice=\"1 0 0 0 1 0 0 0 x\"", "bad-lattice", "nine");
  expect_comment_fault("Lattice=\"1 0 0 0 1 0 1 1 0\"", "flat-cell", "no volume");
  expect_comment_fault("Lattice=\"1 0 0 0 1 0 0 0 0\" pbc=\"T T F\"", "flat-cell", "no volume");
  expect_comment_fault("pbc=\"T F F\"", "flat-cell", "no Lattice");
  expect_comment_fault("pbc=\"T T\"", "bad-pbc", "T T");
  expect_comment_fault("pbc=maybe", "bad-pbc", "maybe");
  expect_comment_fault("name=\"open", "unclosed-quote", "not closed");
  expect_comment_fault("name=[1, [2]", "unclosed-bracket", "not closed");
  expect_comment_fault("=1", "bad-comment", "key is missing");
}

TEST(ExtendedXyz, NumbersOfInfoNameTheKeyAndTheOthers) {
  const Frame frame = with_comment("Energy=\"-277.04\" stress=\"1 2 x\" bad=nan empty=\"\"");
  EXPECT_EQ(info_numbers(frame, "Energy"), (std::vector<double>{-277.04}));
  const auto fault = [&](const char* key) -> std::string {
    try {
      info_numbers(frame, key);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(fault("energy").find("Energy, stress"), std::string::npos) << fault("energy");
  EXPECT_NE(fault("energy").find("a.xyz:2:1"), std::string::npos) << fault("energy");
  EXPECT_NE(fault("stress").find("'1 2 x'"), std::string::npos);
  EXPECT_NE(fault("bad").find("nan"), std::string::npos);
  EXPECT_NE(fault("empty"), "");
}

Frame random_frame(Rng& rng) {
  Frame frame;
  const std::size_t n = rng.below(6);
  const auto number = [&] { return rng.normal() * std::pow(10.0, static_cast<double>(rng.below(40)) - 20.0); };
  for (std::size_t i = 0; i < n; ++i) {
    frame.structure.atomic_numbers.push_back(1 + static_cast<int>(rng.below(118)));
    frame.structure.positions.push_back({number(), number(), number()});
  }
  if (rng.below(2)) frame.structure.cell = {1 + rng.uniform(), 0.1, 0, 0, 2 + rng.uniform(), 0, 0, rng.normal(), -3};
  if (frame.structure.cell[0] != 0)
    frame.structure.periodic = {rng.below(2) == 1, rng.below(2) == 1, rng.below(2) == 1};
  const char* texts[] = {"x", "", "two words", "a\"b", "c\\d", "[1, 2]", "it's", "k=v", "line\nend", "{1}", "T", "ä,b"};
  for (int k = 0; k < 4; ++k) frame.info.emplace_back("key " + std::to_string(k), texts[rng.below(std::size(texts))]);
  AtomProperty forces{'R', 3, {}, {}}, tags{'I', 1, {}, {}}, flags{'L', 2, {}, {}}, labels{'S', 1, {}, {}};
  for (std::size_t i = 0; i < n; ++i) {
    for (int k = 0; k < 3; ++k) forces.numbers.push_back(number());
    tags.numbers.push_back(static_cast<double>(rng.below(1000)) - 500.0);
    for (int k = 0; k < 2; ++k) flags.numbers.push_back(static_cast<double>(rng.below(2)));
    labels.texts.push_back("a" + std::to_string(i));
  }
  frame.properties = {{"forces", forces}, {"tags", tags}, {"flags", flags}, {"labels", labels}};
  return frame;
}

TEST(ExtendedXyz, WrittenFramesReadBackTheSame) {
  Rng rng(1, "frames");
  std::ostringstream out;
  std::vector<Frame> written;
  for (int k = 0; k < 200; ++k) {
    written.push_back(random_frame(rng));
    write_extended_xyz(out, written.back());
  }
  const std::vector<Frame> read = read_all(out.str());
  ASSERT_EQ(read.size(), written.size());
  for (std::size_t k = 0; k < read.size(); ++k) {
    EXPECT_EQ(read[k].structure.atomic_numbers, written[k].structure.atomic_numbers);
    EXPECT_EQ(read[k].structure.positions, written[k].structure.positions);
    EXPECT_EQ(read[k].structure.cell, written[k].structure.cell);
    EXPECT_EQ(read[k].structure.periodic, written[k].structure.periodic);
    EXPECT_EQ(read[k].info, written[k].info);
    for (const auto& [name, property] : written[k].properties) {
      EXPECT_EQ(read[k].properties.at(name).numbers, property.numbers);
      EXPECT_EQ(read[k].properties.at(name).texts, property.texts);
      EXPECT_EQ(read[k].properties.at(name).type, property.type);
      EXPECT_EQ(read[k].properties.at(name).n_columns, property.n_columns);
    }
  }
}

TEST(ExtendedXyz, WriterRefusesWhatCannotBeReadBack) {
  Rng rng(2, "frames");
  const auto refuses = [](const Frame& frame) {
    std::ostringstream out;
    EXPECT_THROW(write_extended_xyz(out, frame), Error);
  };
  Frame frame = with_comment("a=1");
  frame.properties["f"] = {'R', 1, {std::numeric_limits<double>::quiet_NaN()}, {}};
  refuses(frame);
  frame.properties["f"] = {'R', 1, {}, {}};
  refuses(frame);
  frame.properties["f"] = {'S', 1, {}, {"two words"}};
  refuses(frame);
  frame.properties.clear();
  frame.properties["a:b"] = {'R', 1, {1}, {}};
  refuses(frame);
}

TEST(ExtendedXyz, DamagedFilesNeverCrash) {
  Rng rng(4, "damage");
  std::ostringstream out;
  for (int k = 0; k < 3; ++k) write_extended_xyz(out, random_frame(rng));
  const std::string good = out.str();
  const auto read_or_refuse = [](const std::string& content) {
    try {
      read_all(content);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
    }
  };
  for (std::size_t n = 0; n < good.size(); ++n) {
    read_or_refuse(good.substr(0, n));
    std::string damaged = good;
    damaged[n] = static_cast<char>(rng.below(256));
    damaged[rng.below(good.size())] = " \n\t\"=[]:\\9"[rng.below(10)];
    read_or_refuse(damaged);
  }
}

TEST(ExtendedXyz, UnreadableFilesAreNamed) {
  for (const char* path : {"/no/such/file.xyz", "/tmp"}) {
    try {
      read_extended_xyz(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
    }
  }
}

TEST(ExtendedXyz, ErrorsGetTheFrameOrItsAtomUnlessTheirPlaceIsKnown) {
  const Frame frame = read_all("1\n\nH 0 0 0\n1\nenergy=1\nSi 1 2 3\n").at(1);
  Diagnostic of_frame, of_atom, elsewhere;
  of_frame.what = of_atom.what = elsewhere.what = "wrong";
  of_atom.atom = 0;
  elsewhere.where = {"b.yaml", 7, 3, 1, ""};
  const auto list = in_frame(Error(ErrorKind::data, {of_frame, of_atom, elsewhere}), frame).diagnostics();
  EXPECT_EQ(list[0].where.line, 4);
  EXPECT_EQ(list[0].what, "frame 1: wrong");
  EXPECT_EQ(list[1].where.line, 6);
  EXPECT_EQ(list[2].where.file, "b.yaml");
  EXPECT_EQ(list[2].what, "wrong");
}

}  // namespace
}  // namespace kiln
