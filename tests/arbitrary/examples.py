"""Examples of modules, with the functions beside them; those of other functions are in functions.py."""
import torch

import attention_examples
import transformer_examples
import functions
import loss_examples
from example import GRIDS, IMAGE, SEQUENCE, VECTORS, VOLUME, Example, draw, functional, nn


def activations():
    x = VECTORS
    plain = ["CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid", "Mish",
             "PReLU", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh",
             "Tanhshrink", "GLU", "Softmax", "Softmin", "LogSoftmax"]
    yield from (nn(name, ports=[x]) for name in plain)
    yield from (nn(name, ports=[SEQUENCE]) for name in ("Softmax", "Softmin", "LogSoftmax"))
    for name, args, kwargs in [("CELU", [0.7], {}), ("ELU", [2], {}), ("GELU", [], {"approximate": "tanh"}),
                               ("Hardshrink", [0.2], {}), ("Hardtanh", [-0.5, 0.25], {}), ("LeakyReLU", [0.2], {}),
                               ("Softplus", [2, 10], {}), ("Softshrink", [0.1], {}), ("Threshold", [0.1, 20.0], {}),
                               ("ReLU", [True], {}), ("PReLU", [16, 0.1], {}), ("GLU", [0], {}), ("Softmax", [-1], {}),
                               ("Softmin", [0], {}), ("LogSoftmax", [1], {}), ("RReLU", [0.1, 0.2], {})]:
        yield nn(name, args, kwargs, [draw(4, 16)])
    yield from (nn("Softmax2d", ports=[v]) for v in (IMAGE, SEQUENCE))
    for name in ["celu", "elu", "glu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "log_softmax", "mish", "relu",
                 "relu6", "rrelu", "selu", "sigmoid", "silu", "softmax", "softmin", "softsign", "tanh", "tanhshrink"]:
        yield functional(name, [draw(4, 6)])
    yield functional("threshold", [x], kwargs={"threshold": 0.1, "value": 3})
    yield functional("softmax", [x], kwargs={"dim": 1, "dtype": "float64"},
                     call=lambda f: f(x, dim=1, dtype=torch.float64))
    yield functional("rrelu", [x], kwargs={"training": True})
    yield functional("elu", [x], kwargs={"alpha": 0.3, "inplace": True}, call=lambda f: f(x, 0.3))
    yield functional("gumbel_softmax", [x], kwargs={"tau": 0.5})


def dropouts():
    for name in ["Dropout", "AlphaDropout", "FeatureAlphaDropout"]:
        yield nn(name, ports=[IMAGE])
        yield nn(name, [0.2], {}, [IMAGE])
    for n, name in ((1, "Dropout1d"), (2, "Dropout2d"), (3, "Dropout3d")):
        yield nn(name, [0.3], {}, [GRIDS[n]])
        if n != 2:
            yield nn(name, [0.3], {}, [GRIDS[n][0]])
    for name in ["dropout", "alpha_dropout", "feature_alpha_dropout", "dropout2d"]:
        yield functional(name, [IMAGE], kwargs={"p": 0.4})
    yield functional("dropout1d", [SEQUENCE])
    yield functional("dropout3d", [VOLUME])
    for x in (draw(6), VECTORS, SEQUENCE, IMAGE):
        yield functional("dropout3d", [x])
        yield nn("Dropout3d", [0.3], {}, [x])
    yield functional("alpha_dropout", [IMAGE], kwargs={"training": True})


def linear():
    yield nn("Identity", ports=[VECTORS])
    yield nn("Identity", [3, "any", [1.5]], {"argument": {"at": "all"}}, [VECTORS])
    yield nn("Linear", [16, 3], {}, [VECTORS])
    yield nn("Linear", [16, 3], {"bias": False}, [draw(16)])
    yield nn("Linear", [], {"in_features": 16, "out_features": 2}, [draw(2, 3, 16)])
    yield nn("Bilinear", [16, 4, 3], {}, [VECTORS, draw(5, 4)])
    yield nn("Bilinear", [16, 4, 3], {"bias": False}, [VECTORS, draw(5, 4)])
    index = torch.tensor([[0, 2, 5], [1, 1, 6]])
    yield nn("Embedding", [7, 20], {}, [index])
    yield nn("Embedding", [7, 3], {"padding_idx": -2}, [index[0]])
    yield nn("Embedding", [3, 4], {"padding_idx": 1, "scale_grad_by_freq": True}, [torch.tensor([1, 0])])
    weight = draw(7, 3)
    yield functional("embedding", [index, weight])
    yield functional("embedding", [index, weight], kwargs={"padding_idx": -1})
    for mode in ("sum", "mean", "max"):
        yield nn("EmbeddingBag", [7, 3], {"mode": mode}, [index])
        yield nn("EmbeddingBag", [7, 3], {"mode": mode}, [index.reshape(-1), torch.tensor([0, 2])])
        yield functional("embedding_bag", [index, weight], kwargs={"mode": mode})
        yield nn("EmbeddingBag", [7, 3], {"mode": mode, "include_last_offset": True},
                 [index.reshape(-1), torch.tensor([0, 2, index.numel()])])
    yield nn("EmbeddingBag", [7, 3], {"mode": "sum", "padding_idx": 5}, [index, ("per_sample_weights", draw(2, 3))])


def convolutions():
    for n, x in GRIDS.items():
        for args, kwargs in [([4, 6, 3], {}), ([4, 2, 2, 2, 1], {"bias": False}), ([4, 4, 2], {"groups": 2, "dilation": 2}),
                             ([4, 3, 3], {"padding": "same"}), ([4, 3, 2], {"padding": "valid"}),
                             ([4, 3, 3], {"padding": 1, "padding_mode": "replicate"}),
                             ([4, 3, 2], {"padding": "same", "padding_mode": "circular"})]:
            yield nn(f"Conv{n}d", args, kwargs, [x])
        yield nn(f"Conv{n}d", [4, 2, 3], {"padding": [1] * n}, [x[0]])
        if n < 3:
            yield nn(f"Conv{n}d", [4, 3, 3], {"padding": 1, "padding_mode": "reflect"}, [x])
        for args, kwargs in [([4, 6, 3], {}), ([4, 6, 2, 2, 1, 1], {"groups": 2, "bias": False})]:
            yield nn(f"ConvTranspose{n}d", args, kwargs, [x])
        yield nn(f"ConvTranspose{n}d", [4, 6, 2], {"output_padding": 3}, [x[:0]])
    yield nn("Conv2d", [4, 2, [3, 2]], {"stride": [2, 1]}, [IMAGE])


def poolings():
    for n, x in GRIDS.items():
        for name in ("AvgPool", "MaxPool"):
            yield nn(f"{name}{n}d", [2], {}, [x])
            yield nn(f"{name}{n}d", [3, 2, 1], {"ceil_mode": True}, [x])
        yield nn(f"AvgPool{n}d", [2], {"count_include_pad": False, "padding": 1}, [x[0]])
        if n > 1:
            yield nn(f"AvgPool{n}d", [2], {"divisor_override": 3}, [x])
        yield nn(f"MaxPool{n}d", [2], {"dilation": 2, "stride": 1}, [x])
        yield nn(f"MaxPool{n}d", [2], {"return_indices": True}, [x])
        yield functional(f"max_pool{n}d", [x], kwargs={"kernel_size": 2, "ceil_mode": True})
        yield functional(f"max_pool{n}d", [x], kwargs={"kernel_size": 2, "return_indices": True})
        yield nn(f"AdaptiveAvgPool{n}d", [2], {}, [x])
        yield nn(f"AdaptiveMaxPool{n}d", [3], {}, [x])
        yield nn(f"AdaptiveMaxPool{n}d", [2, True], {}, [x])
        yield functional(f"adaptive_max_pool{n}d", [x], kwargs={"output_size": 2})
        yield functional(f"adaptive_max_pool{n}d", [x], kwargs={"output_size": 2, "return_indices": True})
        if n > 1:
            yield functional(f"adaptive_avg_pool{n}d", [x], kwargs={"output_size": [2] * n})
        pool = getattr(torch.nn.functional, f"max_pool{n}d")
        even = draw(2, 4, *[4, 6, 2][:n])
        yield from unpoolings(n, *pool(even, 2, return_indices=True))
        if n < 3:
            for args in ([2, 2], [1.5, 3, 2]):
                yield nn(f"LPPool{n}d", args, {}, [x.abs()])
            yield functional(f"lp_pool{n}d", [x], kwargs={"norm_type": 2, "kernel_size": 2})


def unusual_poolings():
    """Sizes of null are the input's; means over all of an image are taken of whatever has its dimensions."""
    for name in ("AdaptiveAvgPool", "AdaptiveMaxPool"):
        for size in ([2, None], [None, 3], [None, None]):
            yield nn(f"{name}2d", [size], {}, [IMAGE])
        yield nn(f"{name}3d", [[2, None, 3]], {}, [VOLUME])
        yield nn(f"{name}2d", [2], {}, [IMAGE[0]])
        yield nn(f"{name}3d", [2], {}, [VOLUME[0]])
        yield nn(f"{name}1d", [2], {}, [SEQUENCE[0]])
    yield functional("adaptive_avg_pool2d", [IMAGE], kwargs={"output_size": [None, 2]})
    yield functional("adaptive_max_pool2d", [IMAGE], kwargs={"output_size": [None, 2], "return_indices": True})
    yield nn("AdaptiveAvgPool2d", [1], {}, [VECTORS])
    yield nn("AdaptiveAvgPool2d", [1], {}, [VOLUME])
    yield nn("AdaptiveAvgPool2d", [[1, 1]], {}, [VOLUME])
    yield nn("AdaptiveAvgPool3d", [1], {}, [SEQUENCE])
    yield functional("adaptive_avg_pool2d", [VECTORS], kwargs={"output_size": 1})
    for stride in ([], None):
        yield nn("AvgPool2d", [2, stride], {}, [IMAGE])
        yield functional("avg_pool2d", [IMAGE], kwargs={"kernel_size": 2, "stride": stride})
        yield nn("LPPool1d", [2, 2, stride], {}, [SEQUENCE.abs()])
    yield nn("LPPool2d", [2, [2, 3]], {"ceil_mode": True}, [IMAGE.abs()])
    yield nn("MaxPool1d", [7], {}, [SEQUENCE])     # larger than the tensor: nothing is left
    yield nn("MaxPool1d", [9, 4], {}, [SEQUENCE])
    for n, x in GRIDS.items():
        for kwargs in ({"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
                       {"kernel_size": 3, "stride": 4, "ceil_mode": True}):
            yield functional(f"avg_pool{n}d", [x], kwargs=kwargs)
        yield nn(f"MaxPool{n}d", [3, 4], {"ceil_mode": True}, [x])


def unpoolings(n, pooled, indices):
    yield nn(f"MaxUnpool{n}d", [2], {}, [pooled, indices])
    yield functional(f"max_unpool{n}d", [pooled, indices], kwargs={"kernel_size": 2})


def paddings():
    for n, x in GRIDS.items():
        for pad in (1, list(range(1, 2 * n + 1)) if n == 1 else [1, 2] * n):
            yield nn(f"ConstantPad{n}d", [pad, 0.5], {}, [x])
            yield nn(f"ReflectionPad{n}d", [pad], {}, [x])
            yield nn(f"ReplicationPad{n}d", [pad], {}, [x])
    yield nn("ZeroPad2d", [[1, 0, 2, 1]], {}, [IMAGE])
    for mode in ("reflect", "replicate", "circular"):
        yield functional("pad", [SEQUENCE], kwargs={"pad": [1, 2], "mode": mode})
    yield from croppings()


def croppings():
    """Padding below zero, even by more than there is where the rest is repeated."""
    yield nn("ReplicationPad1d", [[-7, 8]], {}, [SEQUENCE])
    yield functional("pad", [SEQUENCE], kwargs={"pad": [-8, 3], "mode": "reflect"})
    yield functional("pad", [SEQUENCE], kwargs={"pad": [5, -9], "mode": "reflect"})
    yield functional("pad", [SEQUENCE], kwargs={"pad": [-9, 5], "mode": "replicate"})
    for mode in ("constant", "reflect", "replicate", "circular"):
        for pad in ([0, -1], [-2, -1], [-2, 1], [2, -1]):
            yield functional("pad", [SEQUENCE], kwargs={"pad": pad, "mode": mode})
    yield functional("pad", [VECTORS], kwargs={"pad": [0, -1]})
    yield functional("pad", [VECTORS], kwargs={"pad": [-16, 0]})
    yield nn("ConstantPad1d", [-2, 0.0], {}, [SEQUENCE])
    yield nn("ConstantPad2d", [[0, -1, 2, -2], 0.5], {}, [IMAGE])
    yield nn("ReplicationPad1d", [-2], {}, [SEQUENCE])
    yield nn("ReflectionPad2d", [[-1, 1, 2, -1]], {}, [IMAGE])
    yield nn("ZeroPad2d", [[-1, 1, 2, -1]], {}, [IMAGE])


def normalizations():
    for n, x in GRIDS.items():
        for kwargs in ({}, {"affine": False}, {"track_running_stats": False}, {"momentum": None}, {"eps": 0.1, "momentum": 1}):
            yield nn(f"BatchNorm{n}d", [4], kwargs, [x])
        for kwargs in ({}, {"affine": True}, {"affine": True, "track_running_stats": True}):
            yield nn(f"InstanceNorm{n}d", [4], kwargs, [x])
        yield nn(f"InstanceNorm{n}d", [4], {}, [x[0]])
    yield nn("BatchNorm1d", [16], {}, [VECTORS])
    yield nn("BatchNorm1d", [3], {"affine": False, "track_running_stats": False}, [VECTORS])
    yield nn("GroupNorm", [2, 4], {}, [IMAGE])
    yield nn("GroupNorm", [2, 4, 0.1, False], {}, [SEQUENCE])
    yield nn("GroupNorm", [1, 6], {"affine": False}, [SEQUENCE])   # without weights it looks at no number of channels
    yield nn("LayerNorm", [16], {}, [VECTORS])
    yield nn("LayerNorm", [[6, 5], 0.1], {}, [IMAGE])
    yield nn("LayerNorm", [16], {"elementwise_affine": False}, [VECTORS])
    for x in (SEQUENCE, IMAGE, VOLUME):
        yield nn("LocalResponseNorm", [2], {}, [x])
        yield functional("local_response_norm", [x], kwargs={"size": 3, "alpha": 0.1, "k": 2})
    four, mean, var = draw(4), draw(4), draw(4).abs()
    yield functional("batch_norm", [IMAGE, mean, var], kwargs={})
    yield functional("batch_norm", [IMAGE, mean.clone(), var.clone(), four], kwargs={"training": True, "eps": 0.01},
                     call=lambda f: f(IMAGE, mean.clone(), var.clone(), four, training=True, eps=0.01))
    yield functional("instance_norm", [IMAGE])
    yield functional("instance_norm", [IMAGE, ("weight", four), ("bias", mean)])
    yield functional("group_norm", [IMAGE], kwargs={"num_groups": 2})
    yield functional("layer_norm", [IMAGE], kwargs={"normalized_shape": [5]})
    sixteen = draw(16)
    yield functional("layer_norm", [VECTORS, ("weight", sixteen)], kwargs={"normalized_shape": 16},
                     call=lambda f: f(VECTORS, [16], sixteen))
    for kwargs in ({}, {"p": 1, "dim": 0}, {"p": 3.0, "dim": -1, "eps": 0.5}):
        yield functional("normalize", [VECTORS], kwargs=kwargs)


def rearrangements():
    yield nn("Flatten", ports=[IMAGE])
    yield nn("Flatten", [0, 1], {}, [IMAGE])
    yield nn("Unflatten", [1, [2, 8]], {}, [VECTORS])
    yield nn("Unflatten", [-1, [4, 4]], {}, [VECTORS])
    yield nn("Unflatten", [0, [5, 1]], {}, [VECTORS])
    yield nn("Unflatten", [-2, [1, 5]], {}, [VECTORS])
    yield nn("PixelShuffle", [2], {}, [IMAGE])
    yield nn("PixelUnshuffle", [2], {}, [draw(2, 3, 4, 6)])
    yield nn("ChannelShuffle", [2], {}, [IMAGE])
    yield nn("Fold", [[4, 5], 2], {}, [draw(2, 12, 12)])
    yield functional("fold", [draw(2, 12, 12)], kwargs={"output_size": [4, 5], "kernel_size": [2, 2]})
    yield nn("Unfold", [2], {"stride": 2, "padding": 1}, [IMAGE])
    yield functional("unfold", [IMAGE], kwargs={"kernel_size": [2, 3], "dilation": 2})
    modes = [(SEQUENCE, "nearest"), (SEQUENCE, "linear"), (SEQUENCE, "area"), (IMAGE, "nearest"), (IMAGE, "bilinear"),
             (IMAGE, "bicubic"), (IMAGE, "area"), (VOLUME, "nearest"), (VOLUME, "trilinear"), (IMAGE, "nearest-exact"),
             (VOLUME, "area")]
    for x, mode in modes:
        yield nn("Upsample", [3], {"mode": mode}, [x])
        if mode != "area":
            yield functional("interpolate", [x], kwargs={"scale_factor": 1.5, "mode": mode})
        if mode.endswith("linear"):
            yield nn("Upsample", [], {"scale_factor": 2, "mode": mode, "align_corners": True}, [x])
    for x, mode in modes:
        yield nn("Upsample", [], {"scale_factor": 1.7, "mode": mode, "recompute_scale_factor": True}, [x])
        yield functional("interpolate", [x], kwargs={"scale_factor": [1.5, 0.7, 2.0][: x.dim() - 2], "mode": mode,
                                                     "recompute_scale_factor": True})
    yield functional("interpolate", [IMAGE], kwargs={"scale_factor": 0.6, "mode": "area"})
    yield functional("interpolate", [IMAGE], kwargs={"scale_factor": 1.5, "recompute_scale_factor": False})
    for mode in ("bilinear", "bicubic"):
        for kwargs in ({"size": 3}, {"scale_factor": 0.6}, {"scale_factor": 0.6, "recompute_scale_factor": True}):
            yield functional("interpolate", [IMAGE], kwargs={"mode": mode, "antialias": True, **kwargs})
    yield functional("upsample", [IMAGE], kwargs={"size": [7, 8]})
    yield functional("upsample_nearest", [IMAGE], kwargs={"scale_factor": 2})
    yield functional("upsample_bilinear", [IMAGE], kwargs={"size": [7, 8]})
    yield nn("UpsamplingNearest2d", [[7, 8]], {}, [IMAGE])
    yield nn("UpsamplingBilinear2d", [], {"scale_factor": 2}, [IMAGE])
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            yield functional("grid_sample", [IMAGE, draw(2, 3, 3, 2)], kwargs={"mode": mode, "padding_mode": padding})
    yield functional("grid_sample", [IMAGE, draw(2, 3, 3, 2)], kwargs={"align_corners": True})
    yield functional("grid_sample", [VOLUME, draw(2, 3, 2, 3, 3)])
    yield functional("affine_grid", [draw(2, 2, 3)], kwargs={"size": [2, 1, 3, 4]})
    yield functional("affine_grid", [draw(2, 3, 4)], kwargs={"size": [2, 1, 3, 4, 5]})


def distances():
    yield nn("CosineSimilarity", ports=[VECTORS, draw(5, 16)])
    yield nn("CosineSimilarity", [-1], {}, [IMAGE, draw(2, 4, 6, 5)])
    yield nn("PairwiseDistance", ports=[VECTORS, draw(5, 16)])
    yield nn("PairwiseDistance", [1, 0.1, True], {}, [VECTORS, draw(5, 16)])


def recurrent():
    x, h, c = draw(5, 3), draw(5, 4), draw(5, 4)
    for name, kwargs in (("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("GRUCell", {}), ("RNNCell", {"bias": False})):
        yield nn(name, [3, 4], kwargs, [x])
        yield nn(name, [3, 4], kwargs, [x, h])
    yield nn("LSTMCell", [3, 4], {}, [x])
    yield nn("LSTMCell", [3, 4], {"bias": False}, [x, h, c], call=lambda m, *t: m(t[0], (t[1], t[2])))
    sequence = draw(7, 5, 3)
    for name in ("RNN", "GRU", "LSTM"):
        for kwargs in ({}, {"num_layers": 2, "bidirectional": True}, {"batch_first": True, "bias": False},
                       {"num_layers": 12}):
            yield nn(name, [3, 4], kwargs, [sequence])
    yield nn("RNN", [3, 4], {"nonlinearity": "relu"}, [sequence])
    yield nn("LSTM", [3, 4], {"num_layers": 2, "dropout": 0.5}, [sequence])
    yield nn("LSTM", [3, 4], {"proj_size": 2, "num_layers": 2}, [sequence])
    yield nn("GRU", [3, 4], {}, [sequence, draw(1, 5, 4)])
    with_states = lambda m, *t: m(t[0], (t[1], t[2]))
    yield nn("LSTM", [3, 4], {}, [sequence, draw(1, 5, 4), draw(1, 5, 4)], call=with_states)
    yield from without_batch(with_states)
    yield from steps()


def without_batch(with_states):
    x, sequence = draw(3), draw(7, 3)
    for name, kwargs in (("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu", "bias": False}), ("GRUCell", {})):
        yield nn(name, [3, 4], kwargs, [x])
        yield nn(name, [3, 1], kwargs, [x, draw(1)])
    yield nn("LSTMCell", [3, 4], {}, [x])
    yield nn("LSTMCell", [3, 1], {}, [x, draw(1), draw(1)], call=with_states)
    for name in ("RNN", "GRU", "LSTM"):
        for kwargs in ({}, {"batch_first": True}, {"num_layers": 2, "bidirectional": True, "dropout": 0.4}, {"bias": False}):
            yield nn(name, [3, 4], kwargs, [sequence])
    yield nn("GRU", [3, 1], {}, [sequence, draw(1, 1)])
    yield nn("LSTM", [3, 4], {"proj_size": 2, "num_layers": 2}, [draw(1, 3)])
    yield nn("LSTM", [3, 4], {"batch_first": True}, [sequence, draw(1, 4), draw(1, 4)], call=with_states)


def steps():
    """Of a cell, with weights that are given, and biases that stretch."""
    x, h, c = draw(5, 3), draw(5, 4), draw(5, 4)
    for name, gates in (("lstm", 4), ("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1)):
        weights = [draw(gates * 4, 3), draw(gates * 4, 4)]
        biases = [("b_ih", draw(gates * 4)), ("b_hh", draw(gates * 4))]
        stretched = [("b_ih", draw(1)), ("b_hh", draw(5, gates * 4))]
        for more in ([], biases, stretched):
            yield Example(f"torch.{name}_cell", [], {}, [x, [h, c] if name == "lstm" else h, *weights, *more])
        yield from stretched_weights(name, gates)


def stretched_weights(name, gates):
    """What comes from the input stretches to what comes from the state, whose gates stretch to the state itself. Gates
    of RNNs may be as wide as they will."""
    x, h, c = draw(5, 3), draw(5, 4), draw(5, 4)
    least = gates if name == "gru" else 1
    for rows in (gates * 4, gates) + ((7,) if gates == 1 else ()):
        for input_rows in (rows, least):
            yield Example(f"torch.{name}_cell", [], {},
                          [x, [h, c] if name == "lstm" else h, draw(input_rows, 3), draw(rows, 4)])
    state = draw(5, 1)
    yield Example(f"torch.{name}_cell", [], {}, [x, [state, state] if name == "lstm" else state, draw(2 * gates, 3), draw(2 * gates, 1)])


GROUPS = (activations, dropouts, linear, convolutions, poolings, unusual_poolings, paddings, normalizations, rearrangements,
          distances, recurrent)


def all_examples():
    return [example for group in functions.GROUPS + loss_examples.GROUPS + GROUPS + attention_examples.GROUPS + transformer_examples.GROUPS for example in group()]
