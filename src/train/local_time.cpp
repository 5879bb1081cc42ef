#include "train/local_time.h"

#include <ctime>

namespace kiln {

std::string local_time(const char* format) {
  const std::time_t t = std::time(nullptr);
  std::tm local{};
  localtime_r(&t, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

}  // namespace kiln
