"""`cnnc diff`: edits whose difference is known, and an order found by trying all."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnndsl
from cnndsl.analysis.difference import Difference, difference
from cnndsl.analysis.matching import call, matched
from cnndsl.cli import main

ZOO = Path(cnndsl.__file__).parent / "zoo"
BASE = "net N { input 28x28x1 ; conv(6, 5) -> relu -> maxpool(2) ; conv(16, 5) -> relu -> maxpool(2) ; fc(10) }"


def compared(after: str, before: str = BASE) -> Difference:
    return difference(cnndsl.loads(before).graph, cnndsl.loads(after).graph)


def test_a_net_is_the_same_as_itself() -> None:
    found = compared(BASE)
    assert found.same and "the same layers" in str(found)
    assert all(count.change == 0 for count in found.counts)


def test_another_argument_is_a_change() -> None:
    found = compared(BASE.replace("conv(6, 5)", "conv(8, 5)"))
    assert [str(change) for change in found.changed] == ["conv1: conv(6, 5) -> conv(8, 5)"]
    assert not (found.added or found.removed or found.renamed)
    # 2 more filters of 25 weights and a bias; 16 filters with 2 more channels of 25
    assert found.counts[0].change == 2 * 26 + 16 * 2 * 25


def test_a_layer_put_in_renames_what_follows() -> None:
    found = compared(BASE.replace("conv(16", "conv(16, 3, pad=1) -> relu\nconv(16"))
    assert [str(change) for change in found.added] == ["conv2: conv(16, 3, pad=1)", "relu2: relu"]
    assert [str(change) for change in found.renamed] == ["conv2 -> conv3", "relu2 -> relu3"]
    assert not (found.removed or found.changed)
    back = compared(BASE, BASE.replace("conv(16", "conv(16, 3, pad=1) -> relu\nconv(16"))
    assert [change.paths for change in back.removed] == [("conv2", ""), ("relu2", "")]


def test_freezing_sharing_and_inits_are_changes() -> None:
    base = "net N { input 9x9x2 ; a: conv(2, 3, pad=1) ; b: conv(2, 3, pad=1) }"
    for text in ("conv(2, 3, pad=1, freeze=true)", "conv(2, 3, pad=1, share=a)", "conv(2, 3, pad=1, init=0.5)"):
        found = compared(base.replace("b: conv(2, 3, pad=1)", f"b: {text}"), base)
        assert [change.paths for change in found.changed] == [("b", "b")], text


def test_reading_another_layer_is_a_change() -> None:
    base = "net N { input 9x9x2 ; a: relu ; b: tanh ; c: sigmoid ; add { b | c } }"
    (change,) = compared(base.replace("{ b | c }", "{ a | c }"), base).changed
    assert str(change) == "add1: reads b, c -> a, c"


def test_outputs_are_compared() -> None:
    base = "net N { input 9x9x2 ; a: relu ; b: tanh ; output a ; output b }"
    found = compared(base.replace("output b", "output c: b -> id"), base)
    assert not found.same and found.outputs == (("a", "b"), ("a", "c"))


def test_deeper_nets_add_whole_blocks() -> None:
    found = difference(cnndsl.load(ZOO / "resnet.cnn:ResNet18").graph, cnndsl.load(ZOO / "resnet.cnn:ResNet34").graph)
    assert not (found.removed or found.changed or found.renamed)
    assert {change.paths[1].split(".")[1] for change in found.added} == {"basic3", "basic4", "basic5", "basic6"}
    counts = {count.name: (count.before, count.after) for count in found.counts}
    assert counts["parameters"] == (11_689_512, 21_797_672)
    assert counts["largest local field"] == (435, 899)  # Araujo et al., 2019


layers = st.lists(st.sampled_from(["relu", "tanh", "id", "elu"]), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(layers, layers)
def test_as_many_calls_are_matched_as_any_choice_can(one: list[str], other: list[str]) -> None:
    graphs = [cnndsl.loads(f"net N {{ input 9x9x2 ; {' ; '.join(names)} }}").graph for names in (one, other)]
    pairs, removed, added = matched(*graphs)
    calls = [[call(node) for node in graph] for graph in graphs]
    longest = max(
        size
        for size in range(min(map(len, calls)) + 1)
        if {tuple(each) for each in combinations(calls[0], size)}
        & {tuple(each) for each in combinations(calls[1], size)}
    )
    assert sum(call(a) == call(b) for a, b in pairs) == longest
    assert sorted([*(a.number for a, _ in pairs), *(node.number for node in removed)]) == list(range(len(calls[0])))
    assert sorted([*(b.number for _, b in pairs), *(node.number for node in added)]) == list(range(len(calls[1])))


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("a", BASE), ("b", BASE.replace("fc(10)", "dropout -> fc(10)")), ("bad", "net N { inptu 3 }")):
        (tmp_path / f"{name}.cnn").write_text(text, encoding="utf-8")
    assert main(["diff", "a.cnn", "a.cnn"]) == 0
    assert main(["diff", "a.cnn", "b.cnn", "--input", "32x32x1"]) == 1
    assert "added       dropout1: dropout" in capsys.readouterr().out
    assert main(["diff", "a.cnn", "b.cnn", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["added"] == [{"path": ["", "dropout1"], "call": ["", "dropout"], "reads": ["", ""]}]
    assert found["counts"]["parameters"]["change"] == 0 and not found["same"]
    assert main(["diff", "a.cnn", "bad.cnn"]) == main(["diff", "a.cnn", "missing.cnn"]) == 2
    assert "bad.cnn:1:" in capsys.readouterr().err
    monkeypatch.setenv("COLUMNS", "40")
    main(["diff", "a.cnn", "b.cnn"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 40
