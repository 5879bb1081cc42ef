#include <algorithm>

#include "operators/targets/shape_rules.h"

namespace kiln {

namespace {

/// Which numbers go along the last dimension that is transformed: n points, or the n / 2 + 1 that say it all where the
/// other side is real.
enum class Spectrum { whole, half_of_result, half_of_input };

Size half(const Size& points) { return points.known() ? fixed_size(points.n / 2 + 1) : Size{}; }
Size doubled(const Size& numbers) {
  return numbers.known() ? fixed_size(std::max<std::int64_t>(2 * (numbers.n - 1), 0)) : Size{};
}

ShapeResult no_points(const Shape& shape, int dim) {
  return faulty("finds no points in dimension " + std::to_string(dim) + " of " + to_string(shape));
}

/// A dimension to transform, and how many points are asked for there; -1: as many as there are.
struct Axis {
  int dim = 0;
  std::int64_t points = -1;
};

/// Where points are added, torch wants some in all other dimensions.
std::string fault_of_padding(const Shape& shape, const std::vector<Axis>& axes, Spectrum spectrum) {
  std::vector<bool> longer(shape.rank(), false);
  for (const Axis& axis : axes) {
    const bool is_half = &axis == &axes.back() && spectrum == Spectrum::half_of_input;
    const Size& size = shape.sizes[axis.dim];
    longer[axis.dim] = size.known() && axis.points >= 0 && (is_half ? axis.points / 2 + 1 : axis.points) > size.n;
  }
  if (std::none_of(longer.begin(), longer.end(), [](bool is) { return is; })) return "";
  for (int k = 0; k < shape.rank(); ++k)
    if (!longer[k] && shape.sizes[k].n == 0) return "cannot add points to a tensor of shape " + to_string(shape);
  return "";
}

/// Of the last axis half a spectrum comes out, or goes in.
ShapeResult transformed_along(Shape shape, const std::vector<Axis>& axes, Spectrum spectrum) {
  const Shape before = shape;
  const std::string fault = fault_of_padding(shape, axes, spectrum);
  if (!fault.empty()) return faulty(fault);
  for (std::size_t k = 0; k < axes.size(); ++k) {
    Size& size = shape.sizes[axes[k].dim];
    const bool last = k + 1 == axes.size();
    const bool asked = axes[k].points >= 0;
    Size points = asked                                         ? fixed_size(axes[k].points)
                  : last && spectrum == Spectrum::half_of_input ? doubled(size)
                                                                : size;
    if (points.known() && points.n < 1) return no_points(before, axes[k].dim);
    size = last && spectrum == Spectrum::half_of_result ? half(points) : points;
  }
  const bool keeps_rows = std::all_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.dim > 0; });
  return {{shape}, keeps_rows && shape.rank() > 0, ""};
}

template <Spectrum spectrum>
ShapeResult transformed(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  if (shape.rank() == 0) return faulty("takes no number: it has no dimension");
  const std::vector<int> dims = dimensions(call, "dim", shape, fault);
  if (!fault.empty()) return faulty(fault);
  return transformed_along(shape, {{dims[0], call.integer("n", -1)}}, spectrum);
}

/// The dimensions that are named, else the last ones that points are asked for in, else all.
std::vector<int> transformed_dimensions(const FittedCall& call, const Shape& shape, std::string& fault) {
  if (call.given("dim")) return dimensions(call, "dim", shape, fault);
  const int n = call.given("s") ? static_cast<int>(call.integers("s").size()) : shape.rank();
  std::vector<int> dims;
  for (int k = shape.rank() - n; k < shape.rank(); ++k) dims.push_back(k);
  return dims;
}

std::string fault_of_points(const FittedCall& call, const Shape& shape, const std::vector<int>& dims) {
  const std::vector<std::int64_t> points = call.integers("s");
  if (!call.given("s")) return "";
  if (shape.known && static_cast<int>(points.size()) > shape.rank())
    return "needs s for up to " + std::to_string(shape.rank()) + " dimensions, not " + call.written("s");
  if (points.size() != dims.size()) return "needs as many s as dim, not " + call.written("s");
  const bool fits = std::all_of(points.begin(), points.end(), [](std::int64_t n) { return n > 0 || n == -1; });
  return fits ? "" : "needs s of 1 or more, or -1, not " + call.written("s");
}

template <Spectrum spectrum>
ShapeResult transformed_in_all(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  std::string fault;
  const std::vector<int> dims = transformed_dimensions(call, shape, fault);
  if (fault.empty()) fault = fault_of_points(call, shape, dims);
  const bool none = dims.empty() || shape.rank() == 0;
  if (fault.empty() && none) fault = "needs a dimension to transform in " + to_string(shape);
  if (!fault.empty()) return faulty(fault);
  std::vector<Axis> axes;
  for (std::size_t k = 0; k < dims.size(); ++k) axes.push_back({dims[k], call.given("s") ? call.integers("s")[k] : -1});
  return transformed_along(shape, axes, spectrum);
}

/// The middle of a spectrum becomes its beginning, or back, along all dimensions if none are named.
ShapeResult shifted(const FittedCall& call) {
  const Shape shape = first_input(call);
  if (!shape.known) return {};
  if (shape.rank() == 0 || (call.given("dim") && call.integers("dim").empty()))
    return faulty("needs a dimension to shift in " + to_string(shape));
  bool keeps_rows = call.given("dim");
  for (const std::int64_t dim : call.integers("dim")) {
    const std::string fault = fault_of_dimension(shape, dim);
    if (!fault.empty()) return faulty(fault);
    keeps_rows = keeps_rows && dimension(shape, dim) > 0;
  }
  return {{shape}, keeps_rows, ""};
}

}  // namespace

const ShapeRules& fourier_rules() {
  static const ShapeRules rules = [] {
    ShapeRules all;
    const std::string prefix = "torch.fft.";
    for (const char* name : {"fft", "ifft"}) all[prefix + name] = transformed<Spectrum::whole>;
    for (const char* name : {"rfft", "ihfft"}) all[prefix + name] = transformed<Spectrum::half_of_result>;
    for (const char* name : {"irfft", "hfft"}) all[prefix + name] = transformed<Spectrum::half_of_input>;
    for (const char* n : {"2", "n"}) {
      for (const char* name : {"fft", "ifft"}) all[prefix + name + n] = transformed_in_all<Spectrum::whole>;
      for (const char* name : {"rfft", "ihfft"}) all[prefix + name + n] = transformed_in_all<Spectrum::half_of_result>;
      for (const char* name : {"irfft", "hfft"}) all[prefix + name + n] = transformed_in_all<Spectrum::half_of_input>;
    }
    for (const char* name : {"fftshift", "ifftshift"}) all[prefix + name] = shifted;
    return all;
  }();
  return rules;
}

}  // namespace kiln
