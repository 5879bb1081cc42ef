#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/files.h"
#include "train/csv.h"
#include "train/log.h"
#include "train/output_folder.h"
#include "train/progress.h"
#include "train/run_record.h"
#include "train/stop_signal.h"
#include "train/testing/temporary_folder.h"

namespace kiln {
namespace {

TEST(OutputFolder, EveryRunGetsItsOwn) {
  const TemporaryFolder folder;
  const std::string a = make_output_folder(), b = make_output_folder(), c = make_output_folder();
  EXPECT_NE(a, b);
  EXPECT_NE(b, c);
  EXPECT_EQ(a.rfind("outputs/20", 0), 0u) << a;
}

TEST(OutputFolder, WhatCannotBeMadeIsNamed) {
  const TemporaryFolder folder;
  TemporaryFolder::write("outputs", "a file");
  try {
    make_output_folder();
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::resources);
    EXPECT_EQ(e.diagnostics()[0].where.file.rfind("outputs/20", 0), 0u) << e.what();
  }
}

TEST(OutputFolder, NewestCheckpointIsFoundByItsTime) {
  const TemporaryFolder folder;
  EXPECT_EQ(newest_checkpoint(), "");
  namespace fs = std::filesystem;
  for (const char* run : {"outputs/2026-01-01/10-00-00", "outputs/2026-01-02/09-00-00", "outputs/2026-01-02/11-00-00"})
    fs::create_directories(run);
  TemporaryFolder::write("outputs/2026-01-01/10-00-00/checkpoint.kiln", "a");
  TemporaryFolder::write("outputs/2026-01-02/09-00-00/checkpoint.kiln", "b");
  fs::last_write_time("outputs/2026-01-02/09-00-00/checkpoint.kiln",
                      fs::last_write_time("outputs/2026-01-01/10-00-00/checkpoint.kiln") - std::chrono::hours(1));
  EXPECT_EQ(newest_checkpoint(), "outputs/2026-01-01/10-00-00/checkpoint.kiln");
}

TEST(OutputFolder, IndicesAreOneALine) {
  const TemporaryFolder folder;
  write_indices(".", {{0, 2, 5}, {1}, {}});
  EXPECT_EQ(read_file("indices/training.txt"), "0\n2\n5\n");
  EXPECT_EQ(read_file("indices/test.txt"), "");
}

TEST(Csv, NamesUnitsThenValues) {
  CsvTable table;
  EXPECT_EQ(append_row(table, {{"epoch", "", 1}, {"energy RMSE", "meV/atom", 0.25}}),
            "epoch,energy RMSE\n,meV/atom\n1,0.25\n");
  EXPECT_EQ(append_row(table, {{"epoch", "", 2}, {"energy RMSE", "meV/atom", 0.125}}), "2,0.125\n");
  EXPECT_EQ(table.text, "epoch,energy RMSE\n,meV/atom\n1,0.25\n2,0.125\n");
}

TEST(RunLog, FileEqualsTheStream) {
  const TemporaryFolder folder;
  std::ostringstream out;
  {
    RunLog log(out, false);
    log.info("before the file is open");
    log.open("train.log");
    log.warning("two\nlines");
    log.progress("not shown where there is no terminal");
  }
  EXPECT_EQ(read_file("train.log"), out.str());
  EXPECT_NE(out.str().find("][INFO] - before"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("][WARNING] - lines\n"), std::string::npos) << out.str();
}

TEST(RunLog, AFullDiskIsAnError) {
  std::ostringstream out;
  RunLog log(out, false);
  log.info("before");
  try {
    log.open("/dev/full");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::resources);
    EXPECT_EQ(e.diagnostics()[0].where.file, "/dev/full");
  }
  EXPECT_THROW(log.info("after"), Error);
  EXPECT_NO_THROW(log.error("what the run ends with"));
}

TEST(RunLog, ProgressStaysOutOfTheFile) {
  const TemporaryFolder folder;
  std::ostringstream out;
  RunLog log(out, true);
  log.open("train.log");
  log.progress("[##..]");
  log.info("done");
  EXPECT_NE(out.str().find("\r[##..]"), std::string::npos);
  EXPECT_EQ(read_file("train.log").find("##"), std::string::npos);
}

TEST(Progress, TellsRateAndTimeLeft) {
  Progress p(50, 100);
  p.advance(25);
  EXPECT_GT(p.rate(), 0.0);
  const std::string bar = p.bar(3, 4);
  EXPECT_NE(bar.find("[######################........] epoch 3/4"), std::string::npos) << bar;
  EXPECT_NE(bar.find("ETA 0:00"), std::string::npos) << bar;
  EXPECT_EQ(duration_text(133), "2:13");
  EXPECT_EQ(duration_text(3733), "1:02:13");
}

TEST(RunRecord, DifferencesAreNamed) {
  const RunRecord record = make_record(2, "libtorch");
  EXPECT_TRUE(differences(record, record).empty());
  const auto texts = differences(record, make_record(4, "libtorch"));
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0], "threads: 2 before, 4 now");
}

TEST(StopSignal, IsRememberedAndTheHandlersComeBack) {
  struct sigaction before {
  }, after{};
  sigaction(SIGTERM, nullptr, &before);
  {
    const StopSignal guard;
    EXPECT_FALSE(StopSignal::received());
    raise(SIGTERM);
    EXPECT_TRUE(StopSignal::received());
    EXPECT_STREQ(StopSignal::name(), "SIGTERM");
  }
  sigaction(SIGTERM, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace kiln
