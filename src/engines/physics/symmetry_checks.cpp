#include <cmath>
#include <random>

#include "engines/physics/largest_deviation.h"

namespace kiln {
namespace {

constexpr Request kEverything{true, true, true};

using Vec3 = std::array<double, 3>;
using Matrix3 = std::array<Vec3, 3>;

/// By sqrt(2) about z, then sqrt(3) about x, times `sign`.
Matrix3 rotation(double sign) {
  const double c = std::cos(std::sqrt(2.0)), s = std::sin(std::sqrt(2.0));
  const double d = std::cos(std::sqrt(3.0)), t = std::sin(std::sqrt(3.0));
  Matrix3 matrix{Vec3{c, -s, 0.0}, Vec3{d * s, d * c, -t}, Vec3{t * s, t * c, d}};
  for (Vec3& row : matrix)
    for (double& value : row) value *= sign;
  return matrix;
}

constexpr Matrix3 kInversion{Vec3{-1.0, 0.0, 0.0}, Vec3{0.0, -1.0, 0.0}, Vec3{0.0, 0.0, -1.0}};

void rotate_vector(const Matrix3& r, double* v) {
  const Vec3 old{v[0], v[1], v[2]};
  for (int x = 0; x < 3; ++x) v[x] = r[x][0] * old[0] + r[x][1] * old[1] + r[x][2] * old[2];
}

/// R T R^t: rows first, then columns.
void rotate_tensor(const Matrix3& r, double* t) {
  for (int row = 0; row < 3; ++row) rotate_vector(r, t + 3 * row);
  for (int column = 0; column < 3; ++column) {
    Vec3 v{t[column], t[3 + column], t[6 + column]};
    rotate_vector(r, v.data());
    for (int row = 0; row < 3; ++row) t[3 * row + column] = v[row];
  }
}

Structure rotated(const Matrix3& r, Structure structure) {
  for (Vec3& position : structure.positions) rotate_vector(r, position.data());
  for (int row = 0; row < 3; ++row) rotate_vector(r, &structure.cell[3 * row]);
  return structure;
}

Prediction rotated(const Matrix3& r, Prediction prediction) {
  for (std::size_t i = 0; i + 3 <= prediction.forces.size(); i += 3) rotate_vector(r, &prediction.forces[i]);
  for (std::size_t i = 0; i + 9 <= prediction.virial.size(); i += 9) rotate_tensor(r, &prediction.virial[i]);
  for (std::size_t i = 0; i + 9 <= prediction.atom_virials.size(); i += 9)
    rotate_tensor(r, &prediction.atom_virials[i]);
  return prediction;
}

/// Sattolo's shuffle: one cycle, so that no atom of several stays where it was.
std::vector<int> shuffled(int n) {
  std::vector<int> order;
  for (int i = 0; i < n; ++i) order.push_back(i);
  std::mt19937 random(1);
  for (int i = n - 1; i > 0; --i) std::swap(order[i], order[random() % static_cast<unsigned>(i)]);
  return order;
}

/// result[i * width ...] = values[order[i] * width ...]
std::vector<double> reordered(const std::vector<double>& values, const std::vector<int>& order, std::size_t width) {
  std::vector<double> result;
  if (values.size() != width * order.size()) return values;  // its size is what the comparison finds
  for (const int from : order)
    for (std::size_t k = 0; k < width; ++k) result.push_back(values[width * static_cast<std::size_t>(from) + k]);
  return result;
}

Structure reordered(const Structure& structure, const std::vector<int>& order) {
  Structure result = structure;
  for (std::size_t i = 0; i < order.size(); ++i) {
    result.atomic_numbers[i] = structure.atomic_numbers[order[i]];
    result.positions[i] = structure.positions[order[i]];
  }
  return result;
}

/// Atom i by a cell vector of each periodic axis, forth or back or not at all.
Structure with_images(Structure structure) {
  for (int i = 0; i < structure.n_atoms(); ++i) {
    const int steps[3] = {i % 3 - 1, i / 3 % 3 - 1, i / 2 % 3 - 1};
    for (int axis = 0; axis < 3; ++axis)
      for (int x = 0; x < 3; ++x)
        if (structure.periodic[axis]) structure.positions[i][x] += steps[axis] * structure.cell[3 * axis + x];
  }
  return structure;
}

}  // namespace

LawReport check_translation(const Evaluate& evaluate, const Structure& structure, double tolerance) {
  Structure moved = structure;
  const double by[3] = {100.3, -30.7, 7.1};
  for (Vec3& position : moved.positions)
    for (int x = 0; x < 3; ++x) position[x] += by[x];
  return check_equal("nothing changes under translation", evaluate(moved, kEverything),
                     evaluate(structure, kEverything), tolerance);
}

LawReport check_rotation(const Evaluate& evaluate, const Structure& structure, double tolerance) {
  struct Case {
    const char* name;
    Matrix3 matrix;
  };
  const Case cases[] = {{"rotated", rotation(1.0)}, {"inverted", kInversion}, {"rotated and inverted", rotation(-1.0)}};
  const std::string law = "forces and virials turn with the atoms";
  const Prediction still = evaluate(structure, kEverything);
  LargestDeviation worst;
  for (const Case& c : cases) {
    const Prediction turned = evaluate(rotated(c.matrix, structure), kEverything);
    const LawReport report = check_equal(law, turned, rotated(c.matrix, still), tolerance);
    worst.see(report.deviation, report.where + ", " + c.name);
  }
  return worst.report(law, tolerance);
}

LawReport check_permutation(const Evaluate& evaluate, const Structure& structure, double tolerance) {
  const std::vector<int> order = shuffled(structure.n_atoms());
  Prediction want = evaluate(structure, kEverything);
  want.atom_energies = reordered(want.atom_energies, order, 1);
  want.forces = reordered(want.forces, order, 3);
  want.atom_virials = reordered(want.atom_virials, order, 9);
  return check_equal("the order of the atoms does not matter", evaluate(reordered(structure, order), kEverything), want,
                     tolerance);
}

LawReport check_periodic_images(const Evaluate& evaluate, const Structure& structure, double tolerance) {
  const std::string law = "an atom is as good as its periodic image";
  if (!structure.periodic[0] && !structure.periodic[1] && !structure.periodic[2])
    return {law, NAN, tolerance, "a structure that is not periodic"};
  return check_equal(law, evaluate(with_images(structure), kEverything), evaluate(structure, kEverything), tolerance);
}

}  // namespace kiln
