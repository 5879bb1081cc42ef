"""kiln types, kiln layers, and the picture of kiln validate."""

import os

from harness import CONFIGURATION, RESOURCES, SOURCE, USAGE, main, read, run, run_json, write

GRAPH = SOURCE + "/tests/cli/si_h.yaml"


def types():
    listed = run_json("types")["types"]
    layers = {layer["name"]: layer["category"] for layer in run_json("layers")["layers"]}
    assert {name for one in listed for name in one["layers"]} == set(layers), "every layer has a category"
    for one in listed:
        assert one["doc"] and all(layers[name] == one["name"] for name in one["layers"])
    text = run("types").stdout
    for one in listed:
        assert one["name"] in text and one["doc"] in text and all(name in text for name in one["layers"])
        for name in (one["name"], one["name"].upper()):
            assert [layer["name"] for layer in run_json("layers", "--type", name)["layers"]] == one["layers"]
    assert "SphericalHarmonicEdgeAttrs" not in run("layers", "--category", "Autograd").stdout
    message = run("layers", "--type", "embeddin", code=USAGE).stderr
    assert all(one["name"] in message for one in listed), message
    run("layers", "MACE_layer", "--type", "convolution", code=USAGE)


def arbitrary():
    targets = {target["name"]: target for target in run_json("layers", "--arbitrary")["targets"]}
    assert targets["torch.nn.Linear"]["kind"] == "module" and "in_features" in targets["torch.nn.Linear"]["signature"]
    assert "torch.nn.functional.relu" in targets and len(targets) > 100
    assert all(target["signature"] and target["kind"] in ("module", "function") for target in targets.values())
    text = run("layers", "--arbitrary").stdout
    assert all(name in text for name in targets)


def library():
    """validate lists the layers of a library, of which nothing else is known."""
    write("library.yaml", "model_layers:\n  first: {type: ScalarReadout}\n  second: {alias: first}\n")
    lines = [line.split() for line in run("validate", "library.yaml").stdout.splitlines()]
    assert ["first", "ScalarReadout"] in lines and ["second", "alias", "of", "first"] in lines, lines
    message = run("validate", "library.yaml", "--visualize", "library.svg", code=CONFIGURATION).stderr
    assert "nothing to draw" in message and "library of layers" in message, message
    [error] = run_json("validate", "library.yaml", "--visualize", "library.dot", code=CONFIGURATION)["diagnostics"]
    assert (error["code"], error["file"]) == ("no-outputs", "library.yaml"), error
    write("bad.yaml", "model_layers: [}\n")  # no library
    assert "nothing to draw" not in run("validate", "bad.yaml", "--visualize", "bad.svg", code=CONFIGURATION).stderr
    assert not os.path.exists("library.svg") and not os.path.exists("library.dot")
    listed = run_json("validate", "library.yaml")
    assert listed["valid"] is True and listed["graph"] == {
        "library": True, "layers": [{"name": "first", "type": "ScalarReadout"}, {"name": "second", "alias": "first"}]}


def picture():
    for ending, head in [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]:
        text = run("validate", GRAPH, "--visualize", "graph." + ending).stdout
        assert text.endswith(f"written: graph.{ending}\n")
        assert read("graph." + ending, "rb").startswith(head), ending
    assert run_json("validate", GRAPH, "--visualize", "again.svg")["picture"] == "again.svg"
    drawn = read("graph.svg")
    for word in ("species", "interaction", "MACE_layer", "4x0e", "(N, 4)", "1 hop", "node_feats", "energy"):
        assert word in drawn, word
    assert 'shape=ellipse' in read("graph.dot")
    assert ".svg" in run("validate", GRAPH, "--visualize", "graph.gif", code=USAGE).stderr
    run("validate", GRAPH, "--visualize", "nowhere/graph.svg", code=RESOURCES)

    # Names are words, never part of a command or of Graphviz's language.
    write('a"b.yaml', read(GRAPH).replace("{energy: total}", "{'energy': total, 'x\"]; evil [label=\"$(touch pwned)': readout}"))
    run("validate", 'a"b.yaml', "--visualize", "$(touch pwned).svg")
    assert os.path.exists("$(touch pwned).svg") and not os.path.exists("pwned")

    write("bad.yaml", read(GRAPH).replace("lmax: 1", "lmax: x", 1))
    run("validate", "bad.yaml", "--visualize", "bad.svg", code=CONFIGURATION)
    assert not os.path.exists("bad.svg")

    os.mkdir("empty")
    message = run("validate", GRAPH, "--visualize", "none.svg", code=RESOURCES, env={"PATH": os.path.abspath("empty")}).stderr
    assert "apt install graphviz" in message and not os.path.exists("none.svg")
    run("validate", GRAPH, "--visualize", "none.dot", env={"PATH": os.path.abspath("empty")})
    write("empty/dot", "#!/bin/sh\necho broken >&2\nexit 3\n")
    os.chmod("empty/dot", 0o755)
    assert "broken" in run("validate", GRAPH, "--visualize", "none.svg", code=RESOURCES, env={"PATH": os.path.abspath("empty")}).stderr


def dangling():
    write("dangling.yaml", read(GRAPH).replace("model_outputs:", "  lost: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 1}]}, inputs: {h: elements}}\nmodel_outputs:"))
    assert [fault["code"] for fault in run_json("validate", "dangling.yaml")["diagnostics"]] == ["dangling-layer"]
    assert run_json("validate", "dangling.yaml", "--allow-dangling")["diagnostics"] == []
    run("validate", "dangling.yaml", "--visualize", "dangling.dot")
    assert "reaches no output" in read("dangling.dot")


if __name__ == "__main__":
    main(globals())
