#include "model/plugins.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <sstream>
#include <utility>

#include "base/files.h"
#include "base/plugin_code.h"
#include "base/shared_library.h"
#include "kiln/plugin.h"
#include "layers/check_declaration.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

namespace fs = std::filesystem;

constexpr const char* kEntry = "kiln_plugin_v1";

constexpr const char* kWhatItIs = "a plugin is a shared library for this machine, with all that it needs";

struct PluginFile {
  std::string name, path, sha256;
};

/// Closed again unless it is kept.
class OpenLibrary {
 public:
  explicit OpenLibrary(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {}
  OpenLibrary(OpenLibrary&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~OpenLibrary() {
    if (handle_) dlclose(handle_);
  }
  bool is_open() const { return handle_ != nullptr; }
  /// nullptr if there is none.
  auto entry() const { return reinterpret_cast<const Plugin* (*)()>(dlsym(handle_, kEntry)); }
  void keep() { handle_ = nullptr; }

 private:
  void* handle_;
};

/// Why the path is no file that can be read; "" if it is one. Nothing else is opened: it might not end.
std::string fault_of_path(const fs::path& path) {
  std::error_code failed;
  const fs::file_type type = fs::status(path, failed).type();
  switch (type) {
    case fs::file_type::regular:
      return access(path.c_str(), R_OK) == 0 ? "" : "it cannot be opened: " + std::generic_category().message(errno);
    case fs::file_type::not_found:
      return "there is no such file";
    case fs::file_type::directory:
      return "it is a folder";
    case fs::file_type::fifo:
      return "it is a named pipe";
    default:
      return failed ? "it cannot be opened: " + failed.message() : "it is a device or a socket";
  }
}

bool is_there(const fs::path& path) {
  std::error_code failed;
  return fs::status(path, failed).type() != fs::file_type::not_found;
}

std::string text_or(const char* text, const char* otherwise) { return text ? text : otherwise; }

std::string built_with(const Plugin& plugin) {
  return "Kiln " + text_or(plugin.kiln_version, "?") + " of commit " + text_or(plugin.kiln_commit, "?") +
         ", plugin ABI " + std::to_string(plugin.abi) + " (" + text_or(plugin.compiler, "?") + ")";
}

Plugin own() { return {kPluginAbi, version(), commit(), kPluginCompiler, plugin_layout(), nullptr, 0}; }

/// What differs, "" if nothing does.
std::string misfit_of(const Plugin& plugin) {
  const std::string its = built_with(plugin), ours = built_with(own());
  if (its != ours) return "it is built with " + its + "; this is " + ours;
  return plugin.layout == own().layout ? "" : "its objects have other sizes than those of this " + ours;
}

/// Why its layers cannot be read, "" if they can.
std::string fault_of_table(const Plugin* plugin) {
  if (plugin == nullptr) return std::string(kEntry) + " gives nothing";
  if (plugin->n_layers < 1) return "it has no layers: n_layers is " + std::to_string(plugin->n_layers);
  if (plugin->layers == nullptr)
    return "it says that it has " + std::to_string(plugin->n_layers) + " layers, but there is no table of them";
  for (int i = 0; i < plugin->n_layers; ++i)
    if (plugin->layers[i] == nullptr) return "layer " + std::to_string(i) + " in its table is null";
  return "";
}

class PluginLoader {
 public:
  PluginLoader(const std::string& folders, Diagnostics& faults) : folders_(folders), faults_(faults) {
    const LayerTable table = layer_table();
    set_->layers.assign(table.begin, table.begin + table.size);
  }

  void load(const std::string& plugin) {
    const std::string path = find(plugin);
    if (path.empty()) return;
    if (const std::string fault = fault_of_path(path); !fault.empty()) return error("no-plugin", path, fault);
    std::error_code failed;
    const fs::path whole = fs::weakly_canonical(path, failed);
    if (!seen_.insert(failed ? path : whole.string()).second) return;
    const std::string bytes = read_file(path);
    if (const std::string fault = fault_of_shared_library(bytes); !fault.empty())
      return error("not-a-plugin", path, fault, kWhatItIs);
    if (const std::string fault = fault_of_loading(path); !fault.empty())
      return error("plugin-threw", path, fault, "this is a fault of the plugin");
    OpenLibrary library(path);
    if (!library.is_open()) {
      const char* why = dlerror();
      return error("not-a-plugin", path, "cannot be opened as a library: " + std::string(why ? why : "no reason given"),
                   kWhatItIs);
    }
    if (library.entry() == nullptr)
      return error("not-a-plugin", path, std::string("it has no function ") + kEntry,
                   "a plugin defines KILN_PLUGIN_EXPORT const kiln::Plugin* kiln_plugin_v1()");
    if (add_layers(library, {fs::path(path).filename().string(), path, sha256(bytes)}))
      libraries_.push_back(std::move(library));
  }

  Layers finish() {
    const auto by_name = [](const LayerDeclaration* a, const LayerDeclaration* b) { return a->name < b->name; };
    std::sort(set_->layers.begin(), set_->layers.end(), by_name);
    for (OpenLibrary& library : libraries_) library.keep();
    return set_;
  }

 private:
  void error(const char* code, const std::string& path, const std::string& what, const std::string& hint = "") {
    faults_.error(code, SourcePos::whole_file(path), "plugin '" + path + "': " + what, hint);
  }

  /// A path as it stands; a name in the folders, "" and a fault if it is in none of them.
  std::string find(const std::string& plugin) {
    if (plugin.find('/') != std::string::npos) return plugin;
    std::istringstream folders(folders_);
    for (std::string folder; std::getline(folders, folder, ':');) {
      const fs::path path = fs::path(folder) / plugin;
      if (!folder.empty() && is_there(path)) return path.string();
    }
    error("no-plugin", plugin,
          folders_.empty() ? "a name without '/' is looked for in the folders of KILN_PLUGINS, which is not set"
                           : "it is in none of the folders of KILN_PLUGINS: " + folders_,
          "write the path, such as --allow plugin:./" + plugin);
    return "";
  }

  /// False if there is a fault.
  bool add_layers(const OpenLibrary& library, const PluginFile& file) {
    const SourcePos where = SourcePos::whole_file(file.path);
    const Plugin* found = nullptr;
    if (!run_plugin_code(
            {"plugin '" + file.path + "'", kEntry, where}, [&] { found = library.entry()(); }, faults_))
      return false;
    const std::string misfit = found == nullptr ? "" : misfit_of(*found);
    const std::string fault = misfit.empty() ? fault_of_table(found) : "";
    if (!misfit.empty()) error("other-plugin-abi", file.path, misfit, "build it again with this Kiln");
    if (!fault.empty()) error("not-a-plugin", file.path, fault, "kiln::make_plugin(layers) fills it in");
    if (!misfit.empty() || !fault.empty()) return false;
    const std::size_t n_errors = faults_.n_errors();
    for (int i = 0; i < found->n_layers; ++i) add(*found->layers[i], file);
    return faults_.n_errors() == n_errors;
  }

  void add(const LayerDeclaration& declaration, const PluginFile& file) {
    const std::size_t n_errors = faults_.n_errors();
    check_declaration(declaration, "plugin '" + file.path + "': ", SourcePos::whole_file(file.path), faults_);
    std::vector<std::string> names = declaration.synonyms;
    names.push_back(declaration.name);
    for (const std::string& name : names) {
      const LayerDeclaration* other = set_->table().find(name);
      if (other == nullptr) continue;
      const std::string whose = other->plugin.empty() ? "Kiln itself" : "plugin '" + other->plugin + "'";
      error("layer-collision", file.path, "its layer '" + name + "' is there already, of " + whose,
            "name the layer otherwise, or allow one of them only");
    }
    if (faults_.n_errors() != n_errors) return;
    auto copy = std::make_unique<LayerDeclaration>(declaration);
    copy->plugin = file.name;
    copy->plugin_sha256 = file.sha256;
    set_->layers.push_back(copy.get());
    set_->from_plugins.push_back(std::move(copy));
  }

  const std::string& folders_;
  Diagnostics& faults_;
  std::vector<OpenLibrary> libraries_;
  std::shared_ptr<LayerSet> set_ = std::make_shared<LayerSet>();
  std::set<std::string> seen_;
};

}  // namespace

Layers load_plugins(const std::vector<std::string>& plugins, const std::string& folders) {
  if (plugins.empty()) return nullptr;
  Diagnostics faults;
  PluginLoader loader(folders, faults);
  for (const std::string& plugin : plugins) loader.load(plugin);
  throw_if_errors(faults, ErrorKind::configuration);
  return loader.finish();
}

}  // namespace kiln
