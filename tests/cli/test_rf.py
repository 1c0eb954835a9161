"""`cnnc rf`: the table, one position, what a cell reaches, and what can be wrong with the question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnndsl
from cnndsl.cli import main

NET = """\
net Holes {
    input 28x28x1
    conv1: conv(4, 3, dilation=2, pad=2) -> relu
    conv(4, 3, stride=2, pad=1) -> relu
    global_avgpool -> fc(2)
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    Path("holes.cnn").write_text(NET, encoding="utf-8")
    Path("open.cnn").write_text("net Open {\n    input ?x?x1\n    conv(4, 3)\n}\n", encoding="utf-8")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rf", *arguments]) == 0
    return capsys.readouterr().out


def test_the_table(capsys):
    rows = [line.split() for line in told(capsys, "holes.cnn").splitlines()]
    assert ["conv2", "conv(4,", "3,", "stride=2,", "pad=1)", "14x14x4", "7x7", "2", "0"] in rows
    assert [row[-1] for row in rows if row[:1] == ["fc1"]] == ["whole"]


def test_a_position_reads_cells_with_holes(capsys):
    text = " ".join(told(capsys, "holes.cnn", "conv1.conv1@1,5").split())
    assert "height 1..3 by 2" not in text and "height 1, 3, width 3, 5, 7" in text
    assert "field 5x5: height -1..3, width 3..7" in text
    assert "cells 6 of 784: 0.7653 % of the input" in text
    assert "padding 5 of the field's 25 cells lie beyond the border (20 %)" in text


def test_the_numbers_of_a_position_as_json(capsys):
    found = json.loads(told(capsys, "holes.cnn", "conv2@0,0", "--json"))
    (seen,) = found["seen"]
    assert (seen["cells"], seen["field"], seen["box"], seen["beyond"]) == (16, [[-3, 3]] * 2, 49, 49 - 16)
    assert seen["parts"] == [["0..3", "0..3"]]


def test_what_a_cell_reaches(capsys):
    rows = [line.split() for line in told(capsys, "holes.cnn", "--from", "input@3,4").splitlines()]
    assert ["conv2", "12", "196", "6.122", "%", "height", "0..3,", "width", "1..3"] in rows
    assert ["fc1", "1", "1", "100", "%"] in rows


@pytest.mark.parametrize(
    "arguments, code, says",
    [
        (("holes.cnn", "conv9@1,1"), "E063", "conv9"),
        (("holes.cnn", "conv2@14,0"), "E064", "from `conv2@0,0` to `conv2@13,13`"),
        (("holes.cnn", "conv2@1"), "E064", "14x14 positions"),
        (("holes.cnn", "fc1@1"), "E064", "`fc1@`"),
        (("open.cnn", "conv1@1,1"), "E065", "--input"),
        (("open.cnn", "conv1@1,1", "--input", "5000000x8x1"), "E066", "5,000,000"),
        (("holes.cnn", "conv2@one"), "E067", "conv5@3,4"),
        (("holes.cnn", "conv2@1,1", "--from", "input@1,1"), "E053", "one position at a time"),
    ],
)
def test_questions_that_cannot_be_answered(capsys, arguments, code, says):
    assert main(["rf", *arguments]) == 2
    found = capsys.readouterr().err
    assert code in found and says in " ".join(found.split())


def test_from_python():
    net = cnndsl.load("holes.cnn")
    assert net.region("conv2", (0, 0)).seen[0].cells.count == 16
    assert net.influence("input", (3, 4)).reached["conv2"].count == 12
    assert set(net.region("conv2", (0, 0))._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_a_layer_alone(capsys):
    text = " ".join(told(capsys, "holes.cnn", "conv2").split())
    assert "field 7x7 jump 2 first centre 0 uses 196 uses of each weight" in text


def test_the_textbook_s_five_units(capsys):
    """Goodfellow et al., 2016, figures 9.2 to 9.5: kernel 3 on 5 units; each weight 5 times against once."""
    Path("five.cnn").write_text("net Five {\n    input 5x1\n    conv(1, 3, pad=1)\n    fc(5)\n}\n", encoding="utf-8")
    conv, full = (json.loads(told(capsys, "five.cnn", path, "--json")) for path in ("conv1", "fc1"))
    assert conv["uses"] == 5 and full["uses"] == 1
    assert conv["pairs"] == [{"of": "input", "connected": 13, "total": 25}]
    assert cnndsl.load("five.cnn").influence("input", (2,)).reached["conv1"].count == 3


def test_cells_that_no_output_reads_are_counted(capsys):
    Path("odd.cnn").write_text("net Odd {\n    input 9x8x1\n    maxpool(2) -> conv(1, 1)\n}\n", encoding="utf-8")
    assert "never read 8 of 72 cells of input: height 8" in " ".join(told(capsys, "odd.cnn").split())
