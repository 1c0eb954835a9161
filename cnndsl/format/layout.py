"""Statements and definitions as lines, with the comments where they belong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from cnndsl import syntax
from cnndsl.format.comments import Comments
from cnndsl.format.expressions import PRIMARY, argument, chained, count, expression, flat, loop, parameter
from cnndsl.source import Span

WIDTH = 110
STEP = "    "


class Printer(Comments):
    """Prints a tree with its comments."""

    def file(self, file: syntax.File) -> str:
        """The whole file: one empty line around nets, blocks and functions of several lines."""
        lines: list[str] = []
        before: syntax.Node | None = None
        for item in file.items:
            first = min(item.span.start, self.comments[0].start if self.comments else item.span.start)
            block = self._introduced(item) + self._ended(self._item(item), item.span)
            if before is not None and (_apart(before, item) or self._blank(before.span.end, first)):
                lines.append("")
            lines += block
            before = item
        rest = self._above(len(self.source.text) + 1, "")
        if rest and lines:
            lines.append("")
        return "\n".join([*lines, *rest]) + "\n"

    def _introduced(self, item: syntax.Node) -> list[str]:
        """The comments above an item of a file; none becomes its documentation that was not."""
        lines = self._above(item.span.start, "")
        if isinstance(item, syntax.Definition):
            own = len(lines) - len(item.doc.split("\n")) if item.doc else len(lines)
            if own and lines[own - 1].startswith("##"):
                lines.insert(own, "")
        return lines

    # ---- definitions -----------------------------------------------------------------------------

    def _item(self, item: syntax.Node) -> list[str]:
        match item:
            case syntax.Import(_, path, names):
                return self._imported(f'from "{path.value}" import ', names)
            case syntax.Let(_, name, value):
                return self._valued(f"let {name.text} = ", value, "")
            case syntax.Function(_, _, _, parameters, value):
                head = self._head("fn", item, parameters, item.span.end)
                return [*head[:-1], *self._valued(f"{head[-1]} = ", value, "")]
            case syntax.NetAlias(_, _, _, parameters, value):
                head = self._head("net", item, parameters, item.span.end)
                return [*head[:-1], *self._valued(f"{head[-1]} = ", value, "")]
            case syntax.Block(_, _, _, parameters, body):
                head = self._head("block", item, parameters, body.span.start)
                line = flat(body)
                if line is not None and not self._holds(item.span) and len(f"{head[-1]} {line}") <= WIDTH:
                    return [*head[:-1], f"{head[-1]} {line}"]
                return [*head[:-1], *self._braces(f"{head[-1]} ", body, "")]
            case syntax.Net(_, _, _, parameters, body):
                head = self._head("net", item, parameters, body.span.start)
                return [*head[:-1], *self._braces(f"{head[-1]} ", body, "")]
        raise AssertionError(item)

    def _head(self, word: str, item: syntax.Definition, parameters: Sequence[syntax.Parameter], end: int) -> list[str]:
        """`net NAME(…)`; parameters that are too long for a line, or have comments before `end`, fill lines."""
        name = f"{word} {item.name.text}"
        line = name + _parameters(parameters, always=word == "fn")
        if not parameters or not (len(line) > WIDTH or self._among(parameters, end)):
            return [line]
        items = [(parameter(one), one.default or one.name, one.span) for one in parameters]
        inner = self._filled(items, STEP)
        return [f"{name}(", *inner, *(self._above(end, STEP) if word in ("net", "block") else ()), ")"]

    def _among(self, parameters: Sequence[syntax.Parameter], end: int) -> bool:
        """Whether the next comment stands among the parameters, or behind the last one on its line."""
        if not self.comments or self.comments[0].start > end:
            return False
        between = self.source.text[parameters[-1].span.end : self.comments[0].start]
        return self.comments[0].start < parameters[-1].span.end or not between.strip(", \t\n")

    def _imported(self, head: str, names: Sequence[syntax.Name]) -> list[str]:
        """An import, its names on as many lines as they need."""
        lines = [head]
        for number, name in enumerate(names):
            piece = name.text + ("," if number < len(names) - 1 else "")
            if number and len(lines[-1]) + 1 + len(piece) > WIDTH:
                lines.append(STEP + piece)
            else:
                lines[-1] += f" {piece}" if number else piece
        return lines

    def _valued(self, head: str, value: syntax.Expression, indent: str) -> list[str]:
        return self._long(head, value, indent) or [indent + head + expression(value)]

    def _braces(self, head: str, body: syntax.Body, indent: str) -> list[str]:
        """A head with a body in braces, a line a statement."""
        lines = [f"{indent}{head}{{"]
        # a comment behind the opening brace stays there
        if self._holds(body.span) and self._opens(body):
            lines[0] += "  " + self.comments.pop(0).text.rstrip()
        lines += self._statements(body, indent + STEP)
        lines += self._above(body.span.end, indent + STEP)
        return [*lines, indent + "}"]

    def _opens(self, body: syntax.Body) -> bool:
        """Whether the next comment stands right behind the opening brace, on its line."""
        between = self.source.text[body.span.start : self.comments[0].start]
        return "\n" not in between and between.strip() == "{"

    def _statements(self, body: syntax.Body, indent: str) -> list[str]:
        lines: list[str] = []
        end: int | None = None
        for statement in body.statements:
            first = self.comments[0].start if self._before(statement) else statement.span.start
            if end is not None and self._blank(end, first):
                lines.append("")
            lines += self._above(statement.span.start, indent)
            lines += self._ended(self._statement(statement, indent), statement.span)
            end = statement.span.end
        return lines

    def _before(self, statement: syntax.Node) -> bool:
        return bool(self.comments) and self.comments[0].start < statement.span.start

    # ---- statements ------------------------------------------------------------------------------

    def _statement(self, statement: syntax.Statement, indent: str) -> list[str]:
        line = flat(statement)
        if line is not None and not self._holds(statement.span) and len(indent + line) <= WIDTH:
            return [indent + line]
        match statement:
            case syntax.Pipeline(_, label, stages):
                return self._pipeline(f"{label.text}: " if label else "", stages, indent)
            case syntax.Output(_, name, stages):
                return self._pipeline(f"output {name.text}: ", stages, indent)
            case syntax.Input(_, label, size, stages):
                head = f"input {label.text}: " if label else "input "
                return self._pipeline(head + expression(size), stages, indent, started=True)
            case syntax.For(_, _, values, body):
                head = loop(statement).removesuffix(expression(values))
                above = self._long(head, values, indent) or [indent + loop(statement)]
                lines = self._braces("", body, indent)
                return [*above[:-1], f"{above[-1]} {lines[0].strip()}", *lines[1:]]
            case syntax.Let(_, name, value):
                return self._valued(f"let {name.text} = ", value, indent)
            case syntax.Assert(_, condition, message):
                lines = self._valued("assert ", condition, indent)
                return [*lines[:-1], lines[-1] + (f', "{message.value}"' if message else "")]
        raise AssertionError(statement)

    def _pipeline(self, head: str, stages: Iterable[syntax.Stage], indent: str, started: bool = False) -> list[str]:
        """Stages over several lines: broken where the source is, else where the line is full.

        What has lines of its own follows its arrow.
        """
        lines = [indent + head]
        # a branch of a join is indented by half a step, behind its bar
        hang = indent + " " * (4 - len(indent) % 4)
        before: syntax.Stage | None = None
        for stage in stages:
            arrow = " -> " if before or started else ""
            if arrow and (self._broken(before, stage) or "  #" in lines[-1]):
                lines += [*self._above(stage.span.start, hang), hang]
                arrow = "-> "
            piece = None if self._holds(stage.span) else flat(stage)
            if piece is not None and len(lines[-1]) + len(arrow) + len(piece) <= WIDTH:
                lines[-1] += arrow + piece
            elif piece is not None and arrow and len(hang) + 3 + len(piece) <= WIDTH:
                lines.append(f"{hang}-> {piece}")
            else:
                found = self._stage(stage, indent)
                lines[-1] += arrow + found[0].strip()
                lines += found[1:]
            lines = self._ended(lines, stage.span)
            before = stage
        return lines

    def _broken(self, before: syntax.Stage | None, stage: syntax.Stage) -> bool:
        """Whether the source has a line end before this stage's arrow, and its line begins with it."""
        start = before.span.end if before else self.source.text.rfind("\n", 0, stage.span.start) + 1
        return "\n" in self.source.text[start : stage.span.start]

    def _stage(self, stage: syntax.Stage, indent: str) -> list[str]:
        """A stage over several lines."""
        match stage:
            case syntax.Apply(_, value):
                return self._long("", value, indent) or [indent + expression(value, PRIMARY)]
            case syntax.Group(_, body, times):
                lines = self._braces("", body, indent)
                if times is not None:
                    lines[-1] += f" * {count(times)}"
                return lines
            case syntax.Join(_, name, branches):
                return self._join(name.text, stage.span, branches, indent)
            case syntax.Choice():
                return self._choice(stage, indent)
        raise AssertionError(stage)

    def _join(self, name: str, span: Span, branches: Sequence[syntax.Body], indent: str) -> list[str]:
        lines = [f"{indent}{name} {{"]
        inner = indent + STEP
        for branch in branches:
            lines += self._above(branch.span.start, inner)
            found = self._statements(branch, inner + "  ")
            found[0] = f"{inner}| {found[0].strip()}"
            lines += found
        return [*lines, *self._above(span.end, inner), indent + "}"]

    def _choice(self, choice: syntax.Choice, indent: str) -> list[str]:
        otherwise = choice.otherwise
        nested = chained(otherwise) if otherwise else None
        head = f"if {expression(choice.condition)} "
        then, rest = flat(choice.then), flat(nested or otherwise) if otherwise else ""
        short = then is not None and rest is not None and not self._holds(choice.span)
        if short and max(len(head) + len(then or ""), len(rest or "") + 5) + len(indent) <= WIDTH:
            return [indent + head + (then or ""), *([f"{indent}else {rest}"] if otherwise else [])]
        lines = self._braces(head, choice.then, indent)
        if otherwise is None:
            return lines
        last = self._choice(nested, indent) if nested else self._braces("", otherwise, indent)
        return [*lines[:-1], f"{lines[-1]} else {last[0].strip()}", *last[1:]]

    def _long(self, head: str, value: syntax.Expression, indent: str) -> list[str] | None:
        """A call or list that is too long for a line, or has comments in it: its items fill the lines between its
        brackets.
        """
        if len(indent + head + expression(value)) <= WIDTH and not self._holds(value.span):
            return None
        items: list[tuple[str, syntax.Expression, Span]]
        match value:
            case syntax.Call(_, callee, arguments, _) if arguments:
                items = [(argument(given), given.value, given.span) for given in arguments]
                opening, closing = expression(callee, PRIMARY) + "(", ")"
            case syntax.List(_, parts) if parts:
                items = [(expression(part), part, part.span) for part in parts]
                opening, closing = "[", "]"
            case _:
                return None
        inner = indent + STEP
        lines = [indent + head + opening, *self._filled(items, inner), *self._above(value.span.end, inner)]
        return [*lines, indent + closing]

    def _filled(self, items: Sequence[tuple[str, syntax.Expression, Span]], indent: str) -> list[str]:
        """Items with commas behind them: on the lines that the source has, else as many on one as fit."""
        lines: list[str] = []
        begins = [True, *(self._between(one, other) for (_, _, one), (_, _, other) in pairwise(items))]
        kept = any(begins[1:])
        open_line = False
        for (text, value, span), begin in zip(items, begins):
            above = self._above(span.start, indent)
            piece = self._piece(text, value, indent)
            last = piece[-1].strip() + ","
            joins = len(piece) == 1 and open_line and not above and not (kept and begin)
            if joins and len(lines[-1]) + 1 + len(last) <= WIDTH:
                lines[-1] += " " + last
            else:
                lines += [*above, *piece[:-1], piece[-1] + ","]
            count = len(self.comments)
            lines = self._ended(lines, span)
            open_line = len(piece) == 1 and count == len(self.comments)
        return lines

    def _between(self, one: Span, other: Span) -> bool:
        """Whether the source has a line end between two things."""
        return "\n" in self.source.text[one.end : other.start]

    def _piece(self, text: str, value: syntax.Expression, indent: str) -> list[str]:
        """An item of a long call or list: on one line if it fits."""
        head = text.removesuffix(expression(value))
        full = len(indent + text) >= WIDTH or self._holds(value.span)
        return (full and self._long(head, value, indent)) or [indent + text]


def _apart(before: syntax.Node, item: syntax.Node) -> bool:
    """Whether an empty line stands between two items whatever the source has: not between small ones of a kind."""
    small = isinstance(item, syntax.Import | syntax.Let | syntax.Function | syntax.NetAlias)
    return type(before) is not type(item) or not small


def _parameters(parameters: Sequence[syntax.Parameter], always: bool = False) -> str:
    return f"({', '.join(map(parameter, parameters))})" if parameters or always else ""
