"""The options of a picture, from Python and from the command line, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnndsl
from cnndsl.diagnostic import CnnError
from cnndsl.draw import dot
from tests.cli.test_work import run

NET = """
block basic(k) { add { | conv(k, 3, pad=1) -> relu | id } }
net N { input 8x8x16 ; stage1: { basic(16) } * 5 -> maxpool(2) ; stage2: { basic(16) } * 5 -> flatten -> fc(3) }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(**options):
    with pytest.raises(CnnError) as raised:
        dot(cnndsl.loads(NET).graph, **options)
    (told,) = raised.value.diagnostics
    return told


@pytest.mark.parametrize(
    "options, code, said",
    [
        ({"style": "size"}, "E054", "did you mean `sizes`?"),
        ({"direction": "rl"}, "E054", "it is one of tb, lr"),
        ({"extras": "params,mac"}, "E054", "did you mean `macs`?"),
        ({"expand": "stag1"}, "E656", "did you mean `stage1`?"),
        ({"expand": "stage"}, "E656", "did you mean `stage1`?"),
        ({"expand": "basic"}, "E656", "did you mean `stage1.basic1`?"),
        ({"expand": "nothing_like_it"}, "E656", "its blocks are stage1, stage2"),
        ({"expand": "stage2.fc1"}, "E656", "`stage2.fc1` is a layer, `stage2` the block that it is in"),
        ({"depth": -1}, "E657", "a whole number"),
        ({"depth": "2"}, "E657", "a whole number"),
    ],
)
def test_wrong_options_are_diagnostics_that_know_better(options, code, said):
    told = refusal(**options)
    assert told.code == code
    assert any(said in line for line in told.helps), told.helps


def test_a_net_without_blocks_has_none_to_expand():
    with pytest.raises(CnnError) as raised:
        dot(cnndsl.loads("net N { input 4 ; fc(2) }").graph, expand="stage")
    assert "no blocks" in raised.value.diagnostics[0].helps[0]


def test_every_option_of_the_command_reaches_the_picture(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "net.cnn").write_text(NET)

    def drawn(*options: str) -> str:
        code, out, err = run(capsys, "draw", "net.cnn", "-o", "net.dot", *options)
        assert (code, out, err) == (0, "wrote net.dot\n", "")
        return (folder / "net.dot").read_text()

    plain = drawn("--depth", "0")
    assert "rankdir=TB" in plain and "basic(16)" not in plain
    assert "basic(16) × 5" in drawn("--depth", "1") and "cluster_stage1.basic4" not in drawn("--depth", "9")
    assert "cluster_stage1.basic4" in drawn("--expand", "stage1") and "cluster_stage2" not in drawn(
        "--expand", "stage1"
    )
    assert "rankdir=LR" in drawn("--direction", "lr") and "rankdir=LR" in drawn("--style", "sizes")
    assert "rankdir=TB" in drawn("--style", "sizes", "--direction", "tb")
    assert "sees" in drawn("--with", "rf") and "sees" not in plain
    assert 'bgcolor="#ffffff"' in plain and 'bgcolor="#ffffff"' not in drawn("--dark")
    assert 'URL="net.cnn#L3"' in plain


def test_a_misspelt_block_is_told_on_the_command_line(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "net.cnn").write_text(NET)
    code, _, err = run(capsys, "draw", "net.cnn", "-o", "net.dot", "--expand", "stage3")
    assert code == 1 and err.startswith("error[E656]: N has no block `stage3`") and "did you mean `stage1`?" in err
    code, _, err = run(capsys, "draw", "net.cnn", "-o", "net.dot", "--depth", "-1")
    assert code != 0 and err.startswith("error[E053]")
    assert not (folder / "net.dot").exists()


def test_links_lead_from_the_picture_to_the_line_of_the_source(folder: Path) -> None:
    (folder / "nets").mkdir()
    (folder / "nets" / "a net.cnn").write_text("net N {\n    input 8\n    fc(2)\n}\n")
    (folder / "pictures").mkdir()
    made = cnndsl.load("nets/a net.cnn").draw("pictures/net.dot").read_text()
    assert 'URL="../nets/a%20net.cnn#L3"' in made and 'URL="../nets/a%20net.cnn#L2"' in made
    assert 'URL="#layer-fc1"' in dot(cnndsl.loads("net N { input 8 ; fc(2) }").graph)
