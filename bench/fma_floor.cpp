#include "fma_floor.h"

#include "kernels/levels.h"
#include "report.h"

namespace kiln::bench {
namespace {

template <class T>
double rate(VectorLevel level) {
  constexpr long kRounds = 4000000;  // some 20 ms
  double count = 0.0;
  const double seconds = cpu_seconds([&] { count = kernels::kernel_table<T>(level).multiply_adds(kRounds); });
  return count / seconds;
}

}  // namespace

double multiply_add_rate(Precision precision, VectorLevel level) {
  return precision == Precision::f64 ? rate<double>(level) : rate<float>(level);
}

}  // namespace kiln::bench
