"""Examples of functions whose arguments depend on each other."""
import torch

from example import GRIDS, IMAGE, SEQUENCE, Example, draw, functional, nn


def convolution_functions():
    for n, x in GRIDS.items():
        weight, back = draw(6, 4, *[2] * n), draw(4, 3, *[2] * n)
        for space in ("", "nn.functional."):
            f = lambda name, ports, **kwargs: Example(f"torch.{space}{name}{n}d", [], kwargs, ports)
            yield f("conv", [x, weight], stride=2, padding=1)
            yield f("conv", [x, weight, draw(6)], dilation=2)
            yield f("conv", [x, weight], padding="same", dilation=2)
            yield f("conv", [x, weight], padding="valid", stride=[2] * n)
            yield f("conv", [x[0], draw(6, 2, *[1] * n)], groups=2)
            yield f("conv_transpose", [x, back], stride=2, output_padding=1)
            yield f("conv_transpose", [x, back, draw(6)], groups=2, padding=1, dilation=2)
            yield f("conv_transpose", [x[0], back], dilation=3, output_padding=[2] * n)
            yield f("conv_transpose", [x[:0], back], output_padding=5)  # of no images torch does not look at it
            yield f("conv", [x, weight], stride=(1 << 31) - 1)


def creations():
    """Tensors of numbers alone; those of random numbers are shapes to the test of graphs."""
    make = lambda name, args, **kwargs: Example("torch." + name, args, kwargs)
    for name in ("zeros", "ones", "rand", "randn"):
        yield make(name, [1, 4])       # sizes one by one
        yield make(name, [[2, 3]])
        yield make(name, [3])
        yield make(name, [], size=[2, 3])
    for args in ([[4], True], [[4], False], [[2, 3], 1], [[4], 0.5], [[], 2]):
        yield make("full", args)
    for args in ([5], [1, 5, 2], [5, 1, -1], [0, 1, 0.3], [3, 3], [0.5]):
        yield make("arange", args)
    for args in ([3], [3, 4], [0]):
        yield make("eye", args)
    for name, args in [("linspace", [0, 1, 5]), ("logspace", [0, 1, 3]), ("randint", [5, [2, 3]]), ("randint", [-2, 5, [3]]),
                       ("randperm", [5]), ("normal", [0.0, 1.0, [2, 3]]), ("tril_indices", [3, 4, -1]), ("triu_indices", [3, 4]),
                       ("hann_window", [5]), ("kaiser_window", [5]), ("bartlett_window", [4, False])]:
        yield make(name, args)
    yield Example("torch.full_like", [], {"fill_value": True}, [draw(5, 4)])
    yield Example("torch.randint_like", [], {"low": -1, "high": 0}, [draw(5, 4)])
    yield Example("torch.add", [], {"other": True}, [draw(5, 4)])
    yield Example("torch.zeros_like", [], {}, [draw(5, 4)])


def words():
    """Texts that an argument may be."""
    f = lambda name, *ports, **kwargs: Example("torch." + name, [], kwargs, list(ports))
    for mode in ("floor", "trunc"):
        yield f("div", draw(5, 4), other=2, rounding_mode=mode)
    square = draw(4, 4) + draw(4, 4).t()
    for triangle in "LUlu":
        yield f("linalg.eigvalsh", square, UPLO=triangle)
    for norm in ("fro", "nuc"):
        yield f("linalg.cond", square + 9 * torch.eye(4), p=norm)
        yield f("linalg.norm", square, ord=norm)
        yield f("linalg.matrix_norm", square, ord=norm)
    for mode in ("reduced", "complete", "r"):
        yield f("linalg.qr", draw(5, 4), mode=mode)
    for norm in ("forward", "backward", "ortho"):
        yield f("fft.fft", draw(5, 4), norm=norm)
        yield f("fft.irfftn", draw(5, 4), norm=norm)
    for mode in ("constant", "reflect", "replicate", "circular"):
        yield f("nn.functional.pad", draw(2, 4, 6), pad=[1, 2], mode=mode)
    index = torch.tensor([[0, 1]])
    for reduce in ("add", "multiply"):
        yield f("scatter", draw(5, 4), ("index", index), ("src", draw(1, 2)), dim=0, reduce=reduce)
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        yield f("scatter_reduce", draw(5, 4), ("index", index), ("src", draw(1, 2)), dim=0, reduce=reduce)
        if reduce != "sum":
            yield f("index_reduce", draw(5, 4), ("index", index[0]), ("source", draw(2, 4)), dim=0, reduce=reduce)
    for approximate in ("none", "tanh"):
        yield f("nn.functional.gelu", draw(5, 4), approximate=approximate)
    for pad in ([], [-4, 0], [1, 2, 0, 1]):
        yield f("constant_pad_nd", draw(5, 4), pad=pad)
    yield Example("torch.polygamma", [0], {}, [draw(5, 4).abs()])
    yield f("linalg.vander", draw(5), N=2)
    yield f("vander", draw(5), N=0)
    yield f("combinations", draw(5), r=0)


def numbers():
    """Tensors without dimensions, where torch takes them."""
    number = draw()
    f = lambda name, ports, **kwargs: Example("torch." + name, [], kwargs, ports)
    for name in ("cumsum", "softmax", "log_softmax", "index_select"):
        ports = [number, ("index", torch.tensor([0, 0]))] if name == "index_select" else [number]
        yield f(name, ports, dim=0)
    yield f("nn.functional.normalize", [number], dim=0)
    yield f("flatten", [number])
    yield nn("Flatten", [0], {}, [number])
    yield nn("LogSoftmax", [0], {}, [number])
    yield f("roll", [number], shifts=1)
    yield f("adjoint", [number])
    yield f("cosine_similarity", [number, draw()], dim=-1)
    yield nn("PairwiseDistance", [], {}, [number, draw()])
    yield f("diff", [draw(5)], n=0, dim=7)  # of order zero the dimension does not matter
    yield f("diff", [draw(5, 4)], n=2, dim=0)
    yield f("inner", [number, draw(3)])


def joins():
    f = lambda name, *tensors: Example("torch." + name, [], {}, [list(tensors)])
    for name in ("hstack", "vstack", "row_stack", "dstack", "column_stack"):
        yield f(name, draw(4), draw(4))
        yield f(name, draw(5, 4), draw(5, 4))
        yield f(name, draw(5, 4, 2), draw(5, 4, 2))
        yield f(name, draw(), draw(1))
    yield f("column_stack", draw(5), draw(5, 2))
    yield f("hstack", draw(4), draw(3))
    yield f("hstack", draw(5, 4), draw(5, 3))
    yield f("vstack", draw(4), draw(3, 4))
    yield f("dstack", draw(5, 4, 2), draw(5, 4))
    yield f("linalg.multi_dot", draw(4), draw(4, 3), draw(3))
    yield Example("torch.cartesian_prod", [], {}, [draw(2)])
    for name, sections in (("hsplit", 2), ("vsplit", 5)):
        yield Example("torch." + name, [], {"sections": sections}, [draw(5, 4)])
    yield Example("torch.hsplit", [], {"indices": [1, 3]}, [draw(5, 4)])


def sums_of_products():
    for equation, shapes in [("...ij,...jk->...ik", [(2, 5, 4), (2, 4, 3)]), ("...ij,...jk->...ik", [(2, 5, 4), (4, 3)]),
                             ("i...,i...->...", [(4, 3), (4, 3)]), ("...,...->...", [(5, 4), (1, 4)]), ("ii->i", [(4, 4)]),
                             ("i,ii->i", [(4,), (1, 1)]), ("ij,ij->i", [(5, 4), (1, 4)]), ("ij,kj", [(5, 4), (3, 4)]),
                             ("ba", [(5, 4)]), (" i j -> j i ", [(5, 4)]), ("IJ->JI", [(5, 4)]), ("i->", [(5,)]),
                             ("...ij->...ji", [(2, 3, 4)]), ("ij...", [(2, 3, 4)]), ("...ij->ji", [(2, 3, 4)]),
                             ("ni,n->ni", [(5, 4), (5,)]), ("nij,nj->ni", [(5, 4, 3), (5, 3)]), ("ni,nj->nij", [(5, 4), (5, 3)]),
                             ("ni,mi->nm", [(5, 4), (5, 4)]), ("nn->n", [(4, 4)]), ("n...,n->n...", [(5, 4), (5,)]),
                             ("in,n->n", [(4, 5), (5,)]), ("ij->ij", [(5, 4)]), ("ij", [(5, 4)])]:
        yield Example("torch.einsum", [equation], {}, [draw(*shape) for shape in shapes])
    f = lambda name, ports, **kwargs: Example("torch." + name, [], kwargs, ports)
    yield f("inner", [draw(5, 4), draw(3, 4)])
    yield f("tensordot", [draw(5, 1), draw(4, 3)], dims=1)
    yield f("cdist", [draw(2, 5, 4), draw(1, 3, 4)])
    yield f("linalg.vecdot", [draw(5, 4), draw(4)])
    yield f("nn.functional.linear", [draw(5, 4), draw(4)])


def matrices():
    f = lambda name, *ports, **kwargs: Example("torch." + name, [], kwargs, list(ports))
    batch = draw(2, 3, 3)
    batch = batch @ batch.transpose(1, 2) + 3 * torch.eye(3)
    for name in ("inverse", "linalg.inv", "det", "logdet", "slogdet", "cholesky", "matrix_exp"):
        yield f(name, batch)
    for name in ("pinverse", "linalg.pinv", "linalg.svdvals", "linalg.matrix_norm", "linalg.matrix_rank"):
        yield f(name, draw(2, 5, 4))  # not square
    for right in (draw(2, 3), draw(2, 3, 2), draw(3), draw(3, 2)):
        yield f("linalg.solve", batch, right)
    yield f("linalg.solve", batch, draw(2, 2, 3), left=False)
    yield f("cholesky_solve", draw(3, 2), torch.linalg.cholesky(batch))
    for matrix in (batch, batch[0]):
        for name in ("linalg.eigvalsh", "linalg.eigh"):
            yield f(name, matrix)
    yield f("linalg.solve", batch[0], draw(4, 3, 2))
    for a, b in (((3, 4), (2,)), ((2, 3), (4, 1, 2)), ((), (2, 3))):
        yield f("kron", draw(*a), draw(*b))


def diagonals():
    f = lambda name, x, **kwargs: Example("torch." + name, [], kwargs, [x])
    for offset in (0, 1, -2):
        for x in (draw(4), draw(5, 4)):
            yield f("diag", x, diagonal=offset)
            yield f("diagflat", x, offset=offset)
            yield f("diag_embed", x, offset=offset)
        for dims in ({}, {"dim1": 1, "dim2": 2}, {"dim1": -1, "dim2": 0}):
            yield f("diagonal", draw(3, 4, 5), offset=offset, **dims)
            yield f("diag_embed", draw(3, 4), offset=offset, **dims)
    yield f("diagonal", draw(5, 4), offset=7)
    yield f("linalg.diagonal", draw(2, 3, 4), offset=1)
    yield f("linalg.tensorinv", draw(4, 2, 2), ind=1)
    yield f("linalg.tensorinv", draw(2, 3, 6))
    for x in (draw(1, 4, 1), draw(5, 4), draw(1, 1), draw()):
        yield f("squeeze", x)


def order_statistics():
    f = lambda name, *ports, **kwargs: Example("torch." + name, [], kwargs, list(ports))
    for name in ("quantile", "nanquantile"):
        for kwargs in ({}, {"dim": 1}, {"dim": 0, "keepdim": True}):
            yield f(name, draw(5, 4), q=0.25, **kwargs)
            yield f(name, draw(5, 4), ("q", torch.rand(3)), **kwargs)
            yield f(name, draw(5, 4), ("q", torch.rand(())), **kwargs)
        yield f(name, draw(), q=1)
        yield f(name, draw(4), q=0.5, interpolation="nearest")
    for sorted_sequence, values in ((draw(4), draw(5, 3)), (draw(5, 4), draw(5, 3)), (draw(4), draw())):
        yield f("searchsorted", sorted_sequence.sort()[0], values)
    yield f("searchsorted", torch.arange(4.0), self=1.5, side="right")
    yield f("searchsorted", torch.tensor([2.0, 0, 1]), draw(3), ("sorter", torch.tensor([1, 2, 0])))
    yield f("bucketize", draw(5, 3), torch.arange(4.0))
    for n in (1, 2, 9):
        yield f("diff", draw(5, 4), ("prepend", draw(5, 2)), ("append", draw(5, 1)), n=n)
    yield f("diff", draw(5, 4), ("append", draw(1, 4)), dim=0)


def fourier_transforms():
    f = lambda name, x, **kwargs: Example("torch.fft." + name, [], kwargs, [x])
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        for kwargs in ({}, {"n": 3}, {"n": 8}, {"dim": 0}, {"norm": "ortho"}):
            yield f(name, draw(5, 4), **kwargs)
    for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn", "hfft2", "hfftn", "ihfft2", "ihfftn"):
        for kwargs in ({}, {"s": [3, 6]}, {"s": [-1, 2]}, {"dim": [1, 2]}, {"s": [7], "dim": [1]}, {"dim": [-1, 0]}):
            yield f(name, draw(2, 5, 4), **kwargs)
    for name in ("fftshift", "ifftshift"):
        for kwargs in ({}, {"dim": [1]}, {"dim": [0, 0]}):
            yield f(name, draw(5, 4), **kwargs)


def classes():
    labels = torch.tensor([[0, 2, 1], [1, 1, 0]])
    yield functional("one_hot", [labels])
    yield functional("one_hot", [labels], kwargs={"num_classes": 5})
    yield Example("torch.bincount", [], {"minlength": 5}, [labels[0]])
    yield Example("torch.bincount", [], {}, [labels[0], ("weights", draw(3))])


def given(target, kwargs, ports, reference):
    """Numbers that stand for a tensor: Python has no such call."""
    return Example(target, [], kwargs, ports, reference)


def plain_functions():
    x, y = draw(3, 4), draw(4, 5)
    f = lambda name, ports, args=(), **kwargs: Example("torch." + name, args, kwargs, ports)
    for name in ("atleast_1d", "atleast_2d", "atleast_3d"):
        yield f(name, [draw(3)])
    yield f("block_diag", [x, y])
    yield f("block_diag", [x, draw(3), draw(1)[0]])
    yield f("broadcast_tensors", [x, draw(1, 4)])
    yield f("cartesian_prod", [draw(2), draw(3)])
    yield f("cdist", [x, draw(5, 4)], p=1.0)
    yield f("chain_matmul", [x, y, draw(5, 2)])
    yield f("einsum", [x, y], ["ij,jk->ik"])
    yield f("einsum", [[x, y]], ["ij,jk->ki"])
    yield f("meshgrid", [draw(2), draw(3)])
    yield f("meshgrid", [draw(2), draw(3)], indexing="xy")
    yield f("norm", [x])
    yield f("norm", [x], p=1, dim=1, keepdim=True)
    yield f("norm", [x], p="fro", dim=[0, 1])
    for kwargs in ({}, {"p": 2}, {"p": 0}, {"p": "fro"}, {"p": "nuc"}, {"p": "nuc", "dim": [1, 0]}):
        yield f("norm", [x], keepdim=True, **kwargs)
    yield f("norm", [x], p="nuc")
    yield f("narrow_copy", [x], dim=1, start=1, length=2)
    yield f("slice_scatter", [x, draw(3, 2)], dim=1, start=1, end=3, step=1)
    yield f("slice_scatter", [x, draw(3, 2)], dim=-1, start=-2, end=9, step=1)
    yield f("slice_scatter", [x, draw(2, 4)], step=2)
    yield f("split", [x], split_size_or_sections=2)
    yield f("split", [x], split_size_or_sections=[1, 3], dim=1)
    yield f("tensordot", [x, y], dims=1)
    yield f("tensordot", [draw(2, 3, 4), draw(3, 4, 5)])
    yield f("unique", [torch.tensor([3, 1, 3, 2])])
    yield f("pow", [x.abs()], [2.0])
    yield f("sub", [x, x])
    yield f("cat", [[x, x]], dim=1)
    yield f("stack", [[x, x]], dim=-1)
    yield f("max", [x], dim=1)
    yield f("add", [x], other=1)
    yield f("clamp", [x], min=0)
    yield f("clip", [x], max=0.5)
    yield f("clip", [x, ("min", draw(4))])
    yield f("clip", [draw(1, 4), ("min", draw(3, 4))])
    yield given("torch.maximum", {"other": 0.5}, [x], lambda: torch.maximum(x, torch.tensor(0.5, dtype=torch.float64)))
    yield given("torch.index_select", {"dim": 1, "index": [0, 2]}, [x],
                lambda: torch.index_select(x, 1, torch.tensor([0, 2])))
    yield Example("aten::mul", [], {}, [x, x], reference=lambda: x * x)
    for name in ("elu", "gelu", "glu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "log_sigmoid", "mish", "relu6",
                 "silu", "softplus"):
        yield Example("aten::" + name, [], {}, [x], reference=lambda op=getattr(torch.ops.aten, name): op(x))
    yield Example("aten::hardtanh", [], {"min_val": -0.5, "max_val": 0.25}, [("self", x)],
                  reference=lambda: torch.ops.aten.hardtanh(x, -0.5, 0.25))


def operators():
    """Functions whose tensors must fit each other."""
    f = lambda name, ports, args=(), **kwargs: Example("torch." + name, args, kwargs, ports)
    batch = draw(2, 3, 4)
    yield f("addbmm", [draw(3, 5), batch, draw(2, 4, 5)], beta=0.5)
    yield f("addmv", [draw(3), draw(3, 4), draw(4)], alpha=2)
    yield f("affine_grid_generator", [draw(2, 2, 3)], size=[2, 1, 3, 4], align_corners=False)
    four, var = draw(4), draw(4).abs()
    rest = {"training": False, "momentum": 0.1, "eps": 0.01, "cudnn_enabled": False}
    yield f("batch_norm", [IMAGE, four, four, four, var], **rest)
    rest = {"use_input_stats": True, "momentum": 0.1, "eps": 0.01, "cudnn_enabled": False}
    yield f("instance_norm", [IMAGE, four, four], running_mean=None, running_var=None, **rest)
    yield f("conv_tbc", [draw(5, 2, 4), draw(3, 4, 6), draw(6)], pad=1)
    yield f("conv_tbc", [draw(5, 2, 4), draw(6, 4, 6), draw(6)])  # leaves nothing
    for shape in ((5,), (1, 5), ()):
        yield f("addbmm", [draw(*shape), batch, draw(2, 4, 5)])
    for shape in ((2, 3), (3,), (2, 1), ()):
        yield f("addr", [draw(*shape), draw(2), draw(3)])
    yield functional("bilinear", [draw(2, 3), draw(2, 4), draw(5, 3, 4), draw(5)])
    yield f("conv_transpose1d", [SEQUENCE, draw(4, 3, 2)], stride=2)
    yield f("conv_transpose2d", [IMAGE, draw(4, 3, 2, 2)], stride=2)
    yield functional("conv_transpose1d", [SEQUENCE, draw(4, 3, 2)], kwargs={"stride": 2})
    yield functional("conv_transpose2d", [IMAGE, draw(4, 3, 2, 2), draw(3)])
    yield functional("conv_tbc", [draw(5, 2, 4), draw(3, 4, 6), draw(6)])
    for size, offset in ((3, 0), (3, 1), (2, 2), (1, 3), (2, -1), (1, -2)):
        yield f("diagonal_scatter", [draw(3, 4), draw(size)], offset=offset)
    yield f("diagonal_scatter", [draw(4, 2, 3), draw(3, 2)])
    yield f("diagonal_scatter", [draw(4, 2, 3), draw(4, 2)], dim1=1, dim2=-1)
    for index in ([0, 2, 2], 1):
        yield f("index_select", [draw(3, 4), ("index", torch.tensor(index))], dim=0)
    yield f("index_copy", [draw(3, 4), ("index", torch.tensor([0, 2])), ("source", draw(3, 2))], dim=1)
    yield f("index_fill", [draw(3, 4), ("index", torch.tensor(2))], dim=-1, value=0.5)
    yield f("bucketize", [draw(3, 4), torch.tensor([0.0, 1.0])])
    yield f("embedding", [draw(3, 4), torch.tensor([[0, 1]])], padding_idx=5)
    yield f("grid_sampler_2d", [IMAGE, draw(2, 3, 3, 2)], interpolation_mode=0, padding_mode=0, align_corners=True)
    numbers = torch.tensor([[0, 2], [1, 0], [1, 1]])
    for dim, index in ((1, numbers), (-1, numbers), (0, numbers), (0, numbers[:2])):
        yield f("gather", [draw(3, 4), ("index", index)], dim=dim)
        yield f("scatter_add", [draw(3, 4), ("index", index), ("src", draw(3, 2))], dim=dim)
        yield f("scatter", [draw(3, 4), ("index", index), ("src", draw(3, 2))], dim=dim)
    yield f("gather", [draw(3, 4), ("index", numbers[:1])], dim=1)
    yield f("gather", [draw(3), ("index", torch.tensor(1))], dim=0)
    yield f("gather", [draw(3, 4), ("index", torch.zeros(0, dtype=torch.long))], dim=1)
    yield f("scatter_add", [draw(3), ("index", torch.tensor(1)), ("src", draw(1)[0])], dim=0)
    yield f("take_along_dim", [draw(3, 4), numbers], dim=1)
    yield f("take_along_dim", [draw(3, 4), numbers[:1]], dim=1)
    yield f("take_along_dim", [draw(3, 1, 4), numbers[:, :, None] * 0], dim=1)
    yield f("take_along_dim", [draw(1, 4), numbers], dim=1)
    yield f("take_along_dim", [draw(3, 4), numbers])
    yield f("index_add", [draw(3, 4), ("index", torch.tensor([0, 2])), ("source", draw(2, 4))], dim=0)
    yield f("index_add", [draw(3, 4), ("index", torch.tensor([0, 2, 2])), ("source", draw(3, 3))], dim=-1)
    yield f("dist", [draw(3, 4), draw(4)])
    yield f("masked_fill", [draw(3, 4), draw(4) > 0, draw(1)[0]])
    for mask in (draw(3, 1) > 0, draw(4) > 0, draw(2, 3, 4) > 0):
        yield f("masked_fill", [draw(3, 4), mask], value=0.5)
        yield f("masked_scatter", [draw(3, 4), mask, draw(24)])
    for dims in ([2], [1, 2], [3, 1], [2, 1, 3], [1, 1, 2]):
        yield f("tile", [draw(3, 4)], dims=dims)
    for source, destination in (([0], [1]), ([1], [0]), ([0, 2], [-1, 0]), ([1, 2], [2, 1])):
        yield f("movedim", [draw(3, 4, 2)], source=source, destination=destination)
        yield f("moveaxis", [draw(3, 4, 2)], source=source, destination=destination)
    for dim in (1, 0, None):
        a, b = (draw(3, 3), draw(3, 3)) if dim is None or dim else (draw(3, 4), draw(3, 4))
        yield f("cross", [a, b], **({} if dim is None else {"dim": dim}))
        yield f("linalg.cross", [a, b], **({} if dim is None else {"dim": dim}))
    yield f("linalg.cross", [draw(5, 3), draw(1, 3)])
    yield f("index_reduce", [draw(3, 4), ("index", torch.tensor([0, 2])), ("source", draw(2, 4))], dim=0, reduce="prod")
    spectrum = torch.stft(draw(64), 16, return_complex=True)
    yield f("istft", [spectrum], n_fft=16)
    yield f("linalg.householder_product", [draw(4, 3), draw(3)])
    square = draw(3, 3) + 3 * torch.eye(3)
    yield f("linalg.ldl_solve", [*torch.linalg.ldl_factor(square + square.t()), draw(3, 2)])
    yield f("linalg.lu_solve", [*torch.linalg.lu_factor(square), draw(3, 2)])
    yield f("lu_solve", [draw(3, 2), *torch.linalg.lu_factor(square)])
    yield f("lu_unpack", [*torch.linalg.lu_factor(square)])
    # Of full column rank: torch 1.13 hands gelsy an uninitialized choice of pivots, on which a truncated rank depends.
    tall = [torch.cat([square, draw(2, 3)]), draw(5, 2)]
    yield f("linalg.lstsq", tall)
    yield f("linalg.lstsq", tall, rcond=1e-5, driver="gelsd")
    yield f("mv", [draw(3, 4), draw(4)])
    yield f("prelu", [draw(3, 4), draw(4)])
    yield functional("prelu", [draw(3, 4), draw(1)])
    yield f("orgqr", [draw(4, 3), draw(3)])
    yield f("ormqr", [draw(4, 3), draw(3), draw(4, 2)])
    yield f("select_scatter", [draw(3, 4), draw(4)], dim=0, index=1)
    yield f("select_scatter", [draw(3, 4), draw(3)], dim=-1, index=-4)
    yield f("view_as_complex", [draw(3, 2)])
    yield f("linalg.tensorinv", [draw(6, 2, 3)], ind=1)
    yield f("linalg.tensorsolve", [draw(6, 2, 3), draw(6)])


GROUPS = (operators, words, plain_functions, convolution_functions, creations, numbers, joins, sums_of_products, matrices, diagonals,
          order_statistics, fourier_transforms, classes)
