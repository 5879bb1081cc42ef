#include <algorithm>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// Words that a text may be, of the targets with these names.
struct ArgumentWords {
  const char* argument;
  const char* words;
  const char* targets;
};

constexpr ArgumentWords kWords[] = {
    {"rounding_mode", "floor trunc", "div divide"},
    {"mode", "constant reflect replicate circular", "nn.functional.pad"},
    {"mode", "reduced complete r", "linalg.qr"},
    {"UPLO", "L U l u", "linalg.eigh linalg.eigvalsh"},
    {"reduce", "add multiply", "scatter"},
    {"reduce", "sum prod mean amax amin", "scatter_reduce"},
    {"reduce", "prod mean amax amin", "index_reduce"},
    {"p", "fro nuc", "linalg.cond"},
    {"ord", "fro nuc", "linalg.norm linalg.matrix_norm"},
    {"driver", "gels gelsy gelsd gelss", "linalg.lstsq"},
    {"interpolation", "linear lower higher midpoint nearest", "quantile nanquantile"},
    {"side", "left right", "searchsorted"},
    {"approximate", "none tanh", "nn.functional.gelu"},
    {"norm", "forward backward ortho",
     "fft.fft fft.fft2 fft.fftn fft.ifft fft.ifft2 fft.ifftn fft.rfft fft.rfft2 fft.rfftn fft.irfft fft.irfft2 "
     "fft.irfftn fft.hfft fft.hfft2 fft.hfftn fft.ihfft fft.ihfft2 fft.ihfftn"},
};

std::vector<std::string> split(const std::string& list) {
  std::istringstream in(list);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

/// Argument and words.
using WordsByTarget = std::multimap<std::string, std::pair<std::string, std::vector<std::string>>>;

const WordsByTarget& words_by_target() {
  static const WordsByTarget by_target = [] {
    WordsByTarget all;
    for (const ArgumentWords& known : kWords)
      for (const std::string& target : split(known.targets))
        all.emplace("torch." + target, std::make_pair(known.argument, split(known.words)));
    return all;
  }();
  return by_target;
}

bool has(const std::vector<std::string>& all, const std::string& word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

/// "'floor' or 'trunc'".
std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "'" : " or '") + word + "'";
  return text;
}

bool is_text(const FittedCall& call, const std::string& argument) {
  const FittedArgument found = find_argument(call, argument);
  return found.part != nullptr && found.argument().type.kind == SignatureType::Kind::text && call.given(argument);
}

}  // namespace

std::vector<std::string> words_of(const std::string& target, const std::string& argument) {
  const auto [first, end] = words_by_target().equal_range(target);
  const auto known = std::find_if(first, end, [&](const auto& entry) { return entry.second.first == argument; });
  return known == end ? std::vector<std::string>{} : known->second.second;
}

std::vector<ArgumentFault> faults_of_words(const FittedCall& call) {
  std::vector<ArgumentFault> faults;
  const auto [first, end] = words_by_target().equal_range(name_of(call));
  for (auto known = first; known != end; ++known) {
    const auto& [argument, words] = known->second;
    if (!is_text(call, argument)) continue;
    const std::string word = call.text(argument);
    if (has(words, word)) continue;
    faults.push_back({argument, std::string("takes ") + quoted(words) + " as " + argument + ", not '" + word + "'"});
  }
  return faults;
}

}  // namespace kiln
