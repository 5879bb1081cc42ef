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


GROUPS = (creations, parts, joins, sums_of_products, matrices, diagonals, order_statistics,
          fourier_transforms, classes, no_tensors)
