#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kiln::bench {

/// One line of the table and of bench.json.
struct Row {
  std::string name;
  double value = 0.0;
  std::string unit;
  std::string peer;    ///< what it is compared with, measured in the same run
  double ratio = 0.0;  ///< value / the peer's
};

void print_table(const std::vector<Row>& rows);

/// A list of {name, value, unit, peer, ratio}.
void write_json(const std::vector<Row>& rows, const std::string& path);

/// Processor time of one call, s: other programs on the machine do not count.
double cpu_seconds(const std::function<void()>& call);

double median(std::vector<double> values);

/// Throws Error of kind numerical unless difference <= tolerance: a wrong answer is not timed.
void require_close(const std::string& what, double difference, double tolerance);

}  // namespace kiln::bench
