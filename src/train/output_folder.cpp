#include "train/output_folder.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "kiln/error.h"
#include "train/local_time.h"

namespace kiln {
namespace {

namespace fs = std::filesystem;

std::string lines_of(const std::vector<std::int64_t>& frames) {
  return frames.empty() ? "" : fmt::format("{}\n", fmt::join(frames, "\n"));
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.is_directory(none)) folders.push_back(entry.path());
  return folders;
}

}  // namespace

std::string make_output_folder() {
  const fs::path day = fs::path("outputs") / local_time("%Y-%m-%d");
  const std::string time = local_time("%H-%M-%S");
  std::error_code error;
  fs::create_directories(day, error);
  for (int n = 0; !error && n < 1000; ++n) {
    const fs::path folder = day / (n == 0 ? time : fmt::format("{}.{}", time, n));
    if (fs::create_directory(folder, error)) return folder.string();  // false without error: it was there
  }
  throw Error(ErrorKind::resources, "cannot-write", SourcePos::whole_file(day.string()),
              "no folder can be made in it: " + error.message(), "Run where you may write.");
}

void write_indices(const std::string& folder, const Split& split) {
  const fs::path indices = fs::path(folder) / "indices";
  std::error_code error;
  fs::create_directories(indices, error);
  write_file_atomically((indices / "training.txt").string(), lines_of(split.training));
  write_file_atomically((indices / "validation.txt").string(), lines_of(split.validation));
  write_file_atomically((indices / "test.txt").string(), lines_of(split.test));
}

void append(std::ofstream& file, const std::string& path, const std::string& text) {
  file << text << std::flush;
  if (file) return;
  throw Error(ErrorKind::resources, "cannot-write", SourcePos::whole_file(path), "it cannot be written",
              "Is the disk full? The run goes on from its checkpoint with --restart.");
}

std::string newest_checkpoint() {
  fs::path newest;
  fs::file_time_type newest_time{};
  for (const fs::path& day : folders_in("outputs"))
    for (const fs::path& run : folders_in(day)) {
      std::error_code error;
      const fs::path checkpoint = run / "checkpoint.kiln";
      const auto time = fs::last_write_time(checkpoint, error);
      if (error || (!newest.empty() && time < newest_time)) continue;
      newest = checkpoint;
      newest_time = time;
    }
  return newest.string();
}

}  // namespace kiln
