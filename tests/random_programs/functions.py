"""The layers that are a function of each value, or only move values: batch first, channels last."""

from __future__ import annotations

from itertools import product
from math import erf, prod
from typing import Any

import numpy as np

from tests.random_programs.cells import margins, per_axis
from tests.random_programs.unfit import Unfit, need

Args = dict[str, Any]


def _elu(x: Any, alpha: float, width: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0) / width) - 1))


def _gelu(x: Any, approximate: bool) -> Any:
    if approximate:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return x * (1 + np.vectorize(erf, otypes=[float])(x / np.sqrt(2))) / 2


def _softmax(x: Any) -> Any:
    power = np.exp(x - x.max(-1, keepdims=True))
    return power / power.sum(-1, keepdims=True)


SAME = {
    "relu": lambda x, a: np.maximum(x, 0),
    "relu6": lambda x, a: np.clip(x, 0, 6),
    "leaky_relu": lambda x, a: np.where(x > 0, x, a.get("slope", 0.01) * x),
    "elu": lambda x, a: _elu(x, a.get("alpha", 1)),
    "selu": lambda x, a: 1.0507009873554805 * _elu(x, 1.6732632423543772),
    "celu": lambda x, a: _elu(x, a.get("alpha", 1), a.get("alpha", 1)),
    "gelu": lambda x, a: _gelu(x, a.get("approximate", False)),
    "silu": lambda x, a: x / (1 + np.exp(-x)),
    "mish": lambda x, a: x * np.tanh(np.logaddexp(0, x)),
    "softplus": lambda x, a: np.logaddexp(0, x),
    "sigmoid": lambda x, a: 1 / (1 + np.exp(-x)),
    "hardsigmoid": lambda x, a: np.clip(x + 3, 0, 6) / 6,
    "hardswish": lambda x, a: x * np.clip(x + 3, 0, 6) / 6,
    "tanh": lambda x, a: np.tanh(x),
    "lecun_tanh": lambda x, a: 1.7159 * np.tanh(2 * x / 3),
    "softmax": lambda x, a: _softmax(x),
    "log_softmax": lambda x, a: np.log(_softmax(x)),
    "dropout": lambda x, a: x,
    "spatial_dropout": lambda x, a: x,
    "drop_path": lambda x, a: x,
    "noise": lambda x, a: x,
    "id": lambda x, a: x,
}


def maxout(x: Any, args: Args) -> Any:
    pieces = args.get("pieces", 2)
    need(x.shape[-1] % pieces == 0, "pieces divide the channels")
    return x.reshape(*x.shape[:-1], -1, pieces).max(-1)


def reshape(x: Any, args: Args) -> Any:
    size, total = args["size"], prod(x.shape[1:])
    fixed = prod(extent for extent in size if extent is not None)
    need(size.count(None) <= 1 and (total % fixed == 0 if None in size else total == fixed), "as many values")
    return x.reshape(len(x), *(total // fixed if extent is None else extent for extent in size))


def permute(x: Any, args: Args) -> Any:
    need(len(args["order"]) == x.ndim - 1, "as many axes")
    return x.transpose(0, *(axis + 1 for axis in args["order"]))


def pad(x: Any, args: Args) -> Any:
    width = [(0, 0), *margins(args["amount"], x.ndim - 2), (0, 0)]
    value = args.get("value", 0)
    if value == "reflect":
        need(all(max(pair) < w for pair, w in zip(width[1:-1], x.shape[1:-1])), "too much to mirror")
    if isinstance(value, str):
        return np.pad(x, width, mode=value)
    return np.pad(x, width, constant_values=value)


def crop(x: Any, args: Args) -> Any:
    if args.get("to") is not None:
        to = args["to"][:-1]
        need(len(to) == x.ndim - 2 and all(w <= have for w, have in zip(to, x.shape[1:-1])), "smaller")
        around = [((have - w) // 2, have - w - (have - w) // 2) for w, have in zip(to, x.shape[1:-1])]
    else:
        around = list(margins(args["amount"], x.ndim - 2))
    need(all(low + high < have for (low, high), have in zip(around, x.shape[1:-1])), "nothing is left")
    return x[(slice(None), *(slice(low, have - high) for (low, high), have in zip(around, x.shape[1:-1])))]


def upsample(x: Any, args: Args) -> Any:
    spatial = x.shape[1:-1]
    if args.get("to") is not None:
        to = args["to"][:-1]
        need(len(to) == len(spatial) and all(w >= have for w, have in zip(to, spatial)), "larger")
    else:
        to = tuple(have * factor for have, factor in zip(spatial, per_axis(args["factor"], len(spatial))))
    for axis, (have, want) in enumerate(zip(spatial, to), 1):
        if args.get("mode", "nearest") == "nearest":
            x = np.take(x, [i * have // want for i in range(want)], axis)
        else:
            middle = np.clip([(i + 0.5) * have / want - 0.5 for i in range(want)], 0, have - 1)
            low = np.floor(middle).astype(int)
            part = (middle - low).reshape([-1 if place == axis else 1 for place in range(x.ndim)])
            x = np.take(x, low, axis) * (1 - part) + np.take(x, np.minimum(low + 1, have - 1), axis) * part
    return x


def channel_slice(x: Any, args: Args) -> Any:
    need(args["start"] < args["stop"] <= x.shape[-1], "within the channels")
    return x[..., args["start"] : args["stop"]]


def channel_shuffle(x: Any, args: Args) -> Any:
    groups, part = args["groups"], x.shape[-1] // args["groups"]
    need(x.shape[-1] % groups == 0, "groups divide the channels")
    y = np.empty_like(x)
    for c, g in product(range(part), range(groups)):
        y[..., c * groups + g] = x[..., g * part + c]
    return y


def pixel_shuffle(x: Any, args: Args) -> Any:
    r, rank = args["factor"], x.ndim - 2
    need(x.shape[-1] % r**rank == 0, "the factor divides the channels")
    y = np.empty((len(x), *(extent * r for extent in x.shape[1:-1]), x.shape[-1] // r**rank))
    for number, inner in enumerate(product(range(r), repeat=rank)):
        y[(slice(None), *(slice(i, None, r) for i in inner))] = x[..., number :: r**rank]
    return y


def space_to_depth(x: Any, args: Args) -> Any:
    r, rank = args["factor"], x.ndim - 2
    need(all(extent % r == 0 for extent in x.shape[1:-1]), "the factor divides the extents")
    y = np.empty((len(x), *(extent // r for extent in x.shape[1:-1]), x.shape[-1] * r**rank))
    for number, inner in enumerate(product(range(r), repeat=rank)):
        y[..., number :: r**rank] = x[(slice(None), *(slice(i, None, r) for i in inner))]
    return y


MOVED = {
    "maxout": maxout,
    "flatten": lambda x, a: x.reshape(len(x), -1),
    "reshape": reshape,
    "permute": permute,
    "pad": pad,
    "crop": crop,
    "upsample": upsample,
    "slice": channel_slice,
    "channel_shuffle": channel_shuffle,
    "pixel_shuffle": pixel_shuffle,
    "space_to_depth": space_to_depth,
    "global_avgpool": lambda x, a: x.mean(tuple(range(1, x.ndim - 1)), keepdims=True),
    "global_maxpool": lambda x, a: x.max(tuple(range(1, x.ndim - 1)), keepdims=True),
}


def join(kind: str, xs: list[Any]) -> Any:
    """Branches with the same extents; elementwise ones repeat a branch that is 1x1xC or HxWx1."""
    need(len(xs) > 1 and len({x.ndim for x in xs}) == 1, "branches of the same rank")
    if kind == "concat":
        need(len({x.shape[:-1] for x in xs}) == 1, "the same places")
        return np.concatenate(xs, -1)
    for part in ([x.shape[1:-1] for x in xs], [x.shape[-1:] for x in xs]):
        need(len({extents for extents in part if any(extent != 1 for extent in extents)}) <= 1, "extents agree")
    xs = list(np.broadcast_arrays(*xs))
    total = xs[0]
    for x in xs[1:]:
        match kind:
            case "add" | "average":
                total = total + x
            case "mul":
                total = total * x
            case "sub":
                total = total - x
            case "maximum":
                total = np.maximum(total, x)
            case _:
                raise Unfit(kind)
    return total / len(xs) if kind == "average" else total
