#include "base/yaml_events.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <string_view>

namespace kiln {
namespace {

/// Characters that end a plain scalar in flow context, and control bytes (refused in the source) that stand for them
/// while yaml-cpp reads: same length, so positions stay true.
constexpr std::string_view kReserved = "{}[],:#\"' ";
constexpr std::string_view kStandIns = "\x01\x02\x03\x04\x05\x06\x07\x0E\x0F\x10";

char translated(char c, std::string_view from, std::string_view to) {
  const std::size_t i = from.find(c);
  return i == std::string_view::npos ? c : to[i];
}

/// yaml-cpp reads the escapes \N and \_ as single bytes; these are the characters U+0085 and U+00A0.
std::string with_whole_characters(const std::string& text) {
  std::string whole;
  int following = 0;  // bytes of the character that are still to come
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (following == 0 && (byte == 0x85 || byte == 0xA0)) whole += '\xC2';
    following = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : std::max(0, following - 1);
    whole += c;
  }
  return whole;
}

/// A fault that ends the reading.
struct Stop {
  std::size_t offset;
  std::string code, what, hint;
};

class Recorder : public YAML::EventHandler {
 public:
  explicit Recorder(const std::string& content)
      : content_(content), has_stand_ins_(content.find_first_of(kStandIns) != std::string::npos) {}
  std::vector<YamlEvent> events;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (n_documents_++ > 0) refuse_second_document(offset_of(mark));
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(YamlEvent::Kind::null, mark, anchor, "?", written_null(offset_of(mark)));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(YamlEvent::Kind::alias, mark, anchor, "?", "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    scalar_bytes_ += value.size();
    if (scalar_bytes_ > YamlLimits::scalar_bytes) stop(mark, "its scalars have more than 16 MB");
    require_closed_quote(offset_of(mark));
    std::string text = with_whole_characters(value);
    if (has_stand_ins_) {
      for (char& c : text) c = translated(c, kStandIns, kReserved);
    }
    add(YamlEvent::Kind::scalar, mark, anchor, tag, text);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlEvent::Kind::sequence, mark, anchor, tag);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlEvent::Kind::mapping, mark, anchor, tag);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  static std::size_t offset_of(const YAML::Mark& mark) { return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos); }

  [[noreturn]] static void stop(const YAML::Mark& mark, const std::string& what) {
    throw Stop{offset_of(mark), "yaml-limit", "the document is too large: " + what,
               "Limits: 1000000 nodes, depth 256, 16 MB of scalars, aliases counted as what they stand for."};
  }

  [[noreturn]] void refuse_second_document(std::size_t offset) const {
    if (content_.compare(offset, 3, "---") == 0 || offset >= content_.size()) {
      throw Stop{offset, "several-documents", "a second document begins here",
                 "Keep one document per file: remove '---'."};
    }
    throw Stop{offset, "yaml-syntax", "this cannot follow the end of the document",
               "Check the indentation and the brackets above."};
  }

  /// yaml-cpp takes an open quote at the end of the file for a closed one.
  void require_closed_quote(std::size_t i) const {
    while (i < content_.size() && (content_[i] == '&' || content_[i] == '!')) {  // anchor and tag come first
      i = std::min(content_.find_first_of(" \t\n", i), content_.size());
      i = std::min(content_.find_first_not_of(" \t\n", i), content_.size());
    }
    const char quote = i < content_.size() ? content_[i] : '\0';
    if (quote != '"' && quote != '\'') return;
    for (std::size_t k = i + 1; k < content_.size(); ++k) {
      if (content_[k] == '\\' && quote == '"') {
        ++k;
      } else if (content_[k] == quote) {
        if (quote == '"' || content_.compare(k, 2, "''") != 0) return;
        ++k;
      }
    }
    throw Stop{i, "yaml-syntax", "not valid YAML: this quote is not closed", "Add the closing quote."};
  }

  std::string written_null(std::size_t offset) const {
    for (const char* word : {"~", "null", "Null", "NULL"}) {
      if (content_.compare(offset, std::string_view(word).size(), word) == 0) return word;
    }
    return "";
  }

  void add(YamlEvent::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag,
           const std::string& text) {
    if (++n_nodes_ > YamlLimits::nodes) stop(mark, "it has more than 1000000 nodes");
    events.push_back({kind, offset_of(mark), anchor, tag, text});
  }

  void open(YamlEvent::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    if (++depth_ > YamlLimits::depth) stop(mark, "it is nested more than 256 deep");
    add(kind, mark, anchor, tag, "");
  }

  void close() {
    --depth_;
    events.push_back({YamlEvent::Kind::end, 0, 0, "", ""});
  }

  const std::string& content_;
  const bool has_stand_ins_;
  int n_documents_ = 0;
  std::size_t n_nodes_ = 0, depth_ = 0, scalar_bytes_ = 0;
};

/// For each byte in [first, last) where an interpolation begins its number of bytes, braces balanced within the line;
/// 0 elsewhere. Commas belong to the arguments of a resolver, after a ':', or to an expression, after a '='.
std::vector<std::size_t> interpolation_sizes(const std::string& content, std::size_t first, std::size_t last) {
  constexpr std::size_t none = std::string::npos;
  std::vector<std::size_t> sizes(last - first, 0), closing;  // braces that are not opened yet, going backwards
  std::size_t comma = none, sign = none;                     // the first ones behind
  for (std::size_t i = last; i-- > first;) {
    const char c = content[i];
    if (c == '\n') {
      closing.clear();
      comma = sign = none;
    }
    if (c == ',') comma = i;
    if (c == ':' || c == '=') sign = i;
    if (c == '}') closing.push_back(i);
    if (c != '{' || closing.empty()) continue;
    const std::size_t end = closing.back() + 1;
    closing.pop_back();
    const bool has_comma = comma < end && comma < sign;
    if (i > first && content[i - 1] == '$' && !has_comma) sizes[i - 1 - first] = end - (i - 1);
  }
  return sizes;
}

/// Hides the interpolations in [first, last), whole lines but for the first; false if none begins at `first`. If not
/// `all`, those only that mean the same wherever they stand: no blanks, quotes or escapes in them.
bool hide_between(std::string& content, std::size_t first, std::size_t last, bool all) {
  const std::vector<std::size_t> sizes = interpolation_sizes(content, first, last);
  for (std::size_t i = first; i < last; ++i) {
    const std::size_t end = i + sizes[i - first];
    if (end == i) continue;
    const std::string_view interpolation = std::string_view(content).substr(i, end - i);
    if (!all && interpolation.find_first_of(" \t\"'\\#") != std::string::npos) continue;
    for (; i < end; ++i) content[i] = translated(content[i], kReserved, kStandIns);
    --i;
  }
  return sizes.front() > 0;
}

constexpr int kManyAttempts = 20, kMostAttempts = 200;

/// yaml-cpp stumbled at `offset`. If this is the brace of an interpolation, hides it and those after it in the line;
/// after many such lines all simple ones of the file, since each attempt reads the file from its beginning.
bool hide_interpolations(std::string& content, std::size_t offset, int attempt) {
  if (offset == 0 || offset >= content.size() || content.compare(offset - 1, 2, "${") != 0) return false;
  if (attempt > kMostAttempts) return false;
  if (!hide_between(content, offset - 1, std::min(content.find('\n', offset), content.size()), true)) return false;
  if (attempt == kManyAttempts) hide_between(content, 0, content.size(), false);
  return true;
}

struct Explanation {
  const char* parser_says;
  const char* what;
  const char* hint;
};
constexpr Explanation kExplanations[] = {
    {"end of map not found", "expected a 'key: value' pair of the mapping",
     "Check the indentation of this line and the one above."},
    {"end of map flow not found", "expected ',' or '}' in the mapping",
     "Is a closing '}' or a quote missing? Texts with ',' or brackets need quotes."},
    {"end of sequence not found", "expected another '- item' of the list",
     "Check the indentation of this line and the one above."},
    {"end of sequence flow not found", "expected ',' or ']' in the list",
     "Is a closing ']' or a quote missing? Texts with ',' or brackets need quotes."},
    {"illegal map value", "a ':' is not allowed here",
     "Texts that contain ': ' need quotes; keys of one mapping begin in one column."},
    {"illegal block entry", "a list item is not allowed here", "Begin the list on a line of its own, after 'key:'."},
    {"illegal EOF in scalar", "the file ends inside a quoted text", "A closing quote is missing."},
    {"unknown token", "a text cannot begin like this", "Put it in quotes."},
    {"the referenced anchor is not defined", "this alias refers to no anchor",
     "Anchors are set with '&name' above the alias."},
};

Explanation explanation_of(const std::string& message) {
  for (const Explanation& known : kExplanations) {
    if (message == known.parser_says) return known;
  }
  return {"", message.c_str(), ""};
}

bool is_indented_by_tab(const SourceText& source, std::size_t offset) {
  offset = std::min(offset, source.content.size());
  const std::size_t start = offset == 0 ? 0 : source.content.rfind('\n', offset - 1) + 1;  // npos + 1 == 0
  const std::size_t text = source.content.find_first_not_of(" \t", start);
  return source.content.substr(start, text - start).find('\t') != std::string::npos;
}

void report_syntax(const SourceText& source, std::size_t offset, const std::string& message, Diagnostics& faults) {
  const Explanation explanation = explanation_of(message);
  const std::size_t at = std::min(offset, source.content.size());  // the parser may be beyond the end
  const bool escaped = message.find("unknown escape character") == 0;
  const bool unclosed = at > 0 && source.content.compare(at - 1, 2, "${") == 0;
  const bool missing = source.content.compare(at, 3, "\?\?\?") == 0;
  const std::string hint = is_indented_by_tab(source, offset) ? "YAML is indented with blanks; this line has a tab."
                           : escaped
                               ? "In double quotes write '\\\\' for a '\\', such as \"\\\\${a}\", or use single quotes."
                           : missing  ? "The sign for a value that must be given needs quotes between brackets."
                           : unclosed ? "Put the interpolation in quotes; it must be closed in its line."
                                      : explanation.hint;
  faults.error("yaml-syntax", source.at(offset), std::string("not valid YAML: ") + explanation.what, hint);
}

void parse(const std::string& content, Recorder& recorder) {
  std::istringstream stream(content);
  YAML::Parser parser(stream);
  while (parser.HandleNextDocument(recorder)) {
  }
}

}  // namespace

bool read_yaml_events(const SourceText& source, std::vector<YamlEvent>& events, Diagnostics& faults) {
  std::string content = source.content;
  for (int attempt = 1;; ++attempt) {
    Recorder recorder(content);
    try {
      parse(content, recorder);
      events = std::move(recorder.events);
      return true;
    } catch (const Stop& fault) {
      faults.error(fault.code, source.at(fault.offset), fault.what, fault.hint);
      return false;
    } catch (const YAML::Exception& error) {
      const std::size_t offset = error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos);
      const bool in_quotes = error.msg.find("unknown escape character") == 0;  // "\${a}"
      if (in_quotes || !hide_interpolations(content, offset, attempt)) {
        report_syntax(source, offset, error.msg, faults);
        return false;
      }
      faults.warning("unquoted-interpolation", source.at(offset - 1),
                     "an unquoted '${…}' between brackets is not valid YAML; it is read as meant", "Put it in quotes.");
    }
  }
}

}  // namespace kiln
