"""The examples of arbitrary_test.py as layers of one graph, run by the program in float64: weights are those that torch
draws for the layer's seed, and every output is what Python torch gives.

usage: graph_test.py PROGRAM RESOLVE_TARGETS
"""
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import warnings

import numpy
import torch

torch.set_default_dtype(torch.float64)  # of what examples draw

import arbitrary_test
import automatic
import examples

warnings.filterwarnings("ignore")
SEED = 11
NEARLY = ("torch.nn.PReLU",)  # torch rounds given weights to float32


class Graph:
    """The text of the graph, its inputs, and what its outputs must be."""

    def __init__(self):
        self.inputs, self.layers, self.outputs, self.arrays, self.wanted = [], [], [], {}, {}

    def add_input(self, name, tensor):
        """Complex numbers come in pairs of reals; the reference to the field."""
        if not tensor.is_complex():
            sizes = ", ".join(str(n) if n else "nothing" for n in tensor.shape)  # a size that is declared is not 0
            self.inputs.append(f"  {name}: {{shape: [{sizes}]}}" if tensor.dim() else f"  {name}: {{role: free}}")
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

    def add_output(self, name, source, tensor, tolerance):
        if tensor.is_complex():
            self.add_call(name + "_plain", "torch.resolve_conj", [("", source)])
            self.add_call(name + "_pairs", "torch.view_as_real", [("", name + "_plain")])
            source, tensor = name + "_pairs", torch.view_as_real(tensor.resolve_conj())
        self.outputs.append(f"  {name}: {source}")
        self.wanted[name] = (tensor.detach(), tolerance)

    def add_example(self, name, example, tolerance):
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
            return self.add_output(name + "_out", name, want, tolerance)
        for k, tensor in enumerate(arbitrary_test.flat(want)):
            self.add_output(f"{name}_out_{k}", f"{name}.{k}", tensor, tolerance)

    def reference(self, example):
        made = arbitrary_test.python_object(example.target)
        torch.manual_seed(SEED)
        if not isinstance(made, type):
            return example.reference()
        module = made(*example.args, **example.made_with)
        return example.reference(module.double().eval())

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
    requests = [arbitrary_test.request_of(e, arbitrary_test.known) for e in chosen]
    return zip(chosen, arbitrary_test.ask(resolve_targets, "resolve", requests))


def graph_of(calls):
    """The graph, and the targets of its layers."""
    graph, targets = Graph(), {}
    torch.set_default_dtype(torch.float32)  # as torch's modules and functions have it, in the program, too
    for k, (example, call) in enumerate(calls):
        targets[f"c{k}"] = example.target
        nearly = not arbitrary_test.EXACT_DRAWS or example.target in NEARLY
        tolerance = math.inf if call["random"] else 1e-6 if nearly else 1e-12
        graph.add_example(f"c{k}", example, tolerance)
    return graph, targets


def with_targets(text, targets):
    return re.sub(r"\bc\d+", lambda match: f"{match.group()} ({targets.get(match.group())})", text)


def run(program, graph, targets):
    """The outputs by name."""
    with open("graph.yaml", "w") as file:
        file.write(graph.text())
    numpy.savez("inputs.npz", **graph.arrays)
    inputs = [word for name in graph.arrays for word in ("--input", f"{name}=inputs.npz")]
    done = subprocess.run([program, "run", "graph.yaml", *inputs, "--engine", "torch", "-o", "out.npz"], capture_output=True, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "error:" in line]
        sys.exit(with_targets("\n".join(errors)[:8000] or done.stderr[-8000:], targets))
    return dict(numpy.load("out.npz"))


def fault_of(array, want, tolerance):
    """Random numbers, of infinite tolerance, have a shape only."""
    if array.shape != want.shape or array.is_floating_point() != want.is_floating_point():
        return f"{array.dtype} {tuple(array.shape)}, not {want.dtype} {tuple(want.shape)}"
    tolerance = max(tolerance, 1e-6 if want.dtype == torch.float32 else 0.0)
    close = torch.allclose(array.double(), want.double(), rtol=tolerance, atol=tolerance, equal_nan=True)
    return "" if math.isinf(tolerance) or close else "other numbers"


def main(program, resolve_targets):
    program, resolve_targets = os.path.abspath(program), os.path.abspath(resolve_targets)
    graph, targets = graph_of(all_examples(resolve_targets))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        got = run(program, graph, targets)
        os.chdir("/")
    faults = {name: fault_of(torch.from_numpy(got[name]), *wanted) for name, wanted in graph.wanted.items()}
    for name, fault in faults.items():
        if fault:
            print(with_targets(name.replace("_", " "), targets), fault)
    print(f"{len(set(targets.values()))} targets, {len(graph.layers)} layers, {len(graph.wanted)} outputs")
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
