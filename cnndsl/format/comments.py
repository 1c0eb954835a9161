"""Comments, each printed where it belongs: before what it stands above, or behind what it stands beside."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.parse.lexer import Token
from cnndsl.source import Source, Span


class Comments:
    """The comments of a source; they are taken from the front as the text in front of them is printed."""

    def __init__(self, source: Source, comments: Sequence[Token]) -> None:
        self.source = source
        self.comments = list(comments)

    def _above(self, offset: int, indent: str) -> list[str]:
        """The comments that stand before an offset, each on a line of its own, empty lines kept."""
        found: list[str] = []
        while self.comments and self.comments[0].start < offset:
            comment = self.comments.pop(0)
            found.append(indent + comment.text.rstrip())
            after = min(offset, self.comments[0].start) if self.comments else offset
            if self._blank(comment.end, after):
                found.append("")
        return found

    def _ended(self, lines: list[str], span: Span) -> list[str]:
        """The lines of something, with the comment behind it on its last source line."""
        text = self.source.text
        if self.comments and self.comments[0].start >= span.end:
            between = text[span.end : self.comments[0].start]
            if "\n" not in between and not between.strip(" \t;,"):
                lines[-1] += "  " + self.comments.pop(0).text.rstrip()
        return lines

    def _holds(self, span: Span) -> bool:
        """Whether the next comment stands inside."""
        return bool(self.comments) and span.start <= self.comments[0].start < span.end

    def _blank(self, start: int, end: int) -> bool:
        """Whether the source has an empty line between two places."""
        return any(not line.strip() for line in self.source.text[start:end].split("\n")[1:-1])
