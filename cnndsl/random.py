"""One generator for every number: Threefry-2x32 with 20 rounds, counter-based.

J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011. A
number is a pure function of a key and a counter, so there is no state to carry, blocks may be made
in any order, and a backend can make the same numbers on its device.

The stream of a key: word e (from 0) is word e mod 2 of the block whose counter is (e // 2, 0), and
e // 2 is split into its low and high 32 bits: counter = (low, high).

The dropout masks: element e (in reading order of the batch, (N, H, W, C)) of stream s at training
step t (from 0) is word e mod 2 of the block with key `dropout_key(seed, s)` and counter
(e // 2, t mod 2**32); it is kept where that word, as an unsigned number, is >= `threshold(rate)`.
Where whole channels or examples are dropped the mask has a cell for each: (N, C) or (N,).

The noise: elements 2b and 2b + 1 of stream s at step t come from the two words of the block with key
`noise_key(seed, s)` and counter (b, t mod 2**32). With u = ((one >> 8) + 1) 2**-24 in (0, 1] and
v = (two >> 8) 2**-24 in [0, 1) they are sqrt(-2 log u) times cos(2 pi v) and sin(2 pi v): Box and
Muller's normals from 24 bits each, so that u and v are exact in float32 too.

`threefry` is written with operators only, so it runs on NumPy's arrays and on any framework's.
"""

from __future__ import annotations

from hashlib import sha256
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cnndsl.program import Parameter, Start

    Words = NDArray[np.uint32]
    Floats = NDArray[np.float32]

Key = tuple[int, int]

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA
WORD = 0xFFFFFFFF
BLOCK = 1 << 14  # words made at a time: what is in work stays in the cache


def key(seed: int, name: str) -> Key:
    """The key of what is called `name` (a parameter's path): editing one layer changes no other's numbers."""
    first, second = _hash(name)
    one, two = np.array([first], np.uint32), np.array([second], np.uint32)
    one, two = threefry((seed & WORD, (seed >> 32) & WORD), one, two)
    return int(one[0]), int(two[0])


def _hash(name: str) -> Key:
    digest = sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def threefry(key: Key, one: Any, two: Any) -> tuple[Any, Any]:
    """The blocks of the counters (one, two), arrays of uint32 that are overwritten."""
    schedule = (*key, key[0] ^ key[1] ^ PARITY)
    one += schedule[0]
    two += schedule[1]
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            one += two
            high = two << rotation
            two >>= 32 - rotation
            two |= high
            two ^= one
        one += schedule[(group + 1) % 3]
        two += (schedule[(group + 2) % 3] + group + 1) & WORD
    return one, two


def bits(key: Key, count: int, out: Words | None = None) -> Words:
    """The first `count` words of a key's stream, uint32."""
    out = np.empty(count, np.uint32) if out is None else out
    for start in range(0, count, BLOCK):
        part = out[start : start + BLOCK]
        _blocks(key, start // 2, None, part)
    return out


def _blocks(key: Key, first: int, second: int | None, out: Words) -> None:
    """Writes the words of the blocks from number `first`; the counter's other half is `second` or the high bits."""
    count = (out.size + 1) // 2
    if second is None:
        numbers = np.arange(first, first + count, dtype=np.uint64)
        one, two = numbers.astype(np.uint32), (numbers >> np.uint64(32)).astype(np.uint32)
    else:
        one, two = np.arange(count, dtype=np.uint32), np.full(count, second & WORD, np.uint32)
        one += np.uint32(first & WORD)
    one, two = threefry(key, one, two)
    out[0::2] = one
    out[1::2] = two[: out.size // 2]


def uniform(key: Key, count: int) -> Floats:
    """`count` numbers in [0, 1), float32: the top 24 bits of each word, so exact on every machine."""
    out = np.empty(count, np.float32)
    words = np.empty(min(count, BLOCK), np.uint32)
    for start in range(0, count, BLOCK):
        part = out[start : start + BLOCK]
        _blocks(key, start // 2, None, words[: part.size])
        np.multiply(words[: part.size] >> np.uint32(8), np.float32(2.0**-24), out=part, casting="unsafe")
    return out


def normal(key: Key, count: int) -> Floats:
    """`count` standard normal numbers, float32 (G. Box and M. Muller, 1958).

    The two words of a block give a radius and an angle, the two normals are their x and y; in
    float64 inside, so that the rounding to float32 hides what the machines' log and cos differ in.
    """
    out = np.empty(count, np.float32)
    words = np.empty(min(count + 1, BLOCK), np.uint32)
    for start in range(0, count, BLOCK):
        part = out[start : start + BLOCK]
        used = words[: part.size + part.size % 2]
        _blocks(key, start // 2, None, used)
        radius = np.sqrt(-2.0 * np.log((used[0::2] + 0.5) * 2.0**-32))
        angle = used[1::2] * (2.0 * np.pi * 2.0**-32)
        part[0::2] = radius * np.cos(angle)
        part[1::2] = (radius * np.sin(angle))[: part.size // 2]
    return out


def permutation(key: Key, count: int) -> NDArray[np.int64]:
    """The numbers 0 … count - 1 in a random order (that of an epoch's examples)."""
    return np.argsort(bits(key, 2 * count).view(np.uint64), kind="stable")


def start(parameter: Parameter, seed: int) -> Floats:
    """The numbers that a parameter starts with, float32, by its recipe; a pure function of seed and name.

    he: normal, std sqrt(2 / fan_in) (K. He et al., 2015); lecun: normal, std sqrt(1 / fan_in)
    (Y. LeCun et al., 1998); glorot: uniform, limit sqrt(6 / (fan_in + fan_out)) (X. Glorot and
    Y. Bengio, 2010); orthogonal (A. Saxe et al., 2014); normal, uniform, constant, given.
    """
    recipe, count = parameter.start, prod(parameter.shape)
    return _recipe(recipe, key(seed, parameter.name), count, parameter.shape).reshape(parameter.shape)


def _recipe(recipe: Start, key: Key, count: int, shape: tuple[int, ...]) -> Floats:
    match recipe.recipe:
        case "constant":
            return np.full(count, recipe.amount, np.float32)
        case "given":
            return np.array(recipe.table, np.float32)
        case "he":
            return _scaled(normal(key, count), (2.0 / recipe.fan_in) ** 0.5)
        case "lecun":
            return _scaled(normal(key, count), (1.0 / recipe.fan_in) ** 0.5)
        case "normal":
            return _scaled(normal(key, count), recipe.amount)
        case "glorot":
            return _within(uniform(key, count), (6.0 / (recipe.fan_in + recipe.fan_out)) ** 0.5)
        case "uniform":
            return _within(uniform(key, count), recipe.amount)
        case "orthogonal":
            return _orthogonal(normal(key, count), shape)
    raise ValueError(f"no recipe is called {recipe.recipe!r}")


def _scaled(numbers: Floats, factor: float) -> Floats:
    numbers *= np.float32(factor)
    return numbers


def _within(numbers: Floats, limit: float) -> Floats:
    """From [0, 1) to [-limit, limit)."""
    numbers *= np.float32(2.0)
    numbers -= np.float32(1.0)
    return _scaled(numbers, limit)


def _orthogonal(numbers: Floats, shape: tuple[int, ...]) -> Floats:
    """Rows (one a filter) that are orthonormal, or columns where there are more rows than columns."""
    matrix = numbers.astype(np.float64).reshape(shape[0], -1) if shape else numbers.astype(np.float64).reshape(1, 1)
    wide = matrix.shape[0] < matrix.shape[1]
    q, r = np.linalg.qr(matrix.T if wide else matrix)
    # The signs make the factorization unique, and with it the draw uniform over rotations.
    q *= np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return np.ascontiguousarray(q.T if wide else q, dtype=np.float32)


def dropout_key(seed: int, stream: int) -> Key:
    """The key of a dropout layer's masks."""
    return key(seed, f"dropout {stream}")


def threshold(rate: float) -> int:
    """A word below this is dropped: rate * 2**32, rounded, within uint32."""
    return min(round(rate * 2.0**32), WORD)


def kept(key: Key, step: int, rate: float, out: NDArray[np.bool_], first: int = 0) -> None:
    """Writes a dropout mask (see above) into a contiguous array: True where an element stays.

    The array is the part of the mask that begins at element `first`, an even number.
    """
    flat, limit = out.reshape(-1), np.uint32(threshold(rate))
    words = np.empty(min(flat.size, BLOCK), np.uint32)
    for part in _parts(flat):
        used = words[: flat[part].size]
        _blocks(key, (first + part.start) // 2, step, used)
        np.greater_equal(used, limit, out=flat[part])


def noise_key(seed: int, stream: int) -> Key:
    """The key of a noise layer's numbers."""
    return key(seed, f"noise {stream}")


def noise(key: Key, step: int, out: NDArray[Any], first: int = 0) -> None:
    """Writes standard normals (see above) into a contiguous array of floats, each rounded once to its type.

    The array is the part of the numbers that begins at element `first`, an even number.
    """
    flat = out.reshape(-1)
    words = np.empty(min(flat.size + flat.size % 2, BLOCK), np.uint32)
    for part in _parts(flat):
        target = flat[part]
        used = words[: target.size + target.size % 2]
        _blocks(key, (first + part.start) // 2, step, used)
        used >>= np.uint32(8)
        radius = np.sqrt(-2.0 * np.log((used[0::2] + 1.0) * 2.0**-24))
        angle = used[1::2] * (2.0 * np.pi * 2.0**-24)
        target[0::2] = radius * np.cos(angle)
        target[1::2] = (radius * np.sin(angle))[: target.size // 2]


def _parts(flat: NDArray[Any]) -> Iterator[slice]:
    return (slice(start, min(start + BLOCK, flat.size)) for start in range(0, flat.size, BLOCK))
