"""The examples of arbitrary_test.py as layers of one graph, run by the program: weights are those that torch draws for the
layer's seed, and every output is what Python torch gives.

usage: graph_test.py PROGRAM RESOLVE_TARGETS
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings

import numpy
import torch

import arbitrary_test
import automatic
import examples

warnings.filterwarnings("ignore")
SEED = 11


class Graph:
    """The text of the graph, its inputs, and what its outputs must be."""

    def __init__(self):
        self.inputs, self.layers, self.outputs, self.arrays, self.wanted = [], [], [], {}, {}

    def add_input(self, name, tensor):
        """Complex numbers come in pairs of reals; the reference to the field."""
        if not tensor.is_complex():
            self.inputs.append(f"  {name}: {{role: free}}")
            self.arrays[name] = tensor.detach().numpy()
            return name
        self.add_input(name + "_pairs", torch.view_as_real(tensor))
        self.add_call(name, "torch.view_as_complex", [("", name + "_pairs")])
        return name

    def add_call(self, name, target, ports, args=(), kwargs=None):
        positional = [f"{k}: {source}" for k, source in enumerate(s for keyword, s in ports if keyword == "")]
        named = [f"{keyword}: {source}" for keyword, source in ports if keyword]
        config = f"{{target: '{target}', args: {json.dumps(list(args))}, kwargs: {json.dumps(kwargs or {})}}}"
        self.layers.append(f"  {name}: {{type: ArbitraryModule, seed: {SEED}, config: {config}, "
                           f"inputs: {{{', '.join(positional + named)}}}}}")

    def add_output(self, name, source, tensor, random):
        if tensor.is_complex():
            self.add_call(name + "_pairs", "torch.view_as_real", [("", source)])
            source, tensor = name + "_pairs", torch.view_as_real(tensor)
        self.outputs.append(f"  {name}: {source}")
        self.wanted[name] = (tensor.detach(), random)

    def add_example(self, name, example, is_random):
        ports = []
        for k, (keyword, value) in enumerate(example.ports()):
            if isinstance(value, list):
                source = "[" + ", ".join(self.add_input(f"{name}_{k}_{i}", t) for i, t in enumerate(value)) + "]"
            else:
                source = self.add_input(f"{name}_{k}", value)
            ports.append((keyword, source))
        self.add_call(name, example.target, ports, example.args, example.kwargs)
        want = self.reference(example)
        if isinstance(want, torch.Tensor):
            return self.add_output(name + "_out", name, want, is_random)
        for k, tensor in enumerate(arbitrary_test.flat(want)):
            self.add_output(f"{name}_out_{k}", f"{name}.{k}", tensor, is_random)

    def reference(self, example):
        made = arbitrary_test.python_object(example.target)
        torch.manual_seed(SEED)
        if not isinstance(made, type):
            return example.reference()
        module = made(*example.args, **example.kwargs)
        return example.reference(module.eval())

    def text(self):
        parts = [("model_inputs", self.inputs), ("model_layers", self.layers), ("model_outputs", self.outputs)]
        return "".join(f"{name}:\n" + "\n".join(lines) + "\n" for name, lines in parts)


def all_examples(resolve_targets):
    listed = arbitrary_test.ask(resolve_targets, "list")
    chosen = [e for e in examples.all_examples() if "::" not in e.target]
    known = {e.target for e in chosen}
    for name, kind, signature in listed:
        if kind == "function" and name not in known:
            chosen += automatic.examples_of(name, signature)
    requests = [arbitrary_test.request_of(e, False) for e in chosen]
    return zip(chosen, arbitrary_test.ask(resolve_targets, "resolve", requests))


def check_outputs(graph, got):
    for name, (want, random) in graph.wanted.items():
        array = torch.from_numpy(got[name])
        kind_is_real = want.is_floating_point()
        if array.shape != want.shape or array.is_floating_point() != kind_is_real:
            yield f"{name}: {array.dtype} {tuple(array.shape)}, not {want.dtype} {tuple(want.shape)}"
        elif not random and not torch.allclose(array.double(), want.double(), rtol=1e-5, atol=1e-6, equal_nan=True):
            yield f"{name}: other numbers"


def main(program, resolve_targets):
    program, resolve_targets = os.path.abspath(program), os.path.abspath(resolve_targets)
    graph = Graph()
    for k, (example, call) in enumerate(all_examples(resolve_targets)):
        graph.add_example(f"c{k}", example, call["random"])
    names = {f"c{k}": example.target for k, (example, _) in enumerate(all_examples(resolve_targets))}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("graph.yaml", "w") as file:
            file.write(graph.text())
        numpy.savez("inputs.npz", **graph.arrays)
        words = [word for name in graph.arrays for word in ("--input", f"{name}=inputs.npz")]
        done = subprocess.run([program, "run", "graph.yaml", *words, "--engine", "torch", "-o", "out.npz"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout + done.stderr[-8000:])
        faults = list(check_outputs(graph, numpy.load("out.npz")))
        os.chdir("/")
    for fault in faults:
        print(names[re.match(r"c\d+", fault).group()] if fault[0] == "c" else "", fault)
    print(f"{len(graph.layers)} layers, {len(graph.wanted)} outputs, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
