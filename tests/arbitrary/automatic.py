"""Examples made from signatures: arguments are tried until Python's function accepts them."""
import itertools
import re

import torch

from example import Example, draw

LIMIT = 8  # combinations of plain values that are tried with one kind of tensors


def split(text):
    """At commas outside of brackets."""
    return [part.strip() for part in re.findall(r"(?:[^,\[]|\[[^\]]*\]+)+", text)]


def arguments_of(signature):
    inside = signature[1:signature.rindex(") -> ")]
    for part in split(inside):
        kind, rest = part.split(" ", 1)
        name, _, default = rest.partition("=")
        yield kind.lstrip("*"), name, kind.startswith("*"), "=" in rest


def positive_definite(n):
    a = draw(n, n)
    return a @ a.t() + n * torch.eye(n)


def tensors():
    torch.manual_seed(3)
    yield draw(3, 4).abs() * 0.8 + 0.1
    yield positive_definite(3)
    yield draw(4)
    yield torch.tensor([[0, 1, 2, 1], [2, 1, 0, 0], [1, 1, 2, 0]])
    yield torch.tensor([[True, False, True, True], [False, False, True, False], [True, True, False, False]])
    yield torch.tensor([1, 0, 2])
    yield draw(2, 3, 4)
    yield torch.stack([positive_definite(3), positive_definite(3)])
    yield draw(2, 4, 3, 5)
    yield torch.complex(draw(3, 4), draw(3, 4))
    yield torch.tensor(2)
    yield draw(2, 2, 3, 4, 3)
    yield draw(3, 1)
    yield torch.tensor([[1, 0, 1], [1, 2, 0], [0, 1, 1]], dtype=torch.int32)


VALUES = {
    "int": [1, 2, 0, -1], "float": [0.5, 2.0], "number": [0.5, 2], "bool": [True], "dtype": ["float64"],
    "str": ["mean", "none", "sum", "left"],
    "List[int]": [[0], [1], [0, 1], [2, 2], [3, 4], [1, 1], [1], [2, 1, 0]], "List[float]": [[0.5]], "List[bool]": [[True]], "List[str]": [],
}


def candidates(kind):
    inner = re.sub(r"Optional\[(.*)\]$", r"\1", kind)
    if inner == "Tensor":
        return list(tensors())
    if inner in ("List[Tensor]", "Tensor...", "List[Optional[Tensor]]"):
        return [[t, t.clone()] for t in tensors()]
    return VALUES.get(inner, [])


def combinations(required):
    """Tensors that are all alike, each with a few of the plain values."""
    choices = [candidates(kind) for kind, _, _, _ in required]
    n_kinds = max([len(c) for c, r in zip(choices, required) if "Tensor" in r[0]], default=1)
    for k in range(n_kinds):
        alike = [[c[k]] if "Tensor" in r[0] else c for c, r in zip(choices, required)]
        yield from itertools.islice(itertools.product(*alike), LIMIT)


def function_of(name):
    value = torch
    for part in name.split(".")[1:]:
        value = getattr(value, part)
    return value


def in_order(given):
    """The call as Python reads it by position; dtypes are torch's."""
    def value(kind, v):
        return getattr(torch, v) if "dtype" in kind else v
    positional = [value(kind, v) for (kind, _, only, _), v in given if not only]
    named = {name: value(kind, v) for (kind, name, only, _), v in given if only}
    return positional, named


def accepted(function, given):
    positional, named = in_order(given)
    try:
        torch.manual_seed(7)
        result = function(*positional, **named)
    except Exception:
        return None
    values = result if isinstance(result, (tuple, list)) else [result]
    return result if all(isinstance(v, torch.Tensor) and not v.is_sparse for v in values) else None


def first_accepted(function, arguments):
    for values in combinations(arguments):
        given = list(zip(arguments, values))
        if accepted(function, given) is not None:
            return given
    return None


def example_of(name, function, given):
    """Values before the first tensor are bound by position, all others by name."""
    positional, named = in_order(given)
    args, kwargs, ports = [], {}, []
    by_name = False
    for (kind, argument, only, _), value in given:
        is_tensor = "Tensor" in kind
        by_name = by_name or only or (not is_tensor and bool(ports))
        if is_tensor:
            ports.append((argument if by_name else "", value))
        elif by_name:
            kwargs[argument] = value
        else:
            args.append(value)
    return Example(name, args, kwargs, ports, lambda: function(*positional, **named))


def with_options(function, arguments, given):
    """The same call with as many options as Python accepts beside it."""
    required = [a for a, _ in given]
    for argument in arguments:
        if argument in required or "Tensor" in argument[0]:
            continue
        for value in candidates(argument[0])[:2]:
            more = sorted(given + [(argument, value)], key=lambda pair: arguments.index(pair[0]))
            skips = [a for a in arguments[: arguments.index(argument)] if a not in [g for g, _ in more] and not a[2]]
            if not (skips and not argument[2]) and accepted(function, more) is not None:
                given = more
                break
    return given


def examples_of(name, signature):
    """One with what must be given, one with options."""
    function = function_of(name)
    arguments = list(arguments_of(signature))
    given = first_accepted(function, [a for a in arguments if not a[3]])
    if given is None:
        return []
    found = [example_of(name, function, given)]
    more = with_options(function, arguments, given)
    return found + ([example_of(name, function, more)] if len(more) > len(given) else [])
