"""Losses of tensors that do not fit each other, or of other kinds, which Python torch refuses (refused.py)."""
import torch

from drawn import nn
from example import Example, draw


def call(name, *ports, **kwargs):
    return Example("torch.nn." + name, [], kwargs, list(ports))


def weighed(function, shapes, weight, classes=None, **kwargs):
    """The function, with classes instead of the second tensor if there are any."""
    ports = [draw(*shape).sigmoid() for shape in shapes]
    if classes is not None:
        ports[1:] = [torch.zeros(classes, dtype=torch.long)]
    return Example("torch.nn.functional." + function, [], kwargs, ports + [("weight", draw(*weight).abs())])


def kinds():
    real = draw(5, 4).sigmoid()
    for name in ("BCELoss", "BCEWithLogitsLoss"):
        for dtype in (torch.long, torch.int32, torch.bool):
            whole = (draw(5, 4) > 0).to(dtype)
            for ports in ((real, whole), (whole, real), (whole, whole)):
                yield call(name, *ports)
                yield call(name, *ports, reduction="none")
    yield call("SoftMarginLoss", torch.ones(5, 4, dtype=torch.long), real)
    rows, classes = torch.zeros(5, 4, dtype=torch.long), torch.zeros(5, dtype=torch.long)
    for name in ("NLLLoss", "CrossEntropyLoss", "MultiMarginLoss"):
        yield call(name, rows, classes)
        yield call(name, real, draw(5))
    yield call("CrossEntropyLoss", real, torch.ones(5, 4, dtype=torch.long))
    yield call("CrossEntropyLoss", real, real, ignore_index=1)
    yield call("MultiLabelMarginLoss", real, real)


def powers():
    yield call("MultiMarginLoss", draw(5, 4), torch.zeros(5, dtype=torch.long), p=3)


def classes():
    """A class for every row, and for every pixel of an image."""
    shapes = {(): [(), (1,)], (4,): [(5,), (1, 4), (1,)], (5, 4): [(), (4,), (5, 1), (1, 5), (5, 4, 1)],
              (5, 4, 3): [(5,), (5, 4), (3, 5), (5, 3, 1), (4, 3)], (5, 4, 3, 2): [(5, 3), (5, 2, 3), (5, 4, 3), (4, 3, 2)],
              (5, 4, 3, 2, 2): [(5, 3, 2), (5, 3, 2, 1)]}
    for shape, targets in shapes.items():
        for target in targets:
            for name in ("NLLLoss", "CrossEntropyLoss"):
                yield call(name, draw(*shape), torch.zeros(target, dtype=torch.long))
                yield call(name, draw(*shape), torch.zeros(target, dtype=torch.long), reduction="none")
    for target in ((5, 3), (4, 5), (5,), (1, 4), (5, 4, 1)):
        yield call("CrossEntropyLoss", draw(5, 4), draw(*target))
    yield call("CrossEntropyLoss", draw(4), torch.zeros(4, dtype=torch.long))
    for weight in ((3,), (5,), (1, 4), ()):
        for name in ("nll_loss", "cross_entropy"):
            yield weighed(name, [(5, 4)], weight, (5,))
        yield weighed("cross_entropy", [(5, 4), (5, 4)], weight)
        yield weighed("cross_entropy", [(5, 4, 3)], weight, (5, 3), label_smoothing=0.1)
    for name in ("NLLLoss", "CrossEntropyLoss"):
        yield Example("torch.nn." + name, [], {"weight": [1.0] * 3}, [draw(5, 4), torch.zeros(5, dtype=torch.long)],
                      made_with={"weight": torch.ones(3)})


def margins():
    for shape, target in [((5, 4), (4,)), ((5, 4), ()), ((5, 4), (5, 1)), ((4,), (4,)), ((5, 4, 3), (5,)), ((5, 0), (5,))]:
        yield call("MultiMarginLoss", draw(*shape), torch.zeros(target, dtype=torch.long))
    for weight in ((1, 4), ()):
        yield weighed("multi_margin_loss", [(5, 4)], weight, (5,))
    for shape, target in [((5, 4), (5,)), ((5, 4), (4,)), ((5, 4), (5, 3)), ((4,), ()), ((4,), (1, 4)), ((5, 4, 3), (5, 4, 3))]:
        yield call("MultiLabelMarginLoss", draw(*shape), torch.zeros(target, dtype=torch.long))
    for shapes in ([(), ()], [(5, 4), (5,)], [(5, 4), (3, 4)]):
        yield nn("MultiLabelSoftMarginLoss", [], shapes)
    yield weighed("multilabel_soft_margin_loss", [(5, 4), (5, 4)], (3,))
    for shapes in ([(4,), (5, 4)], [(5, 1), (5, 4)], [(), (4,)], [(5, 4), (5,)]):
        yield nn("SoftMarginLoss", [], shapes)
    for shapes in ([(4,), (4,), (5,)], [(5, 4), (5, 3), (5, 4)], [(5, 4), (3, 4), (5, 4)], [(5, 4), (1, 4), (3, 4)]):
        yield nn("TripletMarginLoss", [], shapes)
    yield nn("TripletMarginLoss", [], [(5, 1), (5, 4), (5, 3)], swap=True)
    for shapes in ([(), (), ()], [(5, 4), (5, 4), ()], [(5, 4), (5, 4), (4,)], [(5, 4), (5, 4), (5, 1)], [(5, 4), (5, 3), (5,)],
                   [(5, 4), (4,), (5,)], [(4,), (5,), ()], [(5, 4, 3), (5, 4, 3), (5,)]):
        yield nn("CosineEmbeddingLoss", [], shapes)
    for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        for weight in ((5,), (3,), (2, 5, 4)):
            yield weighed(name, [(5, 4), (5, 4)], weight)
    yield Example("torch.nn.functional.binary_cross_entropy_with_logits", [], {},
                  [draw(5, 4), draw(5, 4).sigmoid(), ("pos_weight", draw(5).abs())])


GROUPS = (kinds, powers, classes, margins)
