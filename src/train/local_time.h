#pragma once

#include <string>

namespace kiln {

/// Now, in the time zone of the machine, in a format of strftime: "%H:%M:%S". At most 31 characters.
std::string local_time(const char* format);

}  // namespace kiln
