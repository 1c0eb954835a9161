"""Text as cells of a terminal: tabs, wide, combining and unprintable characters; colours; wrapping."""

from __future__ import annotations

from collections.abc import Iterator

TAB = 4
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
#: style -> the parameters of its ANSI sequence
STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "advice": "1;36",
    "secondary": "1;34",
    "gutter": "1;34",
    "strong": "1",
    "help": "1;36",
    "added": "32",
    "removed": "31",
}


def paint(text: str, style: str, color: bool) -> str:
    """The text between the ANSI sequences of a style, if colours are wanted."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if color and style and text else text


def width_of(character: str) -> int:
    """Cells that a character takes: 2 for wide ones (CJK, emoji), 0 for those that combine."""
    if character.isascii():
        return 1
    # Imported here because most sources are ASCII, and the tables cost a millisecond to load.
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me") or character == "\N{ZERO WIDTH JOINER}":
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def visible(text: str) -> str:
    """The text with everything that could move the cursor or turn the direction made harmless."""
    if text.isprintable():
        return text
    kept = "\n\t\N{ZERO WIDTH JOINER}"
    return "".join(c if c.isprintable() or c in kept else UNPRINTABLE for c in text)


def words(text: str) -> str:
    """A message as it is written to a terminal: harmless, tabs as blanks."""
    return visible(text).expandtabs(TAB)


def measure(text: str) -> int:
    """Cells that a text without tabs and line ends takes."""
    return len(text) if text.isascii() else sum(map(width_of, text))


class Row:
    """A line of cells, each with a style; a wide character is followed by an empty cell."""

    def __init__(self, text: str = "", style: str = "") -> None:
        self.cells: list[str] = []
        self.styles: list[str] = []
        #: for each character of the text, and for the place behind it, its cell
        self.starts: list[int] = []
        if text.isascii() and text.isprintable():  # the usual line, in a tenth of the time
            self.cells, self.styles, self.starts = list(text), [style] * len(text), list(range(len(text) + 1))
            return
        for character in visible(text):
            self.starts.append(len(self.cells))
            if character == "\t":
                self._add(" " * (TAB - len(self.cells) % TAB), style)
            elif (width := width_of(character)) == 0 and self.cells:
                self.starts[-1] = max(len(self.cells) - 1, 0)
                self._join(character)
            else:
                self.cells += [character, ""][: max(width, 1)]
                self.styles += [style] * max(width, 1)
        self.starts.append(len(self.cells))

    def _add(self, text: str, style: str) -> None:
        self.cells += text
        self.styles += [style] * len(text)

    def _join(self, mark: str) -> None:
        at = len(self.cells) - 1
        while at and not self.cells[at]:
            at -= 1
        self.cells[at] += mark

    def __len__(self) -> int:
        return len(self.cells)

    def put(self, column: int, text: str, style: str = "") -> Row:
        """Writes a text over the cells from a column on; the row grows as needed.

        A wide character that is half covered leaves a blank.
        """
        other = Row(text, style)
        end = column + len(other)
        self._add(" " * (end - len(self)), "")
        if 0 < column < len(self) and not self.cells[column]:
            self.cells[column - 1] = " "
        if end < len(self) and not self.cells[end]:
            self.cells[end] = " "
        self.cells[column:end] = other.cells
        self.styles[column:end] = other.styles
        return self

    def cut(self, start: int, stop: int) -> Row:
        """The cells from `start` to `stop`, dots where something is left out."""
        found = Row()
        found.cells, found.styles = self.cells[start:stop], self.styles[start:stop]
        if found.cells and not found.cells[0]:
            found.cells[0] = " "
        if stop < len(self) and not self.cells[stop] and found.cells:
            found.cells[-1] = " "
        if start > 0:
            found.put(0, "...")
        if stop < len(self) and len(found) >= 3:
            found.put(len(found) - 3, "...")
        return found

    def paint(self, color: bool) -> str:
        """The row as text, blanks at its end dropped."""
        text, length = "".join(self.cells).rstrip(), len(self)
        while length and self.cells[length - 1] == " ":
            length -= 1
        if not color:
            return text
        return "".join(paint(part, style, True) for part, style in self._parts(length))

    def _parts(self, length: int) -> Iterator[tuple[str, str]]:
        start = 0
        for at in range(1, length + 1):
            if at == length or self.styles[at] != self.styles[start]:
                yield "".join(self.cells[start:at]), self.styles[start]
                start = at


def wrap(text: str, width: int | None) -> list[str]:
    """The lines of a text, broken between words where they are wider than `width` cells.

    A line keeps its indentation in its continuations; a word wider than a line is broken.
    """
    lines = words(text).split("\n")
    return [part for line in lines for part in _wrap_line(line, width)] if width else lines


def _wrap_line(line: str, width: int) -> Iterator[str]:
    if measure(line) <= width:
        yield line
        return
    indent = " " * min(len(line) - len(line.lstrip()), width // 2)
    current = ""
    for word in line.split():
        for piece in _pieces(word, width - len(indent)):
            joined = f"{current} {piece}" if current.strip() else indent + piece
            if measure(joined) > width:
                yield current
                joined = indent + piece
            current = joined
    yield current


def _pieces(word: str, width: int) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and measure(piece) + width_of(character) > width:
            yield piece
            piece = ""
        piece += character
    yield piece
