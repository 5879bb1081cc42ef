#include "operators/torch_target.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/diagnostics.h"
#include "base/numbers.h"
#include "base/stand_in.h"
#include "base/text.h"
#include "operators/foreign_module.h"
#include "operators/targets/candidates.h"
#include "operators/targets/choose_form.h"
#include "operators/targets/shape_faults.h"
#include "operators/targets/stand_ins.h"
#include "operators/targets/target_table.h"
#include "operators/targets/unknown_target.h"

namespace kiln {

namespace {

// --- the resolved call ---

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool is_call_name(const std::string& name) {
  const auto is_among = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  return is_among(kCallNames) || is_among(kCallHelpers);
}

/// Parameters that the module does not have are None.
std::string without_missing(const std::vector<CallParameter>& parameters, const std::string& expression) {
  std::string text;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    std::size_t end = i + 1;
    while (end < expression.size() && is_name_character(expression[end])) ++end;
    const std::string name = expression[i] == '$' ? expression.substr(i + 1, end - i - 1) : "";
    const bool known = name.empty() || is_call_name(name) || std::isdigit(static_cast<unsigned char>(name[0])) ||
                       std::any_of(parameters.begin(), parameters.end(), [&](const CallParameter& parameter) {
                         return name_in_expressions(parameter) == name;
                       });
    text += known ? std::string(1, expression[i]) : "None";
    if (!known) i = end - 1;
  }
  return text;
}

void set_result(const std::vector<SignatureType>& results, ResolvedCall& call) {
  call.result = results.size() > 1 ? CallResult::tuple
                : results.empty()  ? CallResult::nothing
                : results[0].list  ? CallResult::list
                                   : CallResult::tensor;
  if (call.result == CallResult::tuple) call.n_elements = static_cast<int>(results.size());
  if (call.result == CallResult::list && call.n_elements == 0) call.shapes.clear();  // seen when it runs
  if (call.shapes.empty() && call.result == CallResult::tensor) call.shapes = {unknown_shape()};
  if (call.shapes.empty() && call.result == CallResult::tuple) call.shapes.assign(results.size(), unknown_shape());
}

/// False if it tells a fault. Of dtypes that are wrong `take_dtypes` has told.
bool take_shape(ShapeRule rule, const FittedCall& fitted, bool fits_dtypes, const TargetFaults& faults,
                ResolvedCall& call) {
  if (rule == nullptr) return true;
  const ShapeResult shape = rule(fitted);
  call.shapes = shape.shapes;
  call.row_wise = shape.row_wise;
  if (shape.fault.empty()) {
    call.n_elements = shape.is_whole_list ? static_cast<int>(shape.shapes.size()) : 0;
    return true;
  }
  ShapeFaults past;
  if (!faults.request.is_question) past = look_past_fault(rule, fitted, shape.fault);
  call.shapes = std::move(past.shapes);
  const SourcePos where = faults.request.inputs.empty() ? faults.request.target_where : faults.request.inputs[0].where;
  if (shape.fault_of_dtype && !fits_dtypes) return true;
  faults.error(shape.fault_of_dtype ? "wrong-dtype" : "bad-shape", where, shape.fault);
  for (const std::string& fault : past.further) faults.error("bad-shape", where, fault);
  return false;
}

/// False if there are integers where torch takes none; says where it gives some.
bool take_dtypes(const FittedCall& fitted, const TargetFaults& faults, ResolvedCall& call) {
  const std::size_t n_results = fitted.parts.front().signature.results.size();
  for (std::size_t k = 0; k < n_results; ++k) call.integer_results.push_back(gives_integers(fitted, k));
  std::string fault;
  const CallInput* input = refused_integers(fitted, fault);
  if (input == nullptr) return true;
  call.integer_results.clear();
  return faults.error("wrong-dtype", input->where, fault);
}

/// Sizes are what the constructor was given: they may be negative, or more than any memory holds.
bool check_weights(const std::vector<CallParameter>& parameters, const TargetFaults& faults) {
  constexpr std::int64_t kMostNumbers = std::int64_t{1} << 31;
  for (const CallParameter& parameter : parameters) {
    const std::int64_t n = product(parameter.shape);
    const bool given = parameter.init == CallParameter::Init::given;
    bool fits = n <= kMostNumbers && (!given || static_cast<std::int64_t>(parameter.initial.size()) == n);
    for (const std::int64_t size : parameter.shape) fits = fits && size >= 0;
    if (!fits)
      return faults.error("bad-argument", faults.request.target_where,
                          "cannot have a " + parameter.name + " of shape " + shape_text(parameter.shape));
  }
  return true;
}

/// Of modules with a dropout inside.
bool drops_nothing(const FittedCall& fitted) {
  return find_argument(fitted, "dropout").part != nullptr && fitted.real("dropout") == 0.0;
}

/// They follow from what a module is made with.
std::vector<CallParameter> parameters_of(const Candidate& candidate, const FittedCall& fitted) {
  const bool has_some = candidate.row != nullptr && candidate.row->parameters != nullptr;
  return has_some ? candidate.row->parameters({fitted.request, {fitted.parts.back()}}) : std::vector<CallParameter>{};
}

void write_call(const Candidate& candidate, const FittedCall& fitted, ResolvedCall& call) {
  const TargetRow* row = candidate.row;
  const FittedPart& part = fitted.parts.front();
  if (row == nullptr) {
    const std::string& name = candidate.signature.name;
    call.expression = name + "(" + argument_list(part.signature, fitted.request, part.binding) + ")";
    call.random = draws_random_numbers(name);
    return;
  }
  call.random = row->random && !drops_nothing(fitted);
  const std::string text = row->write != nullptr ? row->write(fitted) : fill_in(row->expression, fitted);
  call.expression = without_missing(call.parameters, text);
}

/// Every argument is good by itself. A module that is not called has one part.
bool resolve_good_arguments(const Candidate& candidate, const FittedCall& fitted, const TargetFaults& faults,
                            ResolvedCall& call) {
  const TargetRow* row = candidate.row;
  call.parameters = parameters_of(candidate, fitted);
  call.parameters_known = true;
  const bool can_be_made = check_weights(call.parameters, faults);
  if (candidate.is_module() && fitted.parts.size() == 1) return can_be_made;
  const bool fits_dtypes = take_dtypes(fitted, faults, call);
  const ShapeRule rule = row != nullptr ? row->shape : shape_rule_of(candidate.signature.name);
  const bool fits_shapes = take_shape(rule, fitted, fits_dtypes, faults, call);
  if (!fits_dtypes) call.shapes = shapes_despite_dtypes(rule, fitted);
  const bool good = can_be_made && fits_dtypes && fits_shapes;
  if (good) write_call(candidate, fitted, call);
  return good;
}

bool has_parameter(const ResolvedCall& call, const std::string& name) {
  const auto is_it = [&](const CallParameter& parameter) { return parameter.name == name; };
  return std::any_of(call.parameters.begin(), call.parameters.end(), is_it);
}

/// Keeps what both know of what the call gives, and of its parameters what either does.
void keep_common(const ResolvedCall& other, ResolvedCall& call) {
  keep_common(other.shapes, call.shapes);
  if (call.n_elements != other.n_elements) call.n_elements = 0;
  if (call.integer_results != other.integer_results) call.integer_results.clear();
  call.parameters_known = call.parameters_known && other.parameters_known;
  for (const CallParameter& parameter : other.parameters)  // all that there may be
    if (!has_parameter(call, parameter.name)) call.parameters.push_back(parameter);
}

using Bindings = std::vector<Binding>;

/// What stands for the arguments; those that are wrong by themselves are at fault.
Bindings bindings_without(const std::vector<ArgumentFault>& wrong, const FittedCall& fitted) {
  Bindings bindings;
  for (const FittedPart& part : fitted.parts) bindings.push_back(part.binding);
  for (const ArgumentFault& fault : wrong) {
    const FittedArgument found = find_argument(fitted, fault.argument);
    if (found.part == nullptr) continue;  // several that do not go together
    bindings[found.part - fitted.parts.data()].arguments[found.index].source = BoundArgument::Source::at_fault;
  }
  return bindings;
}

/// The same with one more argument at fault, each that is given in turn.
std::vector<Bindings> with_one_more(const Bindings& bindings) {
  std::vector<Bindings> all;
  for (std::size_t part = 0; part < bindings.size(); ++part) {
    for (std::size_t k = 0; k < bindings[part].arguments.size(); ++k) {
      if (bindings[part].arguments[k].source != BoundArgument::Source::value) continue;
      all.push_back(bindings);
      all.back()[part].arguments[k].source = BoundArgument::Source::at_fault;
    }
  }
  return all;
}

/// Which are at fault; where arguments do not go together, each possibility.
std::vector<Bindings> bindings_at_fault(const std::vector<ArgumentFault>& wrong, const FittedCall& fitted) {
  const Bindings bindings = bindings_without(wrong, fitted);
  const bool together =
      std::all_of(wrong.begin(), wrong.end(), [](const ArgumentFault& fault) { return !fault.argument.empty(); });
  return together ? std::vector<Bindings>{bindings} : with_one_more(bindings);
}

/// The value of an argument where one is given, else the target.
const SourcePos& place_of(const std::string& argument, const FittedCall& fitted) {
  const FittedArgument found = find_argument(fitted, argument);
  const bool given = found.part != nullptr && found.bound().source == BoundArgument::Source::value;
  return given && found.bound().value.where.known() ? found.bound().value.where : fitted.request.target_where;
}

void tell_arguments(const std::vector<ArgumentFault>& wrong, const FittedCall& fitted, const TargetFaults& faults) {
  for (const ArgumentFault& fault : wrong) faults.error("bad-argument", place_of(fault.argument, fitted), fault.what);
}

/// Is it of what stands for an argument at fault? Then the trial proves nothing: another may be meant.
bool is_of_stand_in(const ArgumentFault& fault, const FittedCall& possible) {
  const FittedArgument found = find_argument(possible, fault.argument);
  return found.part != nullptr && found.bound().source == BoundArgument::Source::at_fault;
}

/// What is wrong, what parameters there are and what the call gives, whatever the arguments at fault are to be.
void resolve_despite_faults(const Candidate& candidate, const FittedCall& fitted,
                            const std::vector<Bindings>& possibilities, const TargetFaults& faults,
                            ResolvedCall& call) {
  std::vector<ResolvedCall> resolved;
  std::vector<std::vector<Diagnostic>> found, refused;
  for (const Bindings& bindings : possibilities) {
    const FittedCall possible = fitted_with(fitted.request, fitted, bindings);
    for (int trial = 0; trial < kTrials; ++trial) {
      const std::optional<StandIns> whole = call_with_stand_ins(possible, trial);
      if (!whole) return;
      const FittedCall with = fitted_with(whole->request, fitted, whole->bindings);
      const std::vector<ArgumentFault> wrong = faults_of_arguments(with);
      if (std::any_of(wrong.begin(), wrong.end(), [&](const auto& fault) { return is_of_stand_in(fault, possible); }))
        continue;
      Diagnostics of_trial;
      if (!wrong.empty()) {
        tell_arguments(wrong, with, {faults.layer, whole->request, of_trial});
        refused.push_back(std::move(of_trial.list));
        continue;
      }
      resolved.emplace_back();
      resolve_good_arguments(candidate, with, {faults.layer, whole->request, of_trial}, resolved.back());
      found.push_back(std::move(of_trial.list));
    }
  }
  const auto& told = found.empty() ? refused : found;
  for (const Diagnostic& fault : certain_among(told))
    if (!says_the_same(faults.faults.list, fault)) faults.faults.list.push_back(fault);
  if (resolved.size() < 2) return;
  call = resolved[0];
  for (const ResolvedCall& other : resolved) keep_common(other, call);
}

/// False and all that is wrong, but for the mismatches.
bool resolve_fitted(const Candidate& candidate, const FittedCall& fitted, const TargetFaults& faults,
                    ResolvedCall& call) {
  const std::vector<ArgumentFault> wrong = faults_of_arguments(fitted);
  tell_arguments(wrong, fitted, faults);
  bool good = wrong.empty() && !is_at_fault(fitted);
  if (good)
    good = resolve_good_arguments(candidate, fitted, faults, call);
  else if (!faults.request.is_question)
    resolve_despite_faults(candidate, fitted, bindings_at_fault(wrong, fitted), faults, call);
  const bool has_none = candidate.row == nullptr || candidate.row->parameters == nullptr;
  call.parameters_known = call.parameters_known || has_none;
  set_result((candidate.is_module() ? candidate.forward : candidate.signature).results, call);
  return good;
}

bool give_alike(const std::vector<SignatureType>& a, const std::vector<SignatureType>& b) {
  return a.size() == b.size() && (a.size() != 1 || a[0].list == b[0].list);
}

/// Forgets what a call at fault gives where another form may be meant: its shapes, and their number if that differs.
void forget_doubtful_result(const CandidateRange& range, Signature Candidate::*form, const Offer& offer,
                            const Choice& choice, const TargetFaults& faults, ResolvedCall& call) {
  const bool any = !offer.complete || !offer.meant.empty();
  const std::size_t n_corrections = std::max<std::size_t>(choice.fit.mismatches.size(), 1);
  const auto is_meant = [&](const Candidate& candidate) {
    const Fit other = fit(candidate.signature, offer, faults.request);
    const bool has_keywords = n_unknown_keywords(other) == n_unknown_keywords(choice.fit);
    return any || (has_keywords && other.mismatches.size() <= n_corrections);
  };
  for (const Candidate& candidate : range) {
    if (&candidate == choice.candidate || !is_meant(candidate)) continue;
    call.shapes.clear();
    call.integer_results.clear();
    if (!give_alike((candidate.*form).results, (choice.candidate->*form).results)) call.result = CallResult::unknown;
  }
}

bool resolve_function(const CandidateRange& range, const TargetFaults& faults, ResolvedCall& call) {
  if (!faults.request.ports_known) {
    set_result(range.begin()->signature.results, call);
    return true;
  }
  Offer offer = offer_of(faults.request);
  const bool keywords_known = take_known_keywords(range, &Candidate::signature, faults, offer);
  const Choice choice = choose(range, offer, faults.request);
  const bool fits = choice.fit.fits();
  if (!fits) tell_mismatches(choice.fit, forms(range), faults);
  const FittedCall fitted{faults.request, {{choice.candidate->signature, choice.fit.binding}}};
  const bool good = resolve_fitted(*choice.candidate, fitted, faults, call) && keywords_known && fits;
  if (!good || !offer.complete) forget_doubtful_result(range, &Candidate::signature, offer, choice, faults, call);
  return good;
}

/// What a module is made with.
Offer arguments_of(const CallRequest& request) {
  Offer offer;
  offer.values = request.args;
  offer.named_values = request.kwargs;
  offer.positions_known = request.args_known;
  offer.complete = request.arguments_known();
  return offer;
}

Offer ports_of(const CallRequest& request) {
  Offer offer;
  for (std::size_t k = 0; k < request.inputs.size(); ++k)
    offer.inputs.emplace_back(request.inputs[k].keyword, static_cast<int>(k));
  return offer;
}

bool resolve_module(const CandidateRange& range, const TargetFaults& faults, ResolvedCall& call) {
  const CallRequest& request = faults.request;
  Offer arguments = arguments_of(request);
  const bool keywords_known = take_known_keywords(range, &Candidate::signature, faults, arguments);
  const Choice made = choose(range, arguments, request);
  bool good = keywords_known && made.fit.fits();
  if (!made.fit.fits()) tell_mismatches(made.fit, forms(range), faults);
  const Candidate& module = *made.candidate;
  const FittedPart constructor{module.signature, made.fit.binding};
  if (!request.ports_known) return resolve_fitted(module, {request, {constructor}}, faults, call) && good;
  Offer ports = ports_of(request);
  good = take_known_keywords(range, &Candidate::forward, faults, ports) && good;
  const Fit called = fit(module.forward, ports, request);
  good = good && called.fits();
  if (!called.fits()) tell_mismatches(called, call_form(module), faults);
  const FittedCall fitted{request, {{module.forward, called.binding}, constructor}};
  good = resolve_fitted(module, fitted, faults, call) && good;
  if (!made.fit.fits() || !keywords_known || !arguments.complete)
    forget_doubtful_result(range, &Candidate::forward, arguments, made, faults, call);
  return good;
}

bool resolve_known(const CandidateRange& known, const TargetFaults& faults, ResolvedCall& call) {
  return known.begin()->is_module() ? resolve_module(known, faults, call) : resolve_function(known, faults, call);
}

// --- operators of any namespace ---

/// Torch's own operators have Python names.
CandidateRange named_in_python(const std::string& op) {
  for (const char* prefix : {"linalg_", "special_", "fft_"}) {
    const std::string p = prefix;
    if (op.compare(0, p.size(), p) == 0)
      return candidates("torch." + p.substr(0, p.size() - 1) + "." + op.substr(p.size()));
  }
  const CandidateRange plain = candidates("torch." + op);
  return plain.empty() ? candidates("torch.nn.functional." + (op == "log_sigmoid" ? "logsigmoid" : op)) : plain;
}

/// Operators that are written otherwise than their Python twins, but take the same arguments.
bool agrees_with_python(const std::string& op) {
  static const std::set<std::string> names = {"elu",        "glu",  "hardsigmoid", "hardswish", "hardtanh",
                                              "leaky_relu", "mish", "relu6",       "silu"};
  return names.count(op) != 0;
}

bool refuse_operator(const CandidateRange& twin, const TargetFaults& faults) {
  const SourcePos& where = faults.request.target_where;
  if (!twin.empty())
    return faults.error("refused-target", where, "takes other arguments than its twin in Python, which a graph calls",
                        "use '" + twin.begin()->signature.name + "'");
  return faults.error("refused-target", where, "is not an operator that a graph may call, and no consent changes that",
                      "some of torch's own operators read and write files; `kiln layers --arbitrary` lists those that "
                      "a graph may call");
}

/// NAMESPACE::NAME
struct OperatorName {
  std::string space, name;

  explicit OperatorName(const std::string& target)
      : space(target.substr(0, target.find("::"))), name(target.substr(target.find("::") + 2)) {}
  bool is_whole() const {
    const auto is_word = [](const std::string& word) {
      return !word.empty() && std::all_of(word.begin(), word.end(), is_name_character);
    };
    return is_word(space) && is_word(name);
  }
  bool of_torch() const { return space == "aten" || space == "prim"; }
};

bool resolve_operator(const TargetFaults& faults, ResolvedCall& call) {
  const OperatorName target(faults.request.target);
  const auto& [space, name] = target;
  if (!target.is_whole())
    return faults.error("unknown-target", faults.request.target_where, "is no operator",
                        "operators are written NAMESPACE::NAME");
  if (changes_in_place(name))
    return faults.error("refused-target", faults.request.target_where,
                        "changes its argument, which other layers may read");
  const CandidateRange known = space == "aten" ? named_in_python(name) : CandidateRange{};
  if (!known.empty() && (known.begin()->row == nullptr || agrees_with_python(name)))
    return resolve_function(known, faults, call);
  if (target.of_torch()) return refuse_operator(known, faults);
  const ForeignModule nothing_known;
  const ForeignModule& library = faults.request.foreign == nullptr ? nothing_known : *faults.request.foreign;
  const bool good = resolve_foreign_call(faults.layer, faults.request, library, "", call, faults.faults);
  call.parameters_known = true;  // there are none
  if (!good) return false;
  call.expression = "torch.ops." + space + "." + name + call.expression.substr(call.expression.find('('));
  return true;
}

}  // namespace

bool resolve_call(const std::string& layer, const CallRequest& request, ResolvedCall& call, Diagnostics& diagnostics) {
  const TargetFaults faults{layer, request, diagnostics};
  call = ResolvedCall{};
  if (names_operator(request.target)) return resolve_operator(faults, call);
  const CandidateRange known = candidates(request.target);
  if (!known.empty()) return resolve_known(known, faults, call);
  const CandidateRange meant = candidates(tell_unknown_target(faults));
  if (!meant.empty()) resolve_known(meant, faults, call);
  return false;
}

bool gives_integers(const ResolvedCall& call, std::size_t element) {
  const std::size_t k = call.result == CallResult::list ? 0 : element;
  return k < call.integer_results.size() && call.integer_results[k];
}

std::string name_in_expressions(const CallParameter& parameter) {
  std::string name = parameter.name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

bool is_known_target(const std::string& target) { return !candidates(target).empty(); }

bool names_operator(const std::string& target) { return target.find("::") != std::string::npos; }

bool names_library_operator(const std::string& target) {
  const OperatorName op(target);
  return names_operator(target) && op.is_whole() && !op.of_torch() && !changes_in_place(op.name);
}

std::vector<TargetEntry> known_targets() {
  std::vector<TargetEntry> entries;
  for (const Candidate& candidate : all_candidates())
    entries.push_back({candidate.signature.name, candidate.is_module() ? "module" : "function",
                       without_name(candidate.signature.text)});
  return entries;
}

}  // namespace kiln
