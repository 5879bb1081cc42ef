#include "structure/neighbor_list.h"

#include <algorithm>
#include <limits>
#include <string>

#include "kiln/error.h"
#include "structure/cell.h"

namespace kiln {
namespace {

constexpr double kShortest = 1e-6;          // Å
constexpr double kFarthest = 1e8;           // cell vectors: an image index must fit into an int with room to spare
constexpr double kFarthestPosition = 1e12;  // Å
constexpr double kSlack = 1.0 + 1e-12;      // candidates are chosen a little wider, edges then exactly
constexpr double kMostImages = 1e9;
constexpr double kBinsPerCutoff[] = {4.0, 1.0, 1.0};
constexpr int kSample = 64;  // atoms after which the number of edges is estimated

using Shift = std::array<int, 3>;

[[noreturn]] void fail(const char* code, const std::string& what, const std::string& hint, int atom = -1) {
  throw Error(ErrorKind::data, {{Severity::error, code, {}, what, hint, atom}});
}

void validate(const Structure& structure, double cutoff) {
  if (!(cutoff > 0.0) || !std::isfinite(cutoff)) fail("bad-cutoff", "the cutoff is not a positive number", "");
  for (int i = 0; i < structure.n_atoms(); ++i) {
    for (double x : structure.positions[static_cast<std::size_t>(i)]) {
      if (!std::isfinite(x)) fail("not-finite", "the position of atom " + std::to_string(i) + " is not finite", "", i);
      if (std::abs(x) > kFarthestPosition)
        fail("atom-far-away", "atom " + std::to_string(i) + " is absurdly far away", "", i);
    }
  }
  const auto& periodic = structure.periodic;
  if ((periodic[0] || periodic[1] || periodic[2]) && !has_volume(structure.cell)) {
    fail("flat-cell", "an axis is periodic but the cell has no volume", "Give three cell vectors that span a volume.");
  }
}

/// The axes in which atoms are sorted: the cell's if anything is periodic, else Cartesian ones.
struct Axes {
  explicit Axes(const Structure& structure) : periodic(structure.periodic) {
    if (periodic[0] || periodic[1] || periodic[2]) cell = structure.cell;
    to_fractional = reciprocal(cell);
    for (std::size_t a = 0; a < 3; ++a) height[a] = 1.0 / norm(to_fractional[a]);
  }

  Cell cell{1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::array<bool, 3> periodic;
  std::array<Vector3, 3> to_fractional;
  Vector3 height;  ///< distance of the opposite faces, Å
};

/// r_j - r_i + S·H, the same bits for the reversed edge but for the sign.
Vector3 edge_vector(const Structure& structure, int i, int j, const Shift& shift) {
  const Vector3& from = structure.positions[static_cast<std::size_t>(i)];
  const Vector3& to = structure.positions[static_cast<std::size_t>(j)];
  Vector3 vector;
  for (std::size_t x = 0; x < 3; ++x) {
    const double image =
        shift[0] * structure.cell[x] + shift[1] * structure.cell[3 + x] + shift[2] * structure.cell[6 + x];
    vector[x] = (to[x] - from[x]) + image;
  }
  return vector;
}

/// Appends the edge if it is shorter than the cutoff.
struct EdgeWriter {
  const Structure& structure;
  EdgeList& list;
  std::vector<int>* shifts;

  void add(int i, int j, const Shift& shift) {
    const Vector3 vector = edge_vector(structure, i, j, shift);
    const double length2 = dot(vector, vector);
    if (!(length2 < list.cutoff * list.cutoff)) return;
    if (length2 < kShortest * kShortest) {
      fail("atoms-coincide", "atoms " + std::to_string(i) + " and " + std::to_string(j) + " are at one place",
           i == j ? "The cell is too small: an atom meets its own image." : "Remove one of them or move it.", j);
    }
    list.neighbor.push_back(j);
    for (double x : vector) list.vectors.push_back(x);
    if (shifts) shifts->insert(shifts->end(), shift.begin(), shift.end());
  }

  void end_receiver() {
    if (list.neighbor.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      fail("too-many-edges", "there are more than 2^31 edges", "Take a smaller structure or cutoff.");
    }
    list.first.push_back(list.n_edges());
    if (list.n_receivers() == kSample) reserve_from_sample();
  }

  /// Arrays that grow by doubling are copied and paged in again and again.
  void reserve_from_sample() {
    const double expected = 1.1 * list.n_edges() * structure.n_atoms() / kSample;
    const auto n_edges = static_cast<std::size_t>(std::min(expected, 1e8));
    list.neighbor.reserve(n_edges);
    list.vectors.reserve(3 * n_edges);
    if (shifts) shifts->reserve(3 * n_edges);
  }
};

EdgeList empty_list(double cutoff, std::vector<int>* shifts) {
  EdgeList list;
  list.cutoff = cutoff;
  list.first = {0};
  if (shifts) shifts->clear();
  return list;
}

/// Atoms sorted into bins of the wrapped cell (periodic axes) or of the bounding box (others), x fastest.
class BinnedAtoms {
 public:
  BinnedAtoms(const Structure& structure, double cutoff) : axes_(structure), cutoff_(cutoff * kSlack) {
    wrap(structure);
    choose_bins(structure.n_atoms());
    sort_atoms();
  }

  struct Candidate {
    int atom;
    Shift shift;
    bool operator<(const Candidate& other) const {
      return atom != other.atom ? atom < other.atom : shift < other.shift;
    }
  };

  /// All (sender, shift) whose distance from atom i is at most the cutoff, up to rounding; atom i itself left out.
  void find(int i, std::vector<Candidate>& found) {
    found.clear();
    const Shift home = bin_of(i);
    for (int z = home[2] - reach_[2]; z <= home[2] + reach_[2]; ++z) {
      const BinImage bin_z = image_of(z, 2);
      if (!bin_z.exists) continue;
      for (int y = home[1] - reach_[1]; y <= home[1] + reach_[1]; ++y) {
        const BinImage bin_y = image_of(y, 1);
        if (bin_y.exists) find_in_row(i, home[0], bin_y, bin_z, found);
      }
    }
  }

 private:
  struct BinImage {
    int bin;
    int image;
    bool exists;
  };

  void wrap(const Structure& structure) {
    const std::size_t n = structure.positions.size();
    fractional_.resize(n);
    wrapped_.resize(n);
    turns_.assign(n, {0, 0, 0});
    for (std::size_t i = 0; i < n; ++i) {
      wrapped_[i] = structure.positions[i];
      for (std::size_t a = 0; a < 3; ++a) wrap_along(i, a, dot(axes_.to_fractional[a], structure.positions[i]));
    }
  }

  void wrap_along(std::size_t i, std::size_t a, double s) {
    fractional_[i][a] = s;
    if (!axes_.periodic[a]) return;
    const double turns = std::floor(s);
    if (!(std::abs(turns) < kFarthest)) {
      fail("atom-far-away", "atom " + std::to_string(i) + " is more than 10^8 cells away from the cell",
           "Wrap it into the cell.");
    }
    turns_[i][a] = static_cast<int>(turns);
    fractional_[i][a] = s - turns;
    for (std::size_t x = 0; x < 3; ++x) wrapped_[i][x] -= turns * axes_.cell[3 * a + x];
  }

  /// Rows of bins one cutoff thick, cut finely along x; fewer bins where they would outnumber the atoms by far (vacuum,
  /// far fragments).
  void choose_bins(int n_atoms) {
    std::array<double, 3> wanted;
    for (std::size_t a = 0; a < 3; ++a) {
      first_[a] = 0.0;
      extent_[a] = 1.0;
      if (!axes_.periodic[a]) bound_along(a);
      wanted[a] = std::max(1.0, std::floor(kBinsPerCutoff[a] * extent_[a] * axes_.height[a] / cutoff_));
    }
    const double most = std::max(64.0, 4.0 * n_atoms);
    while (wanted[0] * wanted[1] * wanted[2] > most) {
      double& largest = *std::max_element(wanted.begin(), wanted.end());
      largest = std::ceil(largest / 2.0);
    }
    double n_images = 1.0;
    for (std::size_t a = 0; a < 3; ++a) {
      n_bins_[a] = static_cast<int>(wanted[a]);
      const double reach = std::ceil(cutoff_ * wanted[a] / (extent_[a] * axes_.height[a]));
      n_images *= axes_.periodic[a] ? 2.0 * reach + 1.0 : 1.0;
      reach_[a] = static_cast<int>(axes_.periodic[a] ? std::min(reach, kMostImages) : std::min(reach, wanted[a]));
    }
    if (n_images > kMostImages) {
      fail("cutoff-too-large", "the cutoff reaches more than 10^9 images of the cell", "Is the cell given in Å?");
    }
  }

  void bound_along(std::size_t a) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Vector3& s : fractional_) {
      low = std::min(low, s[a]);
      high = std::max(high, s[a]);
    }
    if (fractional_.empty()) low = high = 0.0;
    first_[a] = low;
    extent_[a] = std::max((high - low) * kSlack, cutoff_ / axes_.height[a]);
  }

  Shift bin_of(int i) const {
    Shift bin;
    for (std::size_t a = 0; a < 3; ++a) {
      const double s = (fractional_[static_cast<std::size_t>(i)][a] - first_[a]) / extent_[a];
      bin[a] = std::clamp(static_cast<int>(s * n_bins_[a]), 0, n_bins_[a] - 1);
    }
    return bin;
  }

  std::size_t bin_index(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(n_bins_[1]) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(n_bins_[0]) +
           static_cast<std::size_t>(x);
  }

  /// Counting sort; within a bin atoms keep their order.
  void sort_atoms() {
    const std::size_t n = wrapped_.size();
    std::vector<std::size_t> bins(n);
    bin_start_.assign(bin_index(0, 0, n_bins_[2]) + 1, 0);
    for (std::size_t i = 0; i < n; ++i) {
      const Shift bin = bin_of(static_cast<int>(i));
      bins[i] = bin_index(bin[0], bin[1], bin[2]);
      ++bin_start_[bins[i] + 1];
    }
    for (std::size_t b = 1; b < bin_start_.size(); ++b) bin_start_[b] += bin_start_[b - 1];
    std::vector<int> next(bin_start_.begin(), bin_start_.end() - 1);
    atom_.resize(n);
    for (auto& coordinate : sorted_) coordinate.resize(n);
    hits_.resize(n + 1);
    for (std::size_t i = 0; i < n; ++i) {
      const auto slot = static_cast<std::size_t>(next[bins[i]]++);
      atom_[slot] = static_cast<int>(i);
      for (std::size_t x = 0; x < 3; ++x) sorted_[x][slot] = wrapped_[i][x];
    }
  }

  BinImage image_of(int bin, std::size_t axis) const {
    const int n = n_bins_[axis];
    if (bin >= 0 && bin < n) return {bin, 0, true};
    const int image = bin >= 0 ? bin / n : -((n - 1 - bin) / n);
    return {bin - image * n, image, axes_.periodic[axis]};
  }

  /// Bins of one row are contiguous, so each image of the row is one stretch of atoms.
  void find_in_row(int i, int home, const BinImage& y, const BinImage& z, std::vector<Candidate>& found) {
    const int n = n_bins_[0];
    const bool periodic = axes_.periodic[0];
    const int low = periodic ? home - reach_[0] : std::max(0, home - reach_[0]);
    const int high = periodic ? home + reach_[0] : std::min(n - 1, home + reach_[0]);
    for (int x = low; x <= high;) {
      const BinImage begin = image_of(x, 0);
      const int last = std::min(n - 1, begin.bin + high - x);
      find_in_stretch(i, bin_index(begin.bin, y.bin, z.bin), bin_index(last, y.bin, z.bin),
                      {begin.image, y.image, z.image}, found);
      x += last - begin.bin + 1;
    }
  }

  void find_in_stretch(int i, std::size_t first_bin, std::size_t last_bin, const Shift& image,
                       std::vector<Candidate>& found) {
    const auto self = static_cast<std::size_t>(i);
    const bool is_home = image == Shift{0, 0, 0};
    Vector3 center = wrapped_[self];  // moved by minus the image instead of moving every sender
    for (std::size_t a = 0; a < 3 && !is_home; ++a) {
      for (std::size_t x = 0; x < 3; ++x) center[x] -= image[a] * axes_.cell[3 * a + x];
    }
    const double* px = sorted_[0].data();
    const double* py = sorted_[1].data();
    const double* pz = sorted_[2].data();
    const double cutoff2 = cutoff_ * cutoff_ * kSlack;
    int* hits = hits_.data();
    std::size_t n_hits = 0;  // counted without a branch: one in four is a hit, no processor can guess which
    for (int k = bin_start_[first_bin], end = bin_start_[last_bin + 1]; k < end; ++k) {
      const double dx = px[k] - center[0], dy = py[k] - center[1], dz = pz[k] - center[2];
      hits[n_hits] = k;
      n_hits += dx * dx + dy * dy + dz * dz <= cutoff2;
    }
    for (std::size_t h = 0; h < n_hits; ++h) {
      const int j = atom_[static_cast<std::size_t>(hits[h])];
      if (j == i && is_home) continue;
      Candidate candidate{j, image};
      const Shift& turns_j = turns_[static_cast<std::size_t>(j)];
      for (std::size_t a = 0; a < 3; ++a) candidate.shift[a] += turns_[self][a] - turns_j[a];
      found.push_back(candidate);
    }
  }

  Axes axes_;
  double cutoff_;                    ///< with slack
  std::vector<Vector3> fractional_;  ///< [n_atoms], wrapped along periodic axes
  std::vector<Vector3> wrapped_;     ///< [n_atoms], Å
  std::vector<Shift> turns_;         ///< [n_atoms], cells by which each atom was moved back
  Vector3 first_, extent_;           ///< of the binned region, fractional
  Shift n_bins_, reach_;
  std::vector<int> bin_start_;                 ///< [n_bins + 1], into the sorted atoms
  std::vector<int> atom_;                      ///< [n_atoms], sorted by bin
  std::array<std::vector<double>, 3> sorted_;  ///< their wrapped coordinates
  std::vector<int> hits_;                      ///< scratch of one stretch
};

}  // namespace

EdgeList neighbor_list(const Structure& structure, double cutoff, std::vector<int>* shifts) {
  validate(structure, cutoff);
  EdgeList list = empty_list(cutoff, shifts);
  BinnedAtoms atoms(structure, cutoff);
  EdgeWriter writer{structure, list, shifts};
  std::vector<BinnedAtoms::Candidate> candidates;
  for (int i = 0; i < structure.n_atoms(); ++i) {
    atoms.find(i, candidates);
    std::sort(candidates.begin(), candidates.end());
    for (const auto& candidate : candidates) writer.add(i, candidate.atom, candidate.shift);
    writer.end_receiver();
  }
  return list;
}

EdgeList neighbor_list_brute_force(const Structure& structure, double cutoff, std::vector<int>* shifts) {
  validate(structure, cutoff);
  EdgeList list = empty_list(cutoff, shifts);
  const Axes axes(structure);
  EdgeWriter writer{structure, list, shifts};
  for (int i = 0; i < structure.n_atoms(); ++i) {
    for (int j = 0; j < structure.n_atoms(); ++j) {
      const Vector3 direct = edge_vector(structure, i, j, {0, 0, 0});
      Shift low{}, high{};
      for (std::size_t a = 0; a < 3; ++a) {
        if (!axes.periodic[a]) continue;
        const double s = dot(axes.to_fractional[a], direct);
        low[a] = static_cast<int>(std::floor(-s - cutoff / axes.height[a])) - 1;
        high[a] = static_cast<int>(std::ceil(-s + cutoff / axes.height[a])) + 1;
      }
      for (int x = low[0]; x <= high[0]; ++x) {
        for (int y = low[1]; y <= high[1]; ++y) {
          for (int z = low[2]; z <= high[2]; ++z) {
            if (i != j || x != 0 || y != 0 || z != 0) writer.add(i, j, {x, y, z});
          }
        }
      }
    }
    writer.end_receiver();
  }
  return list;
}

}  // namespace kiln
