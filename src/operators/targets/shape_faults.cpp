#include "operators/targets/shape_faults.h"

#include <algorithm>
#include <utility>

#include "base/stand_in.h"
#include "operators/targets/stand_ins.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

using Source = BoundArgument::Source;

Diagnostic of_shape(const std::string& fault) {
  Diagnostic diagnostic;
  diagnostic.what = fault;
  return diagnostic;
}

// --- tensors ---

/// Whatever the tensors are: another may be meant.
std::vector<Shape> shapes_of_others(ShapeRule rule, const FittedCall& call) {
  CallRequest request = without_values(call.request);
  for (CallInput& input : request.inputs) {
    for (Shape& shape : input.shapes) shape = unknown_shape();
    input.holds_reals = input.holds_integers = false;
  }
  ShapeResult result = rule({request, call.parts});
  return result.fault.empty() ? std::move(result.shapes) : std::vector<Shape>{};
}

/// Of dtypes something else is told: then the fault is the one that was there.
std::string fault_of_shape(const ShapeResult& result, const std::string& fault) {
  return result.fault_of_dtype ? fault : result.fault;
}

/// Asks a rule with some tensors forgotten.
class WithoutTensors {
 public:
  WithoutTensors(ShapeRule rule, const FittedCall& call)
      : rule_(rule), call_(call), request_(without_values(call.request)) {
    for (CallInput& input : request_.inputs)
      for (Shape& shape : input.shapes) tensors_.push_back(&shape);
  }

  int n_tensors() const { return static_cast<int>(tensors_.size()); }

  /// May one alone be all that is wrong?
  bool one_explains(const std::string& fault) {
    return std::any_of(tensors_.begin(), tensors_.end(), [&](Shape* tensor) {
      const Shape known = std::exchange(*tensor, unknown_shape());
      const bool explains = told_after(fault).empty();
      *tensor = known;
      return explains;
    });
  }

  /// Forgets a tensor that has a say in the fault, the last one; the fault that is then told, "" if there is none.
  std::string next_fault(const std::string& fault) {
    for (auto tensor = tensors_.rbegin(); tensor != tensors_.rend(); ++tensor) {
      const Shape known = std::exchange(**tensor, unknown_shape());
      const std::string next = told_after(fault);
      if (next != fault) return next;
      **tensor = known;
    }
    return "";
  }

 private:
  std::string told_after(const std::string& fault) const {
    return fault_of_shape(rule_({request_, call_.parts}), fault);
  }

  ShapeRule rule_;
  const FittedCall& call_;
  CallRequest request_;
  std::vector<Shape*> tensors_;
};

/// What the rule says once the tensors of one fault after the other are forgotten.
std::vector<std::string> faults_of_other_tensors(ShapeRule rule, const FittedCall& call, const std::string& fault) {
  constexpr int kMostTensors = 32;  // of more, one fault is told: each is forgotten once per fault
  WithoutTensors without(rule, call);
  std::vector<std::string> faults;
  if (without.n_tensors() > kMostTensors || without.one_explains(fault)) return faults;
  for (std::string next = without.next_fault(fault); !next.empty(); next = without.next_fault(next))
    if (next.find(to_string(unknown_shape())) == std::string::npos) faults.push_back(next);  // else the one before
  return faults;
}

// --- arguments ---

/// What the rule says with others in the place of one argument.
struct Exchanged {
  bool has_a_say = false;  ///< in the fault
  std::vector<std::vector<Shape>> shapes;
  std::vector<std::vector<Diagnostic>> faults;
};

/// An argument that nothing can take the place of may have a say if it is given.
Exchanged exchange(ShapeRule rule, const FittedCall& call, const std::string& fault, std::size_t part,
                   std::size_t argument) {
  std::vector<Binding> bindings;
  for (const FittedPart& one : call.parts) bindings.push_back(one.binding);
  BoundArgument& bound = bindings[part].arguments[argument];
  const bool given = bound.source == Source::value;
  bound.source = Source::at_fault;
  Exchanged exchanged;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::optional<StandIns> whole = call_with_stand_ins(fitted_with(call.request, call, bindings), trial);
    if (!whole) return {given, {}, {}};
    const FittedCall other = fitted_with(whole->request, call, whole->bindings);
    if (!faults_of_arguments(other).empty()) continue;
    ShapeResult result = rule(other);
    const bool good = result.fault.empty();
    exchanged.has_a_say = exchanged.has_a_say || result.fault != fault;
    exchanged.faults.push_back(good ? std::vector<Diagnostic>{}
                                    : std::vector<Diagnostic>{of_shape(fault_of_shape(result, fault))});
    exchanged.shapes.push_back(good ? std::move(result.shapes) : shapes_of_others(rule, other));
  }
  return exchanged;
}

/// Of all arguments that are no tensors and have a say in the fault.
std::vector<Exchanged> exchange_arguments(ShapeRule rule, const FittedCall& call, const std::string& fault) {
  std::vector<Exchanged> all;
  for (std::size_t part = 0; part < call.parts.size(); ++part) {
    const auto& arguments = call.parts[part].binding.arguments;
    for (std::size_t k = 0; k < arguments.size(); ++k) {
      if (arguments[k].source == Source::input) continue;
      Exchanged exchanged = exchange(rule, call, fault, part, k);
      if (exchanged.has_a_say) all.push_back(std::move(exchanged));
    }
  }
  return all;
}

// --- both ---

std::vector<Shape> certain_shapes(std::vector<Shape> shapes, const std::vector<Exchanged>& arguments) {
  for (const Exchanged& argument : arguments) {
    if (argument.shapes.empty()) return {};
    for (const std::vector<Shape>& others : argument.shapes) keep_common(others, shapes);
  }
  return shapes;
}

/// Nothing if one argument alone may be all that is wrong. One that was tried as it stands may be right.
std::vector<std::string> faults_of_other_arguments(const std::vector<Exchanged>& arguments, const std::string& fault) {
  std::vector<std::string> faults;
  for (const Exchanged& argument : arguments) {
    const auto& tries = argument.faults;
    const auto is_good = [](const auto& found) { return found.empty(); };
    const auto is_same = [&](const auto& found) { return found.front().what == fault; };
    if (tries.empty() || std::any_of(tries.begin(), tries.end(), is_good)) return {};
    if (std::any_of(tries.begin(), tries.end(), is_same)) continue;
    for (const Diagnostic& certain : certain_among(tries)) faults.push_back(certain.what);
  }
  return faults;
}

/// Each once, without the first.
std::vector<std::string> others_than(const std::string& first, const std::vector<std::string>& faults) {
  std::vector<std::string> others;
  for (const std::string& fault : faults) {
    const bool is_new = std::find(others.begin(), others.end(), fault) == others.end();
    if (fault != first && is_new) others.push_back(fault);
  }
  return others;
}

}  // namespace

void keep_common(const std::vector<Shape>& others, std::vector<Shape>& shapes) {
  if (others.size() != shapes.size()) shapes.clear();
  for (std::size_t k = 0; k < shapes.size(); ++k) shapes[k] = common_shape(shapes[k], others[k]);
}

std::vector<Shape> shapes_despite_dtypes(ShapeRule rule, const FittedCall& call) {
  return rule == nullptr ? std::vector<Shape>{} : shapes_of_others(rule, call);
}

ShapeFaults look_past_fault(ShapeRule rule, const FittedCall& call, const std::string& fault) {
  const std::vector<Exchanged> arguments = exchange_arguments(rule, call, fault);
  std::vector<std::string> further = faults_of_other_tensors(rule, call, fault);
  const std::vector<std::string> others = faults_of_other_arguments(arguments, fault);
  further.insert(further.end(), others.begin(), others.end());
  return {others_than(fault, further), certain_shapes(shapes_of_others(rule, call), arguments)};
}

}  // namespace kiln
