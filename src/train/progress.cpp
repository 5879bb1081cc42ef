#include "train/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kiln {

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

double Progress::rate() const {
  const double s = seconds();
  return s > 0.0 ? static_cast<double>(done_ - first_) / s : 0.0;
}

double Progress::remaining() const {
  const double r = rate();
  return r > 0.0 ? static_cast<double>(total_ - done_) / r : 0.0;
}

bool Progress::due() {
  const Clock::time_point now = Clock::now();
  if (now - last_shown_ < std::chrono::milliseconds(100)) return false;
  last_shown_ = now;
  return true;
}

std::string Progress::bar(std::int64_t epoch, std::int64_t n_epochs) const {
  constexpr int kWidth = 30;
  const int filled = total_ > 0 ? static_cast<int>(kWidth * std::min(done_, total_) / total_) : kWidth;
  return fmt::format("[{:#<{}}{:.<{}}] epoch {}/{}  {:.0f} structures/s  ETA {}", "", filled, "", kWidth - filled,
                     epoch, n_epochs, rate(), duration_text(remaining()));
}

std::string duration_text(double seconds) {
  const auto s = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

}  // namespace kiln
