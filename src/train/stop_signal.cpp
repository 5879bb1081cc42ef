#include "train/stop_signal.h"

namespace kiln {
namespace {

// A signal handler can reach nothing but a variable of static storage.
volatile std::sig_atomic_t received_signal = 0;

void remember(int signal) { received_signal = signal; }

}  // namespace

StopSignal::StopSignal() {
  received_signal = 0;
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool StopSignal::received() { return received_signal != 0; }

const char* StopSignal::name() { return received_signal == SIGTERM ? "SIGTERM" : "SIGINT"; }

}  // namespace kiln
