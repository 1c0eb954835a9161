"""Values: operators, functions, what cannot be computed, and what is bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.elaborate.helpers import body, body_codes, codes, errors, graph


def units(expression: str, before: str = "") -> int:
    """The value of an expression, through the units of an fc."""
    volume = body(f"input 4\n{before}\nfc({expression})").nodes[-1].volume
    assert volume.channels is not None
    return volume.channels


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("2 ** 3 ** 2 // 64", 8),
        ("-2 ** 2 + 10", 6),
        ("10 - 2 - 3", 5),
        ("32 * 0.5", 16),
        ("8 / 2", 4),
        ("int(7.9)", 7),
        ("int(-7.9) + 10", 3),
        ("ceil(7.1)", 8),
        ("floor(7.9)", 7),
        ("round(2.5)", 2),
        ("round(3.5)", 4),
        ("int(sqrt(49))", 7),
        ("max(2, 9, 4)", 9),
        ("min([5, 3])", 3),
        ("sum([1, 2, 3])", 6),
        ("abs(-3)", 3),
        ("len([1, 2, 3])", 3),
        ("[4, 5, 6][1]", 5),
        ("[4, 5, 6][-1]", 6),
        ("len(1..5)", 4),
        ("sum([9, 8, 7, 6][1..3])", 15),
        ("5 if 1 < 2 else 6", 5),
        ("5 if not (1 < 2 and 3 == 3) else 6", 6),
        ("(3x5)[1]", 5),
        ("sum(4x4x2)", 10),
    ],
)
def test_expressions(expression: str, value: int) -> None:
    assert units(expression) == value


@given(st.integers(-50, 50), st.integers(-50, 50), st.sampled_from(["+", "-", "*", "//", "%"]))
def test_arithmetic_is_that_of_python(a: int, b: int, operator: str) -> None:
    if operator in ("//", "%") and b == 0:
        assert body_codes(f"input 4\nfc({a} {operator} {b})") == ["E224"]
    else:
        expected = eval(f"{a} {operator} {b}")
        assert units(f"{a} {operator} ({b}) + 10000") == expected + 10000


def test_functions_lets_and_defaults_see_what_stands_before_them() -> None:
    text = """
    let base = 8
    fn div8(x, by = base) = max(by, int(x + by / 2) // by * by)
    block wide(k, twice = k * 2) { conv(twice, 1) }
    net N(a = div8(30)) { input 8x8x3 ; wide(a) ; wide(4, twice = 5) }
    """
    found = graph(text)
    assert [str(node.volume) for node in found.nodes] == ["8x8x3", "8x8x64", "8x8x5"]


def test_a_volume_knows_its_extents() -> None:
    assert units("in.channels * 2") == 8
    found = body("input 6x10x3\na: conv(4, 3)\nconv(a.height * 100 + a.width * 10 + a.channels, 1)")
    assert found.nodes[-1].volume.channels == 4 * 100 + 8 * 10 + 4


def test_in_never_changes_within_a_block() -> None:
    text = "block b { conv(9, 1) ; conv(in.channels, 1) }\nnet N { input 4x4x3 ; b }"
    assert graph(text).nodes[-1].volume.channels == 3


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("input 4\nfc(3.5)", "E220"),
        ("input 4\nfc(0)", "E220"),
        ("input 4\nfc(true)", "E220"),
        ("input 4\nfc([1])", "E220"),
        ("input 4\nfc(2 + true)", "E223"),
        ("input 4\nfc(relu + 1)", "E223"),
        ("input 4\nfc(sqrt(-1))", "E224"),
        ("input 4\nfc((-1) ** 0.5)", "E224"),
        ("input 4\nfc([1, 2][2])", "E224"),
        ("input 4\nfc(1 / 0)", "E224"),
        ("input 4\nfc(1 < relu)", "E224"),
        ("input 4\nfc(9 ** 9 ** 9)", "E403"),
        ("input 4\nfc(2.0 ** 5000)", "E403"),
        ("input 4\nfc(2 ** 40)", "E220"),
        ("input 4\n{ relu } * 2.5", "E223"),
        ("input 4\n{ relu } * (-1)", "E223"),
        ("input 4\n{ relu } * (2 ** 40)", "E403"),
        ("input 4\nif 1 { relu }", "E223"),
        ("input 4\nfor (a, b) in [1, 2] { relu }", "E223"),
        ("input 4\nfor a in 3 { relu }", "E223"),
        ("input 4\nfc(unknown_name)", "E201"),
        ("input 4\nrelux", "E201"),
        ("input 4\nfc(10, biass=true)", "E202"),
        ("input 4\nfc", "E221"),
        ("input 4\nfc(1, true, 3)", "E222"),
        ("input 4\nfc(1, units=2)", "E222"),
        ("input 4\nlet k = 3\nk", "E223"),
        ("input 0x4", "E226"),
        ("input 1x2x3x4x5", "E226"),
        ("relu", "E231"),
        ("input 4\nadd", "E235"),
        ("input 4\nrelu { | id | id }", "E234"),
    ],
)
def test_each_mistake_is_one_message(statements: str, code: str) -> None:
    found = errors(f"net Test {{\n{statements}\n}}\n")
    assert [d.code for d in found] == [code]
    assert found[0].span is not None
    assert found[0].helps or found[0].fixes


def test_a_mistake_hides_no_other_and_causes_none() -> None:
    text = """net Ten {
        input 28x28x1
        convv(6, 5)
        conv(6, kernell=5)
        conv(6)
        conv(6.5, 3)
        let k = 1 / 0
        conv(k, 3)
        add { | conv(1, 1) | missing }
        relu(3)
        if 3 { relu }
        for i in 7 { relu }
        maxpool(2, stride=0)
    }"""
    assert codes(text) == ["E201", "E202", "E221", "E220", "E224", "E201", "E222", "E223", "E223", "E220"]


def test_a_label_on_a_mistake_is_known_all_the_same() -> None:
    assert codes("net N { input 8x8x1 ; up: deconvv(3, 2) ; add { up | up -> relu } }") == ["E201"]


def test_the_textbooks_letters_and_positions_are_names_of_the_same_arguments() -> None:
    one = body("input 227x227x3\nconv(96, 11, stride=4)")
    other = body("input 227x227x3\nconv(K=96, F=11, S=4, P=0)")
    assert one.nodes[1].layer == other.nodes[1].layer


def test_a_value_that_a_mistake_left_open_is_not_complained_of_again() -> None:
    """The block's volume is unknown after the first mistake, and so is what it computes of it, in lists too."""
    text = """
    block b { let k = max([6, in.channels - 2]) ; conv(k + sum((1, in.channels)), 1) -> concat { [in, in] } }
    net N { input 8x8x3 ; nothing ; b ; if [in.channels, 1] == [3, 1] { conv(3, 1) } ; b }
    """
    assert codes(text) == ["E201"]
    assert codes("net N { input (8, nothing, 3) ; relu }") == ["E201"]
