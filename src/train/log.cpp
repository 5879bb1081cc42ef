#include "train/log.h"

#include <fmt/format.h>

#include <ctime>

#include "kiln/error.h"

namespace kiln {
namespace {

std::string now() {
  const std::time_t t = std::time(nullptr);
  std::tm local{};
  localtime_r(&t, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

/// Each line of the text with the prefix, so that every line of the file says when and how bad.
std::string prefixed(const char* level, const std::string& text) {
  const std::string prefix = fmt::format("[{}][{}] - ", now(), level);
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
  file_.open(path);
  if (!file_) throw Error(ErrorKind::resources, "cannot-write", fmt::format("cannot write '{}'", path));
  file_ << before_open_ << std::flush;
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
  to_file(prefixed("ERROR", text));
}

void RunLog::to_file(const std::string& lines) {
  if (file_.is_open())
    file_ << lines << std::flush;
  else
    before_open_ += lines;
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
