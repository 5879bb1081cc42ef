#pragma once

#include "kiln/error.h"

/// Faults are told as Error; an internal one is a mistake of the program, as any other exception is.
template <class Action>
void allow_faults(const Action& action) {
  try {
    action();
  } catch (const kiln::Error& error) {
    if (error.kind() == kiln::ErrorKind::internal) throw;
  }
}
