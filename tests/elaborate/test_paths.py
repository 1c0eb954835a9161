"""Node paths: labels, ordinals, scopes, repetitions."""

from __future__ import annotations

import pytest

from tests.elaborate.helpers import body, body_codes, graph, paths


def test_unlabelled_layers_are_their_kind_and_ordinal() -> None:
    found = body("input 8x8x1\nconv(4, 3) -> relu -> conv(4, 3) -> relu")
    assert paths(found) == ["input", "conv1", "relu1", "conv2", "relu2"]


def test_a_label_on_one_layer_is_its_path_and_counts_among_its_kind() -> None:
    found = body("input 8x8x1\nconv(4, 3)\nmid: conv(4, 3)\nconv(4, 3)")
    assert paths(found) == ["input", "conv1", "mid", "conv3"]


def test_a_label_on_a_longer_pipeline_opens_a_scope() -> None:
    found = body("input 8x8x1\nstem: conv(4, 3) -> relu\nrelu")
    assert paths(found) == ["input", "stem.conv1", "stem.relu1", "relu1"]
    assert found.scopes["stem"].kind == "label"


def test_an_automatic_path_moves_on_from_a_label() -> None:
    found = body("input 8x8x1\nrelu\nconv1: conv(4, 3)\nconv(4, 1)\nconv(4, 1)")
    assert paths(found) == ["input", "relu1", "conv1", "conv2", "conv3"]


def test_a_label_that_comes_later_keeps_its_name_from_automatic_paths() -> None:
    found = body("input 8x8x1\nconv(4, 3)\nconv1: conv(4, 1)")
    assert paths(found) == ["input", "conv2", "conv1"]


def test_block_calls_open_a_scope_of_their_name_and_ordinal() -> None:
    text = "block double(k) { { conv(k, 3) -> relu } * 2 }\nnet N { input 16x16x1 ; double(4) ; double(8) }"
    assert paths(graph(text)) == ["input"] + [
        f"double{n}.{kind}{i}" for n in (1, 2) for i in (1, 2) for kind in ("conv", "relu")
    ]


def test_a_labelled_block_call_has_the_label_as_its_scope() -> None:
    text = "block double(k) { { conv(k, 3) -> relu } * 2 }\nnet N { input 16x16x1 ; c1: double(4) }"
    found = graph(text)
    assert paths(found)[1] == "c1.conv1"
    assert (found.scopes["c1"].kind, found.scopes["c1"].name) == ("block", "double")


def test_labels_in_a_repetition_get_ordinals_through_the_whole_scope() -> None:
    found = body("input 32x32x1\nfor k in [4, 8] { unit: conv(k, 3) }\n{ unit: conv(2, 3) -> relu } * 2")
    assert paths(found) == ["input", "unit1", "unit2", "unit3.conv1", "unit3.relu1", "unit4.conv1", "unit4.relu1"]


def test_repeated_labels_are_found_by_index_name_and_as_the_latest() -> None:
    found = body(
        "input 8x8x3\nfor k in [1, 2, 3] { c: conv(3, 3, pad=1) }\n"
        "concat { c[0] | c[-1] | c | c2 }\nlet n = len(c)\nconv(n, 1)"
    )
    join = found["concat1"]
    assert [found.nodes[i].path for i in join.inputs] == ["c1", "c3", "c3", "c2"]
    assert str(found["conv4"].volume) == "8x8x3"


def test_a_range_of_labels_is_a_branch_for_each() -> None:
    found = body("input 8x8x3\nfor k in 0..4 { c: conv(2, 3, pad=1) }\nconcat { c[1..4] | id }")
    assert [found.nodes[i].path for i in found["concat1"].inputs] == ["c2", "c3", "c4", "id1"]


def test_a_repetition_that_only_names_a_volume_names_it_each_time() -> None:
    found = body("input 8x8x3\no: conv(2, 3, pad=1)\n{ q: o } * 3\nadd { q[1..3] } -> conv(len(q), 1)")
    assert [found.nodes[i].path for i in found["add1"].inputs] == ["o", "o"]
    assert str(found["conv2"].volume) == "8x8x3"


def test_scopes_nest() -> None:
    text = """
    block unit(k) { a: conv(k, 3, pad=1) -> relu ; conv(k, 1) }
    net N { input 8x8x3 ; stage: { unit(4) } * 2 -> relu }
    """
    assert paths(graph(text)) == [
        "input",
        "stage.unit1.a.conv1",
        "stage.unit1.a.relu1",
        "stage.unit1.conv1",
        "stage.unit2.a.conv1",
        "stage.unit2.a.relu1",
        "stage.unit2.conv1",
        "stage.relu1",
    ]


def test_labels_inside_a_labelled_block_are_reached_through_it() -> None:
    text = """
    net Inner { input 8x8x3 ; conv(4, 3) ; c4: conv(8, 3) -> relu ; conv(2, 1) }
    net Outer { input 16x16x3 ; backbone: Inner() ; concat { backbone.c4 | id } }
    """
    found = graph(text)
    assert [found.nodes[i].path for i in found["concat1"].inputs] == ["backbone.c4.relu1", "id1"]


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("input 8x8x1\na: conv(4, 3)\na: relu", "E204"),
        ("input 8x8x1\nconv: conv(4, 3)", "E205"),
        ("input 8x8x1\nlet k = 2\nk: conv(4, 3)", "E204"),
        ("input 8x8x1\nTest: conv(4, 3)", "E204"),
        ("input 8x8x1\nadd { later | id }\nlater: relu", "E203"),
        ("input 8x8x1\nif 1 == 2 { c: relu }\nadd { c | id }", "E203"),
        ("input 8x8x1\nc: relu\nconv(2, 3) -> c -> relu", "E230"),
    ],
)
def test_labels_that_cannot_be(statements: str, code: str) -> None:
    assert body_codes(statements) == [code]


def test_unrelated_lines_beside_a_label_leave_its_paths_alone() -> None:
    before = body("input 16x16x1\nstem: conv(4, 3) -> relu\nconv(2, 3)")
    after = body("input 16x16x1\nconv(1, 1)\nstem: conv(4, 3) -> relu\nconv(2, 3)")
    assert [p for p in paths(before) if p.startswith("stem")] == [p for p in paths(after) if p.startswith("stem")]
