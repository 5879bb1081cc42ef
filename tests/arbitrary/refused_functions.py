"""Calls of functions that Python torch refuses (refused.py)."""
import torch

from drawn import f, functional, nn
from example import Example, draw


def creations():
    for name in ("zeros", "ones", "rand", "randn"):
        yield Example("torch." + name, [[-1]])
        yield Example("torch." + name, [1, -4])
        yield Example("torch." + name, [1 << 20, 1 << 20, 1 << 20])
    for name, args in [("full", [[-4], 1.0]), ("eye", [-3]), ("eye", [3, -4]), ("randperm", [-1]), ("linspace", [0, 1, -1]),
                       ("logspace", [0, 1, -1]), ("randint", [0, [2]]), ("randint", [5, 2, [3]]), ("randint", [5, [-1]]),
                       ("normal", [0.0, -1.0, [2]]), ("normal", [0.0, 1.0, [-2]]), ("arange", [-5]), ("arange", [5, 1]),
                       ("arange", [1, 5, 0]), ("tril_indices", [-1, 3]), ("triu_indices", [3, -1]), ("hann_window", [-1])]:
        yield Example("torch." + name, args)
    yield f("randint_like", high=0)
    yield f("randint_like", low=2, high=2)


def parts():
    """Numbers have no dimensions; what is cut into equal parts must be divisible."""
    number = [()]
    for name, kwargs in [("select", {"dim": 0, "index": 0}), ("narrow", {"dim": 0, "start": 0, "length": 1}),
                         ("chunk", {"chunks": 2}), ("tensor_split", {"sections": 2}), ("split", {"split_size_or_sections": 1}),
                         ("unbind", {}), ("roll", {"shifts": [1], "dims": [0]}), ("repeat_interleave", {"repeats": 2, "dim": 0}),
                         ("rot90", {}), ("diagonal", {}), ("diag_embed", {}), ("diff", {}), ("trapezoid", {}),
                         ("cumulative_trapezoid", {"dim": 0}), ("fft.fft", {}), ("fft.irfft", {}), ("flatten", {"start_dim": 1}),
                         ("flipud", {}), ("hsplit", {"sections": 1}), ("nn.functional.glu", {}), ("nn.Flatten", {}),
                         ("nn.functional.normalize", {}), ("nn.GLU", {})]:
        yield f(name, number, **kwargs)
    yield nn("LogSoftmax", [1], number)
    yield nn("Softmax", [1], number)
    yield f("fft.irfft", [(4, 1)])
    yield f("fft.fft", [(4, 0)])
    yield f("fliplr", [(4,)])
    yield f("hsplit", sections=3)
    yield f("vsplit", sections=2)
    yield f("vsplit", [(4,)], sections=2)
    yield f("dsplit", sections=2)
    yield f("diff", n=1, dim=2)
    for n in (0, 1):
        for shape in ((5,), (3, 1), (), (5, 1, 1)):
            yield Example("torch.diff", [], {"n": n}, [draw(5, 4), ("prepend", draw(*shape))])
    for name in ("outer", "ger"):
        yield f(name, [(), (4,)])
        yield f(name, [(4,), (5, 4)])
    yield f("logcumsumexp", dim=2)


def joined(name, *shapes):
    return Example("torch." + name, [], {}, [[draw(*shape) for shape in shapes]])


def joins():
    for name in ("column_stack", "hstack", "row_stack", "vstack", "dstack"):
        yield joined(name, (5, 4), (5, 4, 2, 2))
    yield joined("column_stack", (4,), (5,))
    yield joined("column_stack", (4, 2), (5,))
    yield joined("hstack", (5, 4), (4, 4))
    yield joined("hstack", (5, 4), (5,))
    yield joined("row_stack", (4,), (5,))
    yield joined("vstack", (5, 4), (5,))
    yield joined("dstack", (4,), (5,))
    for name, shapes in [("cartesian_prod", [(2,), (5, 4)]), ("cartesian_prod", [()]), ("block_diag", [(2, 3, 4)]),
                         ("broadcast_tensors", [(4,), (5,)]), ("meshgrid", [(5, 4), (2,)]), ("dist", [(4,), (5,)])]:
        yield f(name, shapes)


def sums_of_products():
    for equation, shapes in [("ij,jk->ik", [(5, 4), (5, 4)]), ("ij,jk->ik", [(5, 4)]), ("ij,jk->ik", [(5, 4), (4,)]),
                             ("...ij,...jk->...ik", [(2, 5, 4), (3, 4, 2)]), ("...ij,...jk->...ik", [(2, 5, 4), (2, 5, 4)]),
                             ("i...,i...->...", [(4,), (5,)]), ("...,...->...", [(4,), (5,)]), ("ii->i", [(5, 4)]),
                             ("ij->ik", [(5, 4)]), ("ij->ijj", [(5, 4)]), ("i_", [(5, 4)]), ("ijk", [(5, 4)]),
                             ("i...j...", [(5, 4)]), ("...ijk", [(5, 4)])]:
        yield Example("torch.einsum", [equation], {}, [draw(*shape) for shape in shapes])
    yield f("inner", [(5, 4), (5, 3)])
    yield f("linalg.vecdot", [(5, 4), (5, 3)])
    yield f("chain_matmul", [(5, 4), (5, 4)])
    yield joined("linalg.multi_dot", (5, 4), (4, 3), (2,))
    yield f("tensordot", [(5, 4), (5, 4)], dims=1)
    yield functional("linear", [(5, 4), (2, 4, 3)])


def matrices():
    for name in ("inverse", "linalg.inv", "linalg.inv_ex", "det", "linalg.det", "logdet", "slogdet", "linalg.slogdet",
                 "linalg.eig", "linalg.eigh", "linalg.eigvals", "linalg.eigvalsh", "cholesky", "linalg.cholesky",
                 "linalg.cholesky_ex", "cholesky_inverse", "matrix_exp", "linalg.matrix_exp", "linalg.ldl_factor"):
        yield f(name, [(5, 4)])
        yield f(name, [(4,)])
    for name in ("matrix_power", "linalg.matrix_power"):
        yield f(name, [(2, 5, 4)], n=2)
    for name in ("pinverse", "linalg.pinv", "qr", "linalg.qr", "svd", "linalg.svd", "linalg.svdvals", "linalg.lu", "nuclear_norm",
                 "linalg.lu_factor", "linalg.matrix_norm", "linalg.matrix_rank", "linalg.cond"):
        yield f(name, [(4,)])
    yield f("nuclear_norm", [(2, 5, 4)])
    yield f("norm", [(2, 5, 4)], p="nuc")
    yield f("norm", p="nuc", dim=[1])
    yield f("norm", [(2, 5, 4)], p="fro", dim=[0, 1, 2])
    yield f("cov", [(2, 5, 4)])
    yield f("corrcoef", [(2, 5, 4)])
    yield f("combinations")
    yield f("vander")
    for shapes in ([(4, 4), (5,)], [(4, 4), (5, 2)], [(5, 4), (5,)], [(2, 4, 4), (5, 4)]):
        yield f("linalg.solve", shapes)
    yield f("linalg.solve_triangular", [(4, 4), (5, 2)], upper=True)
    yield f("cholesky_solve", [(5, 2), (4, 4)])
    yield f("cholesky_solve", [(4,), (4, 4)])
    yield f("linalg.lstsq", [(5, 4), (4, 2)])
    yield f("linalg.lstsq", [(5, 4), (2, 5, 4)])
    yield f("cdist", [(5, 4), (5, 3)])
    yield f("cdist", [(2, 5, 4), (3, 5, 4)])
    yield f("cdist", [(4,), (5, 4)])


def diagonals():
    for shape in ((), (4,), (5, 4), (2, 3, 4)):
        for dims in ((0, 0), (-2, -2), (0, 5), (-5, 0)):
            yield f("diag_embed", [shape], dim1=dims[0], dim2=dims[1])
    for name in ("diagonal", "linalg.diagonal"):
        yield f(name, [(4,)])
        yield f(name, dim1=0, dim2=3)
        yield f(name, dim1=1, dim2=-1)
    yield f("diag", [()])
    yield f("diag", diagonal=5)
    yield f("diag", diagonal=-6)
    for shape, ind in [((6, 2, 3), 2), ((4, 4), 0), ((4, 4), -1), ((4,), 1), ((6, 2, 4), 1), ((1,), 2), ((), 1)]:
        yield f("linalg.tensorinv", [shape], ind=ind)


def order_statistics():
    for name in ("quantile", "nanquantile"):
        yield f(name, q=1.5)
        yield f(name, q=-0.1, dim=0)
        yield f(name, q=0.5, dim=2)
        yield f(name, [(0, 4)], q=0.5)
        yield f(name, q=0.5, interpolation="none")
        yield Example("torch." + name, [], {"dim": 1}, [draw(5, 4), ("q", torch.rand(2, 2))])
        yield Example("torch." + name, [], {"q": 0.5}, [torch.arange(4)])
    for shapes in ([(), (3,)], [(5, 4), (3,)], [(5, 4), (3, 4)], [(2, 3, 4), (3, 4)]):
        yield Example("torch.searchsorted", [], {}, [draw(*shape) for shape in shapes])
    yield Example("torch.searchsorted", [], {"self": 0.5}, [draw(5, 4)])
    yield Example("torch.searchsorted", [], {"side": "middle"}, [draw(4), draw(3)])
    yield Example("torch.searchsorted", [], {"side": "left", "right": True}, [draw(4), draw(3)])
    for sorter in (torch.zeros(3, dtype=torch.long), torch.zeros(1, 4, dtype=torch.long), draw(4)):
        yield Example("torch.searchsorted", [], {}, [draw(4), draw(3), ("sorter", sorter)])
    for shape in ((), (2, 4)):
        yield Example("torch.bucketize", [], {}, [draw(3), draw(*shape)])


def fourier_transforms():
    for name in ("fft", "rfft", "irfft", "hfft", "ihfft"):
        yield f("fft." + name, norm="none")
        yield f("fft." + name, dim=2)
    for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "rfftn", "irfftn", "hfftn"):
        name = "fft." + name
        for kwargs in ({"dim": [0, 0]}, {"dim": [0, 2]}, {"s": [0, 2]}, {"s": [-2, 2]}, {"s": [2, 2, 2]}, {"s": [2], "dim": [0, 1]},
                       {"norm": "none"}):
            yield f(name, **kwargs)
        yield f(name, [()])
        yield f(name, [(5, 0)])
    yield f("fft.rfft2", dim=[])
    yield f("fft.irfftn", [(5, 1)])
    yield f("fft.fft", [(0, 4)], n=7)
    for name in ("fftshift", "ifftshift"):
        yield f("fft." + name, dim=[2])
        yield f("fft." + name, dim=[])


def classes():
    """Real numbers are no classes and no counts."""
    for name in ("nn.functional.one_hot", "bincount"):
        yield f(name, [(4,)])
    count = torch.tensor([0, 2, 1])
    yield Example("torch.bincount", [], {"minlength": -1}, [count])
    yield Example("torch.bincount", [], {}, [count.reshape(1, 3)])
    yield Example("torch.bincount", [], {}, [count, ("weights", draw(4))])
    yield Example("torch.nn.functional.one_hot", [], {"num_classes": 0}, [count])
    yield Example("torch.nn.functional.one_hot", [], {}, [torch.zeros(0, dtype=torch.long)])


def no_tensors():
    """What gives numbers or booleans: a layer gives tensors."""
    yield f("numel")
    yield f("is_floating_point")
    yield f("allclose", [(5, 4), (5, 4)])
    yield f("equal", [(5, 4), (5, 4)])


def words():
    """Texts that are none of those that an argument may be."""
    yield f("div", other=2, rounding_mode="flor")
    yield f("divide", [(5, 4), (5, 4)], rounding_mode="")
    yield functional("pad", pad=[1, 0], mode="mean")
    for name in ("eigh", "eigvalsh"):
        yield f("linalg." + name, [(4, 4)], UPLO="left")
    for name in ("cond", "norm", "matrix_norm"):
        yield f("linalg." + name, [(4, 4)], **{"p" if name == "cond" else "ord": "linear"})
    yield f("linalg.qr", mode="full")
    yield f("linalg.lstsq", [(5, 4), (5, 2)], driver="gel")
    yield functional("gelu", approximate="erf")
    for name in ("fft", "fft2", "fftn", "ifft", "ifft2", "ifftn", "rfft", "rfft2", "rfftn", "irfft", "irfft2", "irfftn",
                 "hfft", "hfft2", "hfftn", "ihfft", "ihfft2", "ihfftn"):
        yield f("fft." + name, norm="mean")
    index = torch.tensor([[0, 1]])
    yield Example("torch.scatter", [], {"dim": 0, "reduce": "prod"}, [draw(5, 4), ("index", index), ("src", draw(1, 2))])
    yield Example("torch.scatter_reduce", [], {"dim": 0, "reduce": "max"}, [draw(5, 4), ("index", index), ("src", draw(1, 2))])
    for index in (torch.tensor([0, 1]), torch.tensor([[[0, 1]]]), torch.tensor(1), draw(5, 2)):
        yield Example("torch.gather", [], {"dim": 1}, [draw(5, 4), ("index", index)])
        yield Example("torch.take_along_dim", [], {"dim": 1}, [draw(5, 4), index])
        yield Example("torch.scatter_add", [], {"dim": 1}, [draw(5, 4), ("index", index), ("src", draw(5, 4))])
    yield Example("torch.index_add", [], {"dim": 0}, [draw(5, 4), ("index", torch.tensor([[0, 1]])), ("source", draw(2, 4))])
    yield Example("torch.linalg.cross", [], {}, [draw(3), draw(5, 3)])
    yield Example("torch.masked_fill", [], {}, [draw(5, 4), draw(5, 4) > 0, draw(4)])
    yield Example("torch.linalg.solve", [], {"left": False}, [draw(2, 3, 3), draw(2, 3)])
    index = torch.tensor([[0, 1]])
    yield Example("torch.index_reduce", [], {"dim": 0, "reduce": "sum"},
                  [draw(5, 4), ("index", index[0]), ("source", draw(2, 4))])


def other_numbers():
    yield f("clamp")
    yield f("clip", min=None)
    for name in ("polygamma", "special.polygamma"):
        yield Example("torch." + name, [-1], {}, [draw(5, 4)])
    for name in ("mvlgamma", "special.multigammaln"):
        yield Example("torch." + name, [], {"p": 0}, [draw(5, 4).abs() + 5])
    yield f("linalg.vander", [(4,)], N=0)
    yield f("linalg.vander", [(4,)], N=1)
    yield f("vander", [(4,)], N=-1)
    yield f("histc", bins=0)
    yield f("combinations", [(4,)], r=-1)
    yield f("constant_pad_nd", pad=[1])
    yield f("constant_pad_nd", pad=[1, 1, 1, 1, 1, 1])
    for name in ("sum", "mean", "nansum", "amax", "amin", "std", "var", "logsumexp", "norm", "linalg.vector_norm", "std_mean",
                 "count_nonzero", "nanmean"):
        yield f(name, dim=[0, 0])
    yield f("norm", p="fro", dim=[0, -2])
    yield f("norm", p="nuc", dim=[1, 1])
    for name, kwargs in (("logsumexp", {"dim": [3]}), ("softmax", {"dim": 2}), ("log_softmax", {"dim": -3})):
        yield f("special." + name, **kwargs)
    yield Example("torch.concatenate", [], {"dim": 5}, [[draw(5, 4), draw(5, 4)]])
    yield joined("concatenate", (5, 4), (5, 3))
    yield f("linalg.diagonal", [(4,)])


def entries():
    def indexed(name, index, *others, **kwargs):
        return Example("torch." + name, [], {"dim": 0, **kwargs}, [draw(5, 4), ("index", torch.tensor(index)), *others])
    yield indexed("index_select", [[0, 1]])
    for shape in ((2, 4), (1, 3), (4,)):
        yield indexed("index_copy", [0], ("source", draw(*shape)))
    yield indexed("index_copy", [[0]], ("source", draw(1, 4)))
    yield indexed("index_fill", [[0]], value=1.0)
    yield indexed("index_fill", [0], ("value", draw(4)))
    for shape, kwargs in (((5,), {}), ((1,), {}), ((4,), {"offset": 2}), ((4,), {"dim1": 0, "dim2": 0})):
        yield f("diagonal_scatter", [(5, 4), shape], **kwargs)
    yield f("diagonal_scatter", [(4, 2, 3), (2, 3)], dim1=1, dim2=2)
    for shape, dim, index in (((3,), 0, 1), ((4,), 0, 5), ((5,), 1, -5), ((4,), 2, 0)):
        yield f("select_scatter", [(5, 4), shape], dim=dim, index=index)
    yield f("bucketize", [(5, 4), (5, 4)])
    yield f("bucketize", [(5, 4), ()])
    rows = torch.tensor([0, 1])
    for shape in ((4,), (2, 4, 3)):
        yield Example("torch.embedding", [], {}, [draw(*shape), rows])
    for row in (5, -6):
        yield Example("torch.nn.functional.embedding", [], {"padding_idx": row}, [rows, draw(5, 4)])


def products():
    batches = [(2, 3, 4), (2, 4, 5)]
    for shape in ((2, 3, 5), (4, 5), (4,)):
        yield f("addbmm", [shape, *batches])
    yield f("addbmm", [(3, 5), (2, 3, 4), (3, 4, 5)])
    for shapes in ([(1, 2, 3), (2,), (3,)], [(2, 2), (2,), (3,)], [(2, 3), (2, 1), (3,)]):
        yield f("addr", shapes)
    for name in ("conv_tbc", "nn.functional.conv_tbc"):
        for shapes in ([(5, 2, 4), (3, 5, 6), (6,)], [(5, 2, 4), (3, 4, 6), (5,)], [(5, 2, 4), (3, 4, 6), (1,)],
                       [(5, 2, 4), (7, 4, 6), (6,)], [(2, 4), (3, 4, 6), (6,)], [(5, 2, 4), (4, 6), (6,)]):
            yield f(name, shapes)
    for shape in ((1,), (4,), (2, 5)):
        yield functional("bilinear", [(2, 3), (2, 4), (5, 3, 4), shape])
    yield functional("bilinear", [(2, 3), (2, 4), (3, 4)])


def normalizations():
    image = (2, 4, 3)
    for shape in ((3,), (1, 4)):
        yield Example("torch.nn.functional.group_norm", [], {"num_groups": 2}, [draw(*image), ("weight", draw(*shape))])
        yield Example("torch.nn.functional.group_norm", [], {"num_groups": 2}, [draw(*image), ("bias", draw(*shape))])
        yield Example("torch.nn.functional.layer_norm", [], {"normalized_shape": [4, 3]},
                      [draw(*image), ("weight", draw(*shape))])
    yield Example("torch.nn.functional.layer_norm", [], {"normalized_shape": [3]}, [draw(*image), ("bias", draw(4))])
    yield functional("batch_norm", [(4,)], running_mean=None, running_var=None, training=True)
    yield functional("batch_norm", [(5, 4)], running_mean=None, running_var=None)
    yield functional("batch_norm", [(5, 4), (4,)], running_var=None)


GROUPS = (words, other_numbers, entries, products, normalizations, creations, parts, joins, sums_of_products, matrices, diagonals,
          order_statistics, fourier_transforms, classes, no_tensors)
