"""The layers that learn, pool or normalize, written down as slowly as their definitions: batch first, channels last."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import numpy as np

from tests.random_programs.cells import axes, covered, gather, margins, per_axis
from tests.random_programs.unfit import need

Args = dict[str, Any]
Arrays = dict[str, Any]


def flat_patches(args: Args, x: Any) -> Any:
    """(N, *positions, taps, C)."""
    windows = axes(args, x.shape[1:-1])
    seen = gather(x, windows, 0.0)
    rank = len(windows)
    return seen.reshape(*seen.shape[: 1 + rank], -1, x.shape[-1])


def conv(args: Args, x: Any, arrays: Arrays) -> Any:
    seen, weight = flat_patches(args, x), arrays["weight"]
    filters = args["filters"]
    if args.get("connect") is not None:
        pairs = [(number, channel) for number, row in enumerate(args["connect"]) for channel in row]
        y = np.zeros((*seen.shape[:-2], filters))
        for place, (number, channel) in enumerate(pairs):
            y[..., number] += seen[..., channel] @ weight[place].reshape(-1)
    else:
        groups = args.get("groups", 1)
        channels, each = x.shape[-1] // groups, filters // groups
        weight = weight.reshape(filters, -1, channels)
        parts = [
            np.einsum(
                "...fc,kfc->...k", seen[..., g * channels : (g + 1) * channels], weight[g * each : (g + 1) * each]
            )
            for g in range(groups)
        ]
        y = np.concatenate(parts, -1)
    return y + arrays.get("bias", 0.0)


def local(args: Args, x: Any, arrays: Arrays) -> Any:
    seen = flat_patches(args, x)
    weight = arrays["weight"].reshape(*seen.shape[1:-2], args["filters"], *seen.shape[-2:])
    return np.einsum("n...fc,...kfc->n...k", seen, weight) + arrays.get("bias", 0.0)


def deconv_axes(args: Args, spatial: tuple[int, ...]) -> list[tuple[int, int, int, int, int]]:
    """Kernel, stride, dilation, low padding and output extent on each axis."""
    rank = len(spatial)
    stride, dilation = per_axis(args.get("stride", 1), rank), per_axis(args.get("dilation", 1), rank)
    extra, kernel = per_axis(args.get("output_pad", 0), rank), per_axis(args["kernel"], rank)
    pad = args.get("pad", 0)
    found = []
    for axis in range(rank):
        need(extra[axis] < max(stride[axis], dilation[axis]), "output_pad is too large")
        reach = dilation[axis] * (kernel[axis] - 1) + 1
        painted = (spatial[axis] - 1) * stride[axis] + reach
        if pad == "same":  # the extent times the stride, the odd cell cut off at the end; `output_pad` comes on top
            low, out = max(painted - spatial[axis] * stride[axis], 0) // 2, spatial[axis] * stride[axis]
        else:
            low, high = (0, 0) if pad == "valid" else margins(pad, rank)[axis]
            out = painted - low - high
        need(out + extra[axis] >= 1, "the padding takes all")
        found.append((kernel[axis], stride[axis], dilation[axis], low, out + extra[axis]))
    return found


def deconv(args: Args, x: Any, arrays: Arrays) -> Any:
    found = deconv_axes(args, x.shape[1:-1])
    groups, filters = args.get("groups", 1), args["filters"]
    channels, each = x.shape[-1] // groups, filters // groups
    y = np.zeros((len(x), *(item[-1] for item in found), filters))
    for place in np.ndindex(*x.shape[1:-1]):
        for tap in np.ndindex(*(item[0] for item in found)):
            to = tuple(i * s + f * d - low for i, f, (_, s, d, low, _) in zip(place, tap, found))
            if all(0 <= cell < item[-1] for cell, item in zip(to, found)):
                for g in range(groups):
                    mine = slice(g * each, (g + 1) * each)
                    seen = x[(slice(None), *place, slice(g * channels, (g + 1) * channels))]
                    weight = arrays["weight"][(mine, *tap)]
                    y[(slice(None), *to, mine)] += seen @ weight.T
    return y + arrays.get("bias", 0.0)


def fc(args: Args, x: Any, arrays: Arrays) -> Any:
    return x.reshape(len(x), -1) @ arrays["weight"].T + arrays.get("bias", 0.0)


def rbf(args: Args, x: Any, arrays: Arrays) -> Any:
    rows = x.reshape(len(x), -1)
    if args.get("kernel") is not None:
        seen = flat_patches(args, x)
        rows = seen.reshape(*seen.shape[:-2], -1)
    squares = ((rows[..., None, :] - arrays["weight"]) ** 2).sum(-1)
    return squares if args.get("beta") is None else np.exp(-args["beta"] * squares)


def mode(values: Any) -> float:
    counts = Counter(float(value) for value in values if not np.isnan(value))
    most = max(counts.values())
    return min(value for value, count in counts.items() if count == most)


def pool(kind: str, args: Args, x: Any) -> Any:
    windows = axes(args, x.shape[1:-1], pooled=True)
    covered(windows)
    rank = len(windows)
    taps = tuple(range(1 + rank, 1 + 2 * rank))
    if kind == "maxpool":
        return gather(x, windows, -np.inf).max(taps)
    if kind == "minpool":
        return gather(x, windows, np.inf).min(taps)
    if kind == "medianpool":
        return np.nanmedian(gather(x, windows, np.nan), taps)
    if kind == "modepool":
        seen = np.moveaxis(gather(x, windows, np.nan), -1, 1 + rank)
        return np.apply_along_axis(mode, -1, seen.reshape(*seen.shape[: 2 + rank], -1))
    if kind == "lppool":
        return (np.abs(gather(x, windows, 0.0)) ** args["p"]).sum(taps) ** (1 / args["p"])
    counts = np.ones_like(x)
    if args.get("count_pad"):
        width = [(0, 0), *((window.low, window.high) for window in windows), (0, 0)]
        counts = np.pad(counts, width, constant_values=1.0)
        for window in windows:  # the counted zeros are cells of a larger input
            window.starts = [start + window.low for start in window.starts]
            window.extent += window.low + window.high
        x = np.pad(x, width)
    return gather(x, windows, 0.0).sum(taps) / gather(counts, windows, 0.0).sum(taps)


def adaptive(kind: str, args: Args, x: Any) -> Any:
    size = per_axis(args["size"], x.ndim - 2)
    y = np.zeros((len(x), *size, x.shape[-1]))
    for place in np.ndindex(*size):
        cells = tuple(slice(i * w // n, -(-(i + 1) * w // n)) for i, n, w in zip(place, size, x.shape[1:-1]))
        seen = x[(slice(None), *cells)].reshape(len(x), -1, x.shape[-1])
        y[(slice(None), *place)] = seen.max(1) if kind.endswith("maxpool") else seen.mean(1)
    return y


def standardized(x: Any, over: tuple[int, ...], eps: float) -> Any:
    return (x - x.mean(over, keepdims=True)) / np.sqrt(x.var(over, keepdims=True) + eps)


def norm(kind: str, args: Args, x: Any, arrays: Arrays) -> Any:
    spatial = tuple(range(1, x.ndim - 1))
    if kind == "batchnorm":
        y = (x - arrays["running_mean"]) / np.sqrt(arrays["running_var"] + args.get("eps", 1e-5))
    elif kind == "layernorm":
        y = standardized(x, (x.ndim - 1,), args.get("eps", 1e-6))
    elif kind == "instancenorm":
        y = standardized(x, spatial, args.get("eps", 1e-5))
    else:
        parts = x.reshape(*x.shape[:-1], args["groups"], -1)
        y = standardized(parts, (*spatial, x.ndim), args.get("eps", 1e-5)).reshape(x.shape)
    return y * arrays.get("weight", 1.0) + arrays.get("bias", 0.0)


def lrn(args: Args, x: Any) -> Any:
    size, channels = args.get("size", 5), x.shape[-1]
    total = np.zeros_like(x)
    for c, j in product(range(channels), range(channels)):
        if c - size // 2 <= j <= c + (size - 1) // 2:
            total[..., c] += x[..., j] ** 2
    return x / (args.get("k", 2) + args.get("alpha", 1e-4) * total) ** args.get("beta", 0.75)
