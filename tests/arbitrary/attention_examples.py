"""Attention of several heads: each way to project, to mask and to lay out sequences, and calls that torch refuses."""
import itertools

import torch

from example import draw, nn


def masks(steps, sources, batch, heads):
    """The keyword ports of one call: truth values or what is added, for all sequences or for each."""
    forbidden = torch.ones(steps, sources).triu(2) > 0
    each = draw(batch * heads, steps, sources) > 1.0
    each[:, :, 0] = False
    padding = torch.zeros(batch, sources, dtype=torch.bool)
    padding[0, -1] = True
    wholes = [None, forbidden, each, draw(steps, sources), draw(batch * heads, steps, sources)]
    for whole, padded in itertools.product(wholes, [None, padding, draw(batch, sources)]):
        both_add = whole is not None and padded is not None and whole.is_floating_point() and padded.is_floating_point()
        if not both_add:  # torch takes no sum of them
            named = {"attn_mask": whole, "key_padding_mask": padded}
            yield [(name, mask) for name, mask in named.items() if mask is not None]
    yield [("attn_mask", forbidden.to(torch.uint8))]


def made():
    """Arguments of the constructor."""
    yield {}
    for options in itertools.product((True, False), repeat=3):
        yield dict(zip(("bias", "add_bias_kv", "add_zero_attn"), options))
    yield {"kdim": 5}
    yield {"vdim": 7, "bias": False, "add_bias_kv": True}
    yield {"kdim": 3, "vdim": 5, "add_zero_attn": True}
    yield {"kdim": 8, "vdim": 8}
    yield {"dropout": 0.4}
    yield {"dropout": 1.0}


def attention(heads, kwargs, steps, sources, batch, ports=()):
    """Queries, keys and values of so many sequences; 0: of one without a batch."""
    def sequences(n, columns):
        n_sequences = [batch] if batch else []
        return draw(*([*n_sequences, n] if kwargs.get("batch_first") else [n, *n_sequences]), columns)
    rows = [sequences(steps, 8), sequences(sources, kwargs.get("kdim", 8)), sequences(sources, kwargs.get("vdim", 8))]
    return nn("MultiheadAttention", [8, heads], kwargs, [*rows, *ports])


def all_examples():
    for kwargs in made():
        for batch in (3, 0):
            yield attention(2, kwargs, 4, 5, batch)
        yield attention(4, {**kwargs, "batch_first": True}, 4, 5, 2)
    for kwargs in ({}, {"batch_first": True}, {"add_bias_kv": True, "add_zero_attn": True}, {"kdim": 6, "batch_first": True}):
        for ports in masks(4, 5, 3, 2):
            yield attention(2, kwargs, 4, 5, 3, ports)
    for ports in masks(4, 5, 1, 2):
        yield attention(2, {"batch_first": True}, 4, 5, 0, [(n, m[0] if n == "key_padding_mask" else m) for n, m in ports])
    for steps, sources in ((0, 5), (4, 0), (1, 1)):
        yield attention(2, {"batch_first": True}, steps, sources, 3, [("attn_mask", draw(steps, sources))])
        yield attention(2, {"add_zero_attn": True}, steps, sources, 0)
    x = draw(2, 6, 8)
    yield nn("MultiheadAttention", [8, 2], {"batch_first": True}, [x, x, x])
    yield nn("MultiheadAttention", [8, 1], {}, [x, x, x, torch.eye(6, 2) > 0])
    yield nn("MultiheadAttention", [32, 8, 0.5], {}, [draw(5, 2, 32), draw(5, 2, 32), draw(5, 2, 32)])
    yield nn("MultiheadAttention", [3, 3], {}, [draw(1, 3), draw(1, 3), draw(1, 3)])


def refused():
    wrong = [([(4, 3, 7), (5, 3, 8), (5, 3, 8)], {}), ([(4, 3, 8), (5, 3, 7), (5, 3, 8)], {}),
             ([(4, 3, 8), (5, 3, 8), (5, 3, 7)], {}), ([(4, 3, 8), (5, 3, 8), (6, 3, 8)], {}), ([(4, 3, 8), (5, 2, 8), (5, 2, 8)], {}),
             ([(4, 3, 8), (5, 3, 8), (5, 1, 8)], {}), ([(4, 3, 8), (5, 2, 8), (5, 3, 8)], {}), ([(4, 3, 8), (5, 8), (5, 8)], {}),
             ([(4, 8), (5, 3, 8), (5, 3, 8)], {}), ([(4, 8), (5, 8), (6, 8)], {}), ([(8,), (8,), (8,)], {}),
             ([(1, 4, 3, 8), (1, 5, 3, 8), (1, 5, 3, 8)], {}), ([(4, 3, 8), (6, 2, 8), (4, 3, 8)], {}),
             ([(3, 4, 8), (2, 5, 8), (2, 5, 8)], {"batch_first": True}), ([(3, 4, 8), (3, 5, 8), (3, 6, 8)], {"batch_first": True}),
             ([(4, 3, 8), (5, 3, 8), (5, 3, 8)], {"kdim": 5}), ([(4, 3, 8), (5, 3, 5), (6, 3, 8)], {"kdim": 5}),
             ([(4, 3, 8), (5, 3, 8), (5, 3, 8)], {"vdim": 5, "bias": False})]
    for shapes, kwargs in wrong:
        yield nn("MultiheadAttention", [8, 2], kwargs, [draw(*shape) for shape in shapes])
    for args in ([8, 3], [8, 0], [0, 2], [8, -2], [-8, 2]):
        yield nn("MultiheadAttention", args, {}, [draw(4, 3, 8)] * 3)
    yield nn("MultiheadAttention", [8, 2], {"kdim": -1}, [draw(4, 3, 8)] * 3)


def refused_masks():
    truth = lambda *shape: torch.zeros(*shape, dtype=torch.bool)
    for name, shapes in (("attn_mask", [(5, 4), (4, 6), (4,), (1, 4, 5), (3, 4, 5), (6, 5, 4), (1, 6, 4, 5), (1, 5)]),
                         ("key_padding_mask", [(5, 3), (3, 6), (5,), (3, 1, 5), (1, 5), (3, 4)])):
        for shape in shapes:
            for mask in (truth(*shape), draw(*shape)):
                yield attention(2, {}, 4, 5, 3, [(name, mask)])
                yield attention(2, {"batch_first": True, "add_zero_attn": True}, 4, 5, 3, [(name, mask)])
    for name, shape in (("attn_mask", (6, 4, 5)), ("attn_mask", (5, 4)), ("key_padding_mask", (1, 5)), ("key_padding_mask", (4,))):
        yield attention(2, {}, 4, 5, 0, [(name, truth(*shape))])
    yield attention(2, {}, 4, 5, 3, [("attn_mask", draw(4, 5)), ("key_padding_mask", draw(3, 5))])


GROUPS = (all_examples,)
REFUSED = (refused, refused_masks)
