// One reference that leads nowhere is one fault.
#include "layers/testing_files.h"

namespace kiln {
namespace {

using namespace testing;

/// The interpolation is at fault, not what it should have become.
TEST(Unresolved, IsToldOnce) {
  const Files files;
  files.write("sub.yaml",
              "model_params: {w: 4x0e}\nmodel_inputs: {h: {}}\nmodel_layers:\n"
              "  l: {type: AtomwiseLinear, config: {irreps_out_block: '${model_params.w}'}, inputs: {h: h}}\n"
              "model_outputs: {y: l}\n");
  const std::string head =
      "model_inputs: {x: {shape: [N, 4]}, s: {role: species}}\nmodel_layers:\n"
      "  g: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: s}}\n";
  for (const char* layer :
       {"{type: ArbitraryModule, config: {target: torch.nn.Linear, args: ['${nope.n}', 4]}, inputs: {0: x}}",
        "{type: ArbitraryModule, config: {target: '${nope.n}'}, inputs: {0: x}}",
        "{type: ArbitraryModule, config: {target: torch.nn.ReLU}, inputs: {0: '${nope.x}'}}",
        "{type: '${nope.t}', inputs: {0: x}}", "{type: ${nope.t}, inputs: {0: x}}",
        "{alias: '${nope.a}', inputs: {0: x}}",
        "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, freeze: '${nope.f}', inputs: {h: g}}",
        "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, repeat: '${nope.r}', inputs: {h: g}}",
        "{type: AtomwiseLinear, config: {irreps_out_block: [{mul: '${nope.m}', l: 0}]}, inputs: {h: g}}",
        "{type: PerSpeciesEnergy, config: {energies: [1, '${nope.e}']}, inputs: {species: s}}",
        "{include: sub.yaml, params: {w: '${nope}'}, inputs: {h: g}}", "{include: '${nope.i}', inputs: {h: g}}",
        "'${nope.k}'"}) {
    const Checked checked = files.check(head + "  a: " + layer + "\nmodel_outputs: {a: a}\n");
    std::vector<std::string> errors;
    for (const Diagnostic& fault : checked.faults.list)
      if (fault.severity == Severity::error) errors.push_back(fault.code + ": " + fault.what);
    ASSERT_EQ(errors.size(), 1U) << layer << (errors.size() < 2 ? "" : "\n" + errors[1]);
    EXPECT_EQ(errors[0].find("interpolation-not-found"), 0U) << errors[0];
  }
}

TEST(Unresolved, OtherFaultsStay) {
  const Checked checked = Files().check(
      "model_inputs: {s: {role: species}}\nmodel_layers:\n"
      "  g: {type: '${nope.t}', inputs: {x: s}, freze: true}\nmodel_outputs: {a: b}\n");
  EXPECT_EQ(checked.faults.list.size(), 3U);
}

}  // namespace
}  // namespace kiln
