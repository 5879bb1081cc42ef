#include "operators/targets/bind.h"

#include <algorithm>
#include <cstdlib>

#include "operators/foreign_module.h"

namespace kiln {

namespace {

using Kind = SignatureType::Kind;
using Source = BoundArgument::Source;

constexpr int kNumberAsTensor = 5;
constexpr int kTruthAsNumber = 6;  // TorchScript reads 1 or 0; a tensor of it keeps that it is true or false
constexpr std::int64_t kLargestInteger = 2147483647;  // sizes and strides can be multiplied without overflow

/// Text names a dtype as torch does, with or without `torch.`.
std::string dtype_text(const Yaml& value) {
  static const char* const names[] = {"float64", "double", "float32",   "float",  "float16",    "half",   "bfloat16",
                                      "int64",   "long",   "int32",     "int",    "int16",      "short",  "int8",
                                      "uint8",   "bool",   "complex64", "cfloat", "complex128", "cdouble"};
  const bool prefixed = value.text.compare(0, 6, "torch.") == 0;
  const std::string name = prefixed ? value.text.substr(6) : value.text;
  const bool known =
      value.kind == Yaml::Kind::text && std::find(std::begin(names), std::end(names), name) != std::end(names);
  return known ? "torch." + name : "";
}

std::string as_python(const Yaml& value) {
  std::string text;
  return value_text(value, text) ? text : "";
}

bool is_choice(const Yaml& value, const SignatureType& type) {
  return std::find(type.choices.begin(), type.choices.end(), as_python(value)) != type.choices.end();
}

/// Cost of reading the value as one item of the type; -1: it is none.
int cost_of_item(const Yaml& value, const SignatureType& type) {
  switch (type.kind) {
    case Kind::tensor:
      return value.is_number() || value.kind == Yaml::Kind::boolean ? kNumberAsTensor : -1;
    case Kind::integer:
      return value.kind == Yaml::Kind::integer && -kLargestInteger <= value.int_value &&
                     value.int_value <= kLargestInteger
                 ? 0
                 : -1;
    case Kind::real:
      return value.kind == Yaml::Kind::real ? 0 : value.kind == Yaml::Kind::integer ? 1 : -1;
    case Kind::number:
      return value.is_number() ? 1 : value.kind == Yaml::Kind::boolean ? kTruthAsNumber : -1;
    case Kind::boolean:
      return value.kind == Yaml::Kind::boolean ? 0 : -1;
    case Kind::text:
      return value.kind == Yaml::Kind::text ? 0 : -1;
    case Kind::dtype:
      return dtype_text(value).empty() ? -1 : 0;
    case Kind::literal:
      return is_choice(value, type) ? 0 : -1;
  }
  return -1;
}

int cost_of_list(const Yaml& value, const SignatureType& type) {
  const int n = static_cast<int>(value.items.size());
  const bool none = n == 0 && type.optional;  // to torch's Python no numbers are None
  if (type.count > 0 && n != type.count && n != 1 && !none) return -1;
  int cost = 0;
  for (const Yaml& item : value.items) {
    const int one = type.optional_items && item.is_null() ? 0 : cost_of_item(item, type);
    if (one < 0) return -1;
    cost += one;
  }
  return cost;
}

bool is_index_list(const Yaml& value, const SignatureType& type) {
  return type.kind == Kind::tensor && !type.list && value.is_sequence() && !value.items.empty() &&
         std::all_of(value.items.begin(), value.items.end(),
                     [](const Yaml& item) { return item.kind == Yaml::Kind::integer; });
}

/// A single value stands for a list of equal ones; numbers for a tensor.
int cost_of_value(const Yaml& value, const SignatureType& type) {
  if (value.is_null() && type.kind != Kind::literal) return type.optional ? 0 : -1;
  if (is_index_list(value, type)) return kNumberAsTensor;
  if (!type.list) return value.is_sequence() ? -1 : cost_of_item(value, type);
  if (type.kind == Kind::tensor) return -1;
  if (value.is_sequence()) return cost_of_list(value, type);
  const int cost = cost_of_item(value, type);
  return cost < 0 ? -1 : cost + 1;
}

int cost_of_input(const CallInput& input, const SignatureType& type) {
  if (type.kind != Kind::tensor) return -1;
  if (input.may_be_list) return 0;
  return input.is_list == type.list || (type.variadic && !input.is_list) ? 0 : -1;
}

/// "takes a whole number as 'dim', not …".
std::string wanted(const SignatureArgument& argument, const std::string& given) {
  const bool literal = argument.type.kind == Kind::literal && !argument.type.list;
  return "takes " + std::string(literal ? "" : "a ") + to_string(argument.type) + " as '" + argument.name + "', not " +
         given;
}

std::string shown(const Yaml& value) {
  const std::string text = as_python(value);
  return text.empty() ? "a mapping" : with_dollars(text);
}

/// torch's Python takes sizes one by one where there is nothing else: torch.zeros(2, 3).
bool takes_sizes_one_by_one(const Signature& signature) {
  const auto positional = std::count_if(signature.arguments.begin(), signature.arguments.end(),
                                        [](const SignatureArgument& argument) { return !argument.keyword_only; });
  if (positional != 1) return false;
  const SignatureType& first = signature.arguments[0].type;
  return first.list && first.count == 0 && first.kind == Kind::integer;
}

std::vector<Yaml> as_one_list(const std::vector<Yaml>& values) {
  const auto is_list = [](const Yaml& value) { return value.is_sequence(); };
  if (values.size() < 2 || std::any_of(values.begin(), values.end(), is_list)) return values;
  Yaml list;
  list.kind = Yaml::Kind::sequence;
  list.where = values[0].where;
  list.items = values;
  return {list};
}

/// Fits one offer to one signature.
class Fitter {
 public:
  Fitter(const Signature& signature, const Offer& offer, const CallRequest& request)
      : signature_(signature), offer_(offer), request_(request) {
    fit_.binding.arguments.assign(signature.arguments.size(), {});
  }

  Fit fit() {
    if (signature_.takes_anything) return std::move(fit_);
    for (const std::string& name : offer_.meant) set_at_fault(place_of(name));
    place_by_position();
    for (const auto& [keyword, input] : offer_.inputs)
      if (!keyword.empty()) place_input(place_of(keyword), keyword, input);
    for (const NamedValue& named : offer_.named_values) place_value(place_of(named.name), named.name, named.value);
    find_missing();
    return std::move(fit_);
  }

 private:
  bool fail(const SourcePos& where, const std::string& what, const char* code = "bad-argument") {
    fit_.mismatches.push_back({code, where, what, ""});
    return false;
  }

  BoundArgument& bound(std::size_t place) { return fit_.binding.arguments[place]; }

  void set_at_fault(std::size_t place) {
    if (place < fit_.binding.arguments.size()) bound(place).source = Source::at_fault;
  }

  /// Values, then inputs. Behind one that has no place, or the place of another, nothing is where it should be.
  void place_by_position() {
    std::size_t position = 0;
    bool in_order = true;
    for (const Yaml& value : takes_sizes_one_by_one(signature_) ? as_one_list(offer_.values) : offer_.values)
      in_order = in_order && place_value(position++, "", value);
    for (const auto& [keyword, input] : offer_.inputs)
      in_order = in_order && (!keyword.empty() || !offer_.positions_known || place_input(position++, "", input));
    if (in_order) return;
    for (std::size_t place = position - 1; place < signature_.arguments.size(); ++place) set_at_fault(place);
  }

  /// Who writes `args` for what follows the tensor learns that they come first: "give 'shape' by its name, in kwargs".
  void advise_names() {
    const auto& all = signature_.arguments;
    const std::size_t n_ports = std::count_if(offer_.inputs.begin(), offer_.inputs.end(),
                                              [](const auto& input) { return input.first.empty(); });
    std::string names;
    for (std::size_t k = 0; k < offer_.values.size() && n_ports + k < all.size(); ++k)
      names += (names.empty() ? "'" : ", '") + all[n_ports + k].name + "'";
    if (n_ports > 0 && !names.empty())
      fit_.mismatches.back().hint = "bound 'args' come before the ports: give " + names + " by name, in kwargs";
  }

  std::size_t place_of(const std::string& keyword) const {
    const auto& all = signature_.arguments;
    const auto named = [&](const std::string& name) {
      return std::find_if(all.begin(), all.end(), [&](const SignatureArgument& a) { return a.name == name; }) -
             all.begin();
    };
    const std::size_t place = named(keyword);
    if (place < all.size()) return place;
    return keyword == "input" ? named("self") : keyword == "self" ? named("input") : place;
  }

  bool is_free(std::size_t place, const std::string& keyword, const SourcePos& where) {
    const std::size_t n = signature_.arguments.size();
    if (place >= n && !keyword.empty()) {
      fail(where, "has no argument '" + keyword + "'");
      fit_.mismatches.back().unknown_keyword = true;
      return false;
    }
    if (place >= n)
      return fail(where, "takes " + std::to_string(n) + (n == 1 ? " argument" : " arguments") + " at most");
    const SignatureArgument& argument = signature_.arguments[place];
    if (keyword.empty() && argument.keyword_only) return fail(where, "takes '" + argument.name + "' by its name only");
    const Source source = bound(place).source;
    if (source == Source::left_out || source == Source::at_fault) return true;
    bound(place).source = Source::at_fault;  // which is meant?
    return fail(where, "is given '" + argument.name + "' twice");
  }

  /// False if it has no place, or is no value for a tensor.
  bool place_value(std::size_t place, const std::string& keyword, const Yaml& value) {
    if (!is_free(place, keyword, value.where)) return false;
    const SignatureArgument& argument = signature_.arguments[place];
    if (value.is_null() && argument.default_text == "[]") return true;  // which torch's Python calls None
    const int cost = cost_of_value(value, argument.type);
    if (cost < 0) {
      set_at_fault(place);
      fail(value.where, wanted(argument, shown(value)));
      fit_.mismatches.back().wants_tensor = argument.type.kind == Kind::tensor;
      if (!keyword.empty() || argument.type.kind != Kind::tensor) return true;
      advise_names();
      return false;
    }
    bound(place) = {Source::value, value, {}};
    fit_.binding.cost += cost;
    return true;
  }

  /// False if it has no place, or that of a value.
  bool place_input(std::size_t place, const std::string& keyword, int index) {
    if (keyword.empty() && place > first_variadic()) place = first_variadic();
    const CallInput& input = request_.inputs[index];
    const bool another = place < signature_.arguments.size() && signature_.arguments[place].type.variadic &&
                         !input.is_list && keyword.empty() && !holds_a_list(place);
    if (!another && !is_free(place, keyword, input.where)) return false;
    const SignatureArgument& argument = signature_.arguments[place];
    if (cost_of_input(input, argument.type) < 0) {
      set_at_fault(place);
      fail(input.where, wanted(argument, input.is_list ? "a list of tensors" : "a tensor"));
      if (!keyword.empty() || argument.type.kind == Kind::tensor) return true;
      advise_names();
      return false;
    }
    bound(place).source = Source::input;
    bound(place).inputs.push_back(index);
    return true;
  }

  /// All positions from here on are one list.
  std::size_t first_variadic() const {
    const auto& all = signature_.arguments;
    const auto found =
        std::find_if(all.begin(), all.end(), [](const auto& argument) { return argument.type.variadic; });
    return found == all.end() ? all.size() : static_cast<std::size_t>(found - all.begin());
  }

  bool holds_a_list(std::size_t place) const {
    const std::vector<int>& inputs = fit_.binding.arguments[place].inputs;
    return !inputs.empty() && request_.inputs[inputs[0]].is_list;
  }

  void find_missing() {
    for (std::size_t k = 0; k < signature_.arguments.size(); ++k) {
      const SignatureArgument& argument = signature_.arguments[k];
      const bool by_default = argument.has_default && offer_.complete && offer_.defaults_known;
      if (bound(k).source != Source::left_out || by_default) continue;
      set_at_fault(k);
      if (offer_.complete && !argument.has_default)
        fail(request_.target_where, "needs the argument '" + argument.name + "'", "missing-argument");
    }
  }

  const Signature& signature_;
  const Offer& offer_;
  const CallRequest& request_;
  Fit fit_;
};

std::string item_text(const SignatureType& type, const Yaml& value) {
  if (type.kind == Kind::dtype && !value.is_null()) return dtype_text(value);
  if (type.kind == Kind::number && value.kind == Yaml::Kind::boolean) return value.bool_value ? "1" : "0";
  const std::string text = as_python(value);
  return type.kind == Kind::real && value.kind == Yaml::Kind::integer ? text + ".0" : text;
}

std::string list_text(const SignatureType& type, const Yaml& value) {
  std::vector<Yaml> items = value.is_sequence() ? value.items : std::vector<Yaml>{value};
  if (type.count > 0 && items.size() == 1) items.resize(type.count, Yaml(items[0]));
  std::string text;
  for (const Yaml& item : items) text += (text.empty() ? "" : ", ") + item_text(type, item);
  return "[" + text + "]";
}

/// Numbers that stand for a tensor. One number has no say in the result's precision, but keeps its own.
std::string tensor_text(const Yaml& value) {
  const bool real = value.kind == Yaml::Kind::real;
  return "torch.tensor(" + as_python(value) + (real ? ", dtype=torch.float64)" : ")");
}

std::string inputs_text(const SignatureType& type, const CallRequest& request, const std::vector<int>& inputs) {
  std::string text;
  for (const int input : inputs) text += (text.empty() ? "$" : ", $") + std::to_string(input);
  return type.list && !request.inputs[inputs[0]].is_list ? "[" + text + "]" : text;
}

/// What makes a tensor out of numbers has torch's default dtype: the model's precision, or where the numbers decide
/// and none is real, int64 ("") or bool.
std::string default_dtype(const Signature& signature, const Binding& binding) {
  const bool numbers_decide = signature.name == "torch.arange" || signature.name == "torch.full";
  bool any_real = !numbers_decide, truth = false;
  for (std::size_t k = 0; k < signature.arguments.size(); ++k) {
    const BoundArgument& bound = binding.arguments[k];
    const SignatureType& type = signature.arguments[k].type;
    if (bound.source == Source::input || type.kind == Kind::tensor) return "";
    any_real = any_real || (bound.source == Source::value && bound.value.kind == Yaml::Kind::real);
    truth = truth ||
            (signature.name == "torch.full" && type.kind == Kind::number && bound.value.kind == Yaml::Kind::boolean);
  }
  return any_real ? "$real" : truth ? "torch.bool" : "";
}

}  // namespace

bool is_at_fault(const Binding& binding) {
  return std::any_of(binding.arguments.begin(), binding.arguments.end(),
                     [](const BoundArgument& bound) { return bound.source == Source::at_fault; });
}

Offer offer_of(const CallRequest& request) {
  Offer offer;
  offer.values = request.args;
  offer.positions_known = request.args_known;
  offer.complete = request.arguments_known();
  for (std::size_t k = 0; k < request.inputs.size(); ++k)
    offer.inputs.emplace_back(request.inputs[k].keyword, static_cast<int>(k));
  for (const NamedValue& named : request.kwargs) {
    const auto& inputs = request.inputs;
    const bool given =
        std::any_of(inputs.begin(), inputs.end(), [&](const CallInput& input) { return input.keyword == named.name; });
    if (!given) offer.named_values.push_back(named);
  }
  return offer;
}

Fit fit(const Signature& signature, const Offer& offer, const CallRequest& request) {
  return Fitter(signature, offer, request).fit();
}

std::string text_of(const Signature& signature, const CallRequest& request, const Binding& binding, std::size_t k) {
  const SignatureArgument& argument = signature.arguments[k];
  const BoundArgument& bound = binding.arguments[k];
  if (bound.source == Source::left_out) return default_text(argument);
  if (bound.source == Source::input) return inputs_text(argument.type, request, bound.inputs);
  if (argument.type.kind == Kind::tensor && !bound.value.is_null()) return tensor_text(bound.value);
  if (argument.type.list && !bound.value.is_null()) return list_text(argument.type, bound.value);
  return item_text(argument.type, bound.value);
}

std::string default_text(const SignatureArgument& argument) {
  const SignatureType& type = argument.type;
  const bool single = type.list && type.count > 0 && argument.default_text != "None" && argument.default_text[0] != '[';
  if (!single) return argument.default_text;
  std::string text;
  for (int k = 0; k < type.count; ++k) text += (k > 0 ? ", " : "") + argument.default_text;
  return "[" + text + "]";
}

std::string argument_list(const Signature& signature, const CallRequest& request, const Binding& binding) {
  std::string list;
  bool by_position = true;
  for (std::size_t k = 0; k < signature.arguments.size(); ++k) {
    const SignatureArgument& argument = signature.arguments[k];
    const bool says_dtype = argument.type.kind == Kind::dtype && argument.default_text == "None";
    const bool is_null = binding.arguments[k].source == Source::value && binding.arguments[k].value.is_null();
    const bool given = binding.arguments[k].source != Source::left_out && !(says_dtype && is_null);
    by_position = by_position && given && !argument.keyword_only;
    const std::string dtype = !given && says_dtype ? default_dtype(signature, binding) : "";
    if (!dtype.empty()) list += ", dtype=" + dtype;
    if (!given) continue;
    const std::string keyword = by_position ? "" : argument.name + "=";
    list += (list.empty() ? "" : ", ") + keyword + text_of(signature, request, binding, k);
  }
  return list;
}

}  // namespace kiln
