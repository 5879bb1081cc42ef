#include <stdexcept>

#include "kiln/error.h"
#include "kiln/plugin.h"
#include "layers/declare.h"

// Layers whose declarations are right and whose code is wrong, each in one way; plugin_test.py knows what is told of
// each. All take features of atoms and promise others of the same type, with the one parameter w.

namespace {

using kiln::InferContext;
using kiln::LowerContext;
using kiln::ParameterSpec;
using Init = ParameterSpec::Init;

void infer(InferContext& context) {
  if (const kiln::FieldType* h = context.expect_real(0, kiln::Level::atom))
    context.outputs[0] = kiln::atom_field(h->irreps);
}

template <class... Arguments>
void throw_exception(Arguments...) {
  throw std::runtime_error("not my day");
}
template <class... Arguments>
void throw_number(Arguments...) {
  throw 42;
}

struct Silent : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

ParameterSpec parameter(const char* name, std::vector<std::int64_t> shape, Init init = Init::normal) {
  ParameterSpec spec;
  spec.name = name;
  spec.shape = std::move(shape);
  spec.init = init;
  return spec;
}

/// An operation on the input that gives what was promised.
void give(LowerContext& context, kiln::Operator op, std::vector<int> operands) {
  context.outputs[0] = context.add(std::move(op), std::move(operands), context.output_types[0]);
}

void give(LowerContext& context, kiln::Operator op) { give(context, std::move(op), {context.input(0)}); }

void give_function(LowerContext& context, const char* expression, bool native = false) {
  kiln::RowFunction op;
  op.name = "mistaken";
  op.expression = expression;
  op.weights = {{"w", context.parameter(parameter("w", {1}))}};
  if (native) {
    op.forward = throw_exception;
    op.reverse = throw_number;
  }
  give(context, op);
}

void give_with(LowerContext& context, ParameterSpec spec) {
  kiln::Affine op;
  op.scale = op.shift = context.parameter(std::move(spec));
  give(context, op);
}

struct Mistake {
  const char* layer;
  void (*infer)(InferContext&);
  void (*lower)(LowerContext&);
};

const Mistake kMistakes[] = {
    // outputs
    {"FarOutput", infer, [](LowerContext& c) { c.outputs[0] = 9999; }},
    {"NoOutput", infer, [](LowerContext&) {}},
    {"FewerOutputs", infer, [](LowerContext& c) { c.outputs.clear(); }},
    {"OtherType", infer,
     [](LowerContext& c) { c.outputs[0] = c.add(kiln::Add{}, {c.input(0)}, kiln::atom_field(kiln::scalars(1))); }},
    // operations
    {"FarOperand", infer,
     [](LowerContext& c) {
       give(c, kiln::Add{}, {c.input(0), 12345});
     }},
    {"RowsOfTheSystem",
     [](InferContext& c) {
       c.outputs[0] = kiln::atom_field(kiln::scalars(4));
       c.outputs[0].level = kiln::Level::system;
     },
     [](LowerContext& c) { give_function(c, "$w * $0"); }},
    {"NegativeOperand", infer, [](LowerContext& c) { give(c, kiln::Add{}, {-7}); }},
    {"NoOperands", infer, [](LowerContext& c) { give(c, kiln::EdgeConvolution{}, {}); }},
    {"ShortCall", infer,
     [](LowerContext& c) {
       kiln::Call op;
       op.expression = "$0 + $1";
       op.list_sizes = {-1, -1};
       give(c, op);
     }},
    {"ManyOperations", infer,
     [](LowerContext& c) {
       for (int k = 0; k <= 10000; ++k) give(c, kiln::Add{});
     }},
    {"StrayField", infer,
     [](LowerContext& c) {
       c.graph->fields.push_back(c.output_types[0]);
       c.outputs[0] = static_cast<int>(c.graph->fields.size()) - 1;
     }},
    // parameters
    {"NegativeShape", infer,
     [](LowerContext& c) {
       give_with(c, parameter("w", {0, -1}));
     }},
    {"HugeShape", infer,
     [](LowerContext& c) {
       give_with(c, parameter("w", {std::int64_t{1} << 40, std::int64_t{1} << 40}));
     }},
    {"BadParameter", infer, [](LowerContext& c) { give_with(c, parameter("a b", {1})); }},
    {"OtherParameter", infer, [](LowerContext& c) { give_with(c, parameter("v", {1})); }},
    {"ShortInitial", infer, [](LowerContext& c) { give_with(c, parameter("w", {3}, Init::given)); }},
    {"FlatContraction", infer, [](LowerContext& c) { give_with(c, parameter("w", {3}, Init::contraction)); }},
    {"NobodysWeight", infer,
     [](LowerContext& c) {
       kiln::Affine op;
       op.scale = op.shift = "nobody.w";
       give(c, op);
     }},
    // names in expressions
    {"UndeclaredName", infer, [](LowerContext& c) { give_function(c, "$w * $0 + $nothing"); }},
    {"FarInput", infer, [](LowerContext& c) { give_function(c, "$w * $1"); }},
    {"LoneDollar", infer, [](LowerContext& c) { give_function(c, "$w * $0 + $"); }},
    {"InPlace", infer, [](LowerContext& c) { give_function(c, "$0.mul_($w)"); }},
    // what libtorch finds
    {"NoPython", infer, [](LowerContext& c) { give_function(c, "$w * ($0 of"); }},
    {"OtherColumns", infer, [](LowerContext& c) { give_function(c, "$w * $0[:, :1]"); }},
    {"OtherRows", infer, [](LowerContext& c) { give_function(c, "$w * $0[:1]"); }},
    {"Integers", infer, [](LowerContext& c) { give_function(c, "($w * $0).to(torch.long)"); }},
    {"Raises", infer, [](LowerContext& c) { give_function(c, "$w * $0.reshape(7, 7)"); }},
    // what is thrown
    {"InferNothing", [](InferContext&) { throw Silent(); }, [](LowerContext&) {}},
    {"InferNumber", [](InferContext&) { throw 42; }, [](LowerContext&) {}},
    {"InferException", [](InferContext&) { throw std::runtime_error("not my day"); }, [](LowerContext&) {}},
    {"LowerNumber", infer, [](LowerContext&) { throw 42; }},
    {"LowerException", infer, [](LowerContext&) { throw std::runtime_error("not my day"); }},
    {"LowerError", infer,
     [](LowerContext&) { throw kiln::Error(kiln::ErrorKind::data, "my-code", "this is odd", "do it otherwise"); }},
    {"UnknownKey", infer, [](LowerContext& c) { c.config->integer("nope"); }},
    {"Throwing", infer, [](LowerContext& c) { give_function(c, "$w * $0", /*native=*/true); }},
    // types
    {"OtherInput",
     [](InferContext& c) {
       infer(c);
       c.input(0)->irreps = kiln::scalars(77);
     },
     [](LowerContext&) {}},
    {"NoType", [](InferContext&) {}, [](LowerContext&) {}},
    {"FewerTypes", [](InferContext& c) { c.outputs.clear(); }, [](LowerContext&) {}},
    {"FarEdges", [](InferContext& c) { c.outputs[0] = kiln::edge_field(kiln::scalars(4), 77); }, [](LowerContext&) {}},
    {"OwnForces", [](InferContext& c) { c.outputs[0] = kiln::atom_field(kiln::scalars(3), kiln::Meaning::forces); },
     [](LowerContext&) {}},
};

kiln::LayerDeclaration declare(const Mistake& mistake) {
  kiln::LayerDeclaration layer;
  layer.name = mistake.layer;
  layer.inputs = {kiln::port("h", "features")};
  layer.outputs = {kiln::port("h", "as the input")};
  layer.parameters = {{"w", "[n]", "a weight"}};
  layer.infer = mistake.infer;
  layer.lower = mistake.lower;
  return layer;
}

}  // namespace

KILN_PLUGIN_EXPORT const kiln::Plugin* kiln_plugin_v1() {
  constexpr int n = sizeof kMistakes / sizeof kMistakes[0];
  static kiln::LayerDeclaration declarations[n];
  static const kiln::LayerDeclaration* layers[n];
  for (int k = 0; k < n; ++k) {
    declarations[k] = declare(kMistakes[k]);
    layers[k] = &declarations[k];
  }
  static const kiln::Plugin plugin = {
      kiln::kPluginAbi, kiln::version(), kiln::commit(), kiln::kPluginCompiler, kiln::plugin_layout(), layers, n};
  return &plugin;
}
