#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace kiln {

/// For tests: a folder that is the working directory while this lives, and is gone afterwards.
struct TemporaryFolder {
  std::filesystem::path before = std::filesystem::current_path(), path;

  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "kiln-train-XXXXXX").string();
    path = mkdtemp(name.data());
    std::filesystem::current_path(path);
  }
  ~TemporaryFolder() {
    std::filesystem::current_path(before);
    std::filesystem::remove_all(path);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  static void write(const std::string& name, const std::string& text) { std::ofstream(name) << text; }
};

}  // namespace kiln
