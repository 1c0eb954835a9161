"""The text of `cnnc solve`: letters of the formula and their numbers, `W=224, F=5, S=2`."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from cnndsl.analysis.formula import LARGEST, Formula, Pads
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.formula import BadFormula, BadQuantity, UnknownQuantity
from cnndsl.errors.usage import GivenTwice
from cnndsl.layers import kinds
from cnndsl.source import Source, Span
from cnndsl.suggest import closest

_ITEM = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*=\s*(?P<value>\([^()]*\)|[^,()]*[^,()\s])\s*(?:,|;|$)")
_PAIR = re.compile(r"\(\s*([0-9]{1,12})\s*,\s*([0-9]{1,12})\s*\)")

#: letter -> the field of a Formula; the layers' own names of them are other names
FIELDS = {"W2": "output", "W": "extent", "F": "kernel", "S": "stride", "P": "pad", "D": "dilation"}
_FORMS = {
    "pad": (f"a whole number from 0 to {LARGEST - 1:,}, a pair such as (1, 2), `same`, `valid` or `?`", "1"),
    "ceil": ("`true` or `false`", "true"),
}
_NUMBER = (f"a whole number from 1 to {LARGEST - 1:,}, or `?`", "2")


def read(text: str) -> Formula:
    """The formula that a text means; D is 1 unless it says otherwise.

    Raises Refused: BadFormula, UnknownQuantity, BadQuantity, GivenTwice, with the place in the text.
    """
    source = Source("<formula>", text)
    found: dict[str, Any] = {}
    at = 0
    while at < len(text) and (text[at:].strip() or not found):
        item = _ITEM.match(text, at)
        if item is None:
            _refuse_rest(source, at)
        name = _field(item["name"], Span(source, *item.span("name")))
        if name in found:
            raise Refused(GivenTwice(Site(Span(source, *item.span("name"))), "solve", item["name"]))
        found[name] = _value(name, item["name"], item["value"], Span(source, *item.span("value")))
        at = item.end()
    if not found:
        raise Refused(BadFormula(Site(), "there is nothing to solve"))
    return Formula(**found)


def _refuse_rest(source: Source, at: int) -> NoReturn:
    rest = source.text[at:]
    start = at + len(rest) - len(rest.lstrip())
    piece = rest.strip().partition(",")[0].strip()
    span = Span(source, start, start + max(len(piece), 1))
    raise Refused(BadFormula(Site(span), f"`{piece or ','}` does not give a letter a number"))


def _names() -> dict[str, str]:
    """Every name of a quantity and its field: the letters, and the names of a layer's arguments for them."""
    arguments = [pair for kind in kinds().values() for pair in kind.arguments.items()]
    words = {name: FIELDS[item.letter] for name, item in arguments if item.letter in FIELDS}
    return {**FIELDS, **words, "ceil": "ceil"}


def _field(name: str, span: Span) -> str:
    names = _names()
    if name in names:
        return names[name]
    upper = name.upper() if name.upper() in FIELDS else None
    raise Refused(UnknownQuantity(Site(span), name, ", ".join(FIELDS), upper or closest(name, tuple(names))))


def _value(field: str, name: str, text: str, span: Span) -> int | str | Pads | bool | None:
    pair = _PAIR.fullmatch(text)
    if field == "ceil" and text in ("true", "false"):
        return text == "true"
    if field == "pad" and text in ("same", "valid"):
        return text if text == "same" else (0, 0)
    if field == "pad" and pair and max(map(int, pair.groups())) < LARGEST:
        return int(pair[1]), int(pair[2])
    if field != "ceil" and text == "?":
        return None
    number = int(text) if re.fullmatch(r"[0-9]{1,12}", text) and field != "ceil" else -1
    if (0 if field == "pad" else 1) <= number < LARGEST:
        return (number, number) if field == "pad" else number
    allowed, example = _FORMS.get(field, _NUMBER)
    raise Refused(BadQuantity(Site(span), name, text, allowed, example))
