"""The reference: everything of the language is on it, and every program on it is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cnndsl
from cnndsl import grammar, syntax
from cnndsl.cli import _topics, main
from cnndsl.elaborate.operators import BUILTINS
from cnndsl.layers import pages
from cnndsl.render.reference import reference

TEXT = reference(_topics.layers(), _topics.problems())
PROGRAMS = re.findall(r"^```cnn\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PARTS = re.split(r"^(?=#{2,4} )", TEXT, flags=re.MULTILINE)


def part(heading: str) -> str:
    """What stands under a heading, down to the next one."""
    (found,) = (part for part in PARTS if part.partition("\n")[0].lstrip("# ").partition(":")[0] == heading)
    return found


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: " ".join(program.split())[:60])
def test_every_program_on_it_compiles(program: str) -> None:
    assert cnndsl.loads(program).outputs


@pytest.mark.parametrize("kind", pages())
def test_every_layer_and_value_is_on_it_with_all_that_its_class_says(kind: str) -> None:
    found, item = part(kind), pages()[kind]
    assert f"```text\n{item.signature()}\n```" in found
    for section in ("Equation", "Shapes", "Goes wrong", "Example", "Source"):
        assert f"\n**{section}**\n" in found
    for name, declared in item.arguments.items():
        (row,) = (line for line in found.splitlines() if line.startswith(f"| `{name}`"))
        assert declared.required == ("|  |" in row) and (not declared.letter or f"`{declared.letter}`" in row)
    # word for word, whatever signs Markdown needs
    said, written = (re.sub(r"\W+", " ", text) for text in (found.replace("\\", ""), item.__doc__ or ""))
    words = [word for word in written.split() if word not in said.split()]
    assert not words
    assert any(kind in program for program in re.findall(r"^```cnn\n(.*?)^```$", found, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("code", _topics.problems())
def test_every_message_is_on_it(code: str) -> None:
    found, problem = part(code).replace("\\", ""), _topics.problems()[code]
    written = " ".join((problem.__doc__ or "").split())
    assert written[:40] in " ".join(found.split())
    assert not re.search(r"\{\w+(:\S*)?\}", found), "no template shows through"


def test_the_grammar_is_on_it_word_for_word_and_each_of_its_constructs() -> None:
    assert f"```lark\n{grammar.text().rstrip()}\n```" in TEXT
    rows = re.findall(r"^\| ([a-z ]+) \| \S", part("Constructs"), re.MULTILINE)
    classes = [item for item in vars(syntax).values() if isinstance(item, type) and issubclass(item, syntax.Node)]
    # `Node`, `Expression` … are what others are kinds of; the parser makes none of them
    made = [item.__name__.lower() for item in classes if item.fields != ("span",) or not item.__subclasses__()]
    assert set(made) - {row.replace(" ", "") for row in rows} <= {"definition"}
    assert all(f"`{name}`" in part("Values") for name in BUILTINS)


def test_tables_have_as_many_cells_in_every_row_and_links_lead_somewhere() -> None:
    plain = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    rows = [line for line in plain.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert rows and widths == {3, 4}
    headings = {
        re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", plain, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", plain)) <= headings


def test_the_command_writes_it_and_leaves_nothing_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "reference.md"
    target.write_text("old", encoding="utf-8")
    assert main(["reference", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == TEXT
    assert [path.name for path in tmp_path.iterdir()] == ["reference.md"]
    assert capsys.readouterr().out == f"wrote {target}\n"


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reference"]) == 0
    assert capsys.readouterr().out == TEXT


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reference", "-o", str(tmp_path / "none" / "reference.md")]) == 2
    assert "E058" in capsys.readouterr().err
