#include "model/torch_state_dict.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/zip.h"
#include "kiln/error.h"
#include "model/pickle.h"

namespace kiln {
namespace {

using Kind = PickleValue::Kind;

/// A view may repeat numbers of its storage (stride 0), but a small file must not ask for all memory.
constexpr std::int64_t kLargestExpansion = 1 << 20;

struct Reader {
  const std::string& file_name;
  std::map<std::string, std::string> files = {};  ///< of the archive, below its folder

  [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
    throw Error(ErrorKind::data, "bad-state-dict", SourcePos::whole_file(file_name), what, hint);
  }
  [[noreturn]] void damaged(const std::string& what) const {
    fail("this is not a state dict that can be read: " + what,
         "The file is damaged; write it again with torch.save(module.state_dict(), path).");
  }

  [[noreturn]] void refuse_module() const {
    fail("this is a TorchScript module, not a state dict",
         "load it in Python and write its weights: torch.save(torch.jit.load(path).state_dict(), …)");
  }

  static std::string below_folder(const std::string& name) { return name.substr(name.find('/') + 1); }

  void unpack(const std::string& bytes) {
    for (const std::string& name : zip_names(bytes, file_name))
      if (below_folder(name) == "constants.pkl") refuse_module();
    std::map<std::string, std::string> full_names;
    for (auto& [name, content] : read_zip(bytes, file_name)) {
      const auto [first, is_new] = full_names.emplace(below_folder(name), name);
      if (!is_new) damaged("'" + first->second + "' and '" + name + "' stand for the same");
      files[below_folder(name)] = std::move(content);
    }
  }

  void open(const std::string& bytes) {
    try {
      unpack(bytes);
    } catch (const Error& error) {
      if (error.diagnostics().front().code != "bad-zip") throw;
      fail("this is a damaged file of torch, or none: " + error.diagnostics().front().what,
           "Copy it again, or write it again with torch.save(module.state_dict(), path).");
    }
    if (files.count("data.pkl") == 0)
      fail("this is a zip archive without data.pkl: torch did not write it", "give a state dict or safetensors");
    if (files.count("byteorder") != 0 && files.at("byteorder") != "little")
      fail("the numbers stand in the byte order of another machine", "write it on a little-endian machine");
  }

  /// Checked: every element of the view lies in the storage.
  const std::string& storage_of(const PickleValue& view, const std::string& name) const {
    const auto found = files.find("data/" + view.text);
    if (found == files.end()) damaged("the numbers of '" + name + "' are not in the archive");
    const std::uint64_t width = size_of(view.dtype), n_bytes = found->second.size();
    const auto n = static_cast<std::int64_t>(n_bytes / width);
    if (n != view.n_elements || n_bytes % width != 0)
      damaged("the storage of '" + name + "' has " + std::to_string(n_bytes) + " bytes, not those of " +
              std::to_string(view.n_elements) + " numbers of the type " + name_of(view.dtype));
    const std::int64_t most = std::max(n, kLargestExpansion);
    if (view.shape.size() != view.strides.size()) damaged("'" + name + "' has not as many strides as sizes");
    const bool empty = std::count(view.shape.begin(), view.shape.end(), 0) > 0;
    if (view.offset < 0 || (!empty && view.offset >= n)) damaged("'" + name + "' leaves its storage");
    std::int64_t last = view.offset, count = 1;
    for (std::size_t k = 0; k < view.shape.size(); ++k) {
      const std::int64_t size = view.shape[k], stride = view.strides[k];
      if (size < 0 || stride < 0) damaged("'" + name + "' has a negative size or stride");
      if (empty || size == 1) continue;
      if (size > most / count || (stride > 0 && size - 1 > (n - 1) / stride))
        damaged("'" + name + "' leaves its storage");
      count *= size;
      last += (size - 1) * stride;
    }
    if (!empty && last >= n) damaged("'" + name + "' leaves its storage");
    return found->second;
  }

  Tensor tensor_of(const PickleValue& view, const std::string& name) const {
    const std::string& storage = storage_of(view, name);
    const std::size_t width = size_of(view.dtype);
    Tensor tensor{view.dtype, view.shape, {}};
    std::int64_t count = 1;
    for (const std::int64_t size : view.shape) {
      if (size == 0) count = 0;
    }
    for (const std::int64_t size : view.shape) count = count == 0 ? 0 : count * size;
    tensor.bytes.resize(static_cast<std::size_t>(count) * width);
    std::vector<std::int64_t> index(view.shape.size(), 0);
    std::int64_t place = view.offset;
    for (std::int64_t n = 0; n < count; ++n) {
      std::memcpy(&tensor.bytes[static_cast<std::size_t>(n) * width], &storage[static_cast<std::size_t>(place) * width],
                  width);
      for (std::size_t k = index.size(); k-- > 0;) {  // the next element in row-major order
        if (++index[k] < view.shape[k]) {
          place += view.strides[k];
          break;
        }
        index[k] = 0;
        place -= view.strides[k] * (view.shape[k] - 1);
      }
    }
    return tensor;
  }

  /// Each dictionary once: one that holds itself, or one copy of another in many, would take forever.
  void collect(const PickleValue& dictionary, const std::string& prefix, std::set<const PickleValue*>& seen,
               std::map<std::string, Tensor>& tensors) const {
    if (!seen.insert(&dictionary).second) damaged("a dictionary stands in it twice");
    for (const auto& [key, value] : dictionary.entries) {
      if (key->kind != Kind::text && key->kind != Kind::integer) continue;
      const std::string name = prefix + (key->kind == Kind::text ? key->text : std::to_string(key->integer));
      if (value->kind == Kind::dictionary) collect(*value, name + ".", seen, tensors);
      if (value->kind != Kind::tensor) continue;
      if (!tensors.emplace(name, tensor_of(*value, name)).second) damaged("two tensors are named '" + name + "'");
    }
  }
};

const PickleValue& weights_in(const PickleValue& root) {
  for (const auto& [key, value] : root.entries)
    if (key->text == "state_dict" && value->kind == Kind::dictionary) return *value;
  return root;
}

}  // namespace

std::map<std::string, Tensor> read_torch_state_dict(const std::string& bytes, const std::string& file_name) {
  Reader reader{file_name};
  if (bytes.compare(0, 1, "\x80") == 0)
    reader.fail("this is a state dict in the format of torch before 1.6", "load and save it with a newer torch");
  reader.open(bytes);
  const Pickle pickle = read_pickle(reader.files.at("data.pkl"), file_name);
  if (pickle.root->kind != Kind::dictionary)
    reader.fail("this file holds no dictionary of tensors", "write one: torch.save(module.state_dict(), path)");
  std::map<std::string, Tensor> tensors;
  std::set<const PickleValue*> seen;
  reader.collect(weights_in(*pickle.root), "", seen, tensors);
  return tensors;
}

}  // namespace kiln
