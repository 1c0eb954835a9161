"""W218: a stage that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from cnndsl import syntax
from cnndsl.diagnostic import Fix
from cnndsl.errors.base import Site
from cnndsl.layers import kinds
from cnndsl.lints._deletion import between, statement, without
from cnndsl.lints.base import Lint
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lints._names import Names


class PointlessStage(Lint):
    """`id` among other stages, or something repeated `* 1`: the net is the same without it.

    Why: it reads as if it did something. `id` is for a branch or the side of an `if` that is nothing
    else, or to give the current volume a name (`skip: id`). A repetition with a label in it is left
    alone, since its labels get ordinals.

    Example:
        net Digits {
            input 28x28x1
            { conv(8, 3) -> id -> relu } * 1
        }

    Instead: leave it out.
    """

    code: ClassVar[str] = "W218"
    name: ClassVar[str] = "pointless_stage"
    title: ClassVar[str] = "`{stage}` does nothing here"
    label: ClassVar[str] = "{why}"
    help: ClassVar[str] = "leave it out"

    stage: str
    why: str
    deleted: Span | None
    safe: bool

    def fixes(self) -> Iterable[Fix]:
        return without(f"delete `{self.stage}`", self.deleted, safe=self.safe)

    @classmethod
    def check_names(cls, names: Names) -> Iterable[Lint]:
        yield from cls._once(names)
        hidden = {declared.name.text for declared in names.declared}
        for line in (*names.nodes(syntax.Pipeline), *names.nodes(syntax.Input)):
            yield from cls._among_others(line, hidden)
        for body in _bodies(names):
            if len(body.statements) > 1:
                yield from cls._alone(body, hidden)

    @classmethod
    def _once(cls, names: Names) -> Iterator[Lint]:
        """What is repeated once."""
        labels = [declared.name.span.start for declared in names.of("label")]
        for group in names.nodes(syntax.Group):
            count, span = group.count, group.span
            once = isinstance(count, syntax.Number) and count.value == 1
            if once and not any(span.start < label < span.end for label in labels):
                deleted = between(group.body.span.end, count.span.end, span)
                yield cls(Site(count.span), stage="* 1", why="once is what braces mean", deleted=deleted, safe=True)

    @classmethod
    def _among_others(cls, line: syntax.Pipeline | syntax.Input, hidden: set[str]) -> Iterator[Lint]:
        """What does nothing between other stages; a label on a single stage names it otherwise than one on two."""
        start = line.size.span.end if isinstance(line, syntax.Input) else None
        stages = line.stages if start is not None or len(line.stages) > 1 else ()
        safe = start is not None or not line.label or len(stages) > 2
        for number, stage in enumerate(stages):
            if _idle(stage, hidden):
                before = stages[number - 1].span.end if number else start
                if before is None:
                    deleted = between(stage.span.start, stages[1].span.start, stage.span)
                else:
                    deleted = between(before, stage.span.end, stage.span)
                yield cls(Site(stage.span), stage.span.text, "it hands on what it is given", deleted, safe)

    @classmethod
    def _alone(cls, body: syntax.Body, hidden: set[str]) -> Iterator[Lint]:
        """What does nothing on a line of its own."""
        for line in body.statements:
            match line:
                case syntax.Pipeline(span, None, (stage,)) if _idle(stage, hidden):
                    why = "the volume goes on as it is"
                    yield cls(Site(span), stage=span.text, why=why, deleted=statement(span), safe=True)


def _idle(stage: syntax.Stage, hidden: set[str]) -> bool:
    """Whether a stage is a layer that does nothing."""
    match stage:
        case syntax.Apply(_, syntax.Name(_, text)) | syntax.Apply(_, syntax.Call(_, syntax.Name(_, text), ())):
            return text not in hidden and text in kinds() and kinds()[text].does_nothing
    return False


def _bodies(names: Names) -> Iterator[syntax.Body]:
    """All that stands in braces, and the branches of joins."""
    for kind in (syntax.Net, syntax.Block, syntax.For, syntax.Group):
        for node in names.nodes(kind):
            yield node.body
    for join in names.nodes(syntax.Join):
        yield from join.branches
    for choice in names.nodes(syntax.Choice):
        yield choice.then
        if choice.otherwise:
            yield choice.otherwise
