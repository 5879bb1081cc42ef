"""Calls that Python torch refuses, because of what they are given as arguments or because of the shapes: none of them may
be taken for a good one. Each stands beside neighbors that both take (examples.py)."""

import attention_examples
import transformer_examples
import refused_functions
import refused_losses
from drawn import IMAGE, f, functional, looked_up, nn
from example import Example, draw


def probabilities():
    for p in (2.0, -0.1, 1.5):
        yield nn("Dropout1d", [p], [(2, 4, 6)])
        yield functional("dropout1d", [(2, 4, 6)], p=p)
        for name in ("Dropout", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"):
            yield nn(name, [p], [IMAGE])
        for name in ("dropout", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"):
            yield functional(name, [IMAGE], p=p)
        for name in ("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout"):
            yield f(name, [IMAGE], p=p, train=True)
        yield f("bernoulli", p=p)
        for name in ("LSTM", "GRU", "RNN"):
            yield nn(name, [4, 3], [(7, 5, 4)], dropout=p, num_layers=2)
    yield functional("cross_entropy", [(5, 4), (5, 4)], label_smoothing=1.5)
    yield nn("CrossEntropyLoss", [], [(5, 4), (5, 4)], label_smoothing=1.5)


def activations():
    for low, high in ((1, -1), (0.5, 0.5)):
        yield nn("Hardtanh", [low, high])
    yield nn("PReLU", [3])
    yield nn("PReLU", [4], [(4,)])
    yield nn("PReLU", [6], [(2, 4, 6)])
    yield f("prelu", [(5, 4), (3,)])
    yield f("prelu", [(2, 4, 6), (6,)])
    yield functional("prelu", [(5, 4), (3,)])
    yield nn("CELU", [0.0])
    yield functional("celu", alpha=0.0)
    yield nn("Softshrink", [-0.5])
    yield functional("softshrink", lambd=-0.5)
    yield nn("RReLU", [0.5, 0.1])
    yield functional("rrelu", lower=0.5, upper=0.1, training=True)
    yield f("rrelu", lower=0.5, upper=0.1, training=True)
    yield nn("GLU", [3])
    yield nn("GLU", [0])
    yield nn("Softmax", [2])


def statistics():
    for shape in ((1, 4), (1, 4, 1)):
        yield nn("BatchNorm1d", [4], [shape], track_running_stats=False)
    yield nn("BatchNorm2d", [4], [(1, 4, 1, 1)], track_running_stats=False)
    yield nn("BatchNorm3d", [4], [(1, 4, 1, 1, 1)], track_running_stats=False)
    yield nn("InstanceNorm1d", [4], [(3, 4, 1)])
    yield nn("InstanceNorm1d", [4], [(4, 1)], affine=True)
    yield nn("InstanceNorm2d", [4], [(3, 4, 1, 1)])
    yield nn("InstanceNorm3d", [4], [(3, 4, 1, 1, 1)])
    yield functional("batch_norm", [(1, 4), (4,), (4,)], training=True)
    yield functional("instance_norm", [(3, 4, 1)])
    yield nn("InstanceNorm1d", [4], [(3, 4)], track_running_stats=True)
    yield nn("InstanceNorm1d", [4], [(3, 4)], affine=True)
    yield nn("GroupNorm", [3, 4])
    yield nn("GroupNorm", [0, 4])
    yield nn("GroupNorm", [1, 1], [(1, 1)])
    yield nn("GroupNorm", [4, 4], [(1, 4)])
    yield functional("group_norm", [(1, 2, 1)], num_groups=2)
    yield nn("GroupNorm", [2, 4], [(4,)])
    yield functional("group_norm", num_groups=3)
    yield nn("LayerNorm", [[]])
    yield nn("LayerNorm", [[5]])
    yield nn("LocalResponseNorm", [0], [IMAGE])
    yield functional("local_response_norm", [IMAGE], size=0)
    yield functional("normalize", dim=2)
    yield functional("layer_norm", normalized_shape=[3])
    yield functional("instance_norm", [(4,)])
    yield functional("instance_norm", [(3, 4, 5), (4,)], use_input_stats=False)


def rearrangements():
    for name in ("transpose", "swapaxes", "swapdims"):
        zero, one = ("dim0", "dim1") if name != "swapaxes" else ("axis0", "axis1")
        yield f(name, **{zero: 0, one: 5})
        yield f(name, **{zero: -3, one: 1})
    yield f("reshape", shape=[-1, -1])
    yield f("reshape", shape=[-2, 10])
    yield f("reshape", shape=[3, 7])
    yield f("reshape", shape=[-1, 3])
    yield f("reshape", [(5, 0)], shape=[-1, 0])
    yield f("permute", dims=[0])
    yield f("permute", dims=[0, 0])
    yield f("permute", dims=[0, 2])
    yield f("t", [(2, 3, 4)])
    yield f("adjoint", [(4,)])
    for dim in (3, -4):
        yield f("unsqueeze", dim=dim)
    for dim in (2, -3):
        yield f("squeeze", dim=dim)
        yield f("select", dim=dim, index=0)
        yield f("unbind", dim=dim)
        yield f("narrow", dim=dim, start=0, length=1)
        yield f("flip", dims=[dim])
        yield f("roll", shifts=[1], dims=[dim])
        yield f("split", split_size_or_sections=1, dim=dim)
        yield f("chunk", chunks=2, dim=dim)
        yield f("cumsum", dim=dim)
        for name in ("sort", "argsort", "cummax", "cummin", "mode", "median", "nanmedian"):
            yield f(name, dim=dim)
        yield f("topk", k=1, dim=dim)
        yield f("kthvalue", k=1, dim=dim)
        for name in ("softmax", "log_softmax", "std", "var", "logsumexp", "amax", "argmax", "all", "any", "count_nonzero"):
            yield f(name, dim=dim)
        yield f("std_mean", dim=dim)
        yield f("var_mean", dim=dim)
        yield f("aminmax", dim=dim)
        yield f("diff", dim=dim)
        yield f("renorm", p=2, dim=dim, maxnorm=1)
        yield f("quantile", q=0.5, dim=dim)
        yield f("movedim", source=0, destination=dim)
        yield f("moveaxis", source=dim, destination=0)
        yield f("flatten", start_dim=dim)
        yield f("tensor_split", sections=2, dim=dim)
        yield looked_up("gather", [[0, 1]], dim)
        yield looked_up("take_along_dim", [[0, 1]], dim)
        yield looked_up("index_select", [0], dim)
        yield f("cross", [(5, 3), (5, 3)], dim=dim)
        yield f("repeat_interleave", repeats=2, dim=dim)
        yield f("nn.functional.gumbel_softmax", dim=dim)
        yield f("nn.functional.glu", dim=dim)
        yield f("trapezoid", dim=dim)
        yield f("fft.fft", dim=dim)
        yield f("linalg.vector_norm", dim=dim)
        yield f("unflatten", dim=dim, sizes=[1, -1])
    yield f("flatten", start_dim=1, end_dim=0)
    yield f("flip", dims=[0, 0])
    yield f("roll", shifts=[1, 2], dims=[0])
    yield f("select", dim=1, index=4)
    yield f("select", dim=1, index=-5)
    yield f("narrow", dim=1, start=2, length=3)
    yield f("narrow", dim=1, start=0, length=-1)
    yield f("narrow_copy", dim=1, start=2, length=3)
    yield f("topk", k=5, dim=1)
    yield f("kthvalue", k=5, dim=1)
    yield f("kthvalue", k=0, dim=1)
    yield f("split", split_size_or_sections=[1, 2], dim=1)
    yield f("split", split_size_or_sections=-1, dim=1)
    yield f("chunk", chunks=0)
    yield f("tensor_split", sections=0)
    yield f("movedim", source=[0, 1], destination=[0])
    yield f("movedim", source=[0, 0], destination=[0, 1])
    yield f("diagonal", dim1=0, dim2=0)
    yield f("diagonal", dim1=0, dim2=2)
    yield f("rot90", dims=[0, 0])
    yield f("rot90", dims=[0, 2])
    yield f("rot90", dims=[0])
    yield f("repeat_interleave", repeats=-1)
    yield f("tile", dims=[-1, 2])
    yield f("broadcast_to", size=[5, 3])
    yield f("broadcast_to", size=[4])
    yield f("unflatten", dim=1, sizes=[3, 2])
    yield f("unflatten", dim=1, sizes=[-1, -1])
    yield f("split", split_size_or_sections=0)
    yield f("split", split_size_or_sections=0, dim=1)
    for shape in ((4,), (5, 4)):
        yield f("channel_shuffle", [shape], groups=2)
        yield functional("channel_shuffle", [shape], groups=2)
    yield f("channel_shuffle", [IMAGE], groups=3)
    for name in ("cross", "linalg.cross"):
        yield f(name, [(5, 4), (5, 4)])
        yield f(name, [(5, 3), (5, 3)], dim=0)
        yield f(name, [(5, 3), (5, 1)], dim=1)
    yield f("broadcast_to", [(4,)], size=[-1, 4])
    yield f("broadcast_to", [(1, 4)], size=[-2, 4])
    yield f("unflatten", dim=1, sizes=[])
    yield nn("Unflatten", [1, []])
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        yield f("fft." + name, n=0)
    yield f("renorm", [(4,)], p=2, dim=0, maxnorm=1)
    yield f("renorm", p=2, dim=0, maxnorm=-1)
    yield f("renorm", p=0, dim=0, maxnorm=1)
    yield f("tril", [(4,)])
    yield f("triu", [(4,)])
    yield f("diag", [(2, 3, 4)])
    yield f("trace", [(2, 3, 4)])
    yield nn("Unflatten", [1, [3, 2]])
    yield nn("Unflatten", [3, [2, 2]])
    yield nn("Unflatten", [1, [-1, -1]])
    yield nn("Flatten", [3])
    yield nn("PixelShuffle", [2], [(2, 6, 3, 3)])
    yield nn("PixelUnshuffle", [2], [(2, 3, 5, 6)])
    for space in ("", "nn.functional."):
        yield f(space + "pixel_shuffle", [(2, 6, 3, 3)], upscale_factor=2)
        yield f(space + "pixel_unshuffle", [(2, 3, 5, 6)], downscale_factor=2)
    yield nn("ChannelShuffle", [3], [IMAGE])
    yield nn("ChannelShuffle", [0], [IMAGE])
    yield nn("ChannelShuffle", [2], [(5, 4)])
    yield nn("Fold", [[4, 5], 2], [(2, 12, 11)])
    yield nn("Fold", [[4, 5], 2], [(2, 11, 12)])
    yield nn("Unfold", [7], [IMAGE])
    yield nn("Unfold", [2, 0], [IMAGE])
    yield nn("Upsample", [-1], [IMAGE])
    yield nn("Upsample", [], [IMAGE], scale_factor=0)
    yield nn("Upsample", [3], [IMAGE], mode="nearest", align_corners=True)
    yield nn("Upsample", [], [(2, 4, 1, 5)], scale_factor=0.5)
    yield nn("Upsample", [[3]], [IMAGE])
    for name in ("interpolate", "upsample_bilinear"):
        yield functional(name, [IMAGE], size=[3])
        yield functional(name, [IMAGE], scale_factor=[2.0])
    yield functional("interpolate", [IMAGE], scale_factor=[1.5, 0.1])
    for kwargs in ({"size": []}, {"scale_factor": []}):
        for name in ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"):
            yield nn(name, [], [IMAGE], **kwargs)
        for name in ("interpolate", "upsample", "upsample_nearest", "upsample_bilinear"):
            yield functional(name, [IMAGE], **kwargs)


def grids():
    for size in ([2, 1, 3], [2, 1, 0, 4], [3, 1, 3, 4], [2, 1, 3, 4, 5]):
        yield functional("affine_grid", [(2, 2, 3)], size=size)
    yield functional("affine_grid", [(2, 3, 4)], size=[2, 1, 3, 4])
    yield f("affine_grid_generator", [(2, 2, 3)], size=[2, 1, -3, 4], align_corners=True)
    for shape in ((2, 3, 3, 3), (3, 3, 3, 2), (2, 3, 2)):
        yield functional("grid_sample", [IMAGE, shape])
    yield functional("grid_sample", [(2, 4, 6, 5, 4), (2, 3, 3, 3, 3)], mode="bicubic")
    yield functional("interpolate", [IMAGE], size=3, recompute_scale_factor=True)
    yield functional("interpolate", [IMAGE], size=3, scale_factor=2.0)
    yield functional("interpolate", [IMAGE])
    yield functional("interpolate", [IMAGE], size=3, antialias=True)
    yield functional("interpolate", [IMAGE], size=3, mode="linear")
    yield functional("interpolate", [IMAGE], size=[3, 3, 3], mode="bilinear")
    yield functional("interpolate", [(2, 4, 0)], size=3)


def windows():
    for n, shape in ((1, (2, 4, 6)), (2, IMAGE), (3, (2, 4, 6, 5, 4))):
        for kwargs in ({"kernel_size": 7}, {"kernel_size": 0}, {"kernel_size": 2, "stride": 0}, {"kernel_size": 2, "padding": 2},
                       {"kernel_size": 2, "padding": -1}):
            yield functional(f"avg_pool{n}d", [shape], **kwargs)
        yield functional(f"avg_pool{n}d", [(4,)], kernel_size=2)
        yield functional(f"max_pool{n}d", [shape], kernel_size=9, stride=2)
        yield nn(f"AdaptiveMaxPool{n}d", [1], [(4,)])
        yield nn(f"AdaptiveAvgPool{n}d", [2], [(4,)])
    yield functional("avg_pool2d", [IMAGE], kernel_size=[2, 2, 2])
    yield nn("AvgPool3d", [3, 1, 1], [(2, 4, 2, 5, 4)])
    yield nn("AvgPool2d", [9], [IMAGE], ceil_mode=True, stride=2)
    yield nn("MaxPool2d", [2147483647], [IMAGE])
    yield nn("MaxPool1d", [7, 1, 0, 1, True], [(2, 4, 4)])
    yield nn("MaxPool1d", [9], [(2, 4, 6)], stride=2)
    yield nn("AdaptiveAvgPool2d", [[None, -1]], [IMAGE])
    yield nn("MaxUnpool2d", [2], [(2, 4, 3, 3), (2, 4, 3, 2)])
    for name in ("AvgPool2d", "MaxPool2d"):
        yield nn(name, [2, 2, 2], [IMAGE])     # more padding than half a kernel
        yield nn(name, [7], [IMAGE])           # larger than the tensor
        yield nn(name, [0], [IMAGE])
        yield nn(name, [2, 0], [IMAGE])
        yield nn(name, [2], [(5, 4)])
    yield nn("MaxPool2d", [2], [IMAGE], dilation=0)
    yield nn("AvgPool2d", [2], [IMAGE], divisor_override=0)
    yield nn("AdaptiveAvgPool2d", [-1], [IMAGE])
    yield nn("LPPool2d", [2, 7], [IMAGE])
    for name, kernel, shape in (("lp_pool1d", [2], (2, 4, 6)), ("lp_pool2d", [2], IMAGE)):
        for ceil_mode in (False, True):
            yield functional(name, [shape], norm_type=2, kernel_size=kernel, ceil_mode=ceil_mode)
    yield nn("MaxUnpool1d", [2, []], [(2, 4, 3), (2, 4, 3)])
    yield nn("ReflectionPad1d", [6], [(2, 4, 6)])
    yield nn("ReflectionPad2d", [1], [(5, 4)])
    yield nn("ReplicationPad1d", [1], [(4,)])
    yield nn("ReplicationPad1d", [-3], [(2, 4, 6)])
    yield functional("pad", [(2, 4, 6)], pad=[-3, -3], mode="reflect")
    yield functional("pad", [(2, 4, 6)], pad=[-4, -4], mode="circular")
    yield functional("pad", [(2, 4, 6)], pad=[-7, 8])
    yield functional("pad", [(2, 4, 6)], pad=[-6, 0, 0, 1])
    yield functional("pad", [(2, 4, 6)], pad=[7, -3], mode="circular")
    yield functional("pad", [(2, 4, 6)], pad=[6, -3], mode="reflect")
    for shape in ((4,), IMAGE):
        yield nn("Dropout1d", [], [shape])
        yield functional("dropout1d", [shape])
    yield nn("ConstantPad1d", [-4, 0.0], [(2, 4, 6)])
    yield functional("pad", pad=[1])
    yield functional("pad", pad=[1, 1, 1, 1, 1, 1])
    yield functional("pad", [(2, 4, 6)], pad=[6, 0], mode="reflect")
    yield functional("pad", [(4, 6)], pad=[1, 1], mode="circular")
    yield functional("pad", [(2, 4, 0)], pad=[1, 1], mode="replicate")
    yield from convolutions()


def convolutions():
    yield nn("Conv1d", [4, 2, 7], [(2, 4, 6)])
    yield nn("Conv1d", [4, 2, 7, 3], [(2, 4, 6)])     # larger than the tensor by less than a stride
    yield nn("Conv2d", [4, 2, [3, 6]], [IMAGE], stride=2)
    yield nn("Conv1d", [4, 2, 3], [(2, 4, 6)], groups=3)
    yield nn("Conv1d", [4, 2, 3], [(2, 4, 6)], groups=0)
    yield nn("Conv1d", [4, 2, 3, 2], [(2, 4, 6)], padding="same")
    yield nn("Conv1d", [4, 2, 3], [(2, 4, 6)], padding=6, padding_mode="reflect")
    yield nn("Conv1d", [4, 2, 3], [(2, 4, 6)], padding=7, padding_mode="circular")
    yield nn("ConvTranspose1d", [4, 2, 3, 2], [(2, 4, 6)], output_padding=2)
    yield nn("ConvTranspose1d", [4, 2, 1], [(2, 4, 1)], padding=2)
    yield nn("Conv1d", [4, 0, 2], [(2, 4, 6)])
    yield nn("Conv1d", [4, 2, 0], [(2, 4, 6)])
    yield nn("Conv1d", [4, 2, 2], [(2, 4, 0)], padding=1)
    yield nn("ConvTranspose1d", [4, 2, 2], [(2, 4, 0)])
    yield f("conv_transpose1d", [(2, 4, 6), (4, 0, 2)])
    for n, shape in ((1, (2, 4, 6)), (2, IMAGE), (3, (2, 4, 6, 5, 4))):
        weight, large = (2, 4) + (2,) * n, (2, 4) + (7,) * n
        for space in ("", "nn.functional."):
            name = f"{space}conv{n}d"
            yield f(name, [shape, large])
            yield f(name, [shape, large], stride=3)
            for kwargs in ({"stride": 0}, {"padding": -1}, {"dilation": 0}, {"dilation": 6}, {"groups": 3}, {"padding": "full"},
                           {"padding": "same", "stride": 2}):
                yield f(name, [shape, weight], **kwargs)
            yield f(name, [shape, weight, (3,)])
            for argument in ("stride", "padding", "dilation"):
                yield f(name, [shape, weight], **{argument: []})
            for kwargs in ({"stride": 1 << 31}, {"stride": 1 << 62}, {"dilation": 1 << 62}, {"padding": 1 << 62},
                           {"padding": "same", "dilation": []}, {"stride": [1] * (n + 1)}):
                yield f(name, [shape, weight], **kwargs)
            yield f(name, [shape, (3,) + weight[1:]], groups=2)
            back = (4, 2) + (2,) * n
            name = f"{space}conv_transpose{n}d"
            for kwargs in ({"stride": 0}, {"padding": -1}, {"dilation": 0}, {"padding": 5}, {"groups": 3}, {"output_padding": 1},
                           {"stride": 2, "output_padding": 2}, {"stride": []}, {"padding": []}, {"dilation": []},
                           {"output_padding": []}):
                yield f(name, [shape, back], **kwargs)
            yield f(name, [shape, back, (3,)])


def losses():
    for name in ("BCELoss", "BCEWithLogitsLoss"):
        for shape in ((5, 1), (4,), (1, 4)):
            yield nn(name, [], [(5, 4), shape])
            yield nn(name, [], [shape, (5, 4)])
    yield functional("binary_cross_entropy_with_logits", [(5, 4), (5, 1)])
    for shapes in ([(5, 4), (4,), (5, 4)], [(5, 4), (5, 4), (4,)], [(4,), (5, 4), (4,)]):
        yield nn("MarginRankingLoss", [], shapes)
        yield nn("TripletMarginLoss", [], shapes)
    for shape in ((4,), (1, 4), (5, 3), (1,), (1, 1)):
        yield nn("GaussianNLLLoss", [], [(5, 4), (5, 4), shape])


def others():
    yield nn("SmoothL1Loss", [], [(5, 4), (5, 4)], beta=-1.0)
    yield functional("smooth_l1_loss", [(5, 4), (5, 4)], beta=-1.0)
    yield nn("HuberLoss", [], [(5, 4), (5, 4)], delta=0.0)
    yield nn("CosineSimilarity", [2], [(5, 4), (5, 4)])
    yield nn("Embedding", [4, 2], [(3,)], padding_idx=4)
    yield nn("Bilinear", [4, 4, 2], [(5, 4), (3, 4)])
    yield nn("Linear", [3, 2])
    yield nn("RNNCell", [3, 2])
    yield nn("GRUCell", [4, 2], [(5, 4), (3, 2)])
    yield nn("LSTMCell", [4, 2], [(2, 5, 4)])
    yield nn("GRU", [4, 2], [(7, 5, 3)])
    yield nn("GRU", [4, 2], [(7, 3)])
    yield nn("GRU", [4, 2], [(7, 4), (1, 5, 2)])
    yield nn("GRU", [4, 2], [(7, 5, 4), (1, 2)])
    yield nn("GRU", [4, 2], [(7, 5, 4), (1, 3, 2)])
    yield nn("LSTM", [4, 2, 0], [(7, 5, 4)])
    yield nn("LSTM", [4, 2], [(7, 5, 4)], proj_size=2)
    yield nn("LSTM", [4, 2], [(7, 5, 4)], proj_size=-1)
    yield Example("torch.nn.LSTMCell", [4, 2], {}, [draw(4), draw(5, 2), draw(5, 2)], call=with_states)
    yield f("gru_cell", [(5, 3), (5, 2), (6, 4), (6, 2)])
    yield f("gru_cell", [(5, 3), (4, 2), (6, 3), (6, 2)])
    yield f("slice_scatter", [(5, 4), (5, 3)], dim=1, start=1, end=3, step=1)
    yield f("slice_scatter", [(5, 4), (5, 2)], dim=2, start=1, end=3, step=1)
    yield f("slice_scatter", [(5, 4), (5, 2)], dim=1, start=1, end=3, step=0)
    for name, gates in (("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1), ("lstm", 4)):
        yield from steps(name, gates)


def with_states(module, x, h, c):
    return module(x, (h, c))


def steps(name, gates):
    """Weights and states of other sizes, though of as many numbers."""
    hidden, rows = 2, 2 * gates
    good = [(5, 3), (5, hidden), (rows, 3), (rows, hidden), (rows,), (rows,)]
    others = {1: [(2, 5), (5, 3), (4, hidden)], 2: [(3, rows), (rows * 3,), (rows, 4), (rows, 1), (rows + gates, 3)],
              3: [(rows * hidden,), (rows, 3), (rows, 1), (rows + gates, hidden), (gates, hidden)],
              4: [(2, gates) if gates > 1 else (2, 2), (rows + 1,), (2, rows)], 5: [(rows + 1,)]}
    for shape in ((1, hidden), (5, 1), (1, 1)):  # torch stretches no state
        others[1].append(shape)
    if gates > 1:
        others[3] += [(hidden, rows), (2 * gates, hidden + 1)]
    for place, shapes in others.items():
        for shape in shapes:
            x, h, *weights = [draw(*(shape if k == place else s)) for k, s in enumerate(good)]
            yield Example(f"torch.{name}_cell", [], {}, [x, [h, draw(5, hidden)] if name == "lstm" else h, *weights])
    if name == "lstm":
        x, h, *weights = [draw(*s) for s in good]
        yield Example("torch.lstm_cell", [], {}, [x, [h, draw(2, 5)], *weights])


GROUPS = (probabilities, activations, statistics, rearrangements, grids, windows, losses, others)


def all_calls():
    return [call for group in GROUPS + refused_functions.GROUPS + refused_losses.GROUPS + attention_examples.REFUSED + transformer_examples.REFUSED for call in group()]
