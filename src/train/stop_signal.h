#pragma once

#include <csignal>

namespace kiln {

/// While it lives, SIGINT and SIGTERM only set a flag; the handlers of before come back with the destructor. A second
/// signal ends the program as it would have without this.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool received();
  static const char* name();  ///< "SIGTERM"

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace kiln
