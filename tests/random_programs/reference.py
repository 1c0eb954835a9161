"""What every layer is: its arrays, its multiply-accumulates and its output, from the definitions alone."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import numpy as np

from tests.random_programs import arithmetic, functions
from tests.random_programs.cells import axes, per_axis
from tests.random_programs.unfit import need

Shape = tuple[int, ...]
#: name -> shape and what it is: learned, statistic or constant
Arrays = dict[str, tuple[Shape, str]]
JOINS = ("add", "mul", "sub", "maximum", "average", "concat")
POOLS = ("maxpool", "avgpool", "minpool", "medianpool", "modepool", "lppool")
SPATIAL_ONLY = ("instancenorm", "spatial_dropout", "pad", "crop", "upsample", "pixel_shuffle", "space_to_depth")
#: the least that arguments which count may be
COUNTS = dict.fromkeys(("filters", "units", "kernel", "stride", "dilation", "groups", "pieces", "factor", "stop"), 1)
COUNTS |= {"size": 1, "pad": 0, "amount": 0, "output_pad": 0, "start": 0}


def _flat(value: Any) -> list[int]:
    if isinstance(value, tuple):
        return [number for item in value for number in _flat(item)]
    return [value] if isinstance(value, int) else []


def counted(args: dict[str, Any]) -> dict[str, Any]:
    """The arguments with whole numbers where they count; Unfit where a decimal is not whole."""
    return {name: _whole(value) if name in COUNTS else value for name, value in args.items()}


def _whole(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_whole, value))
    need(not isinstance(value, float) or value.is_integer(), "a whole count")
    return int(value) if isinstance(value, float) else value


def forward(kind: str, args: dict[str, Any], xs: list[Any], arrays: dict[str, Any]) -> Any:
    """The output of a layer in inference mode, (N, *shape); Unfit where the layer cannot take its input."""
    if kind in JOINS:
        return functions.join(kind, xs)
    (x,) = xs
    if kind in functions.SAME:
        return functions.SAME[kind](x, args)
    if kind in functions.MOVED:
        return functions.MOVED[kind](x, args)
    if kind in ("conv", "local", "deconv", "fc", "rbf"):
        return getattr(arithmetic, kind)(args, x, arrays)
    if kind in POOLS:
        return arithmetic.pool(kind, args, x)
    if kind.startswith("adaptive"):
        return arithmetic.adaptive(kind, args, x)
    if kind == "lrn":
        return arithmetic.lrn(args, x)
    if kind == "prelu":
        return np.where(x > 0, x, arrays["weight"] * x)
    if kind == "scale":
        return x * arrays["weight"] + arrays.get("bias", 0.0)
    if kind == "normalize":
        return (x - np.asarray(args["mean"])) / np.asarray(args["std"])
    return arithmetic.norm(kind, args, x, arrays)


def arrays(kind: str, args: dict[str, Any], shape: Shape, thawed: bool = False) -> Arrays:
    """The arrays that a layer keeps for an input of a shape; Unfit where the arguments do not go with it."""
    for name, value in args.items():
        if name in COUNTS:
            need(all(number >= COUNTS[name] for number in _flat(value)), "counts")
    *spatial, channels = shape
    need(bool(spatial) or not (kind in SPATIAL_ONLY or "pool" in kind or kind in ("conv", "local", "deconv")), "axes")
    given = args.get("weights") is not None
    if given and kind == "conv":
        way, *rest = args["weights"]
        need(len(spatial) == 2 or way in ("table", "gaussian"), "filters for images")
        need(way != "table" or len(rest[0]) == 3 ** len(spatial), "a table of the kernel's size")
    role = "constant" if given and not thawed else "learned"
    found: Arrays = {}
    if kind == "conv":
        filters, groups, connect = args["filters"], args.get("groups", 1), args.get("connect")
        need(channels % groups == 0 and filters % groups == 0, "groups divide")
        kernel = per_axis(args["kernel"], len(spatial))
        if connect is not None:
            need(groups == 1 and len(connect) == filters, "a row for each filter")
            need(max(map(max, connect)) < channels, "channels that are there")
            found["weight"] = (sum(map(len, connect)), *kernel), role
        else:
            found["weight"] = (filters, *kernel, channels // groups), role
        _bias(found, args.get("bias", not given), (filters,))
    elif kind == "deconv":
        filters, groups = args["filters"], args.get("groups", 1)
        need(channels % groups == 0 and filters % groups == 0, "groups divide")
        arithmetic.deconv_axes(args, tuple(spatial))
        found["weight"] = (filters, *per_axis(args["kernel"], len(spatial)), channels // groups), role
        _bias(found, args.get("bias", True), (filters,))
    elif kind == "local":
        windows = axes(args, tuple(spatial))
        units = (*(len(window.starts) for window in windows), args["filters"])
        found["weight"] = (*units, *(len(window.offsets) for window in windows), channels), role
        _bias(found, args.get("bias", True), units)
    elif kind == "fc":
        found["weight"] = (args["units"], prod(shape)), role
        _bias(found, args.get("bias", True), (args["units"],))
    elif kind == "rbf":
        inputs = prod(shape)
        if args.get("kernel") is not None:
            need(bool(spatial), "axes to slide over")
            inputs = channels * prod(len(window.offsets) for window in axes(args, tuple(spatial)))
        else:
            need("stride" not in args and "pad" not in args, "nothing slides")
        need(not given or len(args["weights"][1]) == args["units"] * inputs, "a row for each unit")
        found["weight"] = (args["units"], inputs), role
    elif kind in ("batchnorm", "layernorm", "instancenorm", "groupnorm"):
        need(channels % args.get("groups", 1) == 0, "groups divide")
        if args.get("affine", True):
            found = {"weight": ((channels,), "learned"), "bias": ((channels,), "learned")}
        if kind == "batchnorm":
            found |= dict.fromkeys(("running_mean", "running_var"), ((channels,), "statistic"))
    elif kind == "scale":
        found["weight"] = (channels,), "learned"
        _bias(found, args.get("bias", True), (channels,))
    elif kind == "prelu":
        found["weight"] = (channels,), "learned"
    elif kind == "normalize":
        for value in (args["mean"], args["std"]):
            need(not isinstance(value, tuple) or len(value) in (1, channels), "one for each channel")
            need(not isinstance(value, tuple) or len(value) == channels, "one for each channel")
        role = "learned" if thawed else "constant"
        found = {"weight": ((channels,), role), "bias": ((channels,), role)}
    return found


def _bias(found: Arrays, bias: Any, shape: Shape) -> None:
    if bias is not False:
        found["bias"] = shape, "learned"


def output(kind: str, args: dict[str, Any], shapes: list[Shape], kept: Arrays) -> Shape:
    """The shape that comes out, by computing it on an example of zeros."""
    key = repr((kind, args, shapes, kept))
    if key not in _SHAPES:
        _SHAPES[key] = _output(kind, args, shapes, kept)
    return _SHAPES[key]


#: what was computed before: a writer tries the same layer many times
_SHAPES: dict[str, Shape] = {}


def _output(kind: str, args: dict[str, Any], shapes: list[Shape], kept: Arrays) -> Shape:
    if kind == "deconv":
        return (*(item[-1] for item in arithmetic.deconv_axes(args, shapes[0][:-1])), args["filters"])
    zeros = {name: np.zeros(shape) for name, (shape, _) in kept.items()}
    with np.errstate(all="ignore"):
        return tuple(forward(kind, args, [np.zeros((1, *shape)) for shape in shapes], zeros).shape[1:])


def macs(kind: str, args: dict[str, Any], shape: Shape) -> int:
    """Multiply-accumulates, counted by loops over places, filters and what each of them reads."""
    if not shape:
        return 0
    *spatial, channels = shape
    if kind in ("conv", "local") or (kind == "rbf" and args.get("kernel") is not None):
        windows = axes(args, tuple(spatial))
        rows = [range(channels // args.get("groups", 1))] * (args.get("filters") or args["units"])
        rows = args.get("connect") or rows
        taps = sum(1 for _ in product(*(window.offsets for window in windows)))
        places = sum(1 for _ in product(*(window.starts for window in windows)))
        return sum(taps * len(row) for row in rows) * places
    if kind == "deconv":
        taps = sum(1 for _ in product(*(range(k) for k in per_axis(args["kernel"], len(spatial)))))
        return sum(taps * args["filters"] * (channels // args.get("groups", 1)) for _ in np.ndindex(*spatial))
    if kind in ("fc", "rbf"):
        return sum(args["units"] for _ in np.ndindex(*shape))
    return 0
