"""Calls with tensors that are drawn of given shapes."""
import torch

from example import Example, draw

IMAGE = (2, 4, 6, 5)


def nn(name, args=(), shapes=((5, 4),), **kwargs):
    return Example("torch.nn." + name, args, kwargs, [draw(*shape) for shape in shapes])


def f(name, shapes=((5, 4),), **kwargs):
    return Example("torch." + name, [], kwargs, [draw(*shape) for shape in shapes])


def functional(name, shapes=((5, 4),), **kwargs):
    return f("nn.functional." + name, shapes, **kwargs)


def looked_up(name, indices, dim):
    """Indices stand behind the dimension, but for take_along_dim."""
    port = "indices" if name == "take_along_dim" else "index"
    return Example("torch." + name, [], {"dim": dim}, [draw(5, 4), (port, torch.tensor(indices))])
