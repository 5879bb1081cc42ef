// What KLay overwrites silently, with `compat: klay`. The expectations were measured with KLay's own builder (0.9.6);
// tests/cli/compat_test.py runs the same rules on numbers.
#include <gtest/gtest.h>

#include "base/source_text.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// Layers of functions of x and y; the layers begin in line 3.
std::string graph(const std::vector<std::string>& layers, const std::string& outputs) {
  std::string text = "model_inputs: {x: {shape: [5, 4]}, y: {shape: [5, 4]}}\nmodel_layers:\n";
  for (const std::string& layer : layers) text += "  " + layer + "\n";
  return text + "model_outputs: " + outputs + "\n";
}

/// `name: {…}` of a function with the given ports and output map.
std::string layer(const std::string& name, const std::string& inputs, const std::string& output = "{}",
                  const std::string& target = "torch.neg") {
  return name + ": {type: ArbitraryModule, config: {target: " + target + "}, inputs: " + inputs +
         ", output: " + output + "}";
}

std::string maker_of(const CheckedGraph& graph, int field) {
  const CheckedField& f = graph.fields[field];
  if (f.layer < 0) return f.name;
  const CheckedLayer& made_by = graph.layers[f.layer];
  const std::string& key = made_by.output_names[f.port];
  return made_by.name + (key.empty() || f.name == made_by.name ? "" : "[" + key + "]");
}

/// "r(p[0]) y=r": every call with its arguments in order, every output.
std::string meaning_of(const CheckedGraph& graph) {
  std::string text;
  for (const CheckedLayer& call : graph.layers) {
    text += call.name + "(";
    for (std::size_t port = 0; port < call.inputs.size(); ++port)
      text += (port > 0 ? ", " : "") + maker_of(graph, call.inputs[port].at(0));
    text += ") ";
  }
  for (const CheckedOutput& output : graph.outputs) text += output.name + "=" + maker_of(graph, output.field) + " ";
  return text;
}

/// Without `compat`, the first fault; with it, no error, and what the graph computes. Written out and read back it
/// computes the same.
void expect(const std::string& text, const std::string& error, const std::string& meaning) {
  EXPECT_EQ(faults_of(text)[0], error) << text;
  const Checked checked = check("compat: klay\n" + text);
  ASSERT_FALSE(checked.faults.has_errors()) << text << to_string(checked.faults.list[0]);
  const auto with_code = [&](const Diagnostic& d) { return error.find(d.code + "@") != std::string::npos; };
  const auto& list = checked.faults.list;
  EXPECT_TRUE(std::any_of(list.begin(), list.end(), with_code)) << text;
  EXPECT_EQ(meaning_of(checked.graph), meaning) << text;
  Diagnostics faults;
  const GraphSpec again = parse_graph(parse_json_tree(checked.graph.canonical_json), faults);
  const CheckedGraph back = check_graph(again, layer_table(), faults);
  EXPECT_FALSE(faults.has_errors());
  EXPECT_EQ(meaning_of(back), meaning);
  EXPECT_EQ(back.canonical_json, checked.graph.canonical_json);
}

/// Of two output maps with one name, the one of the layer that KLay calls last: it calls layers in generations, those
/// of one generation as their sources come.
TEST(KlayOverwrites, NamesOfOutputMaps) {
  const std::string both = "{c: c}";
  expect(graph({layer("p", "{0: x}", "{0: c}"), layer("q", "{0: y}", "{0: c}")}, both), "name-clash@4",
         "p(x) q(y) c=q[0] ");
  expect(graph({layer("p", "{0: y}", "{0: c}"), layer("q", "{0: x}", "{0: c}")}, both), "name-clash@4",
         "p(y) q(x) c=p[0] ");
  expect(graph({layer("b", "{0: a}", "{0: c}"), layer("a", "{0: x}", "{0: c}"), layer("r", "{0: c}")}, "{c: c, r: r}"),
         "name-clash@4", "a(x) b(a) r(b[0]) c=b[0] r=r ");
  expect(graph({layer("m", "{0: y}"), layer("q", "{0: m}", "{0: c}"), layer("p", "{0: x}", "{0: c}")}, both),
         "name-clash@5", "m(y) q(m) p(x) c=q[0] ");
  expect(graph({layer("p", "{0: m}", "{0: c}"), layer("q", "{0: w}", "{0: c}"), layer("w", "{0: y}"),
                layer("m", "{0: x}")},
               both),
         "name-clash@4", "w(y) q(w) m(x) p(m) c=q[0] ");
  expect(graph({layer("a", "{0: x}", "{1: c, 0: c}", "torch.frexp")}, both), "name-clash@3", "a(x) c=a[0] ");
}

/// An output map that takes the name of an earlier layer: that layer is not called; its aliases are.
TEST(KlayOverwrites, ANameOfAnEarlierLayer) {
  expect(graph({layer("a", "{0: x}"), layer("b", "{0: x}", "{0: a}"), layer("r", "{0: a}")}, "{a: a, r: r}"),
         "name-clash@4", "b(x) r(b[0]) a=b[0] r=r ");
  const std::string aliased = graph({layer("a", "{0: y}", "{}", "torch.exp"), layer("b", "{0: x}", "{0: a}"),
                                     "r: {alias: a, inputs: {0: a}}", "q: {alias: a, inputs: {0: r}}"},
                                    "{q: q}");
  expect(aliased, "name-clash@4", "b(x) r(b[0]) q(r) q=q ");
  const Checked checked = check("compat: klay\n" + aliased);
  EXPECT_EQ(checked.graph.layers.at(1).config.text("target"), "torch.exp");
  EXPECT_EQ(checked.graph.layers.at(2).weight_owner, "r");
}

/// An alias may be lost with its layer: what is an alias of it has the module, whichever of the two stands first.
TEST(KlayOverwrites, NamesOfALayerAndOfItsAlias) {
  const std::string a = layer("a", "{0: y}", "{}", "torch.exp"), b = "b: {alias: a, inputs: {0: y}}";
  const std::string both = layer("t", "{0: x}", "{0: a, 1: b}", "torch.frexp");
  const std::string r = "r: {alias: b, inputs: {0: y}}", s = "s: {alias: a, inputs: {0: r}}",
                    q = "q: {alias: s, inputs: {0: s}}";
  for (const std::vector<std::string>& lost : {std::vector{a, b}, std::vector{b, a}}) {
    const std::string text = graph({lost[0], lost[1], both, r, s, q}, "{q: q, a: a, b: b}");
    expect(text, "name-clash@5", "t(x) r(y) s(r) q(s) q=q a=t[0] b=t[1] ");
    const Checked checked = check("compat: klay\n" + text);
    EXPECT_EQ(checked.graph.layers.at(1).config.text("target"), "torch.exp");
    for (std::size_t call = 1; call < 4; ++call) EXPECT_EQ(checked.graph.layers.at(call).weight_owner, "r");
  }
}

/// Aliases that lead in a circle stay a fault where the names of the circle are taken.
TEST(KlayOverwrites, LostCirclesOfAliases) {
  const std::string text = graph({"a: {alias: b, inputs: {0: y}}", "b: {alias: a, inputs: {0: y}}",
                                  layer("t", "{0: x}", "{0: a, 1: b}", "torch.frexp"), "r: {alias: b, inputs: {0: y}}"},
                                 "{r: r}");
  const std::vector<std::string> faults = faults_of("compat: klay\n" + text);
  EXPECT_EQ(std::count(faults.begin(), faults.end(), "bad-alias@7"), 1);
}

/// What an output map names goes with a layer that is not called: whoever reads it is at fault, as in KLay.
TEST(KlayOverwrites, OutputMapsOfLostLayers) {
  const std::vector<std::string> lost = {layer("a", "{0: x}", "{0: m}"), layer("b", "{0: x}", "{0: a}")};
  const Checked unread = check("compat: klay\n" + graph(lost, "{a: a}"));
  EXPECT_EQ(faults_of(unread), Faults({"w name-clash@4", "w name-clash@4", "w unused-input@2"}));
  EXPECT_EQ(unread.faults.list[1].what,
            "output name 'm' goes with its layer: 'a' is overwritten and not called, as in KLay");
  EXPECT_EQ(faults_of("compat: klay\n" + graph(lost, "{m: m}")),
            Faults({"w name-clash@4", "w name-clash@4", "unknown-reference@6"}));
  expect(graph({lost[0], lost[1], layer("c", "{0: x}", "{1: m}")}, "{a: a, m: m}"), "name-clash@4",
         "b(x) c(x) a=b[0] m=c[1] ");
}

/// One that takes the name of a later layer: that layer counts, and is called with the whole of the other one too,
/// unless the file fills that port.
TEST(KlayOverwrites, ANameOfALaterLayer) {
  const auto text = [](const std::string& key, const std::string& inputs) {
    return graph({layer("b", "{0: x}", "{" + key + ": a}"), layer("a", inputs, "{}", "torch.sub")}, "{a: a}");
  };
  expect(text("1", "{0: y}"), "name-clash@3", "b(x) a(y, b) a=a ");
  expect(text("-1", "{0: y}"), "name-clash@3", "b(x) a(b, y) a=a ");
  expect(text("0", "{0: y, 1: x}"), "name-clash@3", "b(x) a(y, x) a=a ");
}

TEST(KlayOverwrites, NamesOfModelInputs) {
  const std::string map = graph({layer("b", "{0: x}", "{0: y}"), layer("r", "{0: model_inputs.y}")}, "{y: y, r: r}");
  expect(map, "name-clash@3", "b(x) r(b[0]) y=b[0] r=r ");
  EXPECT_EQ(check("compat: klay\n" + map).graph.inputs.size(), 1u);
  expect(graph({layer("y", "{0: x}"), layer("r", "{0: y}")}, "{y: y, r: r}"), "name-clash@3", "y(x) r(y) y=y r=r ");
}

/// The warning names both places and says which one counts.
TEST(KlayOverwrites, SaysWhichOneCounts) {
  const Checked checked = check(
      "compat: klay\n" + graph({layer("b", "{0: x}", "{1: a}"), layer("a", "{0: y}", "{}", "torch.sub")}, "{a: a}"));
  ASSERT_EQ(faults_of(checked), Faults{"w name-clash@4"});
  EXPECT_EQ(
      checked.faults.list[0].what,
      "output name 'a' is overwritten: the layer at m.yaml:5:3 counts, as in KLay, and is called with the whole of "
      "'b' at its port 1");
  const Checked ports = check("compat: klay\n" + graph({layer("a", "{0: x, '0': y}")}, "{a: a}"));
  ASSERT_EQ(faults_of(ports), Faults({"w duplicate-port@4", "w unused-input@2"}));
  EXPECT_EQ(ports.faults.list[0].what, "layer 'a': port 0 is overwritten: the one at m.yaml:4:74 counts, as in KLay");
}

/// KLay reads no output maps of a library, and a list of inputs as a set.
TEST(KlayOverwrites, LibrariesAndLists) {
  const std::string library =
      "model_layers:\n  a: {type: ScalarReadout}\n  b: {type: ScalarReadout, output: {0: a, 1: c}}\n"
      "  d: {alias: a, output: {0: c}}\n";
  EXPECT_EQ(faults_of(library)[0], "name-clash@3");
  const Checked kept = check("compat: klay\n" + library);
  EXPECT_EQ(faults_of(kept), Faults({"w name-clash@4", "w name-clash@4"}));
  const Checked listed = check("compat: klay\nmodel_inputs: [x, x]\nmodel_layers:\n  " + layer("a", "{0: x}") +
                               "\nmodel_outputs: {a: a}\n");
  EXPECT_EQ(faults_of(listed), Faults{"w name-clash@2"});
  EXPECT_EQ(listed.graph.inputs.size(), 1u);
}

/// Weights that are said of an alias are a fault, also where the alias takes the place of its target.
TEST(KlayOverwrites, WeightsOfAliasesAreToldFirst) {
  const std::string text = graph(
      {layer("a", "{0: y}"), layer("b", "{0: x}", "{0: a}"), "r: {alias: a, inputs: {0: a}, freeze: true}"}, "{r: r}");
  EXPECT_EQ(faults_of("compat: klay\n" + text)[0], "alias-with-weights@6");
}

/// Nothing has the name then, and nobody misses it; KLay finds out where it is read.
TEST(KlayOverwrites, NamesThatOnlyLostLayersGive) {
  const std::string a = layer("a", "{0: y}", "{-1: q, 1: x}"), b = layer("b", "{0: y}", "{0: p, 2: a}");
  expect(graph({a, b}, "{o: a}"), "name-clash@3", "b(y) o=b[2] ");
  EXPECT_EQ(faults_of("compat: klay\n" + graph({a, b}, "{o: a, x: x}")).back(), "unknown-reference@6");
  const std::string c = layer("c", "{0: x}", "{2: q}"), d = layer("d", "{0: x}", "{1: q}"),
                    e = layer("e", "{0: y}", "{1: c, 0: d}");
  expect(graph({c, d, e}, "{o: c}"), "name-clash@4", "e(y) o=e[1] ");
  const Checked checked = check("compat: klay\n" + graph({c, d, e}, "{o: c}"));
  for (const Diagnostic& fault : checked.faults.list)
    EXPECT_EQ(fault.what.find("at " + place(fault.where)), std::string::npos) << fault.what;
}

/// KLay looks for circles before it drops a port.
TEST(KlayOverwrites, CirclesThroughLostPorts) {
  const std::string text = graph(
      {"a: {type: ArbitraryModule, config: {target: torch.tanh}, inputs: {'0': c, '00': x}}", layer("c", "{0: a}")},
      "{o: c}");
  const Checked checked = check("compat: klay\n" + text);
  EXPECT_EQ(faults_of(checked), Faults({"w duplicate-port@4", "cycle@4"}));
}

TEST(KlayOverwrites, PortsOutOfRangeAreToldOnce) {
  const std::string ports = "{99999999999999999999: x, -9223372036854775808: x}";
  EXPECT_EQ(faults_of("compat: klay\n" + graph({layer("b", ports)}, "{b: b}")),
            Faults({"number-range@4", "w bad-port@4"}));
  EXPECT_EQ(faults_of(graph({layer("b", "{'99999999999999999999': x}")}, "{b: b}")), Faults{"bad-port@3"});
}

/// What KLay refuses, since a name would wait for itself.
TEST(KlayOverwrites, CirclesStayErrors) {
  for (const std::string& text :
       {graph({layer("b", "{0: x}", "{0: b}")}, "{b: b}"), graph({layer("b", "{0: x}", "{0: x}")}, "{b: b}"),
        graph({layer("x", "{0: x}")}, "{x: x}")})
    EXPECT_EQ(faults_of("compat: klay\n" + text)[0], "name-clash@4") << text;
  EXPECT_EQ(faults_of("compat: klay\n" + graph({layer("a", "{0: x}"), layer("b", "{0: a}", "{0: a}")}, "{a: a}"))[0],
            "name-clash@5");
}

/// Of ports with one number the last, those that read one source standing together.
TEST(KlayOverwrites, Ports) {
  const auto text = [](const std::string& inputs) { return graph({layer("a", inputs, "{}", "torch.sub")}, "{a: a}"); };
  expect(text("{0: x, '0': y, 1: x}"), "duplicate-port@3", "a(y, x) a=a ");
  expect(text("{0: x, 1: x, '0': y}"), "duplicate-port@3", "a(y, x) a=a ");
  expect(text("{1: y, 0: x, '0': y, '1': x}"), "duplicate-port@3", "a(x, x) a=a ");
  expect(text("{0: x, -1: y}"), "bad-port@3", "a(y, x) a=a ");
  expect(text("{-5: x, -7: y}"), "bad-port@3", "a(y, x) a=a ");
  expect(text("{true: x, false: y}"), "bad-port@3", "a(y, x) a=a ");
  expect(text("{9: x, 4: y}"), "port-hole@3", "a(y, x) a=a ");
}

/// Suffixes of what is one field, and at ports of all that an arbitrary module gives.
TEST(KlayOverwrites, Suffixes) {
  const Checked named = check(
      "compat: klay\n" + graph({layer("a", "{0: x.k}", "{0: c}", "torch.frexp"), layer("r", "{0: c.1}")}, "{r: r}"));
  EXPECT_EQ(faults_of(named), Faults({"w needless-suffix@4", "w needless-suffix@5", "w unused-input@2"}));
  EXPECT_EQ(meaning_of(named.graph), "a(x) r(a[0]) r=r ");
  const std::string parts =
      graph({layer("s", "{0: x}", "{}", "torch.unbind"), layer("c", "{0: s.1}", "{}", "torch.cat")}, "{c: c, s: s.1}");
  const Checked checked = check("compat: klay\n" + parts);
  EXPECT_EQ(faults_of(checked), Faults({"w needless-suffix@5", "w unused-input@2"}));
  EXPECT_EQ(meaning_of(checked.graph), "s(x) c(s) c=c s=s[1] ");
}

/// `output: {0: name}` of a layer with one output is its row 0; sums over atoms and derivatives stay whole.
TEST(KlayOverwrites, RowsOfRegisteredLayers) {
  const std::string text =
      "model_inputs: {species: , contributions: }\nmodel_layers:\n"
      "  e: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}, output: {0: first, -1: last}}\n"
      "  r: {type: ScalarReadout, inputs: {h: e}}\n"
      "  t: {type: KIMAPISumIndex, inputs: {src: r, index: contributions}, output: {0: total}}\n"
      "model_outputs: {first: first, last: last, energy: total}\n";
  expect(text, "w single-output@3", "e(species) r(e) t(r, contributions) first=e[0] last=e[-1] energy=t ");
  const Checked checked = check("compat: klay\n" + text);
  EXPECT_EQ(faults_of(checked), Faults{"w single-output@6"});
  EXPECT_EQ(to_string(checked.field("first").type.shape), "(2,)");
  EXPECT_EQ(operations<Call>(lower_graph(checked.graph)).size(), 2u);
}

}  // namespace
}  // namespace kiln
