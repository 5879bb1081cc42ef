#pragma once

#include <fstream>
#include <ostream>
#include <string>

namespace kiln {

/// The log of a run: the same lines go to a stream and, from open() on with all that came before, to train.log. A
/// progress line goes to the stream only, where it is a terminal. A log that cannot be written is an Error of kind
/// resources.
class RunLog {
 public:
  RunLog(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}
  ~RunLog();

  void open(const std::string& path);
  void info(const std::string& text) { line("INFO", text); }
  void warning(const std::string& text) { line("WARNING", text); }
  /// To the file only, as far as it can be written: the door that catches the error shows it to the user.
  void error(const std::string& text);
  /// Replaces the line at the bottom of the terminal.
  void progress(const std::string& text);

 private:
  void line(const char* level, const std::string& text);
  void to_file(const std::string& lines);
  void clear_progress();

  std::ostream& out_;
  bool terminal_;
  bool progress_shown_ = false;
  std::string before_open_;
  std::string path_;  ///< of file_; "" before open()
  std::ofstream file_;
};

}  // namespace kiln
