"""The expression that turns an array of one shape into what a net wants, for messages."""

from __future__ import annotations

from itertools import permutations
from math import prod

from cnndsl.volume import Volume

Shape = tuple[int, ...]


def remedy(name: str, shape: Shape, wanted: Shape) -> str:
    """What to do so that `shape` (with the examples first) holds examples of the shape `wanted`."""
    example = shape[1:]
    if shape == wanted:
        return f"for a single example add the axis of examples: {name}[None]"
    if wanted[-1] == 1 and shape == wanted[:-1] and len(shape) > 1:
        return f"for a single example add two axes: {name}[None, ..., None]"
    if shape and wanted[-1] == 1 and example == wanted[:-1]:
        return f"add the axis of channels: {name}[..., None]"
    axes = transposition(shape, wanted)
    if axes:
        return f"transpose with {name}.transpose{axes}"
    if example and prod(example) == prod(wanted):
        return f"if its values lie in that order: {name}.reshape(-1, {', '.join(map(str, wanted))})"
    return other_channels(name, example, wanted) or resize(wanted, example)


def transposition(shape: Shape, wanted: Shape) -> Shape | None:
    """The axes for `transpose`, examples kept first and the others in their order as far as possible."""
    if len(shape) != len(wanted) + 1 or len(shape) > 6:
        return None
    fitting = [axes for axes in permutations(range(len(shape))) if tuple(shape[a] for a in axes[1:]) == wanted]
    return min(fitting, key=lambda axes: (axes[0] != 0, disorder(axes[1:-1]), axes), default=None)


def disorder(axes: Shape) -> int:
    """How many pairs stand in the wrong order."""
    return sum(a > b for i, a in enumerate(axes) for b in axes[i + 1 :])


def other_channels(name: str, example: Shape, wanted: Shape) -> str:
    """What to do about grey, coloured and transparent images that differ in channels only."""
    if len(wanted) != 3:
        return ""
    if example == wanted[:-1] and wanted[-1] == 3:
        return f"from grey to three channels: {name}[..., None].repeat(3, axis=-1)"
    if len(example) != 3 or example[:-1] != wanted[:-1]:
        return ""
    found, channels = example[-1], wanted[-1]
    if (found, channels) == (1, 3):
        return f"from grey to three channels: {name}.repeat(3, axis=-1)"
    if (found, channels) == (3, 1):
        return f"from colour to grey: {name}.mean(axis=-1, keepdims=True)"
    if (found, channels) == (4, 3):
        return f"without the channel of transparency: {name}[..., :3]"
    return ""


def resize(wanted: Shape, example: Shape) -> str:
    """Nothing but new data or a new net will do."""
    declared = f", or declare `input {Volume(example)}` in the net" if example else ""
    return f"bring each example to {Volume(wanted)}{declared}"
