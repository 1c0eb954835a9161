"""`# cnnc: allow(W201) reason`: what a source asks not to be told of.

At the end of a line an allow is about that line, alone on a line about the next one with a program
on it. It is about lints only: nothing silences an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnndsl import syntax
from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.base import Site, meant
from cnndsl.graph import Graph
from cnndsl.lints import every_lint, group_of
from cnndsl.lints._deletion import with_comma
from cnndsl.lints.base import Lint, Rules
from cnndsl.lints.unclear_allow import UnclearAllow
from cnndsl.lints.unused_allow import UnusedAllow
from cnndsl.parse import tokens
from cnndsl.parse.lexer import COMMENT, END, NEWLINE, Token
from cnndsl.source import Source, Span
from cnndsl.suggest import closest

MARK = "cnnc:"
_DIRECTIVE = re.compile(rf"#+\s*{MARK}")
_ALLOW = re.compile(rf"#+\s*{MARK}\s*allow\s*\(([^()]*)\)\s*(.*)")


class Allow:
    """One word of an allow: the code or name of a lint, the line that it is about, whether it did anything."""

    def __init__(self, comment: Span, word: Span, line: int, only: bool) -> None:
        self.comment = comment
        self.word = word
        self.line = line
        #: whether the comment allows nothing else
        self.only = only
        self.used = False


class Allows:
    """The allows of every source that is asked about, each read once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._names = {rule.code: rule.name for rule in rules}
        self._found: dict[Source, list[Allow]] = {}
        self._unclear: list[Lint] = []

    def of(self, source: Source) -> list[Allow]:
        if source not in self._found:
            self._found[source] = []
            if MARK in source.text:
                self._found[source] += self._read(source)
        return self._found[source]

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether an allow stands at the first or the last line that a lint points at."""
        span = diagnostic.span
        if span is None or not group_of(diagnostic.code):
            return False
        lines = {span.position[0], span.end_position[0]}
        words = (diagnostic.code, self._names.get(diagnostic.code))
        hits = [allow for allow in self.of(span.source) if allow.line in lines and allow.word.text in words]
        for allow in hits:
            allow.used = True
        return bool(hits)

    def complaints(self, file: syntax.File, graphs: Sequence[Graph], *, whole: bool) -> Iterator[Diagnostic]:
        """What is wrong with the allows of a file themselves: unclear ones, and if it is `whole` unused ones."""
        source = file.span.source
        idle = [allow for allow in self.of(source) if not allow.used]
        problems = [problem for problem in self._unclear if problem.where.span and problem.where.span.source is source]
        problems += [problem for allow in idle if (problem := self._misnamed(allow))]
        ran = {word for rule in self._rules for word in (rule.code, rule.name)}
        if whole:
            problems += [_unused(allow) for allow in idle if allow.word.text in ran and _reached(allow, file, graphs)]
        for problem in problems:
            severity = self._rules.get(type(problem))
            if severity is not None:
                yield problem.diagnostic().replace(severity=severity)

    def _misnamed(self, allow: Allow) -> Lint | None:
        """What is wrong with an allow that names no lint."""
        word = allow.word.text
        known = [name for rule in every_lint() for name in (rule.code, rule.name)]
        if word in known:
            return None
        if re.fullmatch(r"E\d+", word):
            return UnclearAllow(Site(allow.word), what="an error cannot be allowed", advice="mend it instead")
        suggestion = closest(word, known)
        advice = meant(suggestion, "`cnnc explain` lists every lint")
        return UnclearAllow(Site(allow.word), what=f"there is no lint `{word}`", advice=advice, suggestion=suggestion)

    def _read(self, source: Source) -> Iterator[Allow]:
        all_tokens = tokens(source)
        for index, token in enumerate(all_tokens):
            if token.kind == COMMENT and _DIRECTIVE.match(token.text):
                yield from self._words(token, source, _line_of(index, all_tokens, source))

    def _words(self, comment: Token, source: Source, line: int) -> Iterator[Allow]:
        match = _ALLOW.fullmatch(comment.text.rstrip())
        span = Span(source, comment.start, comment.start + len(comment.text.rstrip()))
        if match is None or not match[1].strip():
            advice = "write `# cnnc: allow(CODE) reason`"
            self._unclear.append(UnclearAllow(Site(span), what="this comment says nothing to cnnc", advice=advice))
        elif not re.search(r"\w", match[2]):
            what = f"`allow({match[1].strip()})` has no reason"
            self._unclear.append(UnclearAllow(Site(span), what=what, advice="say why behind it, or nothing is allowed"))
        else:
            words = list(re.finditer(r"[^\s,]+", match[1]))
            for word in words:
                start = comment.start + match.start(1) + word.start()
                place = Span(source, start, start + len(word[0]))
                yield Allow(span, place, line, len(words) == 1)


def _line_of(index: int, all_tokens: list[Token], source: Source) -> int:
    """The line that a comment is about: its own if anything stands before it, else the next with a program."""
    own = source.position(all_tokens[index].start)[0]
    before = all_tokens[index - 1] if index else None
    if before and before.kind != NEWLINE and source.position(before.start)[0] == own:
        return own
    behind = (token for token in all_tokens[index:] if token.kind not in (COMMENT, NEWLINE))
    following = next(behind)
    return own if following.kind == END else source.position(following.start)[0]


def _reached(allow: Allow, file: syntax.File, graphs: Sequence[Graph]) -> bool:
    """Whether the lints that ran have seen what an allow is about: some net has layers of that net or block."""
    source = file.span.source
    start = source.line_starts[allow.line - 1]
    stop = start + len(source.line(allow.line))
    items = [item for item in file.items if item.span.start <= stop and start <= item.span.end]
    spans = [node.site.span for graph in graphs for node in graph.nodes]
    bodies = [item.span for item in items if isinstance(item, syntax.Net | syntax.Block)]
    return all(any(_holds(body, span) for span in spans) for body in bodies)


def _holds(outer: Span, inner: Span | None) -> bool:
    return inner is not None and inner.source is outer.source and outer.start <= inner.start and inner.end <= outer.end


def _unused(allow: Allow) -> Lint:
    return UnusedAllow(Site(allow.word), word=allow.word.text, line=allow.line, deleted=_deleted(allow))


def _deleted(allow: Allow) -> Span:
    """What to delete of an allow: its word with a comma, or the comment with the space before it, or its line."""
    if not allow.only:
        return with_comma(allow.word)
    source, comment = allow.comment.source, allow.comment
    start = len(source.text[: comment.start].rstrip(" \t"))
    end = source.text.find("\n", comment.end) + 1
    alone = start == 0 or source.text[start - 1] == "\n"
    return Span(source, start, end) if alone and end else comment.replace(start=start)
