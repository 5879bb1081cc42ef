/// Compiles expressions as TorchScript and compares what they give; for arbitrary_test.py.
///
///   script_targets CASES   a file of torch.save with a dictionary: "n" (int); for k = 0 … n - 1 "k.source", a method
///                          `case_k` as text; "k.n_arguments", "k.argument.0", …; "k.n_results", "k.result.0", …
/// Prints a line per fault; exits with 1 if there was one.
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/serialize.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "engines/torch/library/torch_names.h"

namespace {

using torch::jit::IValue;

void flatten(const IValue& value, std::vector<at::Tensor>& tensors) {
  if (value.isTensor()) return tensors.push_back(value.toTensor());
  if (value.isTuple()) {
    for (const IValue& element : value.toTupleRef().elements()) flatten(element, tensors);
    return;
  }
  for (const IValue& element : value.toListRef()) flatten(element, tensors);
}

bool same(const at::Tensor& got, const at::Tensor& want) {
  if (got.sizes() != want.sizes() || got.scalar_type() != want.scalar_type()) return false;
  if (!got.is_floating_point() && !got.is_complex()) return at::equal(got, want);
  return at::allclose(got, want, 1e-5, 1e-6, /*equal_nan=*/true);
}

std::string compare(const std::vector<at::Tensor>& got, const std::vector<at::Tensor>& want) {
  if (got.size() != want.size()) return "gives another number of tensors";
  for (std::size_t k = 0; k < got.size(); ++k) {
    if (!same(got[k], want[k])) return "gives other numbers";
  }
  return "";
}

/// "k.argument.0", …
std::vector<IValue> numbered(const c10::impl::GenericDict& cases, const std::string& key, const std::string& what) {
  std::vector<IValue> values;
  const std::int64_t n = cases.at(key + ".n_" + what + "s").toInt();
  for (std::int64_t i = 0; i < n; ++i) values.push_back(cases.at(key + "." + what + "." + std::to_string(i)));
  return values;
}

std::string run_case(const c10::impl::GenericDict& cases, const std::string& key) {
  try {
    torch::jit::Module module("__torch__.Case" + key);
    module.register_attribute("training", c10::BoolType::get(), false);
    module.define(cases.at(key + ".source").toStringRef(), kiln::torch_names());
    std::vector<at::Tensor> got, want;
    for (const IValue& result : numbered(cases, key, "result")) want.push_back(result.toTensor());
    torch::manual_seed(7);
    flatten(module.get_method("case_" + key)(numbered(cases, key, "argument")), got);
    return compare(got, want);
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  torch::jit::getProfilingMode() = false;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
  const c10::impl::GenericDict cases = torch::pickle_load(bytes).toGenericDict();
  int n_faults = 0;
  for (std::int64_t k = 0; k < cases.at("n").toInt(); ++k) {
    const std::string fault = run_case(cases, std::to_string(k));
    if (fault.empty()) continue;
    ++n_faults;
    std::cout << cases.at(std::to_string(k) + ".source").toStringRef() << ": " << fault << "\n";
  }
  return n_faults == 0 ? 0 : 1;
}
