#include "operators/foreign_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/diagnostics.h"
#include "base/numbers.h"
#include "base/text.h"
#include "operators/targets/target_faults.h"

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
  const Yaml* value = nullptr;   ///< bound; nullptr: a port gives a tensor
  bool is_list = false;          ///< or several
  bool told = false;             ///< that it can be no argument
  SourcePos keyword_where = {};  ///< of a bound one
};

/// Remembers whether there is a fault.
struct CallFaults {
  TargetFaults told;
  bool good = true;

  void error(const char* code, const SourcePos& where, const std::string& what, const std::string& hint = {}) {
    good = told.error(code, where, what, hint);
  }
};

void add_bound(const CallRequest& request, CallFaults& faults, std::vector<Argument>& arguments) {
  std::string text;
  for (const Yaml& value : request.args) {
    const bool has_text = value_text(value, text);
    if (!has_text) faults.error("bad-argument", value.where, "takes no mapping as an argument");
    arguments.push_back({"", text, value.where, &value, false, !has_text});
  }
}

/// Bound keywords, but for those that a port gives.
void add_keywords(const CallRequest& request, CallFaults& faults, std::vector<Argument>& arguments) {
  std::string text;
  for (const auto& [keyword, value, where] : request.kwargs) {
    const auto& inputs = request.inputs;
    if (std::any_of(inputs.begin(), inputs.end(), [&, &key = keyword](const CallInput& i) { return i.keyword == key; }))
      continue;
    const bool has_text = value_text(value, text);
    if (!has_text) faults.error("bad-argument", value.where, "takes no mapping as argument '" + keyword + "'");
    arguments.push_back({keyword, text, value.where, &value, false, !has_text, where});
  }
}

/// A keyword goes into the text of the call as it stands.
bool is_keyword(const std::string& name) {
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; };
  const auto part = [&](char c) { return letter(c) || std::isdigit(static_cast<unsigned char>(c)); };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), part);
}

/// Those that are known. Where bound ones are not, nothing is known of the places of others.
std::vector<Argument> arguments_of(const CallRequest& request, bool bound, CallFaults& faults) {
  std::vector<Argument> arguments;
  const bool places_known = !bound || request.args_known;
  if (bound && request.args_known) add_bound(request, faults, arguments);
  for (std::size_t k = 0; k < request.inputs.size(); ++k) {
    const CallInput& input = request.inputs[k];
    if (!input.keyword.empty() || places_known)
      arguments.push_back({input.keyword, "$" + std::to_string(k), input.where, nullptr, input.is_list});
  }
  if (bound && request.kwargs_known) add_keywords(request, faults, arguments);
  const auto is_no_name = [&](const Argument& argument) {
    if (argument.keyword.empty() || is_keyword(argument.keyword)) return false;
    faults.error("bad-argument", argument.where, "cannot have an argument called '" + argument.keyword + "'");
    return true;
  };
  arguments.erase(std::remove_if(arguments.begin(), arguments.end(), is_no_name), arguments.end());
  return arguments;
}

/// What stands between the brackets of a type such as "List[int]"; "" if it is none.
std::string inner_type(const std::string& type, const std::string& outer) {
  const bool is_such = starts_with(type, outer + "[") && type.back() == ']';
  return is_such ? type.substr(outer.size() + 1, type.size() - outer.size() - 2) : "";
}

/// Whole numbers stand for real ones, as in Python.
Yaml with_reals(const std::string& type, Yaml value) {
  if (const std::string inner = inner_type(type, "Optional"); !inner.empty())
    return with_reals(inner, std::move(value));
  for (Yaml& item : value.items) item = with_reals(inner_type(type, "List"), std::move(item));
  const bool is_whole = type == "float" && value.kind == Yaml::Kind::integer;
  return is_whole ? yaml_real(static_cast<double>(value.int_value)) : value;
}

/// No graph has objects of it.
bool is_class(const std::string& type) { return starts_with(type, "__torch__."); }

/// TorchScript turns no value into one of another type. Types that this does not know are left to torch.
bool value_fits(const std::string& type, const Yaml& value, bool of_operator) {
  if (const std::string inner = inner_type(type, "Optional"); !inner.empty())
    return value.is_null() || value_fits(inner, value, of_operator);
  if (const std::string inner = inner_type(type, "List"); !inner.empty()) {
    if (!value.is_sequence()) return of_operator && value_fits(inner, value, of_operator);  // one may stand for all
    return std::all_of(value.items.begin(), value.items.end(),
                       [&](const Yaml& item) { return value_fits(inner, item, of_operator); });
  }
  if (type == "Tensor" || is_class(type)) return false;
  if (type == "number") return value.kind == Yaml::Kind::integer || value.kind == Yaml::Kind::real;
  const std::pair<const char*, Yaml::Kind> scalars[] = {{"int", Yaml::Kind::integer},
                                                        {"float", Yaml::Kind::real},
                                                        {"bool", Yaml::Kind::boolean},
                                                        {"str", Yaml::Kind::text}};
  return std::all_of(std::begin(scalars), std::end(scalars),
                     [&](const auto& scalar) { return type != scalar.first || value.kind == scalar.second; });
}

/// Of a tensor, or several. What operators make of tensors where they take numbers or lists is left to torch.
bool tensors_fit(const std::string& type, bool is_list, bool of_operator) {
  if (const std::string inner = inner_type(type, "Optional"); !inner.empty())
    return tensors_fit(inner, is_list, of_operator);
  if (const std::string inner = inner_type(type, "List"); !inner.empty())
    return of_operator || (is_list && tensors_fit(inner, /*is_list=*/false, of_operator));
  if (type == "Tensor") return !is_list;
  if (type == "int" || type == "float") return of_operator;
  return type != "bool" && type != "str" && !is_class(type);
}

void check_type(const CallForm::Argument& declared, Argument& given, CallFaults& faults) {
  const bool of_operator = names_operator(faults.told.request.target);
  const Yaml value = given.value == nullptr ? Yaml{} : with_reals(declared.type, *given.value);
  if (given.told || (given.value == nullptr && tensors_fit(declared.type, given.is_list, of_operator))) return;
  if (given.value != nullptr && value_fits(declared.type, value, of_operator))
    return void(value_text(value, given.text));  // which has a text: it fits
  const std::string hint = given.is_list               ? ""
                           : given.value == nullptr    ? "give it a value in args or kwargs"
                           : declared.type != "Tensor" ? ""
                           : of_operator               ? "give it a port"
                                                       : "an argument without annotation is a Tensor: annotate it";
  faults.error("bad-argument", given.where,
               "takes a value of type " + declared.type + " as '" + declared.name + "', not " +
                   (given.is_list            ? "several tensors"
                    : given.value == nullptr ? "a tensor"
                                             : with_dollars(given.text)),
               hint);
}

/// "(x: Tensor, n: int)"
std::string to_string(const CallForm& form) {
  std::vector<std::string> words;
  for (const CallForm::Argument& argument : form.arguments) words.push_back(argument.name + ": " + argument.type);
  return "(" + joined(words) + ")";
}

void check_missing(const CallForm& form, const std::vector<bool>& filled, CallFaults& faults) {
  for (std::size_t k = 0; k < filled.size(); ++k) {
    const auto& [name, type, required] = form.arguments[k];
    if (filled[k] || !required) continue;
    faults.error(
        "missing-argument", faults.told.request.target_where, "needs the argument '" + name + "'",
        type == "Tensor" ? "give it a port: inputs: {" + name + ": …}" : "give it a value: kwargs: {" + name + ": …}");
  }
}

/// Fills the arguments of a form with those of a call.
class FormMatcher {
 public:
  FormMatcher(const CallForm& form, CallFaults& faults)
      : declared_(form.arguments), form_(form), faults_(faults), filled_(declared_.size(), false) {}

  void match(std::vector<Argument>& given, bool is_complete) {
    std::vector<Argument*> unknown;
    for (Argument& argument : given) {
      const std::size_t place = argument.keyword.empty() ? declared_.size() : place_of(argument.keyword);
      if (place < declared_.size())
        fill(place, argument);
      else if (!argument.keyword.empty())
        unknown.push_back(&argument);
    }
    std::size_t position = 0;
    for (Argument& argument : given)
      if (argument.keyword.empty()) fill_position(position++, argument);
    for (Argument* argument : unknown) read_as_meant(*argument);
    if (is_complete) check_missing(form_, filled_, faults_);
  }

 private:
  std::size_t place_of(const std::string& name) const {
    const auto is_it = [&](const CallForm::Argument& argument) { return argument.name == name; };
    return static_cast<std::size_t>(std::find_if(declared_.begin(), declared_.end(), is_it) - declared_.begin());
  }

  void fill(std::size_t place, Argument& argument) {
    if (filled_[place])
      return faults_.error("bad-argument", argument.where, "is given '" + declared_[place].name + "' twice");
    filled_[place] = true;
    check_type(declared_[place], argument, faults_);
  }

  /// A list in the last place takes all that follow.
  void fill_position(std::size_t place, Argument& argument) {
    if (place < declared_.size()) return fill(place, argument);
    if (!declared_.empty() && starts_with(declared_.back().type, "List[")) return;
    faults_.error("bad-argument", argument.where, "takes at most " + std::to_string(declared_.size()) + " arguments",
                  "it takes " + to_string(form_));
  }

  /// As the argument that it is near to and that is not given.
  void read_as_meant(Argument& argument) {
    std::vector<std::string> missing;
    for (std::size_t k = 0; k < declared_.size(); ++k)
      if (!filled_[k]) missing.push_back(declared_[k].name);
    const std::string meant = misspelt_name(argument.keyword, missing);
    const bool is_bound = argument.keyword_where.known();
    faults_.error("bad-argument", is_bound ? argument.keyword_where : argument.where,
                  "has no argument '" + argument.keyword + "'",
                  meant.empty() ? "it takes " + to_string(form_) : "Did you mean '" + meant + "'?");
    if (!meant.empty()) fill(place_of(meant), argument);
  }

  const std::vector<CallForm::Argument>& declared_;
  const CallForm& form_;
  CallFaults& faults_;
  std::vector<bool> filled_;
};

/// They become those of the first form that they fit; if they fit none, what keeps them from the nearest is told.
void fit_to_forms(const std::vector<CallForm>& forms, bool is_complete, std::vector<Argument>& arguments,
                  CallFaults& faults) {
  std::vector<Diagnostic> nearest;
  for (const CallForm& form : forms) {
    std::vector<Argument> fitted = arguments;
    Diagnostics found;
    CallFaults of_form{{faults.told.layer, faults.told.request, found}};
    FormMatcher(form, of_form).match(fitted, is_complete);
    if (of_form.good) return void(arguments = std::move(fitted));
    if (nearest.empty() || found.list.size() < nearest.size()) nearest = std::move(found.list);
  }
  std::string others;
  for (const CallForm& form : forms) others += (others.empty() ? "its forms are " : "; ") + to_string(form);
  for (Diagnostic& fault : nearest)
    if (forms.size() > 1) fault.hint = others;
  faults.told.faults.add(nearest);
  faults.good = faults.good && nearest.empty();
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
  CallFaults faults{{layer, request, diagnostics}};
  const bool bound = !module.arguments_are_bound;
  std::vector<Argument> arguments = arguments_of(request, bound, faults);
  call = ResolvedCall{};
  call.result = module.result;
  call.n_elements = module.n_elements;
  call.result_type = module.result_type;
  call.parameters = module.parameters;
  call.parameters_known = !module.bytes.empty();
  call.shapes.assign(call.result == CallResult::tuple ? call.n_elements : 1, unknown_shape());
  const bool is_complete = request.ports_known && (!bound || request.arguments_known());
  fit_to_forms(module.forms, is_complete, arguments, faults);
  std::string text;
  for (const Argument& argument : arguments) {
    text += (text.empty() ? "" : ", ") + (argument.keyword.empty() ? "" : argument.keyword + "=") + argument.text;
  }
  call.expression = path + ".forward(" + text + ")";
  return faults.good;
}

}  // namespace kiln
