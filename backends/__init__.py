"""What runs a program. Each folder here is a backend that knows one framework and `cnndsl.program`.

A backend is reached by name only, and its framework is imported no earlier than that.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from cnndsl.engine import JoiningBackend, PlanningBackend, RunningBackend
from cnndsl.errors.backends import BackendMissing, UnknownBackend
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.ranks import NotTogether
from cnndsl.suggest import closest

if TYPE_CHECKING:
    from cnndsl.engine import Backend

EVERYWHERE = "numpy"


def names() -> tuple[str, ...]:
    """The backends there are: the folders of this package, whether their framework is installed or not."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


def load(name: str = "auto") -> Backend:
    """The backend of that name; `auto` is one that works here and has a GPU, else NumPy.

    Raises CnnError for an unknown name (E601) and a framework that is missing or broken (E602).
    """
    if name == "auto":
        return _fastest()
    return _working(name, (EVERYWHERE,) if name != EVERYWHERE else ())


def joined(given: str | Backend, seconds: float) -> Backend:
    """A backend whose engines train with several ranks; `auto` is the first that can.

    Raises CnnError for one that cannot (E608), for an unknown name or a missing framework (E601, E602), and if the
    ranks are not known or one is missing (E605 to E607).
    """
    able = tuple(name for name in names() if isinstance(_look(name)[0], JoiningBackend))
    name = able[0] if given == "auto" and able else given
    found = _working(name, ()) if isinstance(name, str) else name
    if not isinstance(found, JoiningBackend):
        raise NotTogether(NOWHERE, found.name, able).error()
    return found.joined(seconds)


def available() -> dict[str, str | None]:
    """Every backend with the reason why it cannot run here; None for those that can."""
    return {name: _look(name)[1] for name in names()}


def planning() -> tuple[str, ...]:
    """The backends that know their memory before they run."""
    return tuple(name for name in names() if isinstance(_look(name)[0], PlanningBackend))


def heeding(setting: str) -> tuple[str, ...]:
    """The backends that can be told this of how to run, a field of `Running`."""
    found = ((name, _look(name)[0]) for name in names())
    return tuple(name for name, each in found if isinstance(each, RunningBackend) and setting in each.heeds)


def _working(name: str, others: tuple[str, ...]) -> Backend:
    """The backend of that name; `others` could stand in for it. Raises CnnError (E601, E602)."""
    if name not in names():
        known = ("auto", *names())
        raise UnknownBackend(NOWHERE, name, known, closest(name, known) or "").error()
    found, reason = _look(name)
    if found is None or reason:
        raise BackendMissing(NOWHERE, name, reason or "", others).error()
    return found


def _look(name: str) -> tuple[Backend | None, str | None]:
    """A backend, and why it cannot run. A broken installation of its framework is a reason, too."""
    try:
        found: Backend = import_module(f"{__name__}.{name}").backend()
    except (ImportError, OSError) as error:
        return None, str(error)
    return found, found.missing()


def _fastest() -> Backend:
    """A backend whose device is not the CPU, if one works; NumPy elsewhere, where it is the faster one."""
    for name in names():
        if name != EVERYWHERE:
            found, reason = _look(name)
            if found and not reason and not found.device().startswith("CPU"):
                return found
    return load(EVERYWHERE)
