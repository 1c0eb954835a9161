"""One canonical form: the tree unchanged, comments kept, nothing changed the second time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnndsl import CnnError
from cnndsl.format import formatted
from cnndsl.parse import parse
from cnndsl.source import Source
from cnndsl.syntax import same_tree

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted([*(ROOT / "examples").glob("*.cnn"), *(ROOT / "tests" / "parse" / "programs").glob("*.cnn")])


def form(text: str) -> str:
    return formatted(Source("test.cnn", text))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_programs_keep_their_tree_and_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = form(text)
    assert same_tree(parse(Source("a", text))[0], parse(Source("b", found))[0])
    assert sorted(re.findall("#.*", found)) == sorted(line.rstrip() for line in re.findall("#.*", text))
    assert form(found) == found
    assert max(map(len, found.splitlines())) <= 110


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.cnn")), ids=lambda path: path.stem)
def test_the_examples_are_formatted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert form(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net  A{input 4;relu}", "net A {\n    input 4\n    relu\n}\n"),
        ("let a=1+2*3", "let a = 1 + 2 * 3\n"),
        ("let a=(1+2)*3", "let a = (1 + 2) * 3\n"),
        ("let a=((1+2))", "let a = 1 + 2\n"),
        ("let a=-(2**2)", "let a = -2 ** 2\n"),
        ("let a=(-2)**2", "let a = (-2) ** 2\n"),
        ("let a=2**(3**2)", "let a = 2 ** 3 ** 2\n"),
        ("let a=(2**3)**2", "let a = (2 ** 3) ** 2\n"),
        ("let a=1-(2-3)", "let a = 1 - (2 - 3)\n"),
        ("let a=not(b and c)", "let a = not (b and c)\n"),
        ("let a=(b or c) and d", "let a = (b or c) and d\n"),
        ("let a=(1 if b else 2)+3", "let a = (1 if b else 2) + 3\n"),
        ("let a=(0..4)[1]", "let a = (0..4)[1]\n"),
        ("let a=(1<2)==true", "let a = (1 < 2) == true\n"),
        ("block b(k,s=1){{conv(k,3)}*(k-1)}", "block b(k, s = 1) { { conv(k, 3) } * (k - 1) }\n"),
        ("block b{add{|id|relu}}", "block b { add { id | relu } }\n"),
        (
            "block b{add{\nid|relu}}",
            "block b {\n    add {\n        | id\n        | relu\n    }\n}\n",
        ),
        ("fn f(x)=x\n\n\n\nlet a=1\nlet b=2", "fn f(x) = x\n\nlet a = 1\nlet b = 2\n"),
        ("# top\n\n\n## doc\nnet A{#open\ninput 4#in\n#own\nrelu}#end", None),
        (
            "net A{input 4\nif 1==2{relu}else if 3==4{tanh}else{id}}",
            "net A {\n    input 4\n    if 1 == 2 { relu } else if 3 == 4 { tanh } else { id }\n}\n",
        ),
    ],
)
def test_the_canonical_form(text: str, expected: str | None) -> None:
    found = form(text)
    if expected is not None:
        assert found == expected
    assert form(found) == found


def test_comments_stay_where_they_say_something() -> None:
    text = "# top\n\n## doc\nnet A {  # open\n    input 4  # in\n    # own\n    relu\n    # last\n}  # end\n# tail\n"
    assert form(text) == text.replace("# tail", "\n# tail")


def test_long_pipelines_break_before_arrows_and_long_calls_inside() -> None:
    layers = " -> ".join(f"conv({100 + i}, 3, pad=1, bias=false)" for i in range(6))
    numbers = ", ".join(map(str, range(100)))
    found = form(f"let table = [{numbers}]\nnet A {{ input 4x4x1 ; {layers} ; {{ relu -> {layers} }} * 2 }}")
    assert max(map(len, found.splitlines())) <= 110
    assert "\n        -> conv(" in found


def test_a_source_with_syntax_errors_is_left_alone() -> None:
    with pytest.raises(CnnError) as caught:
        form("net A { input 4 ; relu")
    assert caught.value.diagnostics[0].code.startswith("E1")
