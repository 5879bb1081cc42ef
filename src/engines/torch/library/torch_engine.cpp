#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>
#include <link.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/runtime/print_handler.h>
#include <torch/csrc/jit/runtime/profiling_graph_executor_impl.h>
#include <torch/version.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <stdexcept>

#include "engines/torch/graph_parts.h"
#include "engines/torch/library/torch_module.h"
#include "engines/torch/parallel_tasks.h"
#include "engines/torch/torch_failure.h"
#include "engines/torch/torch_library.h"

namespace kiln {
namespace {

at::Tensor int_tensor(const std::vector<int>& values) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), tensor.data_ptr<std::int64_t>());
  return tensor;
}

at::Tensor receivers_of(const EdgeList& edges) {
  at::Tensor tensor = at::empty({edges.n_edges()}, at::kLong);
  std::int64_t* out = tensor.data_ptr<std::int64_t>();
  for (int i = 0; i < edges.n_receivers(); ++i) {
    for (int e = edges.first[i]; e < edges.first[i + 1]; ++e) out[e] = i;
  }
  return tensor;
}

at::Tensor real_tensor(const double* values, at::IntArrayRef shape, at::ScalarType type) {
  return at::from_blob(const_cast<double*>(values), shape, at::kDouble).to(type, false, /*copy=*/true);
}

std::vector<double> numbers_of(const at::Tensor& tensor) {
  const at::Tensor wide = tensor.detach().to(at::kDouble).contiguous();
  const double* data = wide.data_ptr<double>();
  return {data, data + wide.numel()};
}

struct NoScratch : Engine::Scratch {};

/// What `potential` returned for one part of a batch, with its graph.
struct PartResults {
  GraphPart part;
  std::vector<at::Tensor> tensors;  ///< energies, atom energies, slopes per edge set
};

/// Each part of a batch in a thread of its own with one ATen thread: for a batch of small structures that is faster
/// than ATen's own threads. A single part gets all of them.
void run_parts(int n, int n_threads, const std::function<void(int)>& task) {
  run_in_threads(n, [&](int k) {
    at::set_num_threads(n == 1 ? n_threads : 1);  // OpenMP keeps the number per thread
    task(k);
  });
}

class TorchEngine : public TrainableEngine {
 public:
  TorchEngine(const TorchProgram& program, std::shared_ptr<const int> n_threads)
      : program_(program), compiled_(compile(program)), n_threads_(std::move(n_threads)) {
    for (const ModuleWeight& weight : compiled_.weights) {
      if (weight.role == TensorRole::trained) trainable_.push_back(weight.tensor);
      has_running_ = has_running_ || weight.role == TensorRole::running;
    }
    compiled_.module.eval();
  }

  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<NoScratch>(); }

  void evaluate(const AtomGraph& graph, bool gradients, Scratch&, EngineOutput& out) const override {
    copy_results(run(graph, *n_threads_, gradients, /*create_graph=*/false), gradients, out);
  }

  void set_weights(const Weights& weights) override {
    const at::NoGradGuard no_grad;
    for (ModuleWeight& weight : compiled_.weights) {
      const auto found = weights.find(weight.name);
      if (found == weights.end()) throw std::runtime_error("there is no weight '" + weight.name + "'");
      if (found->second.size() != weight.tensor.numel())
        throw std::runtime_error("weight '" + weight.name + "' has another size");
      weight.tensor.copy_(
          at::from_blob(const_cast<double*>(found->second.data.data()), weight.tensor.sizes(), at::kDouble));
      if (weight.owner.attr(weight.attribute).toTensor().is_same(weight.tensor)) continue;
      weight.owner.setattr(weight.attribute, weight.tensor);  // the forward of a batch has assigned another
    }
  }

  void forward(const AtomGraph& graph, bool gradients, EngineOutput& out) override {
    results_.clear();
    train(compiled_);  // what draws random numbers does so here only
    results_ = run(graph, has_running_ ? 1 : *n_threads_, gradients, /*create_graph=*/true);  // statistics: of all
    compiled_.module.eval();
    has_gradients_ = gradients;
    copy_results(results_, gradients, out);
  }

  void read_running(Weights& weights) const override {
    for (const ModuleWeight& weight : compiled_.weights) {
      if (weight.role == TensorRole::running) weights.at(weight.name).data = numbers_of(present_tensor(weight));
    }
  }

  void backward(const std::vector<double>& energies_bar, const std::vector<std::vector<double>>& edge_gradients_bar,
                Weights& weights_bar) override {
    if (results_.empty()) throw std::runtime_error("backward needs a forward before it");
    std::vector<std::vector<at::Tensor>> slopes(results_.size());
    run_parts(static_cast<int>(results_.size()), *n_threads_,
              [&](int k) { slopes[k] = slopes_of_part(results_[k], energies_bar, edge_gradients_bar); });
    results_.clear();
    weights_bar.clear();
    add_slopes(slopes, weights_bar);
  }

 private:
  std::vector<PartResults> run(const AtomGraph& graph, int n_parts, bool gradients, bool create_graph) const {
    std::vector<PartResults> results;
    for (GraphPart& part : split_structures(graph, n_parts)) results.push_back({std::move(part), {}});
    run_parts(static_cast<int>(results.size()), *n_threads_, [&](int k) {
      const at::AutoGradMode record(create_graph);  // `potential` switches it on where it takes derivatives
      results[k].tensors = potential(results[k].part.graph, gradients, create_graph);
    });
    return results;
  }

  std::vector<at::Tensor> potential(const AtomGraph& graph, bool gradients, bool create_graph) const {
    const at::ScalarType type = program_.f64 ? at::kDouble : at::kFloat;
    std::vector<c10::IValue> arguments = {compiled_.module._ivalue(), int_tensor(graph.species),
                                          int_tensor(graph.structure), static_cast<std::int64_t>(graph.n_structures)};
    for (const EdgeList& edges : graph.edges) {
      arguments.emplace_back(receivers_of(edges));
      arguments.emplace_back(int_tensor(edges.neighbor));
      arguments.emplace_back(real_tensor(edges.vectors.data(), {edges.n_edges(), 3}, type));
    }
    arguments.emplace_back(gradients);
    arguments.emplace_back(create_graph);
    std::vector<at::Tensor> results;
    with_layer_in_errors(program_, [&] {
      const c10::IValue tuple = compiled_.module.get_method("potential").function()(std::move(arguments));
      for (const c10::IValue& value : tuple.toTupleRef().elements()) results.push_back(value.toTensor());
    });
    return results;
  }

  static void copy_results(const std::vector<PartResults>& results, bool gradients, EngineOutput& out) {
    out = EngineOutput{};
    const auto append = [](const at::Tensor& tensor, std::vector<double>& to) {
      const std::vector<double> numbers = numbers_of(tensor);
      to.insert(to.end(), numbers.begin(), numbers.end());
    };
    if (gradients) out.edge_gradients.resize(results[0].part.first_edge.size());
    for (const PartResults& part : results) {
      append(part.tensors[0], out.energies);
      append(part.tensors[1], out.atom_energies);
      for (std::size_t s = 0; s < out.edge_gradients.size(); ++s) append(part.tensors[2 + s], out.edge_gradients[s]);
    }
  }

  /// d(loss)/d(trainable weights) from one part; undefined where a weight has no part in it.
  std::vector<at::Tensor> slopes_of_part(const PartResults& results, const std::vector<double>& energies_bar,
                                         const std::vector<std::vector<double>>& edge_gradients_bar) const {
    std::vector<at::Tensor> outputs, adjoints;
    const auto add = [&](const at::Tensor& output, const double* bar) {
      if (!output.requires_grad()) return;  // depends on no trainable weight
      outputs.push_back(output);
      adjoints.push_back(real_tensor(bar, output.sizes(), output.scalar_type()));
    };
    add(results.tensors[0], energies_bar.data() + results.part.first_structure);
    for (std::size_t s = 0; has_gradients_ && s < edge_gradients_bar.size(); ++s) {
      add(results.tensors[2 + s], edge_gradients_bar[s].data() + 3 * std::ptrdiff_t{results.part.first_edge[s]});
    }
    std::vector<at::Tensor> slopes(trainable_.size());
    if (outputs.empty() || trainable_.empty()) return slopes;
    with_layer_in_errors(program_, [&] {
      slopes = torch::autograd::grad(outputs, trainable_, adjoints, /*retain_graph=*/false, /*create_graph=*/false,
                                     /*allow_unused=*/true);
    });
    return slopes;
  }

  /// The sum over the parts in their order, so that it does not depend on which thread is first.
  void add_slopes(const std::vector<std::vector<at::Tensor>>& slopes, Weights& weights_bar) const {
    std::size_t next = 0;
    for (const ModuleWeight& weight : compiled_.weights) {
      Array& bar = weights_bar[weight.name];
      bar.shape.assign(weight.tensor.sizes().begin(), weight.tensor.sizes().end());
      bar.data.assign(weight.tensor.numel(), 0.0);
      if (weight.role != TensorRole::trained) continue;
      for (const std::vector<at::Tensor>& part : slopes) {
        if (!part[next].defined()) continue;
        const std::vector<double> numbers = numbers_of(part[next]);
        for (std::size_t i = 0; i < numbers.size(); ++i) bar.data[i] += numbers[i];
      }
      ++next;
    }
  }

  TorchProgram program_;
  CompiledProgram compiled_;
  std::shared_ptr<const int> n_threads_;
  std::vector<at::Tensor> trainable_;
  std::vector<PartResults> results_;  ///< of the last forward
  bool has_gradients_ = false;
  bool has_running_ = false;
};

int remember_blas(dl_phdr_info* info, std::size_t, void* found) {
  const std::string path = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  const std::string file = path.substr(path.rfind('/') + 1);
  if (file.rfind("libopenblas", 0) == 0 || file.rfind("libblas.so", 0) == 0) *static_cast<std::string*>(found) = path;
  return 0;
}

/// "OpenBLAS (openmp)", "BLAS (/path)": the library behind libblas.so.3.
std::string blas_name() {
  std::string path;
  dl_iterate_phdr(remember_blas, &path);
  std::error_code failed;
  const std::string file = std::filesystem::canonical(path, failed).string();
  if (file.find("openblas") == std::string::npos) return "BLAS (" + file + "), slow unless it is OpenBLAS";
  for (const char* flavor : {"openmp", "pthread", "serial"}) {
    if (file.find(flavor) != std::string::npos) return std::string("OpenBLAS (") + flavor + ")";
  }
  return "OpenBLAS";
}

/// As ATen says: "AVX512", "AVX2", "NO AVX".
std::string vector_level() {
  const std::string mark = "CPU capability usage: ", config = at::show_config();
  const std::size_t found = config.find(mark);
  if (found == std::string::npos) return "unknown vector level";
  const std::size_t begin = found + mark.size();
  return config.substr(begin, config.find('\n', begin) - begin);
}

/// Whatever goes wrong in libtorch is a TorchFailure.
template <class Result>
Result told_as_failure(const std::function<Result()>& work) {
  try {
    return work();
  } catch (const TorchFailure&) {
    throw;
  } catch (const c10::Error& error) {
    throw TorchFailure(error.what_without_backtrace());
  } catch (const std::runtime_error& error) {
    throw TorchFailure(error.what());
  }
}

/// What libtorch warns of is its own (names that it means to retire); the program's stderr has the program's messages.
struct SilentWarnings : c10::WarningHandler {
#if TORCH_VERSION_MAJOR < 2
  void process(const c10::SourceLocation&, const std::string&, bool) override {}
#else
  void process(const c10::Warning&) override {}
#endif
};
void silence_warnings() {
  static SilentWarnings silent;
#if TORCH_VERSION_MAJOR < 2
  c10::Warning::set_warning_handler(&silent);
#else
  c10::WarningUtils::set_warning_handler(&silent);
#endif
}

class Library : public TorchLibrary {
 public:
  void configure_process() override {
    silence_warnings();
    torch::jit::setPrintHandler([](const std::string& text) { std::cerr << text; });
    torch::jit::getProfilingMode() = false;
    constexpr int huge = 2000000000;
    mallopt(M_TRIM_THRESHOLD, huge);
    mallopt(M_MMAP_THRESHOLD, huge);
    mallopt(M_TOP_PAD, 64 << 20);
  }
  std::unique_ptr<TrainableEngine> make_engine(const TorchProgram& program) override {
    if (!program.is_potential)
      throw TorchFailure("the graph has no output 'energy', or reads more than species and edges");
    return told_as_failure<std::unique_ptr<TrainableEngine>>(
        [&] { return std::make_unique<TorchEngine>(program, n_threads_); });
  }
  std::vector<NamedArray> run(const TorchProgram& program, const std::vector<NamedArray>& inputs) override {
    return told_as_failure<std::vector<NamedArray>>([&] { return run_named(program, inputs); });
  }
  ForeignModule inspect_module(const std::string& bytes) override {
    return told_as_failure<ForeignModule>([&] { return inspect_archive(bytes); });
  }
  std::optional<ForeignModule> inspect_operator(const std::string& name) override {
    return told_as_failure<std::optional<ForeignModule>>([&] { return inspect_registered(name); });
  }
  std::string save_torchscript(const TorchProgram& program) override {
    return told_as_failure<std::string>([&] { return archive_of(program); });
  }
  void set_threads(int n) override {
    *n_threads_ = n;
    at::set_num_threads(n);
  }
  void set_deterministic_seed(unsigned long long seed) override { at::manual_seed(seed); }
  std::string description() override {
    return std::string("libtorch ") + TORCH_VERSION + ", " + blas_name() + ", " + vector_level() + ", " +
           std::to_string(*n_threads_) + " threads";
  }

 private:
  std::shared_ptr<int> n_threads_ = std::make_shared<int>(1);  ///< the engines read it
};

}  // namespace
}  // namespace kiln

extern "C" __attribute__((visibility("default"))) kiln::TorchLibrary* kiln_torch_library_v2() {
  return new kiln::Library;
}
