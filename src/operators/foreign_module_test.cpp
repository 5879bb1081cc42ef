#include "operators/foreign_module.h"

#include <gtest/gtest.h>

#include "base/diagnostics.h"

namespace kiln {
namespace {

/// What the call f(x, value) has for faults, of a function f(x, n: type).
std::vector<Diagnostic> faults_of(const std::string& type, const Yaml& value) {
  ForeignModule module;
  module.bytes = "an archive";
  module.arguments = {"x: Tensor", "n: " + type};
  module.n_required = 2;
  CallRequest request;
  request.target = "net.f";
  request.inputs.resize(1);
  request.kwargs = {{"n", value}};
  ResolvedCall call;
  Diagnostics faults;
  const bool good = resolve_foreign_call("a", request, module, "self.a.code", call, faults);
  EXPECT_EQ(good, faults.list.empty());
  return faults.list;
}

TEST(ForeignCall, BoundValuesAreOfTheDeclaredType) {
  EXPECT_TRUE(faults_of("int", yaml_integer(2)).empty());
  EXPECT_TRUE(faults_of("float", yaml_real(2.0)).empty());
  EXPECT_TRUE(faults_of("float", yaml_integer(2)).empty());  // as in Python
  EXPECT_TRUE(faults_of("bool", yaml_boolean(true)).empty());
  EXPECT_TRUE(faults_of("str", yaml_text("sum")).empty());
  EXPECT_TRUE(faults_of("Optional[int]", Yaml{}).empty());
  EXPECT_TRUE(faults_of("number", yaml_integer(2)).empty());
}

TEST(ForeignCall, BoundValuesOfAnotherTypeAreFaults) {
  for (const auto& [type, value] : {std::pair<const char*, Yaml>{"int", yaml_real(2.5)},
                                    {"float", yaml_boolean(true)},
                                    {"bool", yaml_integer(1)},
                                    {"str", yaml_boolean(false)},
                                    {"Tensor", Yaml{}}})
    EXPECT_EQ(faults_of(type, value).size(), 1U) << type;
  const std::vector<Diagnostic> faults = faults_of("Tensor", yaml_integer(2));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].what, "layer 'a': target 'net.f' takes a value of type Tensor as 'n', not 2");
  EXPECT_EQ(faults[0].hint, "an argument without annotation is a Tensor: annotate it");
}

}  // namespace
}  // namespace kiln
