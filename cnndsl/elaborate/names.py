"""What names mean: values, labels, definitions, builtins, layers, option words, in this order."""

from __future__ import annotations

from functools import cache
from typing import Any

from cnndsl import syntax
from cnndsl.diagnostic import Edit, Fix
from cnndsl.elaborate import operators
from cnndsl.elaborate.context import Context, State
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.operators import refuse
from cnndsl.elaborate.scope import Frame
from cnndsl.elaborate.values import UNKNOWN, Builtin, Partial, Ref, Series, Unknown, described
from cnndsl.errors.base import Refused, Site
from cnndsl.errors.limits import MAX_DEPTH, CallsItself, TooDeep
from cnndsl.errors.names import UnknownMember, UnknownName, UsedBeforeDefined
from cnndsl.errors.structure import MisplacedStatement
from cnndsl.errors.values import OpenExtent, WrongType
from cnndsl.layers import foreign_names, kinds, named_values
from cnndsl.source import Span
from cnndsl.suggest import closest
from cnndsl.volume import Volume, axis_names

#: a net with more mistakes than this is no longer asked what its names were meant to be, a look at all that are known
MOST_MEANT = 200
#: in a net of more layers labels of blocks are not searched for one that was meant
MOST_SEARCHED = 2000
#: what is looked for where a stage stands, which no option word can be
OF_A_STAGE = ("layer, block or label", "layer, block or function", "join")


def numbered(text: str) -> str:
    """The kind of layer that `summary` would call so if it had no label, `conv` of `conv1`; "" if there is none."""
    kind = text.rstrip("0123456789")
    return kind if kind != text and kind in kinds() else ""


class Names:
    """Looks names up in a context, and what stands behind their dots."""

    def __init__(self, state: State) -> None:
        self.state = state

    def value(self, expression: syntax.Expression, context: Context) -> Any:
        """The value of an expression; the evaluation is above this class."""
        raise NotImplementedError

    def quietly(self, expression: syntax.Expression, context: Context) -> Any:
        """The value, or UNKNOWN after reporting what is wrong."""
        try:
            return self.value(expression, context)
        except Refused as refused:
            self.state.report(refused.problem)
            return UNKNOWN

    def name(self, name: syntax.Name, context: Context, what: str = "value, layer, block or label") -> Any:
        """What a name means: value, label, definition, builtin, layer, option word, in this order."""
        text = name.text
        frame = context.frame.find(text)
        if frame is not None:
            return frame.values[text]
        label = context.place.find(text) if context.place else None
        if label is not None:
            return label
        if (owner := context.module.owner(text)) is not None:
            return self._defined(*owner, name)
        if text in context.module.imported:
            return UNKNOWN
        if text in operators.STARTS:
            return operators.STARTS[text]
        if text in operators.BUILTINS:
            return Builtin(text)
        if text in kinds():
            return Partial(kinds()[text], span=name.span)
        if text in option_words() and (what not in OF_A_STAGE or text in named_values()):
            return text
        foretold = context.place.foretold(text) if context.place else None
        if foretold is not None:
            refuse(UsedBeforeDefined(Site(name.span), name=text, defined=foretold.span))
        return refuse(self._unknown(text, name.span, what, context))

    def _unknown(self, text: str, span: Span, what: str, context: Context) -> UnknownName:
        """A name that means nothing, and what was meant: a name of another tool, a net of the zoo, the nearest."""
        from cnndsl.elaborate import foreign  # what only mistakes need

        problem = UnknownName(Site(span), name=text, what=what)
        if self.state.silent or len(self.state.diagnostics) >= MOST_MEANT:
            return problem
        if suggestion := foreign_names().get(text.lower()):
            return problem.replace(suggestion=suggestion)
        if advice := foreign.of_name(text):
            return problem.replace(advice=advice)
        net = foreign.shipped().get(text.lower()) if what in OF_A_STAGE else None
        if net and not context.module.defines(net.name):
            line = f'from "{net.file}" import {net.name}'
            edits = (Edit(Span(span.source, 0, 0), f"{line}\n"), *((Edit(span, net.name),) if text != net.name else ()))
            return problem.replace(advice=f"the zoo has it: `{line}`", repair=Fix("import it", edits))
        if advice := self._elsewhere(text, context):
            return problem.replace(advice=advice)
        nearest = self._nearest(text, what, context)
        return problem.replace(suggestion=nearest, kind="" if nearest else numbered(text))

    def _elsewhere(self, text: str, context: Context) -> str:
        """What to do about a label of the caller, or of a block that was called before; nothing if it is neither."""
        if len(self.state.nodes) > MOST_SEARCHED:
            return ""
        paths = [path for path, node in self.state.by_path.items() if node.label]
        paths += [path for path, scope in self.state.scopes.items() if scope.kind == "label"]
        if context.net is None and text in paths:
            return f"a block sees no label of its caller: give it the volume, `block NAME(…, x)` and `NAME(…, {text})`"
        inside = next((path for path in paths if path.endswith(f".{text}") and path.count(".") == 1), "")
        block = inside.partition(".")[0]
        if not inside or context.place is None or context.place.path:
            return ""
        if context.place.own(block):
            return f"it is a label of `{block}`: write `{inside}`"
        return f"it is a label inside `{block}`: label that call, `a: …`, and write `a.{text}`"

    def _nearest(self, text: str, what: str, context: Context) -> str | None:
        """The name that can be seen and is most like this one.

        A value is seldom a layer: one of those is meant only if hardly a slip makes the name of it, and no number.
        """
        known = [*context.frame.names(), *(context.place.visible() if context.place else ())]
        there = [*known, *context.module.names(), *operators.BUILTINS]
        if what.startswith("value"):
            return closest(text, there) or (None if numbered(text) else closest(text, kinds(), max(1, len(text) // 4)))
        return closest(text, [*there, *kinds()])

    def _defined(self, module: Module, text: str, name: syntax.Name) -> Any:
        """A definition of a file, or the value of a top-level `let`, computed when first needed."""
        if text in module.definitions:
            definition = module.definitions[text]
            called = isinstance(definition.syntax, syntax.Function)
            return definition if called else Partial(definition, span=name.span)
        if text not in module.values:
            if text in module.evaluating:
                chain = (*module.evaluating[module.evaluating.index(text) :], text)
                refuse(CallsItself(Site(name.span), name=text, chain=chain, defined=module.lets[text].name.span))
            if len(module.evaluating) >= MAX_DEPTH:
                advice = "compute it in fewer steps"
                refuse(TooDeep(Site(name.span), what="values are computed from each other", advice=advice))
            module.evaluating.append(text)
            try:
                module.values[text] = self.quietly(module.lets[text].value, Context(module, Frame(), None))
            finally:
                module.evaluating.pop()
        return module.values[text]

    def given(self, expression: syntax.In, context: Context) -> Ref | Unknown:
        """`in`: the volume that the block was given, or the only input of the net."""
        if context.given is None:
            net = context.net
            if net is not None and len(net.declared) > 1:
                why, advice = "the net has several inputs", "name the input that you mean by its label"
            else:
                why, advice = "nothing is given here", "`in` stands inside a block, or behind the `input` of a net"
            refuse(MisplacedStatement(Site(expression.span), what="`in` means nothing here", why=why, advice=advice))
        return context.given  # type: ignore[return-value]

    def _owner(self, owner: syntax.Expression, name: syntax.Name, context: Context) -> Any:
        """What stands before a dot; where other tools keep their layers, as in `nn.ReLU`, a layer is meant."""
        try:
            return self.value(owner, context)
        except Refused as refused:
            from cnndsl.elaborate.foreign import MODULES  # what only mistakes need

            problem = refused.problem
            if isinstance(problem, UnknownName) and owner.span.text.partition(".")[0].lower() in MODULES:
                span = owner.span.to(name.span)
                refuse(self._unknown(name.text, span, "layer, block or function", context))
            raise

    def attribute(self, owner: syntax.Expression, name: syntax.Name, context: Context) -> Any:
        value = self._owner(owner, name, context)
        if isinstance(value, Series):
            value = value.items[-1]
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Ref):
            what, advice = "this has no parts", "labels, blocks behind a label, and `in` have a `.`"
            if isinstance(value, Partial):
                what = "nothing is called on a layer"
                advice = f"what follows it stands behind an arrow: `{owner.span.text} -> {name.text}`"
            return refuse(WrongType(Site(owner.span), what=what, value=described(value), advice=advice))
        extents = {} if value.outputs else dict(zip(_members(value.volume), value.volume.extents))
        if name.text in extents:
            extent = extents[name.text]
            if extent is None:
                refuse(OpenExtent(Site(name.span), what=f"`{owner.span.text}.{name.text}`", volume=str(value.volume)))
            self.state.reads.add((value.number, list(extents).index(name.text)))
            return extent
        inner = value.place.own(name.text) if value.place else None
        if inner is not None:
            return inner
        known = (*(value.place.labels if value.place else ()), *extents)
        shown = f"`{value.name or owner.span.text}`"
        if not value.outputs:
            shown += f" ({value.volume})"
        meant = closest(name.text, known)
        return refuse(UnknownMember(Site(name.span), owner=shown, name=name.text, known=known, suggestion=meant))


def _members(volume: Volume) -> tuple[str, ...]:
    """The names of a volume's extents, in order."""
    return (*axis_names(volume.rank), "channels")


@cache
def option_words() -> frozenset[str]:
    """Every word that some argument of some layer takes."""
    return frozenset(
        word
        for layer in kinds().values()
        for declared in layer.arguments.values()
        for word in declared.kind.option_words
    )
