#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kiln/error.h"

namespace kiln {

/// A tensor at a port or of a weight, row-major: reals, or for species, atomic numbers and lists of edges integers.
struct PortArray {
  std::vector<std::int64_t> shape;
  std::vector<double> reals;
  std::vector<std::int64_t> integers = {};  ///< instead, where the port takes integers
};
using PortArrays = std::map<std::string, PortArray>;

/// One layer of a library of layers (docs/language/library-mode.md), or of any graph, for programs that put layers
/// together themselves: with weights of its own, on the native engine, in float64.
class LibraryLayer {
 public:
  /// @param file    YAML with `model_layers`
  /// @param inputs  by port, what `model_inputs` would hold, as YAML: "{role: species}", "{shape: [N, 16]}", ""
  /// @param seed    of the weights
  /// Throws Error: data (the file cannot be read), configuration (everything that is wrong with the file, the layer or
  /// its inputs; a layer for which the native engine has no kernel).
  static LibraryLayer load(const std::string& file, const std::string& layer,
                           const std::map<std::string, std::string>& inputs, std::uint64_t seed = 0);

  LibraryLayer(LibraryLayer&&) noexcept;
  LibraryLayer& operator=(LibraryLayer&&) noexcept;
  ~LibraryLayer();

  PortArrays weights() const;  ///< by name, `<layer>.<parameter>`; of an alias, the layer that it calls
  /// Throws Error of kind data for names and shapes that the layer does not have.
  void set_weights(const PortArrays& weights);

  /// The layer's outputs by port, or by the layer's name if there is one only. Thread-safe.
  /// Throws Error of kind data for ports, dtypes, shapes and values that do not fit.
  PortArrays operator()(const PortArrays& inputs) const;

 private:
  struct Impl;
  explicit LibraryLayer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln
