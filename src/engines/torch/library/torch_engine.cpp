#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>
#include <link.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/runtime/profiling_graph_executor_impl.h>
#include <torch/version.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "engines/torch/library/torch_module.h"
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

at::Tensor real_tensor(const std::vector<double>& values, at::IntArrayRef shape, at::ScalarType type) {
  return at::from_blob(const_cast<double*>(values.data()), shape, at::kDouble).to(type, false, /*copy=*/true);
}

std::vector<double> numbers_of(const at::Tensor& tensor) {
  const at::Tensor wide = tensor.detach().to(at::kDouble).contiguous();
  const double* data = wide.data_ptr<double>();
  return {data, data + wide.numel()};
}

struct NoScratch : Engine::Scratch {};

class TorchEngine : public TrainableEngine {
 public:
  explicit TorchEngine(const TorchProgram& program) : program_(program), compiled_(compile(program)) {
    for (const ModuleWeight& weight : compiled_.weights) {
      if (weight.trainable) trainable_.push_back(weight.tensor);
    }
  }

  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<NoScratch>(); }

  void evaluate(const AtomGraph& graph, bool gradients, Scratch&, EngineOutput& out) const override {
    const at::NoGradGuard no_grad;  // `potential` switches it on where it takes derivatives
    copy_results(run(graph, gradients, /*create_graph=*/false), gradients, out);
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
    }
  }

  void forward(const AtomGraph& graph, bool gradients, EngineOutput& out) override {
    results_ = run(graph, gradients, /*create_graph=*/true);
    has_gradients_ = gradients;
    copy_results(results_, gradients, out);
  }

  void backward(const std::vector<double>& energies_bar, const std::vector<std::vector<double>>& edge_gradients_bar,
                Weights& weights_bar) override {
    if (results_.empty()) throw std::runtime_error("backward needs a forward before it");
    std::vector<at::Tensor> outputs, adjoints;
    const auto add = [&](const at::Tensor& output, const std::vector<double>& bar) {
      if (!output.requires_grad()) return;  // depends on no trainable weight
      outputs.push_back(output);
      adjoints.push_back(real_tensor(bar, output.sizes(), output.scalar_type()));
    };
    add(results_[0], energies_bar);
    for (std::size_t s = 0; has_gradients_ && s < edge_gradients_bar.size(); ++s)
      add(results_[2 + s], edge_gradients_bar[s]);
    std::vector<at::Tensor> slopes(trainable_.size());
    if (!outputs.empty()) {
      with_layer_in_errors(program_, [&] {
        slopes = torch::autograd::grad(outputs, trainable_, adjoints, /*retain_graph=*/false, /*create_graph=*/false,
                                       /*allow_unused=*/true);
      });
    }
    results_.clear();
    copy_slopes(slopes, weights_bar);
  }

 private:
  /// Energies, atom energies, slopes per edge set.
  std::vector<at::Tensor> run(const AtomGraph& graph, bool gradients, bool create_graph) const {
    const at::ScalarType type = program_.f64 ? at::kDouble : at::kFloat;
    std::vector<c10::IValue> arguments = {compiled_.module._ivalue(), int_tensor(graph.species),
                                          int_tensor(graph.structure), static_cast<std::int64_t>(graph.n_structures)};
    for (const EdgeList& edges : graph.edges) {
      arguments.emplace_back(receivers_of(edges));
      arguments.emplace_back(int_tensor(edges.neighbor));
      arguments.emplace_back(real_tensor(edges.vectors, {edges.n_edges(), 3}, type));
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

  static void copy_results(const std::vector<at::Tensor>& results, bool gradients, EngineOutput& out) {
    out.energies = numbers_of(results[0]);
    out.atom_energies = numbers_of(results[1]);
    out.edge_gradients.clear();
    for (std::size_t k = 2; gradients && k < results.size(); ++k) out.edge_gradients.push_back(numbers_of(results[k]));
  }

  void copy_slopes(const std::vector<at::Tensor>& slopes, Weights& weights_bar) const {
    weights_bar.clear();
    std::size_t next = 0;
    for (const ModuleWeight& weight : compiled_.weights) {
      Array& bar = weights_bar[weight.name];
      bar.shape.assign(weight.tensor.sizes().begin(), weight.tensor.sizes().end());
      const at::Tensor slope = weight.trainable ? slopes[next++] : at::Tensor();
      bar.data = slope.defined() ? numbers_of(slope) : std::vector<double>(weight.tensor.numel(), 0.0);
    }
  }

  TorchProgram program_;
  CompiledProgram compiled_;
  std::vector<at::Tensor> trainable_;
  std::vector<at::Tensor> results_;  ///< of the last forward, with their graph
  bool has_gradients_ = false;
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

std::string vector_level() {
  const char* asked = std::getenv("ATEN_CPU_CAPABILITY");
  return asked != nullptr ? asked : "avx2 or less";
}

class Library : public TorchLibrary {
 public:
  void configure_process() override {
    torch::jit::getProfilingMode() = false;
    constexpr int huge = 2000000000;
    mallopt(M_TRIM_THRESHOLD, huge);
    mallopt(M_MMAP_THRESHOLD, huge);
    mallopt(M_TOP_PAD, 64 << 20);
  }
  std::unique_ptr<TrainableEngine> make_engine(const TorchProgram& program) override {
    if (!program.is_potential)
      throw std::runtime_error("the graph has no output 'energy' that follows from species and edges");
    return std::make_unique<TorchEngine>(program);
  }
  std::vector<NamedArray> run(const TorchProgram& program, const std::vector<NamedArray>& inputs) override {
    return run_named(program, inputs);
  }
  std::string save_torchscript(const TorchProgram& program) override { return archive_of(program); }
  void set_threads(int n) override { at::set_num_threads(n); }
  void set_deterministic_seed(unsigned long long seed) override { at::manual_seed(seed); }
  std::string description() override {
    return std::string("libtorch ") + TORCH_VERSION + ", " + blas_name() + ", " + vector_level() + ", " +
           std::to_string(at::get_num_threads()) + " threads";
  }
};

}  // namespace
}  // namespace kiln

extern "C" __attribute__((visibility("default"))) kiln::TorchLibrary* kiln_torch_library_v1() {
  return new kiln::Library;
}
