"""E52x and E53x: training that is asked for in a way that cannot work, or that went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


class UnknownChoice(Problem):
    """There is no optimizer, loss, metric or schedule of that name.

    The message lists those that exist. Instead of a name an instance may be given too, for example
    `optimizer=SGD(rate=0.1, momentum=0.9)`.
    """

    code: ClassVar[str] = "E521"
    title: ClassVar[str] = "there is no {what} called `{name}`"

    what: str
    name: str
    known: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        found = closest(self.name, self.known)
        if found:
            yield f"did you mean `{found}`?"
        yield f"known: {', '.join(self.known)}"


class UnknownSetting(Problem):
    """A setting was given that the optimizer, schedule or option does not have.

    Each optimizer has settings of its own: `sgd` has a momentum, `adam` has two betas. The message
    lists those of the one that was asked for.
    """

    code: ClassVar[str] = "E522"
    title: ClassVar[str] = "{what} `{owner}` has no setting called `{name}`"

    what: str
    owner: str
    name: str
    known: tuple[str, ...]
    same: str = ""

    def helps(self) -> Iterable[str]:
        found = self.same or closest(self.name, self.known)
        if found:
            yield f"did you mean `{found}`?"
        yield f"settings of {self.owner}: {', '.join(self.known)}" if self.known else f"{self.owner} has no settings"


class BadSetting(Problem):
    """A setting of training has a value that cannot work.

    The message says which values do: a learning rate above 0, a momentum of at least 0 and below 1,
    a batch of at least one example, and so on.
    """

    code: ClassVar[str] = "E523"
    title: ClassVar[str] = "`{setting}` of {owner} is {value!r}; it must be {wanted}"
    help: ClassVar[str] = "for example {setting}={example!r}"

    owner: str
    setting: str
    value: object
    wanted: str
    example: object


def closest(name: str, known: Iterable[str]) -> str:
    """The known name that `name` was probably meant to be, or "" if none is near."""
    from difflib import get_close_matches

    found = get_close_matches(str(name).lower(), list(known), 1, 0.6)
    return found[0] if found else ""
