"""`cnnc summary` and `cnnc show`: what the compiler knows of a net."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cnndsl
from cnndsl.cli import main
from cnndsl.render import parts
from cnndsl.render.stages import graph, tree
from cnndsl.render.summary import summary
from cnndsl.source import Source, Span
from cnndsl.syntax import Number
from tests.cli.cnnc import BAD, GOOD, write

NORMED = """\
## Two convolutions that share their weights.
net Shared {
    input ?x?x3
    first: conv(8, 3, pad=1, freeze=true)
    batchnorm -> relu
    add {
        | conv(8, 3, pad=1)
        | id
    }
    global_avgpool -> fc(4)
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, digits=GOOD, shared=NORMED, small=BAD)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line.split() for line in run(capsys, "summary", "digits.cnn").splitlines()]
    assert rows[0] == ["Digits"]
    assert rows[2] == ["path", "layer", "output", "params", "MACs"]
    assert ["conv1", "conv(4,", "5)", "24x24x4", "104", "57,600"] in rows
    assert ["relu1", "relu", "24x24x4"] in rows
    assert ["parameters", "23,154"] in rows
    assert ["MACs", "80,640", "for", "one", "example"] in rows


def test_totals_name_their_convention_and_keep_statistics_apart(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "summary", "shared.cnn", "--input", "16x16x3")
    assert out.startswith("Shared: Two convolutions that share their weights.\n")
    # 3*3*3*8 + 8 frozen; batchnorm 2*8 learned, 2*8 running; 3*3*8*8 + 8; 8*4 + 4
    assert "\nparameters   860: 636 trained, 224 frozen\n" in out
    assert "\nstatistics   16 (running means and variances, not counted above)\n" in out
    assert "torchvision" in out.partition("counted as")[2]


def test_open_extents_are_letters_and_leave_counts_open(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "summary", "shared.cnn")
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line}
    assert rows["input"][-1] == "HxWx3"
    assert "HxWx8" in rows["first"] and rows["first"][-2:] == ["224", "?"]
    assert rows["MACs"][1] == "?"
    assert rows["parameters"][1] == "860:"


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_fits_the_terminal(width: int) -> None:
    lines = summary(cnndsl.loads(NORMED).graph, width=width).splitlines()
    assert max(map(len, lines)) <= width


def test_a_plain_terminal_gets_plain_lines() -> None:
    assert summary(cnndsl.loads(GOOD).graph, unicode=False).isascii()
    assert "\x1b[" in summary(cnndsl.loads(GOOD).graph, color=True)


def test_from_python_it_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    cnndsl.load("digits.cnn").summary()
    assert capsys.readouterr().out == run(capsys, "summary", "digits.cnn")


def test_json_is_schema_1(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "summary", "digits.cnn", "--json"))
    layers = found.pop("layers")
    assert found == {
        "schema": 1,
        "net": "Digits",
        "inputs": {"input": [28, 28, 1]},
        "outputs": {"output": [10]},
        "params": 23154,
        "trained": 23154,
        "frozen": 0,
        "statistics": 0,
        "constants": 0,
        "macs": 80640,
        "activations": 28 * 28 + 24 * 24 * 4 + 10,
    }
    assert layers[1] == {
        "path": "conv1",
        "kind": "conv",
        "inputs": ["input"],
        "output": [24, 24, 4],
        "params": 104,
        "macs": 57600,
    }
    assert [layer["kind"] for layer in layers] == ["input", "conv", "relu", "flatten", "fc", "softmax"]


PART = '''"""The number of characters of every path.

More of it.
"""
from cnndsl.analysis.shown import Fact
from cnndsl.render.parts import Column, Part


def part(graph, options):
    lengths = tuple(len(node.path) for node in graph)
    facts = (Fact("letters", str(sum(lengths))),)
    return Part((Column("letters", lengths, key="length"),), facts, data={"letters": sum(lengths)})
'''


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A part of the summary in a file of its own, found by its name."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "letters.py").write_text(PART)
    monkeypatch.setattr(parts, "__path__", [*parts.__path__, str(folder)])
    yield
    sys.modules.pop(f"{parts.__name__}.letters", None)


def test_a_file_is_all_that_a_part_takes(letters: None, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "summary", "digits.cnn", "--letters")
    rows = [line.split() for line in out.splitlines()]
    assert ["path", "layer", "output", "params", "MACs", "letters"] in rows
    assert ["relu1", "relu", "24x24x4", "5"] in rows  # no parameters, no MACs: two empty cells
    assert "\nletters      34\n" in out + "\n"
    assert "letters" not in run(capsys, "summary", "digits.cnn")
    assert "--letters" in run(capsys, "summary", "--help") and "The number of characters" in run(
        capsys, "summary", "-h"
    )
    found = json.loads(run(capsys, "summary", "digits.cnn", "--json", "--letters"))
    assert found["letters"] == 34 and [layer["length"] for layer in found["layers"]] == [5, 5, 5, 8, 3, 8]
    cnndsl.load("digits.cnn").summary("letters")
    assert "letters      34" in capsys.readouterr().out


def test_a_part_that_there_is_not(letters: None) -> None:
    with pytest.raises(cnndsl.CnnError, match="did you mean `letters`"):
        cnndsl.load("digits.cnn").summary("leters")


def test_a_program_with_errors_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["summary"], ["summary", "--json"], ["show"], ["show", "--stage", "program"]):
        assert main([*command, "small.cnn"]) == 1
        said = capsys.readouterr()
        assert said.out == "" and said.err.startswith("error[E301]")


# ---- show ----------------------------------------------------------------------------------------


def test_the_tree_is_shown_with_places(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "show", "digits.cnn", "--stage", "tree").splitlines()
    assert lines[:2] == ["File  1:1", "  items: Net name=Digits  1:1"]
    assert "        stages: Apply value=relu  3:19" in lines


def test_a_tree_is_shown_even_of_a_net_that_does_not_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Net name=Small" in run(capsys, "show", "small.cnn", "--stage=tree")


def test_syntax_errors_have_no_tree(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, open="net Open {\n    input 3\n")
    assert main(["show", "open.cnn", "--stage", "tree"]) == 1
    assert capsys.readouterr().err.startswith("error[E1")


def test_control_characters_in_a_tree_are_harmless() -> None:
    source = Source("x", "\x1b[2J")
    assert "\x1b" not in tree(Number(Span(source, 0, 1), 3, "\x1b[2J"))


def test_the_graph_is_shown_with_its_arrays(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "show", "digits.cnn").splitlines()
    assert lines[:3] == ["net Digits", "inputs: input = 0", "outputs: output = 5"]
    assert lines[4].split() == [
        "1",
        "conv1",
        "conv(4,",
        "5)",
        "<-",
        "0",
        "->",
        "24x24x4",
        "weight",
        "4x5x5x1",
        "bias",
        "4",
    ]
    assert "frozen" in graph(cnndsl.loads(NORMED, input="8x8x3").graph)


def test_the_program_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "show", "digits.cnn", "--stage", "program", "--set", "classes=3")
    assert out.startswith("program Digits\n")
    assert "Convolve(" in out and "fc1.bias 3" in out


def test_an_open_size_has_no_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "shared.cnn", "--stage", "program"]) == 1
    assert "--input" in capsys.readouterr().err
