"""Calls with a value that an argument cannot take, generated from the declarations of every layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnndsl.layers import kinds, named_values
from cnndsl.layers.arguments import BadValue, show_value
from cnndsl.layers.base import Layer
from cnndsl.layers.called import Called
from cnndsl.volume import Volume

#: values of another kind as they are written: as an argument is given them, and as a message calls them
OTHER_KINDS: dict[str, tuple[Any, str]] = {
    '"nonsense"': ("nonsense", 'the string "nonsense"'),
    "relu": (object(), "the layer `relu`"),
    "true": (True, "`true`"),
    "none": (None, "`none`"),
    "image": (Volume((8, 7, 4)), "the volume image"),
    "3x?": ((3, None), "the size 3x?"),
    "(1, 2, 3, 4, 5)": ((1, 2, 3, 4, 5), "the list (1, 2, 3, 4, 5)"),
    "((1, 2), 3)": (((1, 2), 3), "the list ((1, 2), 3)"),
    "[[1], [2, 3]]": (((1,), (2, 3)), "the list ((1,), (2, 3))"),
}
#: numbers that are too small, too large, or not whole
NUMBERS: dict[str, tuple[Any, str]] = {
    "-1": (-1, "the number -1"),
    "0": (0, "the number 0"),
    "2.5": (2.5, "the number 2.5"),
    "2 ** 32": (2**32, "the number 4294967296"),
    "1e300": (1e300, "the number 1e+300"),
    "-1e300": (-1e300, "the number -1e+300"),
}
VALUES = {**OTHER_KINDS, **NUMBERS}


def callable_names() -> dict[str, type[Called]]:
    """What is called with arguments: layers and named values."""
    return {name: item for name, item in {**kinds(), **named_values()}.items() if item.arguments}


def takes(item: type[Called], name: str, value: Any) -> bool:
    try:
        item.arguments[name].kind.accept(value)
    except BadValue:
        return False
    return True


def call(item: type[Called], name: str = "", written: str = "") -> str:
    """A layer that is called as its samples say, with one argument as it is written."""
    rank = rank_of(item)
    if issubclass(item, Layer):
        plain = item.sample_calls(rank)[0]
    else:
        plain = {name: one.samples(rank)[0] for name, one in item.arguments.items() if one.required}
    shown = {**{name: show_value(value) for name, value in plain.items()}, **({name: written} if name else {})}
    made = f"{item.kind}({', '.join(f'{name}={text}' for name, text in shown.items())})"
    return made if issubclass(item, Layer) else f"conv(4, 3, weights={made})"


def rank_of(item: type[Called]) -> int:
    return 2 if not issubclass(item, Layer) or 2 in item.ranks else item.ranks[0]


def size(item: type[Called]) -> str:
    """An input that it takes."""
    return str((item if issubclass(item, Layer) else kinds()["conv"]).sample_input(rank_of(item)))  # type: ignore[attr-defined]


def shown_mistakes(item: type[Called]) -> Iterator[str]:
    """For every argument a call with a value of another kind and one with a number that is out of its range."""
    for name in item.arguments:
        for values in (OTHER_KINDS, NUMBERS):
            refused = [written for written, (value, _) in values.items() if not takes(item, name, value)]
            yield from (call(item, name, written) for written in refused[:1])


def program(item: type[Called]) -> str:
    """A file that shows what is said of every argument."""
    calls = "".join(f"    {made}\n" for made in shown_mistakes(item))
    return f"net Mistakes {{\n    input {size(item)}\n    image: id\n{calls}}}\n"
