"""What who knows Keras, PyTorch or Python writes, and what is written here instead."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from cnndsl import syntax
from cnndsl.diagnostic import Edit, Fix
from cnndsl.elaborate.modules import ZOO
from cnndsl.errors.names import UnknownName
from cnndsl.suggest import closest

MODULES = frozenset(("nn", "torch", "tf", "keras", "layers", "functional", "f", "mx", "np", "numpy", "jax", "flax"))
"""Names, in lower case, behind which other tools keep their layers: `nn.ReLU`."""

_SEQUENCE = "layers follow each other with `->` or line by line; a part with a name is a `block`"
_DEPTHWISE = "one filter for each channel is `conv(in.channels, 3, groups=in.channels)`; a 1x1 `conv` mixes them"
_NO_STATE = "there are no recurrent and no attention layers; `cnnc explain` lists every layer"
_TRAINING = "a file says what a net is; how it is trained is said to `cnnc train`: `--loss`, `--optimizer`, `--epochs`"

_NAMES = {
    **dict.fromkeys(("sequential", "modulelist", "model", "functional"), _SEQUENCE),
    **dict.fromkeys(("depthwiseconv2d", "depthwiseconv1d", "depthwiseconv", "depthwise"), _DEPTHWISE),
    **dict.fromkeys(("separableconv2d", "separableconv1d", "separableconv"), _DEPTHWISE),
    **dict.fromkeys(("lstm", "gru", "rnn", "simplernn", "embedding", "attention", "multiheadattention"), _NO_STATE),
    **dict.fromkeys(("loss", "optimizer", "compile", "fit", "epochs", "train", "criterion"), _TRAINING),
    **dict.fromkeys(("inputlayer", "inputs"), "a net begins with `input 28x28x1` (height x width x channels)"),
    **dict.fromkeys(("activation", "nonlinearity"), "write the activation itself: `relu`"),
    **dict.fromkeys(("self", "this"), "labels and parameters need nothing before them"),
    "range": "write `0..n` for 0, 1, … n - 1",
    "enumerate": "count with `for i in 0..len(list) { … }`",
    "zip": "write the pairs out: `for (k, n) in [(64, 2), (128, 2)] { … }`",
    "print": "nothing is printed; `cnnc summary` shows every layer, and `assert` holds what must be true",
}
"""What to do about a name that is known elsewhere and has no counterpart that could be put in its place."""

_LEAVE_CHANNELS = "leave it out: a layer knows the volume that it is given"
_LEAVE_DEVICE = "leave it out: where and how a net runs is said when it is compiled"
_LEAVE_AXIS = "leave it out: channels are the last axis, and the one that is meant"

_ARGUMENTS = {
    **dict.fromkeys(
        ("inchannels", "infeatures", "inputdim", "inputdims", "numfeatures", "inputshape"), _LEAVE_CHANNELS
    ),
    **dict.fromkeys(("batchinputshape", "batchsize"), _LEAVE_CHANNELS),
    **dict.fromkeys(("inplace", "device", "dtype"), _LEAVE_DEVICE),
    **dict.fromkeys(("axis", "dim", "dataformat", "channelaxis"), _LEAVE_AXIS),
    "name": "a name stands before the layer: `c1: conv(…)`",
    "paddingmode": "a layer of its own pads with other values: `pad(1, reflect)` before this one",
    "trainable": "`freeze=true` keeps its parameters as they are",
    "requiresgrad": "`freeze=true` keeps its parameters as they are",
    "biasinitializer": "`bias=0.1` is the number that biases start from",
    "depthmultiplier": "give the filters themselves: `conv(2 * in.channels, 3, groups=in.channels)`",
}
"""What to do about an argument of a layer elsewhere that none here is like."""

COMMON = {
    **dict.fromkeys(("kernel_initializer", "initializer", "weight_init", "weights_initializer"), "init"),
    **dict.fromkeys(("kernel_regularizer", "weight_decay"), "l2"),
    **dict.fromkeys(("frozen", "freezed"), "freeze"),
}
"""The arguments that every layer or block takes, by the names that other tools have for them."""

_STARTS = {
    **dict.fromkeys(("xavier", "glorotuniform", "glorotnormal", "xavieruniform", "xaviernormal"), "glorot"),
    **dict.fromkeys(("kaiming", "henormal", "heuniform", "kaimingnormal", "kaiminguniform", "msra"), "he"),
    **dict.fromkeys(("lecunnormal", "lecununiform"), "lecun"),
    **dict.fromkeys(("zero", "zerosinit"), "zeros"),
    **dict.fromkeys(("one", "onesinit"), "ones"),
    **dict.fromkeys(("randomnormal", "truncatednormal", "gaussian"), "normal(0.02)"),
    **dict.fromkeys(("randomuniform",), "uniform(0.05)"),
}
"""Initializers by the names that other tools have for them."""

CHANNELS_FIRST = {
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"), 3),
    "Linear": 2,
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm2d"), 1),
}
"""PyTorch's layers whose first argument are the channels that come in, and how many arguments a call has that
gives them."""

COUNTED = frozenset(("out_channels", "out_features", "kernel_size", "filters", "units", "kernel"))
"""The names, theirs and ours, of arguments that count as given by place for `CHANNELS_FIRST`."""


class Shipped(NamedTuple):
    """A net of the zoo and its file there."""

    name: str
    file: str


@cache
def shipped() -> dict[str, Shipped]:
    """The nets of the zoo by their names in lower case: looked for when a program has a name that means nothing."""
    found: dict[str, Shipped] = {}
    for file in sorted(name for name in os.listdir(ZOO) if name.endswith(".cnn")):
        with open(os.path.join(ZOO, file), encoding="utf-8") as text:
            for name in re.findall(r"^net (\w+)", text.read(), re.MULTILINE):
                found.setdefault(name.lower(), Shipped(name, f"zoo/{file}"))
    return found


def of_name(name: str) -> str:
    """What to do about a name that is known elsewhere; nothing if it is not."""
    plain = _plain(name)
    return _NAMES.get(plain) or _NAMES.get(plain.removesuffix("2d"), "")


def of_argument(name: str, callee: str, value: str) -> str:
    """The same for the name of a layer's argument, with the text of its value."""
    if _plain(name) in ("activation", "nonlinearity", "act"):
        word = value.strip('"').lower()
        return f"write the activation behind the layer: `{callee}(…) -> {word if word.isidentifier() else '…'}`"
    return _ARGUMENTS.get(_plain(name), "")


def without_channels(problem: UnknownName, call: syntax.Call) -> UnknownName:
    """PyTorch's name of a layer, in a call that gives the channels that come in: the repair leaves them out."""
    given = [argument for argument in call.arguments if argument.name is None]
    counted = len(given) + sum(item.name is not None and item.name.text in COUNTED for item in call.arguments)
    if not given or problem.where.span is None or counted < CHANNELS_FIRST.get(problem.name, counted + 1):
        return problem
    first = call.arguments[0].span
    end = call.arguments[1].span.start if len(call.arguments) > 1 else first.end
    edits = Edit(problem.where.span, str(problem.suggestion)), Edit(first.replace(end=end), "")
    repair = Fix(f"write `{problem.suggestion}` without the channels that come in, which are known", edits)
    return problem.replace(repair=repair)


def option(problem: UnknownName, words: Sequence[str], starting: bool) -> UnknownName:
    """An unknown name where option words can stand, or with `starting` initializers: a slip in one of them."""
    meant = (start(problem.name) if starting else None) or closest(problem.name, words) or problem.suggestion
    return problem.replace(what="value or option", suggestion=meant, known=tuple(words), advice="", repair=None)


def start(name: str) -> str | None:
    """The initializer that is meant by a name of another tool."""
    return _STARTS.get(_plain(name))


def _plain(name: str) -> str:
    return name.lower().replace("_", "")
