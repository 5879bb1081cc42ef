#include "graph/infer_context.h"

#include "graph/layer_declaration.h"

namespace kiln {

std::string role_hint(Meaning meaning) {
  switch (meaning) {
    case Meaning::species:
    case Meaning::atomic_numbers:
    case Meaning::positions:
    case Meaning::edge_index:
    case Meaning::shift:
    case Meaning::structure:
    case Meaning::cell:
      return "it reads a model input with {role: " + to_string(meaning) + "}";
    default:
      return "";
  }
}

void InferContext::error(std::string code, SourcePos where, std::string what, std::string hint) const {
  faults->error(std::move(code), std::move(where), "layer '" + layer + "': " + what, std::move(hint));
}

void InferContext::warning(std::string code, SourcePos where, std::string what, std::string hint) const {
  faults->warning(std::move(code), std::move(where), "layer '" + layer + "': " + what, std::move(hint));
}

namespace {

std::string port_name(const InferContext& context, int port) { return "input '" + context.input_names[port] + "'"; }

/// A value that was inferred can only disagree at another call of the same module.
std::string disagreement_hint(const InferContext& context, const std::string& key) {
  return context.config.given(key) && context.layer == context.owner
             ? "leave '" + key + "' out: it is inferred"
             : "a layer and its aliases share their weights, so their inputs must be alike";
}

/// May a tensor of this shape hold rows of so many numbers?
bool fits_rows(const Shape& shape, int width) {
  return (!shape.known || shape.rank() == 2) && may_equal(last_size(shape), fixed_size(width));
}

/// A free tensor gets the type that its first reader with typed ports asks for.
void become_rows(FieldType& type, Level level, const Irreps& irreps) {
  type.open = type.in_doubt = false;
  type.guessed_real = false;
  type.level = level;
  type.irreps = irreps;
}

bool tells_elements(Meaning meaning) { return meaning == Meaning::species || meaning == Meaning::atomic_numbers; }

/// Whether numbers are species or atomic numbers is the first reader's to say where only a name did.
void settle_role(const InferContext& context, int port, Meaning meaning) {
  FieldType& type = *context.input(port);
  if (!type.guessed_role || !tells_elements(meaning)) return;
  type.guessed_role = false;
  type.role_reader = context.layer;
  type.meaning = meaning;
}

/// Two layers that read one input differently: whatever its role, one of them is wrong.
bool is_disputed(const InferContext& context, int port, Meaning meaning) {
  const FieldType& type = *context.input(port);
  if (type.role_reader.empty() || !tells_elements(meaning) || type.meaning == meaning) return false;
  context.error("disputed-role", context.input_where[port],
                port_name(context, port) + " is read as " + to_string(meaning) + ", but layer '" + type.role_reader +
                    "' reads the same model input as " + to_string(type.meaning),
                "let both read it alike (input_is_atomic_number), or give each a model input of its own");
  return true;
}

/// Numbers are no rows.
std::string hint_for_vector(const FieldType& type) {
  const bool is_vector = type.shape.known && type.shape.rank() == 1;
  return is_vector ? "make a column of it: torch.unsqueeze with kwargs: {dim: 1}, or keepdim: true of what made it"
                   : "";
}

}  // namespace

const FieldType* InferContext::expect(int port, Meaning meaning) const {
  const FieldType* type = input(port);
  if (type == nullptr || type->at_fault) return nullptr;
  settle_role(*this, port, meaning);
  if (type->meaning == meaning) return type;
  if (is_disputed(*this, port, meaning)) return nullptr;
  const std::string found = type->open ? "a free tensor" : to_string(*type);
  error("wrong-input", input_where[port], port_name(*this, port) + " takes " + to_string(meaning) + ", not " + found,
        role_hint(meaning));
  return nullptr;
}

const FieldType* InferContext::expect_real(int port, Level level, const Irreps* assumed, int item) const {
  if (inputs[port].empty()) return nullptr;
  FieldType* type = inputs[port][item];
  if (type->at_fault) return nullptr;
  const SourcePos& where = source_where[port][item];
  if (type->open && assumed != nullptr) {
    if (!fits_rows(type->shape, assumed->dim())) {
      error("wrong-width", where,
            port_name(*this, port) + " has " + std::to_string(assumed->dim()) + " columns (" + to_string(*assumed) +
                "), but the tensor is " + to_string(type->shape),
            hint_for_vector(*type));
      return nullptr;
    }
    become_rows(*type, level, *assumed);
  }
  if (type->open && type->shape.rank() == 2 && type->shape.sizes[1].known()) {
    become_rows(*type, level, scalars(static_cast<int>(type->shape.sizes[1].n)));
  }
  if (type->open && type->in_doubt) return nullptr;
  if (type->open) {
    error("unknown-irreps", where, port_name(*this, port) + " is a free tensor of unknown irreps",
          type->shape.known && type->shape.rank() == 1 ? hint_for_vector(*type)
                                                       : "give the layer's block, or the tensor's shape");
    return nullptr;
  }
  if (type->meaning == Meaning::positions) {
    error("positions-as-features", where, port_name(*this, port) + " takes features, not positions",
          "positions enter through edge vectors (SphericalHarmonicEdgeAttrs)");
    return nullptr;
  }
  if (type->level == level && type->dtype == DType::real && !type->irreps.blocks.empty()) return type;
  if (type->level == level && has_unknown_irreps(*type)) return nullptr;
  error("wrong-input", where,
        port_name(*this, port) + " takes a real " + to_string(level) + " field, not " + to_string(*type));
  return nullptr;
}

bool InferContext::agree(const std::string& key, int port, const Irreps& found) const {
  if (!config.has(key)) config.set_irreps(key, found);
  if (simplify(config.irreps(key)) == simplify(found)) return true;
  error("block-mismatch", config.given(key) ? config.where(key) : input_where[port],
        "'" + key + "' is " + to_string(config.irreps(key)) + ", but the input is " + to_string(found),
        disagreement_hint(*this, key));
  return false;
}

bool InferContext::agree(const std::string& key, int port, int found) const {
  if (!config.has(key)) config.set_integer(key, found);
  if (config.integer(key) == found) return true;
  error("value-mismatch", config.given(key) ? config.where(key) : input_where[port],
        "'" + key + "' is " + std::to_string(config.integer(key)) + ", but the input has " + std::to_string(found),
        disagreement_hint(*this, key));
  return false;
}

}  // namespace kiln
