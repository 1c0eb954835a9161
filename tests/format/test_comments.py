"""Comments and white space in odd places: what was said stays said, and the second time changes nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import cnndsl
from cnndsl.format import formatted
from cnndsl.parse import parse, tokens
from cnndsl.parse.lexer import COMMENT
from cnndsl.source import Source
from cnndsl.syntax import same_tree

ROOT = Path(__file__).parents[2]
ZOO = Path(cnndsl.__file__).parent / "zoo"
PROGRAMS = sorted([*(ROOT / "tests" / "parse" / "programs").glob("*.cnn"), *ZOO.glob("[a-k,m-z]*.cnn")])
ODD = (
    "# one\n",
    "\n# two\n",
    "\n\n# three\n\n",
    "## four\n",
    "\n##five\n",
    ";# six\n",
    "# seven \r\n",
    "#\n",
    "# é →\n",
)
ODD += ("\n", "\n\n\n", "\r\n", ";", "\t", "\f")


def form(text: str) -> str:
    return formatted(Source("test.cnn", text))


def comments(text: str) -> list[str]:
    return [token.text.rstrip() for token in tokens(Source("test.cnn", text)) if token.kind == COMMENT]


def strewn(random: Random, text: str) -> str:
    """The text with comments, line ends and white space between some of its tokens."""
    found = tokens(Source("test.cnn", text))
    chosen = set(random.sample(range(len(found)), random.choice([1, 2, 4])))
    parts, end = [], 0
    for number, token in enumerate(found):
        parts += [text[end : token.start], random.choice(ODD) if number in chosen else "", token.text]
        end = token.end
    made = "".join(parts)
    for change in (("\n", "\r\n"), ("    ", "\t")):
        made = made.replace(*change) if random.random() < 0.1 else made
    return made.rstrip("\r\n") if random.random() < 0.1 else made


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_comments_are_kept_in_order_wherever_they_stand(path: Path) -> None:
    random, text, tried = Random(path.stem), path.read_text(encoding="utf-8"), 0
    for _ in range(24):
        made = strewn(random, text)
        tree, problems = parse(Source("test.cnn", made))
        if problems:
            continue
        tried += 1
        once = form(made)
        assert comments(once) == comments(made)
        assert same_tree(tree, parse(Source("test.cnn", once))[0]), made
        assert form(once) == once, made
    assert tried > 3


def test_comments_in_lists_and_calls_stay_with_their_items() -> None:
    text = (
        "let table = [\n    # small\n    (1, 2), (3, 4),  # first\n    # large\n    (5, 6),  # second\n    # no\n]\n\n"
        "block b(k) {\n    conv(\n        k,  # filters\n        3, pad=1,\n    ) -> relu\n}\n"
    )
    assert form(text) == text


def test_what_is_no_documentation_does_not_become_it() -> None:
    once = form("let a = [1 ## one\n]\nnet N { input a }\n## two\n;net M { input 3 } ;## three\nnet O { input 3 }")
    nets = parse(Source("test.cnn", once))[0].items[1:]
    assert [net.doc for net in nets] == ["", "", ""]
    assert comments(once) == ["## one", "## two", "## three"]


def test_the_value_of_a_stage_keeps_its_parentheses() -> None:
    text = "net N {\n    input 3\n    maxpool\n    (2)\n}\n"
    assert form(text) == text


@pytest.mark.parametrize(
    "text", ["\ufeffnet A { input 4 ; relu }", "net A {\r\n\tinput 4\r\n\trelu\r\n}", "net A {input 4;relu}"]
)
def test_marks_line_ends_and_tabs(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from cnndsl.cli import main

    path = tmp_path / "a.cnn"
    path.write_bytes(text.encode())
    assert main(["fmt", str(path)]) == 0
    assert path.read_bytes() == b"net A {\n    input 4\n    relu\n}\n"
    assert main(["fmt", "--check", str(path)]) == 0


def test_a_comment_stays_beside_its_parameter() -> None:
    text = """\
net A(
    k = 3,  # filters
    # how often
    depth = 4,
    # so far
) {  # what follows
    input 8x8x1
    relu
}

fn f(
    x,  # a length
    y = 2,
) = x + y
"""
    assert form(text) == text
    joined = "net A(k = 3, depth = 4) {\n    relu\n}\n"
    assert form(joined.replace("(k = 3, ", "(\n k = 3,\n").replace(") {", "\n) {")) == joined


def test_parameters_and_imports_that_are_too_long_for_a_line_fill_several() -> None:
    names = [f"the_name_of_number_{number}" for number in range(9)]
    text = f'from "a.cnn" import {", ".join(names)}\n\nnet A({", ".join(f"{name} = 1" for name in names)}) {{ relu }}\n'
    found = form(text)
    assert max(map(len, found.splitlines())) <= 110
    assert form(found) == found
    assert same_tree(*(parse(Source("", one))[0] for one in (text, found)))
