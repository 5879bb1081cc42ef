#include "train/log.h"

#include <fmt/format.h>

#include "train/local_time.h"
#include "train/output_folder.h"

namespace kiln {
namespace {

/// Each line of the text with the prefix, so that every line of the file says when and how bad.
std::string prefixed(const char* level, const std::string& text) {
  const std::string prefix = fmt::format("[{}][{}] - ", local_time("%Y-%m-%d %H:%M:%S"), level);
  std::string lines = prefix;
  for (char c : text) {
    lines += c;
    if (c == '\n') lines += prefix;
  }
  return lines + "\n";
}

}  // namespace

RunLog::~RunLog() { clear_progress(); }

void RunLog::open(const std::string& path) {
  path_ = path;
  file_.open(path);
  append(file_, path_, before_open_);
  before_open_.clear();
}

void RunLog::line(const char* level, const std::string& text) {
  clear_progress();
  const std::string lines = prefixed(level, text);
  out_ << lines << std::flush;
  to_file(lines);
}

void RunLog::error(const std::string& text) {
  clear_progress();
  file_ << prefixed("ERROR", text) << std::flush;  // whether it succeeds or not: the error itself is told
}

void RunLog::to_file(const std::string& lines) {
  if (path_.empty())
    before_open_ += lines;
  else
    append(file_, path_, lines);
}

void RunLog::progress(const std::string& text) {
  if (!terminal_) return;
  out_ << "\r" << text << "\x1b[K" << std::flush;
  progress_shown_ = true;
}

void RunLog::clear_progress() {
  if (progress_shown_) out_ << "\r\x1b[K" << std::flush;
  progress_shown_ = false;
}

}  // namespace kiln
