"""What is said of integers and booleans is what Python torch does: every example with whole numbers or truth values in
place of its real numbers, of all tensors and of each alone. What is refused as `wrong-dtype` torch refuses, and what is
said to give integers gives them.

usage: dtypes_test.py RESOLVE_TARGETS
"""
import sys
import warnings

import torch

import automatic
import examples
from arbitrary_test import ask, flat, known, python_object, request_of
from drawn import f, functional, nn
from example import draw

warnings.filterwarnings("ignore")
KINDS = (torch.int64, torch.bool)  # of int32 and uint8 torch says the same as of int64


def listed(value):
    return value if isinstance(value, list) else [value]


def is_real(tensor):
    return tensor.is_floating_point() or tensor.is_complex()


def converted(value, kind):
    """The real numbers of a port as numbers of this kind."""
    if isinstance(value, list):
        return [converted(v, kind) for v in value]
    if not value.is_floating_point():
        return value
    return value > 0 if kind == torch.bool else (3 * value).abs().round().to(kind)


class Call:
    """An example with integers in some of its ports; None where torch refuses it."""

    def __init__(self, example, which):
        self.example, self.which = example, which

    def __repr__(self):
        return f"{self.example} with integers in ports {sorted(self.which)}"

    def ports(self, kind):
        return [(keyword, converted(value, kind) if k in self.which else value)
                for k, (keyword, value) in enumerate(self.example.ports())]

    def request(self):
        request = request_of(self.example, known)
        for given, (_, value) in zip(request["inputs"], self.ports(torch.int64)):
            given["holds_reals"] = all(tensor.is_floating_point() for tensor in listed(value))
            given["holds_integers"] = not any(is_real(tensor) for tensor in listed(value))
        return request

    def results(self, kind):
        """Does each tensor of the result hold integers? An empty list where torch refuses the call."""
        example, made = self.example, python_object(self.example.target)
        positional = [value for keyword, value in self.ports(kind) if keyword == ""]
        named = {keyword: value for keyword, value in self.ports(kind) if keyword != ""}
        options = {name: getattr(torch, v) if name == "dtype" and isinstance(v, str) else v for name, v in example.kwargs.items()}
        try:
            with torch.no_grad():
                if isinstance(made, type):
                    return [not is_real(t) for t in flat(made(*example.args, **example.made_with).eval()(*positional, **named))]
                return [not is_real(t) for t in flat(made(*example.args, *positional, **{**options, **named}))]
        except Exception:
            return []


def calls_of(example):
    """With the example's own tensors, with integers everywhere, and with integers in one port."""
    places = [k for k, (_, value) in enumerate(example.ports()) if any(t.is_floating_point() for t in listed(value))]
    yield Call(example, set())
    if places:
        yield Call(example, set(places))
    if len(places) > 1:
        yield from (Call(example, {k}) for k in places)


def fault_of(call, answer):
    results = [result for result in (call.results(kind) for kind in KINDS) if result]
    codes = [fault["code"] for fault in answer.get("faults", [])]
    if codes == ["wrong-dtype"]:
        return "is refused, but torch takes it" if results else ""
    told = answer["integer_results"] if answer["result"] == "tuple" else answer["integer_results"] * max(map(len, results), default=0)
    for result in results:
        if any(said and not is_integer for said, is_integer in zip(told, result)):
            return f"is said to give integers as {told}, but gives {result}"
    if not call.which and results and answer["good"] and not answer["integer_results"][0] and call.example.ports():
        reals_in = all(is_real(t) for _, value in call.example.ports() for t in listed(value))
        if reals_in and any(not said and is_integer for said, is_integer in zip(told, results[0])):
            return f"gives integers as {results[0]}, but they are not said to be: {told}"
    return ""


def must_be_refused():
    """Integers where real numbers are needed."""
    for name, args in (("Linear", [4, 2]), ("GELU", []), ("Softmax", [1]), ("SiLU", []), ("LayerNorm", [4]), ("BatchNorm1d", [4])):
        yield nn(name, args)
    for name in ("mean", "linalg.norm", "std", "norm", "special.round"):
        yield f(name)
    yield f("softmax", dim=1)
    yield functional("gelu")
    yield f("matmul", [(5, 4), (4, 3)])
    yield functional("linear", [(5, 4), (3, 4)])
    yield f("linalg.inv", [(4, 4)])
    yield functional("mse_loss", [(5, 4), (5, 4)])


def must_give_integers():
    """With the element of the result that holds integers."""
    pooled = [draw(2, 4, 6)]
    for name in ("sort", "cummax", "cummin", "max", "min", "median", "nanmedian", "mode"):
        yield f(name, dim=1), 1
    yield f("topk", k=2), 1
    yield f("kthvalue", k=2), 1
    yield f("frexp"), 1
    for name in ("lu_factor", "lu_factor_ex", "ldl_factor", "inv_ex", "cholesky_ex"):
        yield f("linalg." + name, [(4, 4)]), 1
    yield f("linalg.lu_factor_ex", [(4, 4)]), 2
    yield f("linalg.solve_ex", [(4, 4), (4, 2)]), 1
    yield functional("max_pool1d", [(2, 4, 6)], kernel_size=2, return_indices=True), 1
    yield nn("MaxPool1d", [2], [(2, 4, 6)], return_indices=True), 1
    yield f("argmax"), 0
    yield f("where"), 0
    yield f("randint", [], high=3, size=[2]), 0
    yield f("zeros", [], size=[2], dtype="int64"), 0


def must_keep_integers():
    for name in ("abs", "neg", "sum", "cumsum", "reshape", "nn.functional.relu"):
        yield f(name, **({"dim": 0} if name == "cumsum" else {"shape": [-1]} if name == "reshape" else {}))
    for name in ("stack", "cat"):
        yield examples.Example("torch." + name, [], {}, [[draw(5, 4), draw(5, 4)]])
    yield f("add", [(5, 4), (5, 4)])
    yield f("max", dim=1)


def integers_everywhere(example):
    return Call(example, set(range(len(example.ports()))))


def named_claims(resolve):
    """What must be said, besides being true."""
    refused = [integers_everywhere(e) if len(e.ports()) < 2 or "loss" in e.target else Call(e, {0}) for e in must_be_refused()]
    for call, answer in zip(refused, resolve([call.request() for call in refused])):
        codes = [fault["code"] for fault in answer.get("faults", [])]
        yield call, "" if codes == ["wrong-dtype"] else f"is answered by {codes}"
    giving = [(Call(e, set()), k) for e, k in must_give_integers()] + [(integers_everywhere(e), 0) for e in must_keep_integers()]
    for (call, k), answer in zip(giving, resolve([call.request() for call, _ in giving])):
        told = answer["integer_results"]
        yield call, "" if k < len(told) and told[k] else f"does not give integers as number {k}: {told}"


def all_calls(targets):
    chosen = examples.all_examples()
    with_examples = {e.target for e in chosen}
    for name, kind, signature in targets:
        if kind == "function" and name not in with_examples:
            chosen += automatic.examples_of(name, signature)
    return [call for e in chosen if "::" not in e.target and e._call is None for call in calls_of(e)]


def main(resolve_targets):
    calls = all_calls(ask(resolve_targets, "list"))
    resolve = lambda requests: ask(resolve_targets, "resolve", requests)
    checks = [(call, fault_of(call, answer)) for call, answer in zip(calls, resolve([call.request() for call in calls]))]
    checks += list(named_claims(resolve))
    for call, fault in checks:
        if fault:
            print(f"{call}: {fault}")
    print(f"{len(checks)} calls with integers and booleans")
    return int(any(fault for _, fault in checks))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
