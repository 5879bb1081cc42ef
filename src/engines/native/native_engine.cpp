#include "engines/native/native_engine.h"

#include <algorithm>

#include "engines/native/executor.h"
#include "kiln/error.h"

namespace kiln {
namespace {

template <class T>
class NativeEngine final : public Engine {
 public:
  NativeEngine(const LoweredGraph& graph, const Weights& weights, VectorLevel level)
      : program_(native::make_program<T>(graph, weights, level)) {}

  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<native::Workspace<T>>(); }

  void evaluate(const AtomGraph& graph, bool gradients, Scratch& scratch, EngineOutput& out) const override {
    native::execute(program_, graph, gradients, dynamic_cast<native::Workspace<T>&>(scratch), out);
  }

 private:
  native::Program<T> program_;
};

}  // namespace

std::unique_ptr<Engine> make_native_engine(const LoweredGraph& graph, const Weights& weights, Precision precision,
                                           VectorLevel level) {
  if (precision == Precision::f64) return std::make_unique<NativeEngine<double>>(graph, weights, level);
  return std::make_unique<NativeEngine<float>>(graph, weights, level);
}

std::unique_ptr<Engine> make_native_engine(const LoweredGraph& graph, const Weights& weights, Precision precision) {
  return make_native_engine(graph, weights, precision, best_level());
}

}  // namespace kiln
