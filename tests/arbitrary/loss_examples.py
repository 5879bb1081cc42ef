"""Examples of losses, as modules and as functions."""
import torch

from example import Example, draw, functional, nn


def both(module, function, ports, **kwargs):
    """A loss as module and as function, with every reduction."""
    for reduction in ("mean", "none", "sum"):
        yield nn(module, [], {**kwargs, "reduction": reduction}, ports)
        yield functional(function, ports, kwargs={**kwargs, "reduction": reduction})


def losses():
    x, y = draw(5, 6), draw(5, 6)
    p, q = x.sigmoid(), y.sigmoid()
    labels, sign = torch.tensor([0, 5, 2, 1, 3]), torch.tensor([1.0, -1, 1, 1, -1])
    yield from both("BCELoss", "binary_cross_entropy", [p, q])
    yield from both("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", [x, q])
    yield from both("CosineEmbeddingLoss", "cosine_embedding_loss", [x, y, sign], margin=0.1)
    yield from both("CrossEntropyLoss", "cross_entropy", [x, labels], label_smoothing=0.1)
    yield from both("CrossEntropyLoss", "cross_entropy", [x, labels], ignore_index=2)
    yield from both("CrossEntropyLoss", "cross_entropy", [x, q])
    yield from both("HingeEmbeddingLoss", "hinge_embedding_loss", [x, y.sign()], margin=0.5)
    yield from both("HuberLoss", "huber_loss", [x, y], delta=0.3)
    yield from both("L1Loss", "l1_loss", [x, y])
    yield from both("MarginRankingLoss", "margin_ranking_loss", [x[:, 0], y[:, 0], sign], margin=0.1)
    yield from both("MSELoss", "mse_loss", [x, y])
    yield from both("MultiLabelMarginLoss", "multilabel_margin_loss", [x, torch.tensor([[0, 2, -1, 0, 0, 0]] * 5)])
    yield from both("MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss", [x, q.round()])
    yield from both("MultiMarginLoss", "multi_margin_loss", [x, labels], p=2, margin=0.5)
    yield from both("NLLLoss", "nll_loss", [x.log_softmax(1), labels])
    yield from both("NLLLoss", "nll_loss", [draw(2, 6, 3), torch.tensor([[0, 1, 2], [5, 4, 3]])])
    yield from both("SmoothL1Loss", "smooth_l1_loss", [x, y], beta=0.5)
    yield from both("SmoothL1Loss", "smooth_l1_loss", [x, y], beta=0)
    yield from both("SoftMarginLoss", "soft_margin_loss", [x, y.sign()])
    yield from both("TripletMarginLoss", "triplet_margin_loss", [x, y, draw(5, 6)], p=1, swap=True)
    yield from both("KLDivLoss", "kl_div", [x.log_softmax(1), q], log_target=False)
    yield nn("KLDivLoss", [], {"reduction": "batchmean", "log_target": True}, [x, y])
    yield from both("GaussianNLLLoss", "gaussian_nll_loss", [x, y, torch.cat([q[:3], torch.zeros(2, 6)])], full=True)
    for var in (q[:, :1], q[:, 0], q):  # one for each row, with or without the last dimension
        yield from both("GaussianNLLLoss", "gaussian_nll_loss", [x, y[:1], var])
    yield from both("MarginRankingLoss", "margin_ranking_loss", [x[:, :1], y[:1], sign.reshape(5, 1)])
    yield from both("PoissonNLLLoss", "poisson_nll_loss", [x, y.abs()], full=True)
    yield from both("PoissonNLLLoss", "poisson_nll_loss", [p, y.abs()], log_input=False)
    lengths = torch.tensor([6, 5]), torch.tensor([2, 3])
    yield from both("CTCLoss", "ctc_loss", [draw(6, 2, 4).log_softmax(2), torch.tensor([[1, 2, 3], [1, 3, 2]]), *lengths])
    yield from unusual_losses()
    weights = [0.5, 1.0, 2.0, 0.25, 1.5, 3.0]
    weight = torch.tensor(weights)
    for name, ports in (("CrossEntropyLoss", [x, labels]), ("NLLLoss", [x, labels]), ("BCELoss", [p, q]),
                        ("MultiMarginLoss", [x, labels]), ("MultiLabelSoftMarginLoss", [x, q.round()]),
                        ("BCEWithLogitsLoss", [x, q])):
        yield weighted(name, "weight", weights, ports)
    yield weighted("BCEWithLogitsLoss", "pos_weight", weights, [x, q])
    yield functional("cross_entropy", [x, labels, ("weight", weight)])


def unusual_losses():
    """Without rows, of images, and of tensors that stretch where torch lets them."""
    zeros = lambda *shape: torch.zeros(shape, dtype=torch.long)
    for x, y in ((draw(4), zeros()), (draw(5, 4, 3), zeros(5, 3)), (draw(5, 4, 3, 2), zeros(5, 3, 2)), (draw(1, 4), zeros(1))):
        yield from both("NLLLoss", "nll_loss", [x, y])
        yield from both("CrossEntropyLoss", "cross_entropy", [x, y])
    yield from both("NLLLoss", "nll_loss", [draw(4), zeros(4)])
    for shape in ((4,), (5, 4, 3), (5, 4, 3, 2)):
        yield from both("CrossEntropyLoss", "cross_entropy", [draw(*shape), draw(*shape).sigmoid()], label_smoothing=0.1)
    yield functional("cross_entropy", [draw(5, 4, 3), zeros(5, 3), ("weight", draw(1, 4).abs())])
    yield functional("nll_loss", [draw(5, 4, 3), zeros(5, 3), ("weight", draw(1, 4).abs())])
    for x, y in ((draw(), zeros()), (draw(), zeros(1)), (draw(4), zeros()), (draw(4), zeros(1)), (draw(1, 4), zeros())):
        yield from both("MultiMarginLoss", "multi_margin_loss", [x, y])
    yield functional("multi_margin_loss", [draw(5, 4), zeros(5), ("weight", draw(4).abs())])
    for x, y in ((draw(), zeros()), (draw(), zeros(1)), (draw(4), zeros(4)), (draw(1), zeros())):
        yield from both("MultiLabelMarginLoss", "multilabel_margin_loss", [x, y])
    for x, y in ((draw(4), draw(5, 4)), (draw(5, 4), draw(4)), (draw(5, 1), draw(3)), (draw(1), draw(5, 4, 3))):
        yield from both("MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss", [x, y])
    yield from both("SoftMarginLoss", "soft_margin_loss", [draw(5, 4), draw(4).sign()])
    yield from both("TripletMarginLoss", "triplet_margin_loss", [draw(1), draw(4), draw(5)])
    yield from both("TripletMarginLoss", "triplet_margin_loss", [draw(5, 4), draw(1, 4), draw(5, 1)], swap=True)
    yield nn("TripletMarginLoss", [], {}, [draw(), draw(), draw()])
    for shapes in ([(4,), (5, 4), ()], [(1, 4), (5, 4), (5,)], [(1, 4), (1, 4), (3,)], [(1, 1), (5, 4, 3), (1,)]):
        yield from both("CosineEmbeddingLoss", "cosine_embedding_loss", [draw(*shape) for shape in shapes])
    yield nn("KLDivLoss", [], {"reduction": "batchmean"}, [draw(), draw().abs()])
    yield functional("binary_cross_entropy", [draw(5, 4).sigmoid(), draw(5, 4).sigmoid(), ("weight", draw(5, 1).abs())])
    for port in ("weight", "pos_weight"):
        yield functional("binary_cross_entropy_with_logits", [draw(5, 4), draw(5, 4).sigmoid(), (port, draw(4).abs())])


def weighted(module, name, numbers, ports):
    """A module that Python makes with a tensor."""
    return Example("torch.nn." + module, [], {name: numbers}, ports, made_with={name: torch.tensor(numbers)})


GROUPS = (losses,)
