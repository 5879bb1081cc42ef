#include "graph/misspelt_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "graph/layer_faults.h"

namespace kiln {

namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string hint_for(const std::string& meant) { return "Did you mean '" + meant + "'?"; }

// --- sections ---

/// The section that a name is near to and that is missing; "" if there is none. It must look like one. Parameters may
/// have any name.
std::string section_meant(const Yaml& document, const Yaml& key, const Yaml& value) {
  if (contains(section_names(), key.text)) return "";
  std::string meant = nearest_name(key.text, section_names());
  if (meant.empty()) meant = nearest_name(key.text + "s", section_names());  // input: is near to inputs:
  const bool is_section = meant == "model_layers" || meant == "model_outputs" || meant == "model_inputs";
  const bool fits = (is_section && value.is_mapping()) || (meant == "model_inputs" && value.is_sequence()) ||
                    (meant == "compat" && value.text == "klay");
  return fits && document.find(meant) == nullptr ? meant : "";
}

/// Of a library, which has neither inputs nor outputs, only the layers are meant.
void settle_sections(Yaml& document, Diagnostics& faults) {
  std::map<std::string, Yaml*> meant;  // the first key for each
  std::set<std::string> sections;
  for (auto& [key, value] : document.entries) {
    const std::string section = section_meant(document, key, value);
    if (!section.empty()) meant.insert({section, &key});
    sections.insert(section.empty() ? key.text : section);
  }
  const bool is_library = sections.count("model_inputs") == 0 || sections.count("model_outputs") == 0;
  for (const auto& [section, key] : meant) {
    if (is_library && (section == "model_inputs" || section == "model_outputs")) continue;
    faults.error("unknown-section", key->where, "unknown section '" + key->text + "'", hint_for(section));
    key->text = section;
  }
}

// --- keys of layers ---

/// May a layer with these keys have this one, too? It is one of its own, an alias or a block.
bool may_have(const Yaml& body, const std::string& key) {
  const auto has = [&](const char* other) { return body.find(other) != nullptr; };
  const bool is_other = has("alias") || has("include");
  if (key == "type" || key == "alias" || key == "include") return !is_other && !has("type");
  if (key == "config" || key == "init") return !is_other;
  if (key == "freeze" || key == "seed") return !has("alias");
  if (key == "params") return has("include");
  return (key != "carry" && key != "share") || has("repeat");
}

/// {0: x, h: [a, b]}: nothing that parameters could start as.
bool looks_like_inputs(const Yaml& value) {
  const auto is_reference = [](const auto& entry) {
    const Yaml& source = entry.second;
    const bool is_text = source.kind == Yaml::Kind::text && source.text != "zeros" && source.text != "ones";
    return is_text || source.is_sequence();
  };
  return value.is_mapping() && !value.entries.empty() &&
         std::all_of(value.entries.begin(), value.entries.end(), is_reference);
}

/// Is it of a kind that the key may have?
bool fits(const std::string& key, const Yaml& value) {
  if (key == "config" || key == "inputs" || key == "output" || key == "params" || key == "init")
    return value.is_mapping();
  if (key == "carry") return value.is_mapping() || (value.is_scalar() && !value.is_null());
  if (key == "freeze") return value.is_sequence() || (value.is_scalar() && !value.is_null());
  return value.is_scalar() && !value.is_null();
}

/// The key that is meant; "" if that is not known. Of what kind a layer is is not guessed.
std::string key_meant(const Yaml& body, const Yaml& key, const Yaml& value) {
  if (contains(layer_keys(), key.text)) return "";
  const bool is_guess = misspelt_name(key.text, layer_keys()).empty();
  std::string meant = nearest_name(key.text, layer_keys());
  if (meant == "init" && body.find("inputs") == nullptr && looks_like_inputs(value)) meant = "inputs";
  const bool is_kind = meant == "type" || meant == "alias" || meant == "include";
  return meant.empty() || (is_guess && is_kind) || !fits(meant, value) ? "" : meant;
}

void settle_keys(const std::string& layer, Yaml& body, Diagnostics& faults) {
  for (const std::string& missing : layer_keys()) {
    if (body.find(missing) != nullptr || !may_have(body, missing)) continue;
    const auto meant = std::find_if(body.entries.begin(), body.entries.end(), [&](const auto& entry) {
      return key_meant(body, entry.first, entry.second) == missing;
    });
    if (meant == body.entries.end()) continue;
    Yaml& key = meant->first;
    LayerFaults{layer, false, faults}.error("unknown-key", key.where, "unknown key '" + key.text + "'",
                                            hint_for(missing));
    key.text = missing;
  }
}

}  // namespace

const std::vector<std::string>& section_names() {
  static const std::vector<std::string> names = {"model_params", "model_inputs", "model_layers", "model_outputs",
                                                 "compat"};
  return names;
}

const std::vector<std::string>& layer_keys() {
  static const std::vector<std::string> keys = {"type", "config",  "inputs", "output", "alias", "freeze", "init",
                                                "seed", "include", "params", "repeat", "carry", "share"};
  return keys;
}

void settle_misspelt_names(Yaml& document, Diagnostics& faults) {
  settle_sections(document, faults);
  for (auto& [section, layers] : document.entries) {
    if (section.text != "model_layers") continue;
    for (auto& [layer, body] : layers.entries) settle_keys(layer.text, body, faults);
  }
}

}  // namespace kiln
