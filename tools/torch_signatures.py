#!/usr/bin/python3
"""Writes the signatures of torch's functions that give tensors: src/operators/targets/torch_signatures.inc.

    /usr/bin/python3 tools/torch_signatures.py > src/operators/targets/torch_signatures.inc

One line per overload, sorted by name. A function is taken if Python's is the operator itself (functions written in Python
have other signatures and rows of their own in the tables). Left out: what changes its arguments or writes to `out`, what
takes or gives anything but tensors and plain values, what belongs to other devices, quantized or sparse storage, and what
only serves modules, trusts its arguments blindly, or has other defaults in
Python (slice_scatter, losses by the number of their reduction).
"""
import re
import types

import torch

NAMESPACES = {"torch": ("", torch), "torch.linalg": ("linalg_", torch.linalg), "torch.special": ("special_", torch.special),
              "torch.fft": ("fft_", torch.fft), "torch.nn.functional": ("", torch.nn.functional)}
OTHER_NAMES = {"torch.nn.functional.logsigmoid": "log_sigmoid"}  # of the same operator
PLAIN = re.compile(r"(Optional\[)?(List\[)?(Optional\[)?(Tensor|int|float|bool|number|str|dtype)\]*")
RESULTS = {"Tensor", "List[Tensor]"}
LEFT_OUT = re.compile(
    r"cudnn|miopen|mkldnn|quantize|dequantize|fbgemm|sparse|_indices_copy|values_copy|backward|choose_qparams|int_repr|q_per_"
    r"|batch_norm_(elemt|gather|stats|update)|from_file|hspmm|sspaddmm|smm$|_unsafe|unsafe_|is_|segment_reduce|_like_nested"
    r"|^torch\.(set|resize|alias|as_strided|detach|expand|permute|select|slice|split|split_with_sizes|squeeze|t|transpose"
    r"|unbind|unfold|unsqueeze|view|view_as_complex|view_as_real|diagonal|narrow)_copy$|empty|native_norm|indices_copy|as_strided|histogramdd|^torch\.slice_scatter$|^torch\.(gru|lstm|rnn_tanh|rnn_relu)(_cell)?$"
    r"|^torch\.(embedding_bag|convolution|native_batch_norm|native_layer_norm|native_group_norm|native_dropout|tensor|as_tensor|scalar_tensor|range)$|symeig|triangular_solve")


def type_of(argument):
    text = str(argument.type)
    if "dtype" in argument.name:
        text = text.replace("int", "dtype")
    if argument.name in ("layout", "memory_format", "pin_memory", "names", "generator") or ("dim" in argument.name and "str" in text):
        return "unfit"
    return {"Scalar": "number", "Scalar?": "Optional[number]"}.get(text, text)


def taken(schema):
    """The arguments that plain values can give; None if one of the others must be given."""
    plain = [a for a in schema.arguments if PLAIN.fullmatch(type_of(a))]
    others = [a for a in schema.arguments if not PLAIN.fullmatch(type_of(a))]
    is_loss = any(a.name == "reduction" for a in plain)
    return plain if all(a.has_default_value() for a in others) and not is_loss else None


def argument_text(argument):
    star = "*" if argument.kwarg_only else ""
    default = "=" + repr(argument.default_value) if argument.has_default_value() else ""
    return f"{star}{type_of(argument)} {argument.name}{default}"


def public_names():
    """(torch.pow, pow), … for every operator that Python has under its own name."""
    for space, (prefix, module) in NAMESPACES.items():
        for name in dir(module):
            full = f"{space}.{name}"
            is_operator = isinstance(getattr(module, name), types.BuiltinFunctionType)
            if is_operator and not name.startswith("_") and not name.endswith("_") and not LEFT_OUT.search(full):
                yield full, OTHER_NAMES.get(full, prefix + name)


def lines_of(name, operator):
    for schema in torch._C._jit_get_schemas_for_operator("aten::" + operator):
        arguments, results = taken(schema), [str(r.type) for r in schema.returns]
        writes = "!" in str(schema) or schema.overload_name.endswith("out")
        if arguments is None or writes or not results or not set(results) <= RESULTS:
            continue
        yield f"{name}({', '.join(map(argument_text, arguments))}) -> {', '.join(results)}"


def main():
    lines = {line for name, operator in public_names() for line in lines_of(name, operator)}
    print(f"// From the operator schemas of Python torch {torch.__version__}, by tools/torch_signatures.py.")
    for line in sorted(lines):
        print('"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"')


main()
