#include "engines/torch/parallel_tasks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <system_error>

namespace kiln {
namespace {

/// Of a system that has two threads to give.
class ScarceThread {
 public:
  template <class Function>
  ScarceThread(const Function& function, int k) {
    if (k > 2) throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    thread_ = std::thread(function, k);
  }
  void join() { thread_.join(); }

 private:
  std::thread thread_;
};

template <class Thread>
void expect_each_once(int n) {
  std::vector<std::atomic<int>> runs(n);
  run_in_threads<Thread>(n, [&](int k) { ++runs[k]; });
  for (int k = 0; k < n; ++k) EXPECT_EQ(runs[k], 1) << k;
}

TEST(ParallelTasks, EachRunsOnce) {
  for (const int n : {1, 2, 7}) expect_each_once<std::thread>(n);
}

TEST(ParallelTasks, WithoutThreadsTheCallerRunsTheRest) { expect_each_once<ScarceThread>(7); }

TEST(ParallelTasks, TheFirstFailureIsThrownWhenAllAreDone) {
  std::atomic<int> n_done{0};
  try {
    run_in_threads<ScarceThread>(6, [&](int k) {
      ++n_done;
      if (k == 2 || k == 4) throw std::runtime_error(std::to_string(k));
    });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "2");
  }
  EXPECT_EQ(n_done, 6);
}

}  // namespace
}  // namespace kiln
