"""Writes golden files: JSON with flat arrays and their shapes, every number exact when read back as a double."""

import json

import torch

LINE_WIDTH = 118


def draw(generator, *shape, digits=3):
    """Normal random numbers rounded to a few significant digits: short in the file, and exact there."""
    normal = torch.randn(*shape, generator=generator, dtype=torch.float64)
    return normal.clone().apply_(lambda x: float(f"{x:.{digits}g}"))


def one_hot(species, n_species):
    return torch.nn.functional.one_hot(torch.tensor(species), n_species).to(torch.float64)


def write_golden(path, content):
    path.write_text(_render(content, "") + "\n", encoding="ascii")


def _number(x):
    if isinstance(x, int):
        return str(x)
    if not abs(x) < float("inf"):
        raise ValueError(f"golden numbers must be finite, got {x}")
    return repr(x + 0.0)  # shortest text that reads back to the same double; -0.0 becomes 0.0


def _wrapped(items, indent):
    lines, line = [], indent
    for item in items:
        if len(line) + len(item) + 1 > LINE_WIDTH and line != indent:
            lines.append(line)
            line = indent
        line += item + ","
    lines.append(line.rstrip(","))
    return "\n".join(lines)


def _array(tensor, indent):
    tensor = tensor.detach()
    numbers = [_number(x) for x in tensor.reshape(-1).tolist()]
    head = f'{{"shape": {json.dumps(list(tensor.shape))}, "data": ['
    short = head + ",".join(numbers) + "]}"
    if len(short) + len(indent) < LINE_WIDTH - 30:
        return short
    return f"{head}\n{_wrapped(numbers, indent + '  ')}\n{indent}]}}"


def _has_tensor(value):
    if isinstance(value, (dict, list)):
        return any(_has_tensor(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, torch.Tensor)


def _render(value, indent):
    if isinstance(value, torch.Tensor):
        return _array(value, indent) if value.dim() else _number(value.item())
    if not _has_tensor(value):
        line = json.dumps(value)
        if not isinstance(value, dict) or len(line) + len(indent) < LINE_WIDTH - 30:
            return line
    deeper = indent + "  "
    if isinstance(value, dict):
        items = [f"{deeper}{json.dumps(key)}: {_render(item, deeper)}" for key, item in value.items()]
    else:
        items = [deeper + _render(item, deeper) for item in value]
    open_, close = "{}" if isinstance(value, dict) else "[]"
    return open_ + "\n" + ",\n".join(items) + f"\n{indent}{close}"
