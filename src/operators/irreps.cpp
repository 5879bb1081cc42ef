#include "operators/irreps.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

namespace kiln {

int Irreps::dim() const {
  int total = 0;
  for (const IrrepBlock& block : blocks) total += block.dim();
  return total;
}

int Irreps::offset(int block) const {
  int first = 0;
  for (int b = 0; b < block; ++b) first += blocks[b].dim();
  return first;
}

int Irreps::count(Irrep irrep) const {
  int copies = 0;
  for (const IrrepBlock& block : blocks) {
    if (block.irrep == irrep) copies += block.mul;
  }
  return copies;
}

bool Irreps::is_scalar() const {
  return std::all_of(blocks.begin(), blocks.end(), [](const IrrepBlock& b) { return b.irrep == Irrep{0, 1}; });
}

Irreps scalars(int mul) { return {{{mul, {0, 1}}}}; }

Irreps spherical_harmonics_irreps(int lmax) {
  Irreps irreps;
  for (int l = 0; l <= lmax; ++l) irreps.blocks.push_back({1, {l, l % 2 == 0 ? 1 : -1}});
  return irreps;
}

Irreps simplify(const Irreps& irreps) {
  Irreps merged;
  for (const IrrepBlock& block : irreps.blocks) {
    if (block.mul == 0) continue;
    if (!merged.blocks.empty() && merged.blocks.back().irrep == block.irrep) {
      merged.blocks.back().mul += block.mul;
    } else {
      merged.blocks.push_back(block);
    }
  }
  return merged;
}

Irreps sort(const Irreps& irreps, std::vector<int>* permutation) {
  std::vector<int> order(irreps.blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return irreps.blocks[a].irrep < irreps.blocks[b].irrep; });
  Irreps sorted;
  for (int old : order) sorted.blocks.push_back(irreps.blocks[old]);
  if (permutation != nullptr) *permutation = order;
  return sorted;
}

std::vector<Irrep> product(Irrep a, Irrep b) {
  std::vector<Irrep> irreps;
  for (int l = std::abs(a.l - b.l); l <= a.l + b.l; ++l) irreps.push_back({l, a.parity * b.parity});
  return irreps;
}

std::string to_string(Irrep irrep) { return std::to_string(irrep.l) + (irrep.parity > 0 ? "e" : "o"); }

std::string to_string(const Irreps& irreps) {
  std::string text;
  for (const IrrepBlock& block : irreps.blocks) {
    if (!text.empty()) text += " + ";
    text += std::to_string(block.mul) + "x" + to_string(block.irrep);
  }
  return text.empty() ? "nothing" : text;
}

namespace {

std::string strip(const std::string& text) {
  std::size_t first = 0, last = text.size();
  while (first < last && std::isspace(static_cast<unsigned char>(text[first]))) ++first;
  while (last > first && std::isspace(static_cast<unsigned char>(text[last - 1]))) --last;
  return text.substr(first, last - first);
}

bool whole_number(const std::string& text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 0;
}

/// "32x1o" or "1o".
bool parse_block(const std::string& text, IrrepBlock& block) {
  const std::size_t cross = text.find('x');
  block.mul = 1;
  if (cross != std::string::npos && !whole_number(strip(text.substr(0, cross)), block.mul)) return false;
  const std::string irrep = strip(cross == std::string::npos ? text : text.substr(cross + 1));
  if (irrep.size() < 2 || (irrep.back() != 'e' && irrep.back() != 'o')) return false;
  block.irrep.parity = irrep.back() == 'e' ? 1 : -1;
  return whole_number(irrep.substr(0, irrep.size() - 1), block.irrep.l);
}

}  // namespace

bool parse_irreps(const std::string& text, Irreps& irreps, std::string& reason) {
  irreps.blocks.clear();
  if (strip(text).empty()) return true;
  std::vector<std::string> wrong;
  for (std::size_t first = 0; first <= text.size();) {
    const std::size_t plus = std::min(text.find('+', first), text.size());
    const std::string part = strip(text.substr(first, plus - first));
    IrrepBlock block;
    if (parse_block(part, block))
      irreps.blocks.push_back(block);
    else
      wrong.push_back("'" + part + "'");
    first = plus + 1;
  }
  reason.clear();
  for (const std::string& part : wrong) reason += (reason.empty() ? "" : " and ") + part;
  if (!wrong.empty()) reason += wrong.size() > 1 ? " are not irreps such as 32x1o" : " is not an irrep such as 32x1o";
  return wrong.empty();
}

}  // namespace kiln
