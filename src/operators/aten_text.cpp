#include "operators/aten_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/text.h"

namespace kiln {

std::string text_number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string text_list(const std::vector<std::string>& values) { return fmt::format("{}", fmt::join(values, ", ")); }

std::string text_list(const std::vector<std::int64_t>& values) { return fmt::format("{}", fmt::join(values, ", ")); }

std::string text_scaled(const std::string& value, double scale) {
  return scale == 1.0 ? value : value + " * " + text_number(scale);
}

namespace {

/// Names that no layer can have in a module: keywords, what the text uses, and members of torch.nn.Module, ScriptModule
/// and GraphModule, in releases of torch up to now.
constexpr const char* kReserved =
    "Ellipsis False None True and as assert async await break class def del elif else except finally for from global "
    "if import in is lambda not nonlocal or pass raise return try while with yield print continue self torch inf nan "
    "tables forward training named fields potential slots_of_edges rows_of several_values attention_of "
    "attended_of fed_forward_of squeezed_two squeezed_three leaf_of gradients_of "
    "T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches "
    "eval extra_repr float get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules "
    "mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook "
    "register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook "
    "register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook "
    "register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad "
    "requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train type xpu zero_grad code "
    "code_with_constants define forward_magic_method get_debug_state graph graph_for inlined_graph original_name save "
    "save_to_buffer add_submodule delete_all_unused_submodules delete_submodule meta nested_str print_readable "
    "recompile to_folder";

const std::set<std::string>& reserved_words() {
  static const std::set<std::string> words = [] {
    std::istringstream in(kReserved);
    std::set<std::string> all;
    for (std::string word; in >> word;) all.insert(word);
    return all;
  }();
  return words;
}

/// Words that begin with '_' are private to modules or mean something to Python; with two of them in front, a name
/// must end in two, or Python makes it private to the class.
std::string attribute(const std::string& word) {
  if (starts_with(word, "_")) return word + "_item__";
  const std::string stem = word.substr(0, word.find_last_not_of('_') + 1);  // so that class_ becomes class__
  return reserved_words().count(word) || reserved_words().count(stem) ? word + "_" : word;
}

}  // namespace

std::string attribute_path(const std::string& name) {
  std::string path, word;
  const auto finish = [&] {
    path += attribute(word);
    word.clear();
  };
  for (const char c : name) {
    if (c == '.') {
      finish();
      path += '.';
    } else {
      word += c == '/' ? '_' : c;
    }
  }
  finish();
  return path;
}

std::string TextWriter::fresh(const std::string& name) {
  std::string candidate = name;
  for (int k = 2; !taken_.insert(candidate).second; ++k) candidate = name + "_" + std::to_string(k);
  return candidate;
}

void TextWriter::write(const std::string& line) {
  lines_.push_back(line);
  layers_.push_back(layer_);
}

std::string TextWriter::assign(const std::string& name, const std::string& expression) {
  return assign(std::vector<std::string>{name}, expression)[0];
}

std::vector<std::string> TextWriter::assign(const std::vector<std::string>& names, const std::string& expression) {
  std::vector<std::string> variables;
  for (const std::string& name : names) variables.push_back(fresh(name));
  const std::string whole = names.size() == 1 ? variables[0] : fresh(names[0] + "_and_more");
  write(whole + " = " + expression);
  if (names.size() == 1) return variables;
  for (std::size_t k = 0; k < names.size(); ++k) write(variables[k] + " = " + whole + "[" + std::to_string(k) + "]");
  return variables;
}

std::string TextWriter::share(const std::string& name, const std::string& expression) {
  const auto known = shared_.find(expression);
  if (known != shared_.end()) return known->second;
  return shared_[expression] = assign(name, expression);
}

std::string TextWriter::add_table(TextTable table) {
  for (const TextTable& known : tables_) {
    if (known.shape == table.shape && known.reals == table.reals && known.integers == table.integers &&
        known.f64 == table.f64) {
      return "self.tables." + known.name;
    }
  }
  const std::string stem = table.name;
  const auto is_taken = [&](const TextTable& known) { return known.name == table.name; };
  for (int k = 2; std::any_of(tables_.begin(), tables_.end(), is_taken); ++k) table.name = stem + std::to_string(k);
  tables_.push_back(std::move(table));
  return "self.tables." + tables_.back().name;
}

std::string TextWriter::real_table(const std::string& name, std::vector<std::int64_t> shape, std::vector<double> values,
                                   bool f64) {
  return add_table({name, std::move(shape), std::move(values), {}, f64});
}

std::string TextWriter::index_table(const std::string& name, std::vector<std::int64_t> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return add_table({name, {size}, {}, std::move(values), false});
}

std::string TextWriter::weight(const std::string& name) const { return "self." + attribute_path(name); }

namespace {

/// [rows, mul] or [rows, 2l+1, mul] of one block of a field in layout mul_ir.
std::string block_of_rows(const Irreps& irreps, int block, const std::string& rows) {
  const IrrepBlock& b = irreps.blocks[block];
  const std::string part =
      irreps.blocks.size() == 1 ? rows : fmt::format("{}.narrow(1, {}, {})", rows, irreps.offset(block), b.dim());
  if (b.irrep.l == 0) return part;
  return fmt::format("{}.reshape(-1, {}, {}).transpose(1, 2)", part, b.mul, b.irrep.dim());
}

std::string rows_of_block(const IrrepBlock& block, const std::string& variable) {
  if (block.irrep.l == 0) return variable;
  return fmt::format("{}.transpose(1, 2).reshape(-1, {})", variable, block.dim());
}

std::string one_hot(const TextField& field, TextWriter& out) {
  const int n = field.type.irreps.dim();
  std::vector<double> identity(static_cast<std::size_t>(n) * n, 0.0);
  for (int s = 0; s < n; ++s) identity[s * (n + 1)] = 1.0;
  return out.real_table("one_hot", {n, n}, std::move(identity)) + ".index_select(0, " + field.species + ")";
}

std::string block_name(const std::string& name, const IrrepBlock& block) {
  return name + "_" + std::to_string(block.irrep.l) + (block.irrep.parity > 0 ? "e" : "o");
}

}  // namespace

std::string rows_of(TextField& field, TextWriter& out, const std::string& name) {
  if (!field.rows.empty()) return field.rows;
  if (!field.species.empty()) return field.rows = out.assign(name + "_one_hot", one_hot(field, out));
  const auto& blocks = field.type.irreps.blocks;
  std::vector<std::string> parts;
  for (std::size_t b = 0; b < blocks.size(); ++b) parts.push_back(rows_of_block(blocks[b], field.blocks[b]));
  if (parts.size() == 1 && parts[0] == field.blocks[0]) return field.rows = parts[0];
  return field.rows =
             out.assign(name + "_rows", parts.size() == 1 ? parts[0] : "torch.cat([" + text_list(parts) + "], 1)");
}

std::string cast_rows(TextField& field, TextWriter& out, const std::string& name) {
  const std::string rows = rows_of(field, out, name);
  return field.f64 && !out.f64() ? out.share(name + "_cast", out.cast(rows)) : rows;
}

const std::vector<std::string>& cast_blocks(TextField& field, TextWriter& out, const std::string& name) {
  if (!field.blocks.empty()) return field.blocks;
  const std::string rows = cast_rows(field, out, name);
  const auto& blocks = field.type.irreps.blocks;
  for (int b = 0; b < static_cast<int>(blocks.size()); ++b) {
    const std::string expression = block_of_rows(field.type.irreps, b, rows);
    field.blocks.push_back(expression == rows ? rows : out.assign(block_name(name, blocks[b]), expression));
  }
  return field.blocks;
}

}  // namespace kiln
