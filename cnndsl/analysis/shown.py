"""Results that print, show themselves in a notebook, and turn into dicts.

A result says what is on its page, as data; `cnndsl.render.page` makes text or HTML of that when it is asked for.
"""

from __future__ import annotations

from typing import Any

from cnndsl.record import Record


class Heading(Record):
    """The head of a table's column; `justify` is left or right."""

    text: str
    justify: str = "left"


class Table(Record):
    """Rows of cells under headings."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]


class Fact(Record):
    """A name and what there is to say under it: `parameters  61,706`."""

    name: str
    text: str


class Facts(Record):
    """Facts below each other, their texts aligned; `title` heads them."""

    facts: tuple[Fact, ...]
    title: str = ""


class Page(Record):
    """What a result shows: a title, and blocks with an empty line between them."""

    title: str
    blocks: tuple[Table | Facts, ...]


class Shown(Record):
    """Base of the results: a subclass says what its page is and what its dict.

    `print(result)`, and a result's name at Python's prompt, give the page as text; a notebook shows it as a table.
    """

    def page(self) -> Page:
        """What is shown of it."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The same for other programs, as JSON has it: exact whole numbers, None for what is open."""
        raise NotImplementedError

    def __str__(self) -> str:
        from cnndsl.render.page import text

        return text(self.page())

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The page for an IPython without pictures."""
        printer.text(str(self))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The page for Jupyter, as text and as HTML."""
        from cnndsl.render.page import html

        return {"text/plain": str(self), "text/html": html(self.page())}
