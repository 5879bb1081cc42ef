#include "graph/config_check.h"

namespace kiln {

namespace {

/// e, even, o, odd in any letter case; natural parity (-1)^l where it is left out.
bool read_parity(const Yaml* node, int l, int& parity) {
  parity = l % 2 == 0 ? 1 : -1;
  if (node == nullptr) return true;
  std::string text = node->kind == Yaml::Kind::text ? node->text : "";
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (text != "e" && text != "even" && text != "o" && text != "odd") return false;
  parity = text[0] == 'e' ? 1 : -1;
  return true;
}

/// Far above what is of use; within them, no number of components or weights overflows.
constexpr int kMaxDegree = 100, kMaxMul = 4096, kMaxComponents = 1000000;

std::string limits() {
  return "l from 0 to " + std::to_string(kMaxDegree) + " and mul from 0 to " + std::to_string(kMaxMul);
}

bool read_bounded(const Yaml* node, std::int64_t maximum, int& value) {
  std::int64_t number = 0;
  if (node == nullptr || !read_whole_number(*node, number) || number < 0 || number > maximum) return false;
  value = static_cast<int>(number);
  return true;
}

/// All that is wrong with one block.
std::vector<std::string> read_block(const Yaml& node, IrrepBlock& block) {
  if (!node.is_mapping()) return {"must be a mapping such as {l: 0, mul: 32}"};
  std::vector<std::string> reasons;
  bool is_glued = false;  // {l:0}: a key 'l:0' without a value
  for (const auto& [key, value] : node.entries) {
    if (key.text == "l" || key.text == "mul" || key.text == "p") continue;
    const bool has_colon = key.text.find(':') != std::string::npos;
    reasons.push_back("has an unknown key '" + key.text + "'" +
                      (has_colon ? " (a blank is missing after the colon)" : ""));
    is_glued = is_glued || has_colon;
  }
  const bool has_l = read_bounded(node.find("l"), kMaxDegree, block.irrep.l);
  const bool has_mul = read_bounded(node.find("mul"), kMaxMul, block.mul);
  if (!is_glued && !(has_l && has_mul)) reasons.push_back("needs whole numbers 'l' and 'mul', " + limits());
  if (!read_parity(node.find("p"), block.irrep.l, block.irrep.parity))
    reasons.push_back("parity '" + node.find("p")->text + "' must be e, even, o or odd");
  return reasons;
}

/// Of either form.
bool check_limits(const Irreps& irreps, std::string& reason) {
  std::int64_t n_components = 0;
  for (const IrrepBlock& block : irreps.blocks) {
    if (block.irrep.l > kMaxDegree || block.mul > kMaxMul) {
      reason = "'" + to_string(Irreps{{block}}) + "' is too large: " + limits();
      return false;
    }
    n_components += block.dim();
  }
  if (n_components <= kMaxComponents) return true;
  reason = "it has " + std::to_string(n_components) + " components, more than " + std::to_string(kMaxComponents);
  return false;
}

bool read_blocks(const Yaml& node, Irreps& irreps, std::string& reason) {
  if (!node.is_sequence()) {
    reason = "write [{l: 0, mul: 32}, …] or \"32x0e + …\"";
    return false;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    IrrepBlock block;
    for (const std::string& what : read_block(node.items[i], block))
      reason += (reason.empty() ? "block #" : "; block #") + std::to_string(i) + " " + what;
    irreps.blocks.push_back(block);
  }
  return reason.empty();
}

}  // namespace

bool read_irreps(const Yaml& node, Irreps& irreps, std::string& reason) {
  const bool read =
      node.kind == Yaml::Kind::text ? parse_irreps(node.text, irreps, reason) : read_blocks(node, irreps, reason);
  return read && check_limits(irreps, reason);
}

}  // namespace kiln
