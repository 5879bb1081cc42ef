#include "operators/foreign_module.h"

#include <gtest/gtest.h>

#include "base/diagnostics.h"

namespace kiln {
namespace {

/// What the call f(x, value) has for faults, of a function f(x, n: type).
std::vector<Diagnostic> faults_of(const std::string& type, const Yaml& value) {
  ForeignModule module;
  module.forms = {{{{"x", "Tensor"}, {"n", type}}}};
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

/// Tensors become numbers, and the first form that fits is taken.
TEST(ForeignCall, OfAnOperator) {
  ForeignModule library;
  library.forms = {{{{"x", "Tensor"}, {"v", "float", false}, {"w", "Tensor"}}}, {{{"x", "Tensor"}, {"v", "float"}}}};
  const auto call = [&](int n_ports, std::vector<NamedValue> kwargs, Diagnostics& faults) {
    CallRequest request;
    request.target = "lib::op";
    request.inputs.resize(static_cast<std::size_t>(n_ports));
    request.kwargs = std::move(kwargs);
    ResolvedCall resolved;
    resolve_foreign_call("a", request, library, "", resolved, faults);
    return resolved.expression;
  };
  Diagnostics good, bad;
  EXPECT_EQ(call(1, {{"v", yaml_integer(2)}}, good), ".forward($0, v=2.0)");
  EXPECT_EQ(call(2, {}, good), ".forward($0, $1)");
  EXPECT_TRUE(good.list.empty());
  call(1, {{"v", yaml_text("a")}}, bad);
  ASSERT_EQ(bad.list.size(), 1U);
  EXPECT_EQ(bad.list[0].what, "layer 'a': target 'lib::op' takes a value of type float as 'v', not 'a'");
  EXPECT_EQ(bad.list[0].hint, "its forms are (x: Tensor, v: float, w: Tensor); (x: Tensor, v: float)");
  call(1, {{"x", yaml_integer(2)}}, bad);
  library.forms.pop_back();
  Diagnostics of_one;
  call(0, {{"x", yaml_integer(2)}}, of_one);
  ASSERT_EQ(of_one.list.size(), 2U);  // and w is missing
  EXPECT_EQ(of_one.list[0].hint, "give it a port");
}

/// Each wrong argument is one fault.
TEST(ForeignCall, TellsAWrongArgumentOnce) {
  ForeignModule module;
  module.forms = {{{{"x", "Tensor"}, {"n", "int", false}, {"v", "List[float]", false}}}};
  const auto messages = [&](const std::vector<Yaml>& args, const std::vector<NamedValue>& kwargs,
                            const std::vector<std::string>& ports) {
    CallRequest request;
    request.target = "net.f";
    request.args = args;
    request.kwargs = kwargs;
    for (const std::string& port : ports) request.inputs.push_back({port, false, {unknown_shape()}, {}});
    ResolvedCall call;
    Diagnostics faults;
    resolve_foreign_call("a", request, module, "self.a.code", call, faults);
    std::vector<std::string> found;
    for (const Diagnostic& fault : faults.list) found.push_back(fault.what.substr(26));
    if (faults.list.empty()) found.push_back(call.expression);
    return found;
  };
  using Messages = std::vector<std::string>;
  Yaml list;
  list.kind = Yaml::Kind::sequence;
  list.items = {yaml_integer(1), yaml_real(2.5)};
  EXPECT_EQ(messages({}, {{"v", list}}, {""}), Messages{"self.a.code.forward($0, v=[1.0, 2.5])"});
  EXPECT_EQ(messages({}, {{"v", yaml_integer(1)}}, {""}), Messages{"takes a value of type List[float] as 'v', not 1"});
  EXPECT_EQ(messages({}, {{"n", yaml_mapping()}}, {""}), Messages{"takes no mapping as argument 'n'"});
  EXPECT_EQ(messages({}, {{"n", yaml_integer(2)}}, {"", ""}), Messages{"is given 'n' twice"});
  EXPECT_EQ(messages({}, {}, {"a b"}), (Messages{"cannot have an argument called 'a b'", "needs the argument 'x'"}));
  EXPECT_EQ(messages({}, {{"m", yaml_integer(2)}}, {"", "n"}).size(), 2U);
}

TEST(ForeignCall, FaultsOfNamesStandAtTheNames) {
  ForeignModule module;
  module.forms = {{{{"x", "Tensor", false}}}};
  Yaml value = yaml_integer(2);
  SourcePos where = value.where = SourcePos::whole_file("f.yaml");
  value.where.column = 9;
  where.line = value.where.line = 3;
  where.column = 6;
  CallRequest request;
  request.kwargs = {{"m", value, where}};
  ResolvedCall call;
  Diagnostics faults;
  resolve_foreign_call("a", request, module, "self.a.code", call, faults);
  ASSERT_EQ(faults.list.size(), 1U);
  EXPECT_EQ(faults.list[0].where.column, 6);
}

}  // namespace
}  // namespace kiln
