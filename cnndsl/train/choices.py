"""Choosing by name among the classes of a kind: optimizers, losses, metrics, schedules."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting, UnknownChoice, UnknownSetting
from cnndsl.record import Record
from cnndsl.suggest import closest
from cnndsl.train.limits import Check, plain


class Choice(Record):
    """Base of what can be chosen by name: a subclass with a `kind` is found, a user's own too.

    Its fields are its settings. Raises CnnError (E523) for a setting that `checks` does not allow.
    """

    #: what such a thing is called in messages
    what: ClassVar[str] = ""
    #: the name that it is chosen by; a base sets it to ""
    kind: ClassVar[str] = ""
    #: names of the same thing elsewhere, for "did you mean"
    known_as: ClassVar[tuple[str, ...]] = ()
    #: names of its settings elsewhere, and what they are here
    settings_elsewhere: ClassVar[dict[str, str]] = {}
    #: what each setting may be, with a value that does for the message
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {}

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*map(plain, args), **{name: plain(value) for name, value in settings.items()})
        for setting, (check, example) in self.checks.items():
            value = getattr(self, setting)
            if not check.allows(value):
                raise BadSetting(NOWHERE, self.kind, setting, value, str(check), example).error()

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.fields)})"

    @property
    def spec(self) -> str | dict[str, Any]:
        """What `choose` takes for the same: its name, or where settings differ from the usual a dict with `kind`."""
        values = {name: getattr(self, name) for name in self.fields}
        told = {name: _spec(value) for name, value in values.items() if value != self.defaults.get(name, ())}
        return {"kind": self.kind, **told} if told else self.kind


C = TypeVar("C", bound=Choice)


def _spec(value: Any) -> Any:
    return value.spec if isinstance(value, Choice) else value


def choices(base: type[C]) -> dict[str, type[C]]:
    """Every choice by name, in alphabetical order."""
    found: dict[str, type[C]] = {}
    waiting = [base]
    while waiting:
        item = waiting.pop()
        waiting.extend(item.__subclasses__())
        if item.kind:
            found.setdefault(item.kind, item)
    return dict(sorted(found.items()))


def choose(base: type[C], chosen: Any, **settings: Any) -> C:
    """The one of that name with its settings, or an instance as it is (with some settings changed).

    A dict is a name under `kind` and settings, as `spec` gives it and a settings file holds it. Raises
    CnnError for an unknown name (E521) or setting (E522), and for a value that cannot work (E523).
    """
    known = choices(base)
    if isinstance(chosen, Mapping) and "kind" in chosen:
        return choose(
            base, chosen["kind"], **{name: value for name, value in chosen.items() if name != "kind"} | settings
        )
    if isinstance(chosen, base):
        _check_settings(type(chosen), known, settings)
        return chosen.replace(**settings) if settings else chosen
    if not isinstance(chosen, str) or chosen.lower() not in known:
        raise UnknownChoice(NOWHERE, base.what, str(chosen), tuple(known), _meant(str(chosen), known)).error()
    _check_settings(known[chosen.lower()], known, settings)
    return known[chosen.lower()](**settings)


def _meant(name: str, known: dict[str, type[C]]) -> str:
    """The choice whose name, or name elsewhere, is nearest."""
    names = {alias: kind for kind, item in known.items() for alias in item.known_as} | {kind: kind for kind in known}
    found = closest(name, names)
    return names[found] if found else ""


def _check_settings(item: type[C], known: dict[str, type[C]], settings: dict[str, Any]) -> None:
    for name in settings:
        if name not in item.fields:
            same = item.settings_elsewhere.get(name, name)
            others = tuple(kind for kind, other in known.items() if same in other.fields)
            meant = same if same in item.fields else closest(name, item.fields) or ""
            owner = f"{item.what} `{item.kind}`"
            raise UnknownSetting(NOWHERE, owner, name, item.fields, meant, same, others).error()


def whole(owner: str, setting: str, value: Any, least: int | None) -> int:
    """A whole number of at least `least`. Raises CnnError (E523)."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or (least is not None and number < least):
        wanted = "a whole number" + ("" if least is None else f" of at least {least}")
        raise BadSetting(NOWHERE, owner, setting, value, wanted, 32 if setting == "batch_size" else 1).error()
    return number
