#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kiln {

/// How far a run is and how long it will take: counts structures that were trained on.
class Progress {
 public:
  Progress(std::int64_t done, std::int64_t total) : first_(done), done_(done), total_(total) {}

  void advance(std::int64_t n) { done_ += n; }
  double seconds() const;    ///< since the start
  double rate() const;       ///< structures per second; 0 before the first
  double remaining() const;  ///< s
  /// Not more often than ten times a second.
  bool due();
  /// "[#######.......] epoch 12/100  850 structures/s  ETA 2:13"
  std::string bar(std::int64_t epoch, std::int64_t n_epochs) const;

 private:
  using Clock = std::chrono::steady_clock;
  std::int64_t first_, done_, total_;
  Clock::time_point start_ = Clock::now(), last_shown_ = start_;
};

/// "2:13", "1:02:13".
std::string duration_text(double seconds);

}  // namespace kiln
