#include "model/plugins.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <utility>

#include "base/diagnostics.h"
#include "kiln/plugin.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

namespace fs = std::filesystem;

constexpr const char* kEntry = "kiln_plugin_v1";

/// Closed again unless it is kept.
class OpenLibrary {
 public:
  explicit OpenLibrary(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {}
  OpenLibrary(OpenLibrary&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~OpenLibrary() {
    if (handle_) dlclose(handle_);
  }
  bool is_open() const { return handle_ != nullptr; }
  const Plugin* plugin() const {
    const auto entry = reinterpret_cast<const Plugin* (*)()>(dlsym(handle_, kEntry));
    return entry == nullptr ? nullptr : entry();
  }
  bool has_entry() const { return dlsym(handle_, kEntry) != nullptr; }
  void keep() { handle_ = nullptr; }

 private:
  void* handle_;
};

bool is_file(const fs::path& path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed);
}

std::string text_or(const char* text, const char* otherwise) { return text ? text : otherwise; }

std::string built_with(const Plugin& plugin) {
  return "Kiln " + text_or(plugin.kiln_version, "?") + " of commit " + text_or(plugin.kiln_commit, "?") +
         ", plugin ABI " + std::to_string(plugin.abi) + " (" + text_or(plugin.compiler, "?") + ")";
}

Plugin own() { return {kPluginAbi, version(), commit(), kPluginCompiler, plugin_layout(), nullptr, 0}; }

/// What differs, "" if nothing does.
std::string misfit(const Plugin& plugin) {
  const std::string its = built_with(plugin), ours = built_with(own());
  if (its != ours) return "it is built with " + its + "; this is " + ours;
  return plugin.layout == own().layout ? "" : "its objects have other sizes than those of this " + ours;
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
    std::error_code failed;
    const fs::path whole = fs::weakly_canonical(path, failed);
    if (!seen_.insert(failed ? path : whole.string()).second) return;
    OpenLibrary library(path);
    if (!library.is_open()) {
      const char* why = dlerror();
      return error("not-a-plugin", path, "cannot be opened as a library: " + std::string(why ? why : "no reason given"),
                   "a plugin is a shared library for this machine, with all that it needs");
    }
    if (!library.has_entry())
      return error("not-a-plugin", path, std::string("it has no function ") + kEntry,
                   "a plugin defines KILN_PLUGIN_EXPORT const kiln::Plugin* kiln_plugin_v1()");
    const Plugin* found = library.plugin();
    if (found == nullptr) return error("not-a-plugin", path, std::string(kEntry) + " gives nothing");
    if (const std::string what = misfit(*found); !what.empty())
      return error("other-plugin-abi", path, what, "build it again with this Kiln");
    for (int i = 0; i < found->n_layers; ++i) add(*found->layers[i], path);
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

  /// A path as it stands; a name in the folders. "" and a fault if there is no such file.
  std::string find(const std::string& plugin) {
    if (plugin.find('/') != std::string::npos) {
      if (is_file(plugin)) return plugin;
      error("no-plugin", plugin, "there is no such file");
      return "";
    }
    std::istringstream folders(folders_);
    for (std::string folder; std::getline(folders, folder, ':');) {
      const fs::path path = fs::path(folder) / plugin;
      if (!folder.empty() && is_file(path)) return path.string();
    }
    error("no-plugin", plugin,
          folders_.empty() ? "a name without '/' is looked for in the folders of KILN_PLUGINS, which is not set"
                           : "it is in none of the folders of KILN_PLUGINS: " + folders_,
          "write the path, such as --allow plugin:./" + plugin);
    return "";
  }

  static bool is_complete(const LayerDeclaration& layer) { return !layer.name.empty() && layer.infer && layer.lower; }

  void add(const LayerDeclaration& declaration, const std::string& path) {
    if (!is_complete(declaration))
      return error("incomplete-layer", path, "its layer '" + declaration.name + "' needs a name, infer and lower");
    std::vector<std::string> names = declaration.synonyms;
    names.push_back(declaration.name);
    bool good = true;
    for (const std::string& name : names) {
      const LayerDeclaration* other = set_->table().find(name);
      if (other == nullptr) continue;
      const std::string whose = other->plugin.empty() ? "Kiln itself" : "plugin '" + other->plugin + "'";
      error("layer-collision", path, "its layer '" + name + "' is there already, of " + whose,
            "name the layer otherwise, or allow one of them only");
      good = false;
    }
    if (!good) return;
    auto copy = std::make_unique<LayerDeclaration>(declaration);
    copy->plugin = fs::path(path).filename().string();
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
