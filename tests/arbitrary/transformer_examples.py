"""Layers of Transformers: every order of the parts, masks, layouts, and calls that torch refuses."""
import itertools

import torch

from attention_examples import masks
from example import draw, nn

MADE = [{}, {"activation": "gelu"}, {"norm_first": True}, {"norm_first": True, "activation": "gelu", "layer_norm_eps": 0.25},
        {"dropout": 0.0}, {"dropout": 1.0}, {"layer_norm_eps": 0.01}]


def sequences(n, batch, batch_first, columns=8):
    """So many sequences of n steps; 0: one without a batch."""
    return draw(*((batch, n) if batch and batch_first else (n, batch) if batch else (n,)), columns)


def encoder(kwargs, steps, batch, ports=(), args=(8, 2, 12)):
    return nn("TransformerEncoderLayer", args, kwargs, [sequences(steps, batch, kwargs.get("batch_first")), *ports])


def decoder(kwargs, steps, sources, batch, ports=(), args=(8, 2, 12)):
    rows = [sequences(n, batch, kwargs.get("batch_first")) for n in (steps, sources)]
    return nn("TransformerDecoderLayer", args, kwargs, [*rows, *ports])


def named(prefix, ports):
    names = {"attn_mask": prefix + "_mask", "key_padding_mask": prefix + "_key_padding_mask"}
    return [(names[name], mask) for name, mask in ports]


def all_examples():
    for kwargs, batch_first, batch in itertools.product(MADE, (False, True), (3, 0)):
        kwargs = {**kwargs, "batch_first": True} if batch_first else kwargs
        yield encoder(kwargs, 4, batch)
        yield decoder(kwargs, 4, 5, batch)
    for kwargs in ({}, {"batch_first": True, "norm_first": True}):
        for ports in masks(4, 4, 3, 2):
            adds = any(name == "key_padding_mask" and mask.is_floating_point() for name, mask in ports)
            if not (adds and kwargs):  # torch's fast path takes numbers for truth values
                yield encoder(kwargs, 4, 3, named("src", ports))
            yield decoder(kwargs, 4, 5, 3, named("tgt", ports))
        for ports in masks(4, 5, 3, 2):
            yield decoder(kwargs, 4, 5, 3, named("memory", ports))
    own, other = torch.ones(4, 4).triu(1) > 0, draw(4, 5)
    yield decoder({}, 4, 5, 0, [("tgt_mask", own), ("memory_mask", other)])
    yield decoder({"batch_first": True}, 4, 5, 2, [("tgt_mask", own), ("memory_mask", other)])
    x = draw(4, 3, 8)
    yield nn("TransformerEncoderLayer", [8, 2, 12], {}, [x, own])  # by position
    yield nn("TransformerDecoderLayer", [8, 2, 12], {}, [x, x, own, own])
    yield encoder({}, 1, 1)
    yield encoder({}, 4, 2, args=(8, 4, 6, 0.5, "gelu", 0.1))
    yield nn("TransformerEncoderLayer", [6, 3], {"dim_feedforward": 1}, [draw(5, 6)])


def refused():
    for shape in ((4, 3, 7), (8,), (2, 4, 3, 8)):
        yield nn("TransformerEncoderLayer", [8, 2, 12], {}, [draw(*shape)])
        yield nn("TransformerDecoderLayer", [8, 2, 12], {}, [draw(*shape), draw(4, 3, 8)])
        yield nn("TransformerDecoderLayer", [8, 2, 12], {}, [draw(4, 3, 8), draw(*shape)])
    yield nn("TransformerDecoderLayer", [8, 2, 12], {}, [draw(4, 3, 8), draw(4, 2, 8)])
    yield nn("TransformerDecoderLayer", [8, 2, 12], {}, [draw(4, 3, 8), draw(4, 8)])
    for args in ([8, 3], [8, 0], [0, 2], [-8, 2], [8, 2, -1]):
        yield nn("TransformerEncoderLayer", args, {}, [draw(4, 3, 8)])
        yield nn("TransformerDecoderLayer", args, {}, [draw(4, 3, 8)] * 2)
    yield encoder({"activation": "tanh"}, 4, 3)
    for mask in (draw(4, 5), draw(5, 4, 4), torch.zeros(3, 4, dtype=torch.bool)):
        yield encoder({}, 4, 3, [("src_mask", mask)])
        yield decoder({}, 4, 4, 3, [("memory_mask", mask)])
    for mask in (draw(3, 5), draw(4, 3), draw(4)):
        yield encoder({}, 4, 3, [("src_key_padding_mask", mask)])
        yield decoder({}, 4, 4, 3, [("tgt_key_padding_mask", mask)])


GROUPS = (all_examples,)
REFUSED = (refused,)
