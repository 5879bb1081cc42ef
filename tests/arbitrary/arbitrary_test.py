"""Every target that resolves without Python, against Python torch: same state-dict keys, shapes and initial values for a
seed, same results in training and evaluation mode, and what is said of shapes, rows and kinds of results is true.

usage: arbitrary_test.py RESOLVE_TARGETS [SCRIPT_TARGETS]

With SCRIPT_TARGETS every expression is compiled as TorchScript, too, and must give the same numbers.
"""
import json
import re
import subprocess
import sys
import tempfile
import traceback
import types
import warnings
from typing import Dict, List, Optional, Tuple

import torch

import automatic
import examples
import refused

warnings.filterwarnings("ignore")
SEED = 7
ONLY_CHOSEN = False
HELPERS, METHODS = {}, {}  # of main
EXACT_DRAWS = "NO AVX" not in torch.__config__.show()  # without vectors torch rounds what it draws otherwise


def ask(program, command, request=None):
    text = None if request is None else json.dumps(request)
    return json.loads(subprocess.run([program, command], input=text, text=True, check=True, capture_output=True).stdout)


def python_object(target):
    """torch.pow for torch.pow and aten::pow."""
    value = torch
    for name in target.split(".")[1:]:
        value = getattr(value, name)
    return value


def known(tensor):
    return list(tensor.shape)


def symbolic(tensor):
    return ["N"] + list(tensor.shape)[1:] if tensor.dim() else []


def unknown(tensor):
    return None


def holds_reals(tensor):
    return tensor.is_floating_point() or tensor.is_complex()


def request_of(example, shape_of):
    """What the program is asked; of the shapes of tensors as much is told as `shape_of` says."""
    inputs = []
    for keyword, value in example.ports():
        tensors = value if isinstance(value, list) else [value]
        inputs.append({"keyword": keyword, "is_list": isinstance(value, list), "shapes": [shape_of(t) for t in tensors],
                       "holds_reals": shape_of != unknown and all(t.is_floating_point() for t in tensors),
                       "holds_integers": shape_of != unknown and not any(holds_reals(t) for t in tensors)})
    return {"target": example.target, "args": example.args, "kwargs": example.kwargs, "inputs": inputs, "seed": SEED}


def flat(value):
    """All tensors of nested tuples and lists."""
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for element in value for tensor in flat(element)]


def same(got, want):
    if got.shape != want.shape or got.dtype != want.dtype:
        return False
    if not (got.is_floating_point() or got.is_complex()):
        return torch.equal(got, want)
    return torch.allclose(got, want, rtol=1e-5, atol=1e-6, equal_nan=True)


def all_same(got, want):
    return len(got) == len(want) and all(same(g, w) for g, w in zip(got, want))


def make_helpers(listed):
    """The module's helpers that expressions may call: as Python functions by name, and as methods in TorchScript."""
    space = {"torch": torch, "Tensor": torch.Tensor, "List": List, "Dict": Dict, "Optional": Optional, "Tuple": Tuple}
    space["self"] = types.SimpleNamespace()  # they call one another
    for name, text, _ in listed:
        exec(text, space)
        setattr(space["self"], name, space[name])
    return {name: space[name] for name, _, _ in listed}, {name: method for name, _, method in listed}


def in_expressions(name):
    """What stands behind the dollar sign: dots of weights are underscores there."""
    return name.replace(".", "_")


def evaluate(expression, values):
    """The expression as Python; `values` by their names."""
    values = {**{in_expressions(name): value for name, value in values.items()}, **HELPERS}
    text = re.sub(r"\$(\w+)", r"values['\1']", expression)
    torch.manual_seed(SEED)
    return eval(text, {"torch": torch, "values": values})


def copies(state):
    return {name: value.clone() for name, value in state.items()}


class Check:
    """One example with what the program made of it."""

    def __init__(self, example, call, symbolic_call, unknown_call):
        self.example, self.call, self.symbolic_call, self.unknown_call = example, call, symbolic_call, unknown_call
        for text in (call, symbolic_call, unknown_call):  # the default dtype of torch, as in a float32 model
            text["expression"] = text.get("expression", "").replace("$real", "torch.float32")
        self.faults = []
        self.scripts = []  # (expression, values, results)

    def true(self, condition, what):
        if not condition:
            self.faults.append(what)

    def run(self):
        for call, shapes in ((self.call, "known"), (self.unknown_call, "unknown")):
            if not call["good"]:
                self.faults.append(f"is refused where shapes are {shapes}: {call.get('faults')}")
                return
        inspected = python_object(self.example.target) if "::" not in self.example.target else None
        self.is_module = isinstance(inspected, type)
        try:
            self.check_module(inspected) if self.is_module else self.check_function()
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {str(error)[:300]} ({self.call['expression']})")

    def inputs(self):
        return {str(k): value for k, (_, value) in enumerate(self.example.ports())}

    def check_function(self):
        torch.manual_seed(SEED)
        want = self.example.reference()
        self.compare({**self.inputs(), "training": False}, want, {})
        self.check_claims(want)

    def check_module(self, make):
        torch.manual_seed(SEED)
        module = make(*self.example.args, **self.example.made_with)
        state = {name: value.clone() for name, value in module.state_dict().items()}
        self.check_state(module, state)
        for training in (True, False):
            module.train(training)
            torch.manual_seed(SEED)
            want = self.example.reference(module)
            self.compare({**self.inputs(), **state, "training": training}, want, state)
            for name, value in module.state_dict().items():
                self.true(same(state[name], value), f"changes {name} otherwise in training={training}")
        self.check_claims(want, state)

    def check_state(self, module, state):
        said = self.call["parameters"]
        names = [p["name"] for p in said]  # in the order of torch's draws
        self.true(sorted(names) == sorted(state), f"names {names}, not {list(state)}")
        trainable = {name for name, _ in module.named_parameters()}
        for parameter in said:
            value = state.get(parameter["name"])
            if value is None:
                continue
            initial = torch.tensor(parameter["initial"], dtype=torch.float64).reshape(parameter["shape"]).to(value.dtype)
            drawn = torch.equal(initial, value) or not EXACT_DRAWS and same(initial, value)
            self.true(list(value.shape) == parameter["shape"] and drawn, f"draws another {parameter['name']}")
            self.true(parameter["trainable"] == (parameter["name"] in trainable), f"{parameter['name']}: trainable?")
            self.true(parameter["is_integer"] == (not value.is_floating_point()), f"{parameter['name']}: integer?")

    def compare(self, values, want, state):
        """The expression as it is with these shapes, and as it is where nothing is known of them."""
        before = copies(state)
        self.compare_expression(self.call["expression"], {**values, **state}, want, before)
        if self.unknown_call["expression"] != self.call["expression"]:
            self.compare_expression(self.unknown_call["expression"], {**values, **copies(before)}, want, before)

    def compare_expression(self, expression, values, want, before):
        with torch.no_grad():
            got = evaluate(expression, values)
        self.true(all_same(flat(got), flat(want)), f"gives other numbers: {expression}")
        values = {name: ([v.detach() for v in value] if isinstance(value, list) else value) for name, value in values.items()}
        self.scripts.append((expression, {**values, **copies(before)}, [t.detach() for t in flat(want)]))

    def check_claims(self, want, state=None):
        kind = self.call["result"]
        self.true(kind == "tensor" if isinstance(want, torch.Tensor) else kind in ("tuple", "list"), f"gives a {kind}?")
        tensors = flat(want)
        if kind == "tuple":
            self.true(self.call["n_elements"] == len(tensors), f"gives {len(tensors)} tensors")
        if kind == "tensor":
            is_integer = not (tensors[0].is_floating_point() or tensors[0].is_complex())
            told = self.call["is_integer"] or self.example.integers_in()
            self.true(is_integer <= told and (self.call["is_integer"] <= is_integer), "is_integer is wrong")
        for call in (self.call, self.symbolic_call):
            self.check_shapes(call, tensors)
        self.check_rows(self.symbolic_call, want, state)

    def check_shapes(self, call, tensors):
        if call["result"] == "list" and not call["n_elements"]:
            return
        for said, tensor in zip(call["shapes"], tensors):
            if said is None:
                continue
            fits = len(said) == tensor.dim() and all(s == n or isinstance(s, str) for s, n in zip(said, tensor.shape))
            self.true(fits, f"said to have shape {said}, has {list(tensor.shape)}")

    def check_rows(self, call, want, state):
        if not call["row_wise"] or call["random"] or not flat(want) or flat(want)[0].dim() == 0:
            return
        tensors = flat(want)
        n = tensors[0].shape[0]
        rows = torch.arange(n - 1, -1, -1)[: max(n - 1, 1)]
        most = max(t.dim() for _, v in self.example.ports() for t in (v if isinstance(v, list) else [v]))

        def some(value):
            if isinstance(value, list):
                return [some(v) for v in value]
            of_all = self.example.target in ("torch.einsum", "torch.linalg.solve")
            has_rows = value.dim() == most or of_all  # else a row stands beside all rows
            return value[rows] if has_rows and value.dim() and value.shape[0] == n else value
        values = {name: some(value) for name, value in self.inputs().items()}
        with torch.no_grad():
            got = evaluate(call["expression"], {**values, **(state or {}), "training": False})
        self.true(all_same(flat(got), [t[rows] for t in tensors]), f"row_wise is wrong: {call['expression']}")


def method_text(k, expression, values):
    """The expression as a method, and its arguments in order."""
    parameters, arguments, texts = [], [], {}
    for full_name, value in values.items():
        name = in_expressions(full_name)
        if not re.search(rf"\${name}\b", expression):
            continue
        tensors = value if isinstance(value, list) else [value]
        names = [f"x_{name}_{i}" for i in range(len(tensors))]
        kind = "bool" if isinstance(value, bool) else "Tensor"
        parameters += [f"{n}: {kind}" for n in names]
        arguments += tensors
        texts[name] = "[" + ", ".join(names) + "]" if isinstance(value, list) else names[0]
    texts.update({name: "self." + name for name in METHODS})
    text = re.sub(r"\$(\w+)", lambda match: texts[match.group(1)], expression)
    called = [method for name, method in METHODS.items() if f"${name}(" in expression or name == "attention_of" and "$attended_of(" in expression]
    return "".join(called) + f"def case_{k}(self, {', '.join(parameters)}):\n    return {text}\n", arguments


def owned(value):
    """A tensor with memory of its own, as files want it."""
    return value.detach().resolve_conj().resolve_neg().clone() if isinstance(value, torch.Tensor) else value


def check_scripts(program, checks):
    cases = {"n": 0}
    for check in checks:
        for expression, values, results in check.scripts:
            k = cases["n"]
            source, arguments = method_text(k, expression, values)
            cases.update({"n": k + 1, f"{k}.source": source, f"{k}.n_arguments": len(arguments), f"{k}.n_results": len(results)})
            cases.update({f"{k}.argument.{i}": owned(value) for i, value in enumerate(arguments)})
            cases.update({f"{k}.result.{i}": owned(value) for i, value in enumerate(results)})
    with tempfile.NamedTemporaryFile(suffix=".pt") as file:
        torch.save(cases, file.name)
        done = subprocess.run([program, file.name], text=True, capture_output=True)
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    return done.returncode == 0, cases["n"]


def within_torch(error):
    """Was the call itself good, and the error one of torch's functions in Python?"""
    return traceback.extract_tb(error.__traceback__)[-1].filename == torch.nn.functional.__file__


def fault_of_refusal(call):
    """"" if Python refuses the call: made, if it is a module, and called, in evaluation mode. What Python cannot even
    call is a mistake in the example."""
    made = python_object(call.target)
    try:
        result = call.reference(made(*call.args, **call.made_with).eval() if isinstance(made, type) else None)
    except TypeError as error:
        return "" if within_torch(error) else f"cannot be called: {error}"
    except Exception:
        return ""
    return "is taken by torch" if all(isinstance(value, torch.Tensor) for value in several(result)) else ""


def several(result):
    return result if isinstance(result, (tuple, list)) else [result]


def fault_of_run(call, answer):
    """"" if a call that torch refuses is refused where nothing is known of its shapes, or when it runs then."""
    if not answer["good"]:
        return ""
    made = python_object(call.target)
    values = {str(k): value for k, (_, value) in enumerate(call.ports())}
    state = made(*call.args, **call.made_with).state_dict() if isinstance(made, type) else {}
    try:
        with torch.no_grad():
            evaluate(answer["expression"].replace("$real", "torch.float32"), {**values, **state, "training": False})
    except (NameError, SyntaxError, AttributeError, KeyError) as error:
        return "" if "more than one value" in str(error) else f"is no expression: {error}"
    except Exception:
        return ""
    return f"runs where its shapes are unknown: {answer['expression']}"


def told_once(messages):
    """One mistake is one message, but each of several tensors may be wrong in the same way."""
    named = {match.group(1) for message in messages if (match := re.search(r" (?:as|in) '(\w+)'", message))}
    return len(messages) == 1 or len(named) == len(messages)


def check_refused(resolve_targets):
    """What torch refuses is refused, in words of its own; where shapes are unknown, when it runs."""
    calls = refused.all_calls()
    answers = ask(resolve_targets, "resolve", [request_of(call, shape_of) for call in calls for shape_of in (known, unknown)])
    good = True
    for call, answer, unknown_answer in zip(calls, answers[::2], answers[1::2]):
        beginning = f"layer 'a': target '{call.target}' "
        told = [fault["message"] for fault in answer.get("faults", [])]
        own = told and all(message.startswith(beginning) for message in told)
        fault = fault_of_refusal(call) or ("is taken" if answer["good"] else
                                           "" if own and told_once(told) else f"is refused as {told}")
        fault = fault or fault_of_run(call, unknown_answer)
        if fault:
            print(f"{call}: {fault}")
        good = good and not fault
    return good, len(calls)


def main(resolve_targets, script_targets=None):
    global HELPERS, METHODS
    HELPERS, METHODS = make_helpers(ask(resolve_targets, "helpers"))
    listed = ask(resolve_targets, "list")
    chosen = examples.all_examples()
    with_examples = {e.target for e in chosen}
    for name, kind, signature in listed:
        if kind == "function" and name not in with_examples and not ONLY_CHOSEN:
            chosen += automatic.examples_of(name, signature)
    missing = sorted({name for name, _, _ in listed} - {e.target for e in chosen})
    told = (known, symbolic, unknown)
    calls = ask(resolve_targets, "resolve", [request_of(e, shape_of) for e in chosen for shape_of in told])
    checks = [Check(e, *calls[3 * k: 3 * k + 3]) for k, e in enumerate(chosen)]
    for check in checks:
        check.run()
        for fault in check.faults:
            print(f"{check.example}: {fault}")
    for name in missing:
        print(f"{name}: has no example")
    good, n = check_scripts(script_targets, checks) if script_targets else (True, 0)
    as_refused, n_refused = check_refused(resolve_targets)
    good = good and as_refused and not missing and not any(check.faults for check in checks)
    print(f"{len(listed)} forms of {len({e[0] for e in listed})} targets, {len(chosen)} examples, {n} TorchScript methods, "
          f"{n_refused} calls that torch refuses")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
