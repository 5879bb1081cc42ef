#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/files.h"
#include "kiln/error.h"

namespace kiln::bench {

void print_table(const std::vector<Row>& rows) {
  fmt::print("{:<12} {:>10}  {:<10} {:<12} {:>8}\n", "task", "value", "unit", "peer", "ratio");
  for (const Row& row : rows)
    fmt::print("{:<12} {:>10.2f}  {:<10} {:<12} {:>8.2f}\n", row.name, row.value, row.unit, row.peer, row.ratio);
}

void write_json(const std::vector<Row>& rows, const std::string& path) {
  std::string text;
  for (const Row& row : rows)
    text += fmt::format(
        "{}\n  {{\"name\": \"{}\", \"value\": {:.4f}, \"unit\": \"{}\", \"peer\": \"{}\", \"ratio\": {:.4f}}}",
        text.empty() ? "" : ",", row.name, row.value, row.unit, row.peer, row.ratio);
  write_file_atomically(path, "[" + text + "\n]\n");
}

double cpu_seconds(const std::function<void()>& call) {
  timespec begin, end;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
  call();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - begin.tv_sec) + 1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void require_close(const std::string& what, double difference, double tolerance) {
  if (difference <= tolerance) return;
  throw Error(ErrorKind::numerical, "wrong-answer",
              fmt::format("{}: differs by {:.3e}, allowed is {:.3e}", what, difference, tolerance),
              "a wrong answer is not timed");
}

}  // namespace kiln::bench
