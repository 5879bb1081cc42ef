"""The mathematics of the layers, written again from their printed formulas, in numpy alone and without care for speed.

Irreps are lists of (multiplicity, l, parity); a row stores block after block, copy-major.
"""

import functools
import re
from math import factorial, sqrt

import numpy as np

SILU_CONSTANT = 1.6791767923989418


def parse(irreps):
    return [(int(mul), int(l), 1 if p == "e" else -1) for mul, l, p in re.findall(r"(\d+)x(\d+)([eo])", irreps)]


def dim(irreps):
    return sum(mul * (2 * l + 1) for mul, l, _ in irreps)


def blocks(x, irreps):
    """Splits rows [n, dim] into one array [n, mul, 2l+1] per block."""
    out, at = [], 0
    for mul, l, _ in irreps:
        width = mul * (2 * l + 1)
        out.append(x[:, at:at + width].reshape(len(x), mul, 2 * l + 1))
        at += width
    return out


def join(parts):
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


def product_irreps(a, b):
    return [(l, a[1] * b[1]) for l in range(abs(a[0] - b[0]), a[0] + b[0] + 1)]


# ---- harmonics and couplings ---------------------------------------------------------------------------------------

def legendre(l, m, x):
    """Associated Legendre function without the Condon-Shortley phase, by upward recursion in l."""
    previous, value = 0.0, np.prod(np.arange(1, 2 * m, 2)) * (1.0 - x * x) ** (m / 2)
    for n in range(m, l):
        previous, value = value, ((2 * n + 1) * x * value - (n + m) * previous) / (n - m + 1)
    return value


def harmonics(v, lmax):
    """Component normalization; e3nn's (x, y, z) are the textbook's (y, z, x), so y is the polar axis."""
    x, y, z = np.asarray(v) / max(np.linalg.norm(v), 1e-12)
    phi, out = np.arctan2(x, z), []
    for l in range(lmax + 1):
        for m in range(-l, l + 1):
            scale = sqrt((2 * l + 1) * factorial(l - abs(m)) / factorial(l + abs(m)) * (2 if m else 1))
            angle = np.cos(m * phi) if m >= 0 else np.sin(-m * phi)
            out.append(scale * legendre(l, abs(m), y) * angle)
    return np.array(out)


def su2_coupling(j1, m1, j2, m2, j3, m3):
    """Clebsch-Gordan coefficient <j1 m1 j2 m2 | j3 m3>, Condon-Shortley phases, Racah's sum."""
    if m1 + m2 != m3:
        return 0.0
    f = factorial
    first = (2 * j3 + 1) * f(j1 + j2 - j3) * f(j1 - j2 + j3) * f(-j1 + j2 + j3) / f(j1 + j2 + j3 + 1)
    second = f(j1 + m1) * f(j1 - m1) * f(j2 + m2) * f(j2 - m2) * f(j3 + m3) * f(j3 - m3)
    total = 0.0
    for k in range(j1 + j2 + j3 + 1):
        terms = [k, j1 + j2 - j3 - k, j1 - m1 - k, j2 + m2 - k, j3 - j2 + m1 + k, j3 - j1 - m2 + k]
        if min(terms) >= 0:
            total += (-1) ** k / np.prod([float(f(t)) for t in terms])
    return sqrt(first * second) * total


def real_from_complex(l):
    Q = np.zeros((2 * l + 1, 2 * l + 1), complex)
    Q[l, l] = 1.0
    for m in range(1, l + 1):
        Q[l - m, l + m], Q[l - m, l - m] = 1 / sqrt(2), -1j / sqrt(2)
        Q[l + m, l + m], Q[l + m, l - m] = (-1) ** m / sqrt(2), 1j * (-1) ** m / sqrt(2)
    return (-1j) ** l * Q


@functools.lru_cache(maxsize=None)
def wigner_3j(l1, l2, l3):
    coupling = np.array([[[su2_coupling(l1, a - l1, l2, b - l2, l3, c - l3) for c in range(2 * l3 + 1)]
                          for b in range(2 * l2 + 1)] for a in range(2 * l1 + 1)])
    Q1, Q2, Q3 = map(real_from_complex, (l1, l2, l3))
    C = np.einsum("ij,kl,nm,ikn->jlm", Q1, Q2, Q3.conj(), coupling, optimize=True).real
    return C / np.linalg.norm(C)


# ---- linear maps and products --------------------------------------------------------------------------------------

def linear(x, weight, irreps_in, irreps_out):
    x_blocks, at = blocks(x, irreps_in), 0
    y = [np.zeros((len(x), mul, 2 * l + 1)) for mul, l, _ in irreps_out]
    for i, (mul_in, *ir_in) in enumerate(irreps_in):
        for o, (mul_out, *ir_out) in enumerate(irreps_out):
            if ir_in == ir_out:
                W = weight[at:at + mul_in * mul_out].reshape(mul_in, mul_out)
                at += W.size
                y[o] += np.einsum("uw,num->nwm", W, x_blocks[i])
    assert at == len(weight)
    fan_in = [sum(mul for mul, *ir in irreps_in if ir == ir_out) for _, *ir_out in irreps_out]
    return join([block / sqrt(max(n, 1)) for block, n in zip(y, fan_in)])


def full_tensor_product(x1, x2, weight, irreps1, irreps2, irreps_out):
    paths = [(i, j, k) for i, a in enumerate(irreps1) for j, b in enumerate(irreps2) for k, c in enumerate(irreps_out)
             if c[1:] in product_irreps(a[1:], b[1:])]
    x1_blocks, x2_blocks, at = blocks(x1, irreps1), blocks(x2, irreps2), 0
    z = [np.zeros((len(x1), mul, 2 * l + 1)) for mul, l, _ in irreps_out]
    for i, j, k in paths:
        shape = irreps1[i][0], irreps2[j][0], irreps_out[k][0]
        W = weight[at:at + np.prod(shape)].reshape(shape)
        at += W.size
        fan_in = sum(irreps1[a][0] * irreps2[b][0] for a, b, c in paths if c == k)
        C = wigner_3j(irreps1[i][1], irreps2[j][1], irreps_out[k][1]) * sqrt((2 * irreps_out[k][1] + 1) / fan_in)
        z[k] += np.einsum("uvw,abm,nua,nvb->nwm", W, C, x1_blocks[i], x2_blocks[j], optimize=True)
    assert at == len(weight)
    return join(z)


def radial_network(x, matrices):
    for W in matrices[:-1]:
        x = x @ W / sqrt(len(W))
        x = SILU_CONSTANT * x / (1.0 + np.exp(-x))
    return x @ matrices[-1] / sqrt(len(matrices[-1]))


def polynomial_cutoff(r, r_max, p):
    u = r / r_max
    f = 1 - (p + 1) * (p + 2) / 2 * u ** p + p * (p + 2) * u ** (p + 1) - p * (p + 1) / 2 * u ** (p + 2)
    return np.where(u < 1.0, f, 0.0)


def radial_basis(r, w, r_max, p):
    bessel = 2 / r_max * np.sin(w * r[:, None] / r_max) / r[:, None]
    return bessel * polynomial_cutoff(r, r_max, p)[:, None]


# ---- MACE_layer ----------------------------------------------------------------------------------------------------

def message_paths(irreps1, irreps2, targets):
    wanted = {tuple(ir) for _, *ir in targets}
    return [(i, j, ir) for i, a in enumerate(irreps1) for j, b in enumerate(irreps2)
            for ir in product_irreps(a[1:], b[1:]) if ir in wanted]


def message_product(x, sh, weights, irreps, sh_irreps, targets):
    """Per-edge uvu product; slots sorted by (l, odd before even), weights in the unsorted order of the paths."""
    x_blocks, sh_blocks, at, slots = blocks(x, irreps), blocks(sh, sh_irreps), 0, []
    for i, j, (l, p) in message_paths(irreps, sh_irreps, targets):
        mul = irreps[i][0]
        C = sqrt(2 * l + 1) * wigner_3j(irreps[i][1], sh_irreps[j][1], l)
        slot = np.einsum("nu,abm,nua,nb->num", weights[:, at:at + mul], C, x_blocks[i], sh_blocks[j][:, 0],
                         optimize=True)
        at += mul
        slots.append(((l, p), mul, slot))
    assert at == weights.shape[1]
    slots.sort(key=lambda slot: slot[0])  # stable
    merged = []
    for ir, mul, _ in slots:
        if merged and merged[-1][1:] == ir:
            merged[-1] = (merged[-1][0] + mul, *ir)
        else:
            merged.append((mul, *ir))
    return join([slot for _, _, slot in slots]), merged


@functools.lru_cache(maxsize=None)
def couplings(lmax, nu, natural_only=False):
    """All couplings of nu factors, as a list of ((l, p), array [2l+1, (lmax+1)^2, ... nu times]), in KLay's order."""
    n_lm = (lmax + 1) ** 2
    natural = [(l, (-1) ** l) for l in range(lmax + 1)]
    if nu == 1:
        return [((l, p), np.eye(n_lm)[l * l:(l + 1) ** 2]) for l, p in natural]
    out = []
    for left, U in couplings(lmax, nu - 1, natural_only or nu == 4):
        for l2, p2 in natural:
            for l3, p3 in product_irreps(left, (l2, p2)):
                if (natural_only or nu == 4) and p3 != (-1) ** l3:
                    continue
                longer = np.zeros((2 * l3 + 1,) + (n_lm,) * nu)
                C = sqrt(2 * l3 + 1) * wigner_3j(l3, left[0], l2)
                longer[..., l2 * l2:(l2 + 1) ** 2] = np.einsum("j...,ijl->i...l", U, C)
                out.append(((l3, p3), longer))
    return sorted(out, key=lambda coupling: coupling[0])


def contract_factors(U, A, nu):
    """U [2l+1, lm, ... nu times, paths] with A [n, channels, lm] in every factor: [n, channels, 2l+1, paths]."""
    U = np.einsum("M...iK,nci->ncM...K", U, A)
    for _ in range(nu - 1):
        U = np.einsum("ncM...iK,nci->ncM...K", U, A)
    return U


def symmetric_contraction(A, attrs, weights, lmax, correlation, irreps_out):
    """weights[k][nu] of shape [elements, paths, channels] for output block k."""
    parts = []
    for k, (_, *ir) in enumerate(irreps_out):
        terms = []
        for nu in range(1, correlation + 1):
            U = np.stack([U for ir_of_U, U in couplings(lmax, nu) if ir_of_U == tuple(ir)], axis=-1)
            terms.append(np.einsum("ncMK,ne,eKc->ncM", contract_factors(U, A, nu), attrs, weights[k][nu]))
        parts.append(sum(terms))
    return join(parts)


def product_weights(named, n_blocks, correlation, prefix):
    """KLay's names: weights_max is nu = correlation, weights.0 is correlation - 1, and so on down to nu = 1."""
    def of(k, nu):
        name = "weights_max" if nu == correlation else f"weights.{correlation - 1 - nu}"
        return named[f"{prefix}contractions.{k}.{name}"]
    return [{nu: of(k, nu) for nu in range(1, correlation + 1)} for k in range(n_blocks)]


def mace_layer(config, weights, vectors, node_feats, node_attrs, edge_feats, edge_index):
    irreps_in, irreps_out = parse(config["irreps_in"]), parse(config["irreps_out"])
    lmax, n_atoms = config["lmax"], len(node_feats)
    channels = sum(mul for mul, l, p in irreps_out if (l, p) == (0, 1))
    sh_irreps = [(1, l, (-1) ** l) for l in range(lmax + 1)]
    A_irreps = [(channels, l, (-1) ** l) for l in range(lmax + 1)]
    sc = full_tensor_product(node_feats, node_attrs, weights["interaction.skip_tp.weight"], irreps_in,
                             [(config["num_elements"], 0, 1)], irreps_out)
    h = linear(node_feats, weights["interaction.linear_up.weight"], irreps_in, irreps_in)
    w = radial_network(edge_feats, [weights[f"interaction.conv_tp_weights.layer{k}.weight"] for k in range(4)])
    sh = np.array([harmonics(v, lmax) for v in vectors])
    sender, receiver = edge_index
    messages, irreps_mid = message_product(h[sender], sh, w, irreps_in, sh_irreps, A_irreps)
    summed = np.zeros((n_atoms, messages.shape[1]))
    np.add.at(summed, receiver, messages)
    A = linear(summed, weights["interaction.linear.weight"], irreps_mid, A_irreps) / config["avg_num_neighbors"]
    A = np.concatenate(blocks(A, A_irreps), axis=2)
    named = product_weights(weights, len(irreps_out), config["correlation"], "product.symmetric_contractions.")
    B = symmetric_contraction(A, node_attrs, named, lmax, config["correlation"], irreps_out)
    out = linear(B, weights["product.linear.weight"], irreps_out, irreps_out)
    return {"sc": sc, "A": A, "B": B, "node_feats": out + sc if config["use_sc"] else out}
