#include "base/torch_random.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace kiln {
namespace {

/// From Debian 12's Python torch 1.13: torch.manual_seed(7), then torch.empty(5).uniform_(-0.3, 0.3),
/// torch.empty(3).normal_(0, 2), torch.empty(20).normal_(0, 1), printed with %.9g.
const std::vector<double> kUniform = {0.0209535249, -0.180718094, 0.0955270231, 0.0941341668, -0.160343066};
const std::vector<double> kFewNormal = {-0.450738579, 0.325358421, 0.755019248};
const std::vector<double> kManyNormal = {-0.581133783, 0.0490438677, -0.320476919, -1.58266461,  -0.0234779324,
                                         0.174375355,  2.2983427,    0.95710218,   -0.661867559, -0.828452051,
                                         -0.605680287, -0.135436893, 1.29733586,   1.64093328,   -1.05668414,
                                         -0.261586726, -0.25013262,  0.501121461,  0.2600362,    -1.6370213};

/// To the bit: nine digits tell a float32 from its neighbors.
void expect_floats(const std::vector<double>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], static_cast<double>(static_cast<float>(want[i]))) << i;
}

TEST(TorchRandom, DrawsWhatTorchDraws) {
  TorchRandom random(7);
  expect_floats(random.uniform(5, -0.3, 0.3), kUniform);
  expect_floats(random.normal(3, 0.0, 2.0), kFewNormal);
  expect_floats(random.normal(20, 0.0, 1.0), kManyNormal);
}

/// torch.manual_seed(7); torch.empty(100000).normal_(0, 1).view(torch.int32).long().sum()
TEST(TorchRandom, ManyNormalNumbersAreTorchsToTheBit) {
  TorchRandom random(7);
  std::int64_t sum = 0;
  for (const double value : random.normal(100000, 0.0, 1.0)) {
    const float drawn = static_cast<float>(value);
    std::int32_t bits = 0;
    std::memcpy(&bits, &drawn, sizeof bits);
    sum += bits;
  }
  EXPECT_EQ(sum, -1684886583283);
}

TEST(TorchRandom, ValuesAreFloats) {
  TorchRandom random(1);
  for (double value : random.uniform(100, -1.0, 1.0)) EXPECT_EQ(value, static_cast<double>(static_cast<float>(value)));
}

}  // namespace
}  // namespace kiln
