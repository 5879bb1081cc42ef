#include "operators/foreign_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/diagnostics.h"
#include "base/numbers.h"

namespace kiln {

namespace {

std::string quoted_text(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    if ((c >= 0 && c < ' ') || c == '$') {  // '$' marks what is put in
      quoted += fmt::format("\\x{:02x}", static_cast<int>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string real_text(double value) {
  const std::string text = shortest_text(value);
  if (text.find("inf") != std::string::npos || text.find("nan") != std::string::npos) return "float('" + text + "')";
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

/// One argument of the call as it will be written.
struct Argument {
  std::string keyword;  ///< "": positional
  std::string text;
  SourcePos where;
  const Yaml* value = nullptr;  ///< bound; nullptr: a port gives a tensor
};

/// The layer's way of speaking of its target.
struct CallFaults {
  const std::string& layer;
  const CallRequest& request;
  Diagnostics& faults;
  bool good = true;

  void error(const char* code, const SourcePos& where, const std::string& what, const std::string& hint = {}) {
    faults.error(code, where, "layer '" + layer + "': target '" + request.target + "' " + what, hint);
    good = false;
  }
};

void add_bound(const CallRequest& request, CallFaults& faults, std::vector<Argument>& arguments) {
  std::string text;
  for (const Yaml& value : request.args) {
    if (!value_text(value, text)) faults.error("bad-argument", value.where, "takes no mapping as an argument");
    arguments.push_back({"", text, value.where, &value});
  }
}

/// Bound keywords, but for those that a port gives.
void add_keywords(const CallRequest& request, CallFaults& faults, std::vector<Argument>& arguments) {
  std::string text;
  for (const auto& [keyword, value] : request.kwargs) {
    const auto& inputs = request.inputs;
    if (std::any_of(inputs.begin(), inputs.end(), [&, &key = keyword](const CallInput& i) { return i.keyword == key; }))
      continue;
    if (!value_text(value, text))
      faults.error("bad-argument", value.where, "takes no mapping as argument '" + keyword + "'");
    arguments.push_back({keyword, text, value.where, &value});
  }
}

/// A keyword goes into the text of the call as it stands.
bool is_keyword(const std::string& name) {
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; };
  const auto part = [&](char c) { return letter(c) || std::isdigit(static_cast<unsigned char>(c)); };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), part);
}

std::vector<Argument> arguments_of(const CallRequest& request, bool bound, CallFaults& faults) {
  std::vector<Argument> arguments;
  if (bound) add_bound(request, faults, arguments);
  for (std::size_t k = 0; k < request.inputs.size(); ++k) {
    const CallInput& input = request.inputs[k];
    arguments.push_back({input.keyword, "$" + std::to_string(k), input.where});
  }
  if (bound) add_keywords(request, faults, arguments);
  for (const Argument& argument : arguments) {
    if (!argument.keyword.empty() && !is_keyword(argument.keyword))
      faults.error("bad-argument", argument.where, "cannot have an argument called '" + argument.keyword + "'");
  }
  return arguments;
}

/// An argument that `forward` declares: "n: int".
struct Declared {
  std::string name, type;

  explicit Declared(const std::string& text) : name(text.substr(0, text.find(": "))) {
    if (name.size() < text.size()) type = text.substr(name.size() + 2);
  }
};

/// TorchScript turns no value into one of another type, but for whole numbers (below). Types that this does not know
/// are left to torch.
bool fits(const std::string& type, const Yaml* value) {
  const std::pair<const char*, Yaml::Kind> scalars[] = {{"int", Yaml::Kind::integer},
                                                        {"float", Yaml::Kind::real},
                                                        {"bool", Yaml::Kind::boolean},
                                                        {"str", Yaml::Kind::text}};
  if (type == "Tensor") return value == nullptr;
  return std::all_of(std::begin(scalars), std::end(scalars), [&](const auto& scalar) {
    return type != scalar.first || (value != nullptr && value->kind == scalar.second);
  });
}

/// A whole number may stand for a real one, as in Python.
bool is_whole_for_real(const std::string& type, const Yaml* value) {
  return (type == "float" || type == "Optional[float]") && value != nullptr && value->kind == Yaml::Kind::integer;
}

void check_type(const Declared& declared, Argument& given, CallFaults& faults) {
  if (is_whole_for_real(declared.type, given.value)) return void(given.text += ".0");
  if (fits(declared.type, given.value)) return;
  const std::string hint = given.value == nullptr      ? "give it a value in args or kwargs"
                           : declared.type == "Tensor" ? "an argument without annotation is a Tensor: annotate it"
                                                       : "";
  faults.error("bad-argument", given.where,
               "takes a value of type " + declared.type + " as '" + declared.name + "', not " +
                   (given.value == nullptr ? "a tensor" : with_dollars(given.text)),
               hint);
}

void check_arguments(std::vector<Argument>& given, const ForeignModule& module, CallFaults& faults) {
  std::vector<bool> filled(module.arguments.size(), false);
  std::size_t position = 0;
  std::vector<Declared> declared(module.arguments.begin(), module.arguments.end());
  const auto place_of = [&](const std::string& name) -> std::size_t {
    return std::find_if(declared.begin(), declared.end(), [&](const Declared& d) { return d.name == name; }) -
           declared.begin();
  };
  std::string signature;
  for (const std::string& argument : module.arguments) signature += (signature.empty() ? "" : ", ") + argument;
  for (Argument& argument : given) {
    std::size_t place = position;
    if (!argument.keyword.empty()) {
      place = place_of(argument.keyword);
    } else {
      ++position;
    }
    if (place >= filled.size()) {
      const std::string what = argument.keyword.empty()
                                   ? "takes at most " + std::to_string(filled.size()) + " arguments"
                                   : "has no argument '" + argument.keyword + "'";
      faults.error("bad-argument", argument.where, what, "it takes (" + signature + ")");
    } else if (filled[place]) {
      faults.error("bad-argument", argument.where, "is given '" + declared[place].name + "' twice");
    } else {
      filled[place] = true;
      check_type(declared[place], argument, faults);
    }
  }
  for (int k = 0; k < module.n_required; ++k) {
    if (!filled[k])
      faults.error("missing-argument", faults.request.target_where, "needs the argument '" + declared[k].name + "'",
                   declared[k].type == "Tensor" ? "give it a port: inputs: {" + declared[k].name + ": …}"
                                                : "give it a value: kwargs: {" + declared[k].name + ": …}");
  }
}

}  // namespace

std::string with_dollars(std::string text) {
  const std::string code = "\\x24";
  for (std::size_t at = 0; (at = text.find(code, at)) != std::string::npos; ++at) text.replace(at, code.size(), "$");
  return text;
}

bool value_text(const Yaml& value, std::string& text) {
  switch (value.kind) {
    case Yaml::Kind::null:
      text = "None";
      return true;
    case Yaml::Kind::boolean:
      text = value.bool_value ? "True" : "False";
      return true;
    case Yaml::Kind::integer:
      text = std::to_string(value.int_value);
      return true;
    case Yaml::Kind::real:
      text = real_text(value.real_value);
      return true;
    case Yaml::Kind::text:
      text = quoted_text(value.text);
      return true;
    case Yaml::Kind::mapping:
      return false;
    case Yaml::Kind::sequence:
      break;
  }
  std::string items, item;
  for (const Yaml& entry : value.items) {
    if (!value_text(entry, item)) return false;
    items += (items.empty() ? "" : ", ") + item;
  }
  text = "[" + items + "]";
  return true;
}

bool resolve_foreign_call(const std::string& layer, const CallRequest& request, const ForeignModule& module,
                          const std::string& path, ResolvedCall& call, Diagnostics& diagnostics) {
  CallFaults faults{layer, request, diagnostics};
  std::vector<Argument> arguments = arguments_of(request, !module.arguments_are_bound, faults);
  call = ResolvedCall{};
  call.result = module.bytes.empty() ? CallResult::unknown : module.result;
  call.n_elements = module.n_elements;
  call.result_type = module.result_type;
  call.parameters = module.parameters;
  call.parameters_known = !module.bytes.empty();
  call.shapes.assign(call.result == CallResult::tuple ? call.n_elements : 1, unknown_shape());
  if (!module.bytes.empty()) check_arguments(arguments, module, faults);
  std::string text;
  for (const Argument& argument : arguments) {
    text += (text.empty() ? "" : ", ") + (argument.keyword.empty() ? "" : argument.keyword + "=") + argument.text;
  }
  call.expression = path + ".forward(" + text + ")";
  return faults.good;
}

}  // namespace kiln
