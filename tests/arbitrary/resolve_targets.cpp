/// Resolves calls of torch's functions and modules for arbitrary_test.py.
///
///   resolve_targets list     all targets, as JSON
///   resolve_targets resolve  reads a JSON list of requests from standard input, writes what each becomes;
///                            initial weights of those with a "seed"
///   resolve_targets helpers  the functions that expressions may call, as JSON: [name, text, text of the method]
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/diagnostics.h"
#include "base/torch_random.h"
#include "engines/torch/method_text.h"
#include "operators/torch_target.h"

using namespace kiln;
using Json = nlohmann::json;

namespace {

Json list_targets() {
  Json list = Json::array();
  for (const TargetEntry& entry : known_targets()) list.push_back({entry.name, entry.kind, entry.signature});
  return list;
}

Json list_helpers() {
  Json list = Json::array();
  for (const MethodText& helper : helpers_of_calls()) {
    std::string body;
    for (const std::string& line : helper.lines) body += "\n    " + line;
    list.push_back({helper.name, signature(helper, "") + body + "\n", signature(helper, "self") + body + "\n"});
  }
  return list;
}

Shape shape_from(const Json& sizes) {
  if (sizes.is_null()) return unknown_shape();
  std::vector<Size> all;
  for (const Json& size : sizes)
    all.push_back(size.is_string() ? symbolic_size(size.get<std::string>()) : fixed_size(size.get<std::int64_t>()));
  return make_shape(all);
}

CallRequest request_from(const Json& json) {
  CallRequest request;
  request.target = json.at("target");
  const Yaml args = parse_json_tree(json.at("args").dump()), kwargs = parse_json_tree(json.at("kwargs").dump());
  request.args = args.items;
  for (const auto& [key, value] : kwargs.entries) request.kwargs.push_back({key.text, value});
  for (const Json& given : json.at("inputs")) {
    CallInput input;
    input.keyword = given.at("keyword");
    input.is_list = given.at("is_list");
    input.holds_reals = given.value("holds_reals", false);
    input.holds_integers = given.value("holds_integers", false);
    for (const Json& shape : given.at("shapes")) input.shapes.push_back(shape_from(shape));
    request.inputs.push_back(input);
  }
  return request;
}

Json json_of(const Shape& shape) {
  if (!shape.known) return nullptr;
  Json sizes = Json::array();
  for (const Size& size : shape.sizes) {
    if (size.known())
      sizes.push_back(size.n);
    else
      sizes.push_back(size.symbol.empty() ? "?" : size.symbol);
  }
  return sizes;
}

std::int64_t count(const std::vector<std::int64_t>& shape) {
  std::int64_t n = 1;
  for (const std::int64_t size : shape) n *= size;
  return n;
}

std::vector<double> initial_values(const CallParameter& parameter, TorchRandom& random) {
  const std::int64_t n = count(parameter.shape);
  switch (parameter.init) {
    case CallParameter::Init::zeros:
      return std::vector<double>(n, 0.0);
    case CallParameter::Init::ones:
      return std::vector<double>(n, 1.0);
    case CallParameter::Init::given:
      return parameter.initial;
    case CallParameter::Init::uniform:
      return random.uniform(n, -parameter.scale, parameter.scale);
    case CallParameter::Init::normal:
      break;
  }
  std::vector<double> values = random.normal(n, 0.0, parameter.scale);
  const std::int64_t columns = parameter.zero_row < 0 ? 0 : n / parameter.shape[0];
  for (std::int64_t k = 0; k < columns; ++k) values[parameter.zero_row * columns + k] = 0.0;
  return values;
}

Json resolve(const Json& json) {
  ResolvedCall call;
  Diagnostics faults;
  const bool good = resolve_call("a", request_from(json), call, faults);
  Json out = {{"good", good}, {"expression", call.expression}, {"n_elements", call.n_elements}};
  for (const Diagnostic& fault : faults.list)
    out["faults"].push_back({{"code", fault.code}, {"message", fault.what}, {"hint", fault.hint}});
  out["result"] =
      std::vector<std::string>{"tensor", "tuple", "list", "nothing", "unknown"}[static_cast<int>(call.result)];
  out["shapes"] = Json::array();
  for (const Shape& shape : call.shapes) out["shapes"].push_back(json_of(shape));
  out["is_integer"] = gives_integers(call);
  out["integer_results"] = std::vector<bool>(call.integer_results);
  out["row_wise"] = call.row_wise;
  out["random"] = call.random;
  out["parameters"] = Json::array();
  const bool draw = good && json.contains("seed");
  TorchRandom random(json.value("seed", 0));
  for (const CallParameter& parameter : call.parameters) {
    out["parameters"].push_back({{"name", parameter.name},
                                 {"shape", parameter.shape},
                                 {"trainable", parameter.trainable},
                                 {"is_integer", parameter.is_integer},
                                 {"running", parameter.running},
                                 {"initial", draw ? initial_values(parameter, random) : std::vector<double>{}}});
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "list") {
    std::cout << list_targets().dump();
    return 0;
  }
  if (command == "helpers") {
    std::cout << list_helpers().dump();
    return 0;
  }
  if (command != "resolve") return 2;
  const Json requests = Json::parse(std::cin);
  Json out = Json::array();
  for (const Json& request : requests) out.push_back(resolve(request));
  std::cout << out.dump();
  return 0;
}
