"""Arguments to the fields of a layer, or to the parameters of a block, net or function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from cnndsl import syntax
from cnndsl.elaborate.context import Context, State
from cnndsl.elaborate.values import OPEN, UNKNOWN, Given, Partial, Ref, Series, described, is_value
from cnndsl.errors.base import Site
from cnndsl.errors.names import DefinedTwice, UnknownArgument
from cnndsl.errors.values import BadArgument, MissingArgument, TooManyArguments
from cnndsl.layers.arguments import BadValue, Declared, show_value
from cnndsl.layers.base import Layer
from cnndsl.layers.called import Called
from cnndsl.suggest import closest

if TYPE_CHECKING:
    from cnndsl.elaborate.evaluate import Evaluator

#: what every layer takes besides its own arguments, and every block or net
LAYER_COMMON = ("freeze", "init", "share", "l1", "l2", "lp")
BLOCK_COMMON = ("freeze", "share", "until")
NO_TARGETS: Mapping[str, int] = {}


class Bound:
    """Arguments by the names of what takes them, those common to all apart."""

    def __init__(self) -> None:
        self.own: dict[str, Given] = {}
        self.common: dict[str, Given] = {}
        self.good = True
        #: the arguments that are the volume of another node, by its number; the same one for the many that have none
        self.targets: Mapping[str, int] = NO_TARGETS


def latest(given: Given) -> Any:
    """The value of an argument; of a label in a repetition, that of its latest."""
    return given.value.items[-1] if isinstance(given.value, Series) else given.value


def bind(
    state: State,
    partial: Partial,
    names: tuple[str, ...],
    common: tuple[str, ...],
    signature: Callable[[], str],
    aliases: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
) -> Bound:
    """Each argument of a call with the name of what takes it; reports those that nothing takes.

    `aliases` are other names that are accepted (the textbooks' letters), `hints` foreign ones that
    are only understood, for "did you mean".
    """
    bound = Bound()
    for given in partial.positional[len(names) : len(names) + 1]:
        count = _too_many(len(names), len(partial.positional))
        advice = _together(partial) or "leave it out"
        state.report(TooManyArguments(Site(given.span), partial.name, count, signature(), advice))
        bound.good = False
    bound.own.update(zip(names, partial.positional))
    for written, given in partial.named.items():
        name = (aliases or {}).get(written, written)
        where = Site(given.name or given.span)
        if name in bound.own:
            what = f"is given `{name}` twice"
            state.report(TooManyArguments(where, callee=partial.name, what=what, signature=signature()))
            bound.good = False
        elif name in names:
            bound.own[name] = given
        elif name in common:
            bound.common[name] = given
        else:
            left = [n for n in (*names, *common) if n not in bound.own]
            meant, advice = _remedy(partial.name, written, given, left, hints)
            advice = advice or _besides(common)
            state.report(UnknownArgument(where, partial.name, written, signature(), meant, advice))
            bound.good = False
    return bound


def _remedy(
    callee: str, written: str, given: Given, names: Sequence[str], hints: Mapping[str, str] | None
) -> tuple[str | None, str]:
    """The argument that was probably meant by one that there is not, else what to do about it if that is known."""
    if hints is None:  # a block, net or function
        return _meant(written, names, {}), ""
    from cnndsl.elaborate import foreign  # what only mistakes need

    advice = "" if written in hints else foreign.of_argument(written, callee, given.span.text)
    meant = None if advice else _meant(written, names, hints)
    return meant, advice or f"leave it out, or see `cnnc explain {callee}`"


def _meant(written: str, names: Sequence[str], hints: Mapping[str, str]) -> str | None:
    """The argument that was probably meant: by its name elsewhere, its own name misspelt, or its name elsewhere so."""
    from cnndsl.elaborate import foreign  # what only mistakes need

    meant = hints.get(written) or foreign.COMMON.get(written)
    if meant in names or written in hints:
        return meant
    return closest(written, names) or hints.get(closest(written, hints) or "")


def _besides(common: tuple[str, ...]) -> str:
    """What to do about an argument of a block, net or function that is like none that there is."""
    besides = f"; besides its own it takes {', '.join(f'`{name}=`' for name in common)}" if common else ""
    return f"leave it out{besides}"


def _together(partial: Partial) -> str:
    """What to do about the values of a size that stand apart, `reshape(7, 7, 64)`; nothing if they are none."""
    kind = partial.target
    values = tuple(given.value for given in partial.positional)
    if not isinstance(kind, type) or not all(isinstance(value, int) for value in values):
        return ""
    try:
        next(iter(kind.arguments.values())).kind.accept(values)
    except (BadValue, StopIteration):
        return ""
    return f"they are one value: `{partial.name}({show_value(values)})`"


def misnamed(state: State, partial: Partial) -> None:
    """Reports the named arguments of a call that the layer does not have."""
    kind = partial.target
    assert isinstance(kind, type)
    bind(state, partial, tuple(kind.arguments), LAYER_COMMON, kind.signature, *_other_names(kind))  # type: ignore[arg-type]


def build_layer(state: State, partial: Partial) -> tuple[Layer | None, Bound, Site]:
    """The layer that a call describes, None after a mistake, its common arguments, and its place.

    All mistakes of a call are reported, not only the first. A call that is made again with the same
    values, as in a loop, is the same layer.
    """
    key = partial.identity
    if key in state.built:
        return state.built[key]  # type: ignore[no-any-return]
    made, bound = _build(state, partial, LAYER_COMMON)
    targets = {name: value.number for name, given in bound.own.items() if isinstance(value := latest(given), Ref)}
    bound.targets = targets or NO_TARGETS
    found = made if isinstance(made, Layer) else None, bound, call_site(partial, bound)
    if key is not None and made is not None:
        state.built[key] = found
    return found


def _build(state: State, partial: Partial, common: tuple[str, ...] = ()) -> tuple[Called | None, Bound]:
    kind = partial.target
    assert isinstance(kind, type)
    declared = kind.arguments
    letters, hints = _other_names(kind)  # type: ignore[arg-type]
    bound = bind(state, partial, tuple(declared), common, kind.signature, letters, hints)
    site = call_site(partial, bound)
    missing = tuple(name for name, item in declared.items() if item.required and name not in bound.own)
    if missing and bound.good:
        state.report(MissingArgument(Site(partial.span), kind.kind, missing, kind.signature()))
    values = {name: _accepted(state, kind, name, declared[name], given, site) for name, given in bound.own.items()}
    if missing or not bound.good or UNKNOWN in values.values():
        bound.good = False
        return None, bound
    return kind(**values), bound


def _too_many(most: int, given: int) -> str:
    takes = "takes no arguments" if most == 0 else f"takes at most {most} argument{'s' if most != 1 else ''}"
    return f"{takes}, {given} {'is' if given == 1 else 'are'} given"


@cache
def _other_names(kind: type[Called]) -> tuple[dict[str, str], dict[str, str]]:
    """A layer's arguments by the textbooks' letters, and by the names that other tools have for them."""
    letters = {item.letter: name for name, item in kind.arguments.items() if item.letter}
    hints = {foreign: name for name, item in kind.arguments.items() for foreign in item.known_as}
    return letters, hints


def _accepted(state: State, kind: type[Called], name: str, declared: Declared, given: Given, site: Site) -> Any:
    """An argument in its canonical form; UNKNOWN after reporting that it cannot be one."""
    value = latest(given)
    if isinstance(value, Partial) and is_value(value):
        value = _build(state, value)[0] or UNKNOWN
    if spoilt(value):
        return UNKNOWN
    try:
        return declared.kind.accept(plain(value))
    except BadValue as bad:
        quoted = f"write {value} without quotes" if isinstance(value, str) and value.isdigit() else ""
        problem = BadArgument(
            site,
            callee=kind.kind,
            argument=name,
            value=described(given.value),
            allowed=declared.kind.allowed,
            hint=bad.hint or quoted,
            signature=kind.signature(),
            example=declared.example,
        )
        state.report(problem)
        return UNKNOWN


def spoilt(value: Any) -> bool:
    """Whether an earlier mistake left the value, or one in the list that it is, without one."""
    return any(map(spoilt, value)) if isinstance(value, tuple) else value is UNKNOWN


def plain(value: Any) -> Any:
    """A value as layers know it: a volume for a label, a tuple for a range, None for a `?` in a size."""
    if isinstance(value, Ref):
        return value.volume
    if value is OPEN:
        return (None,)
    if isinstance(value, tuple) and OPEN in value:
        return tuple(None if item is OPEN else item for item in value)
    return tuple(value) if isinstance(value, range) else value


def call_site(partial: Partial, bound: Bound) -> Site:
    """Where a call and its arguments stand, for problems that the layer itself finds."""
    return Site(
        partial.span,
        {name: given.span for name, given in (*bound.own.items(), *bound.common.items())},
        partial.close,
    )


def signature(partial: Partial, parameters: tuple[syntax.Parameter, ...]) -> str:
    """`block bottleneck(k, s=1)` as it is called."""
    shown = (p.name.text if p.default is None else f"{p.name.text}={p.default.span.text}" for p in parameters)
    return f"{partial.name}({', '.join(shown)})"


def bind_parameters(
    evaluator: Evaluator,
    partial: Partial,
    parameters: tuple[syntax.Parameter, ...],
    inner: Context,
    common: tuple[str, ...],
    overrides: Mapping[str, Any] | None = None,
) -> Bound | None:
    """Puts the arguments of a call into the callee's frame, defaults evaluated there in order.

    None after a mistake that leaves a parameter without a value.
    """
    state = evaluator.state
    names = tuple(p.name.text for p in parameters)
    bound = bind(state, partial, names, common, lambda: signature(partial, parameters))
    good = bound.good
    missing = []
    for number, parameter in enumerate(parameters):
        name = parameter.name.text
        if name in names[:number]:
            where, first = Site(parameter.name.span), parameters[names.index(name)].name.span
            state.report(DefinedTwice(where, name=name, what="another parameter", first=first))
        if overrides and name in overrides:
            value = overrides[name]
        elif name in bound.own:
            value = bound.own[name].value
        elif parameter.default is not None:
            value = evaluator.quietly(parameter.default, inner)
        else:
            missing.append(name)
            continue
        inner.frame.values[name] = value
    if missing and good:
        state.report(MissingArgument(Site(partial.span), partial.name, tuple(missing), signature(partial, parameters)))
    return bound if good and not missing else None
