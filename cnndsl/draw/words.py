"""The words on a diagram: calls as the language writes them, titles, sums, and facts for tooltips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cnndsl.analysis.cost import LayerCost, Number, total
from cnndsl.graph import Scope
from cnndsl.layers.base import Layer

#: a line that is longer is broken behind a comma
WIDTH = 28
#: the same for the smaller lines of sums, in boxes and at volumes
SUMS, NARROW = 36, 20
#: a call that is longer than this (it holds a table) is cut
LONGEST = 90
#: a layer that only follows another is written with its arguments up to this length
SHORT = 16
#: steps of a thousand for numbers that are rounded
UNITS = ("", " k", " M", " G", " T", " P", " E")


def call(layer: Layer) -> tuple[str, ...]:
    """A layer's call as it is written, in lines of about WIDTH: `conv(64, 7, stride=2, pad=3)`."""
    written = layer.written()
    return broken(written[: LONGEST - 2] + "…)" if len(written) > LONGEST else written)


def followers(layers: Iterable[Layer]) -> tuple[str, ...]:
    """Those that are written into another's box: `batchnorm, relu`."""
    names = [written if len(written := layer.written()) <= SHORT else layer.kind for layer in layers]
    return broken(", ".join(names)) if names else ()


def broken(text: str, width: int = WIDTH) -> tuple[str, ...]:
    """A text in lines of about a width, broken behind commas."""
    lines: list[str] = []
    for piece in text.replace(", ", ",\n").splitlines():
        if lines and len(lines[-1]) + len(piece) < width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return tuple(lines)


def scope_title(scope: Scope) -> tuple[str, str]:
    """The title of a scope's frame, and the label that the user gave it, if any.

    A label and what it labels, `inception3a: inception(64, 96)`; the call alone, `basic(64)`, where
    the path is only the call's ordinal.
    """
    own = scope.path.rpartition(".")[2]
    called = scope_call(scope)
    if scope.kind == "label":
        return own, own
    ordinal = own.removeprefix(scope.name).isdigit()
    return (called, "") if ordinal else (f"{own}: {called}", own)


def scope_call(scope: Scope) -> str:
    """How a block or net was called: `basic(64)`."""
    written = f"{scope.name}({scope.arguments})" if scope.arguments else scope.name
    return written if len(written) <= LONGEST else written[: LONGEST - 2] + "…)"


def holds(words: Iterable[tuple[str, int]]) -> str:
    """What is in a box that is not opened, by names and numbers: `3 conv, add`."""
    counts: Counter[str] = Counter()
    for word, times in words:
        counts[word] += times
    return ", ".join(f"{count:,} {word}" if count > 1 else word for word, count in counts.items())


def amount(number: Number) -> str:
    """A count in few characters: exact below 100,000, three digits and a unit above; `?` for an open one."""
    if number is None:
        return "?"
    if number < 100_000:
        return f"{number:,}"
    step = min((len(str(number)) - 1) // 3, len(UNITS) - 1)
    digits = max(0, 2 - (len(str(number)) - 1 - 3 * step))
    scaled = (number * 10**digits * 2 + 1000**step) // (2 * 1000**step)
    if scaled >= 1000 * 10**digits and digits == 0 and step < len(UNITS) - 1:
        return amount(1000 ** (step + 1))
    whole, rest = divmod(scaled, 10**digits)
    return (f"{whole:,}.{rest:0{digits}}" if digits else f"{whole:,}") + UNITS[step]


def facts(layers: Sequence[LayerCost]) -> str:
    """What the tooltip of a box of layers says: paths, calls, volumes, sums, a line each."""
    first, last = layers[0], layers[-1]
    several = len(layers) > 1
    told = [f"{layer.path}: {layer.layer.written()}" if several else layer.path for layer in layers]
    told.append(f"{', '.join(map(str, first.feeds))} -> {last.output}" if first.feeds else str(last.output))
    told += [layer.remark for layer in layers if layer.remark]
    told += [f"parameters of {owner}" for owner in dict.fromkeys(x.owner for x in layers if x.owner != x.path)]
    return "\n".join([*told, *counted(layers), *(["frozen"] * all(layer.frozen for layer in layers))])


def counted(layers: Sequence[LayerCost]) -> list[str]:
    """The exact sums of some layers, a line each, without those that are 0."""
    counts = (
        (total(layer.params for layer in layers), "parameters"),
        (total(layer.statistics for layer in layers), "running statistics"),
        (total(layer.constants for layer in layers), "given numbers"),
        (total(layer.macs for layer in layers), "multiply-accumulates"),
    )
    return [f"{count:,} {what}" for count, what in counts if count]
