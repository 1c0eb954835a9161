"""Labels of repetitions: their ordinals, lists of them as branches, and what cannot be told apart."""

from __future__ import annotations

import pytest

from tests.elaborate.helpers import body, body_codes, codes, errors, graph, paths, volumes

DENSE = """
block dense(n, k) {
    for i in 0..n {
        concat { in | x[0..i] }
        x: conv(k, 3, pad=1)
    }
    concat { in | x[0..n] }
}
"""


def test_none_of_the_volumes_of_a_label_is_no_branch() -> None:
    """Before the first round of a loop there is nothing to join: a dense block grows by k channels a round."""
    found = graph(DENSE + "net N { input 8x8x3 ; dense(3, 4) }")
    assert paths(found) == [
        "input",
        *(f"dense1.{name}" for name in ("x1", "concat2", "x2", "concat3", "x3", "concat4")),
    ]
    assert [found[f"dense1.x{i}"].inputs for i in (1, 2, 3)] == [(0,), (2,), (4,)]
    assert str(found.nodes[-1].volume) == "8x8x15"
    assert paths(graph(DENSE + "net N { input 8x8x3 ; dense(0, 4) ; relu }")) == ["input", "relu1"]


def test_the_number_of_volumes_of_a_label_is_0_before_the_first() -> None:
    found = body("input 8x8x1 ; for i in 0..3 { concat { in | x[0..len(x)] } ; x: conv(2, 3, pad=1) }")
    assert volumes(found) == ["8x8x1", "8x8x2", "8x8x3", "8x8x2", "8x8x5", "8x8x2"]


@pytest.mark.parametrize("join", ["add { c }", "add { c[0] }", "concat { [c, c][0] }", "add { c[0..0] }", "add { y }"])
def test_one_branch_alone_is_a_mistake(join: str) -> None:
    assert body_codes(f"input 8x8x1 ; c: relu ; for i in 0..2 {{ y: relu }} ; {join}") == ["E306"]


def test_one_branch_alone_says_how_to_have_all() -> None:
    (error,) = errors("net N { input 8x8x1 ; for i in 0..2 { y: relu } ; concat { y } }")
    assert "`label[0..len(label)]`" in error.helps[0]


def test_a_list_of_volumes_in_a_pipeline_says_where_it_can_stand() -> None:
    (error,) = errors("net N { input 8x8x1 ; for i in 0..2 { y: relu } ; y[0..2] -> relu }")
    assert error.code == "E223" and "`concat { y[0..2] }`" in error.helps[0]


@pytest.mark.parametrize("cut", ["[1, 2][0..3]", "[1, 2][-1..1]", "(0..7)[2..8]", "y[1..3]", "(28x28)[0..3]"])
def test_a_range_beyond_a_list_is_an_error(cut: str) -> None:
    assert body_codes(f"input 8x8x1 ; for i in 0..2 {{ y: relu }} ; for v in {cut} {{ relu }}") == ["E224"]


def test_a_range_within_a_list_cuts_it() -> None:
    assert paths(body("input 8x8x1 ; for k in [1, 2, 3][1..3] { conv(k, 1) } ; for k in [4][1..1] { relu }")) == [
        "input",
        "conv1",
        "conv2",
    ]


@pytest.mark.parametrize(
    "statements",
    [
        "{ c: relu } * 2 ; c2: tanh",
        "c2: tanh ; { c: relu } * 2",
        "{ c: relu ; c1: tanh } * 12",
        "for i in 0..2 { c: relu } ; c1: relu -> tanh",
    ],
)
def test_a_label_may_not_equal_one_of_a_repetition_with_its_ordinal(statements: str) -> None:
    assert body_codes("input 8x8x1 ; " + statements) == ["E204"]


@pytest.mark.parametrize(
    "statements",
    [
        "for i in 0..2 { input 8x8x1 } ; relu",
        "for i in 0..2 { input x: 8x8x1 } ; relu",
        "{ input 8x8x1 } * 2 ; relu",
        "input 8x8x1 ; add { input 8x8x1 | id }",
    ],
)
def test_an_input_stands_once(statements: str) -> None:
    assert "E233" in body_codes(statements)


def test_a_choice_of_inputs_and_braces_around_one() -> None:
    assert paths(body("{ input 8x8x1 -> relu } ; relu")) == ["input", "relu1", "relu2"]
    assert codes("net N(wide = true) { if wide { input a: 9x9x1 } else { input b: 8x8x1 } ; relu }") == []
