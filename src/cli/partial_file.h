#pragma once

#include <fstream>
#include <string>

namespace kiln {

/// A file that is written piece by piece and appears under its name only when it is whole. Destroyed before `commit`,
/// it leaves nothing behind.
class PartialFile {
 public:
  explicit PartialFile(const std::string& path);  ///< throws Error of kind resources if it cannot be opened
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  std::ostream& stream() { return out_; }
  void commit();  ///< throws Error of kind resources if anything could not be written

 private:
  std::string path_, partial_;
  std::ofstream out_;
};

}  // namespace kiln
