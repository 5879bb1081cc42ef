#pragma once

#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace kiln {

/// Runs task(0) … task(n - 1), n >= 1, each in a thread of its own, the first in the caller's; tasks for which the
/// system has no more threads run in the caller's, too. Returns when all are done and throws what the first failed one
/// threw.
template <class Thread = std::thread>
void run_in_threads(int n, const std::function<void(int)>& task) {
  std::vector<std::exception_ptr> failures(n);
  const auto guarded = [&](int k) {
    try {
      task(k);
    } catch (...) {
      failures[k] = std::current_exception();
    }
  };
  std::vector<Thread> threads;
  threads.reserve(n);
  try {
    for (int k = 1; k < n; ++k) threads.emplace_back(guarded, k);
  } catch (...) {  // no more threads: the rest runs here
  }
  guarded(0);
  for (int k = static_cast<int>(threads.size()) + 1; k < n; ++k) guarded(k);
  for (Thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace kiln
