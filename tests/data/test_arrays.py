"""Arrays that do not fit a net: what is said, with both shapes, and that the advice works when it is followed."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.data import arrays
from cnndsl.data.arrays import check_inputs
from cnndsl.data.remedy import remedy
from cnndsl.diagnostic import CnnError


def refused(x: object, /, **wanted: tuple[int, ...]) -> tuple[str, str]:
    with pytest.raises(CnnError) as error:
        check_inputs(x, wanted, {})
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


@pytest.mark.parametrize(
    ("shape", "wanted", "advice"),
    [
        ((60, 1, 28, 28), (28, 28, 1), "x.transpose(0, 2, 3, 1)"),
        ((60, 3, 32, 48), (32, 48, 3), "x.transpose(0, 2, 3, 1)"),
        ((32, 48, 3, 60), (32, 48, 3), "x.transpose(3, 0, 1, 2)"),
        ((28, 28, 60), (28, 28, 1), "reshape"),
        ((60, 48, 32, 3), (32, 48, 3), "x.transpose(0, 2, 1, 3)"),
        ((60, 9, 128), (128, 9), "x.transpose(0, 2, 1)"),
        ((60, 3, 16, 112, 112), (16, 112, 112, 3), "x.transpose(0, 2, 3, 4, 1)"),
        ((60, 28, 28), (28, 28, 1), "x[..., None]"),
        ((28, 28, 1), (28, 28, 1), "x[None]"),
        ((28, 28), (28, 28, 1), "x[None, ..., None]"),
        ((60, 784), (28, 28, 1), "x.reshape(-1, 28, 28, 1)"),
        ((60, 28, 28, 1), (784,), "x.reshape(-1, 784)"),
        ((60, 28, 28, 1), (28, 28, 3), "x.repeat(3, axis=-1)"),
        ((60, 28, 28), (28, 28, 3), "x[..., None].repeat(3, axis=-1)"),
        ((60, 28, 28, 3), (28, 28, 1), "x.mean(axis=-1, keepdims=True)"),
        ((60, 28, 28, 4), (28, 28, 3), "x[..., :3]"),
    ],
)
def test_the_expression_that_mends_a_shape(shape, wanted, advice: str) -> None:
    code, text = refused(zeros(*shape), x=wanted)
    assert code == "E501"
    assert "x".join(map(str, wanted)) in text
    assert str(shape) in text
    if advice != "reshape":
        assert text.endswith(advice)
        mended = eval(advice, {"x": zeros(*shape)})
        assert mended.shape[1:] == wanted


@pytest.mark.parametrize(
    ("shape", "wanted"), [((60, 32, 32, 3), (28, 28, 1)), ((60, 32, 32, 1), (28, 28, 1)), ((60, 10), (784,))]
)
def test_where_no_expression_does_the_net_may_change(shape, wanted) -> None:
    code, text = refused(zeros(*shape), x=wanted)
    assert code == "E501"
    declared = "x".join(map(str, shape[1:]))
    assert f"declare `input {declared}`" in text
    assert "x".join(map(str, wanted)) in text


@pytest.mark.parametrize("x", [3.0, zeros(0), np.float32(1), []])
def test_no_arrays_of_examples_at_all(x) -> None:
    assert refused(x, x=(28, 28, 1))[0] == "E501"


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.lists(st.integers(1, 5), min_size=0, max_size=5))
def test_whatever_is_advised_for_a_shape_can_be_evaluated(wanted: list[int], shape: list[int]) -> None:
    advice = remedy("x", tuple(shape), tuple(wanted))
    if tuple(shape[1:]) == tuple(wanted):
        return
    found = re.search(r"x[.\[].*$", advice) if "bring each" not in advice else None
    if found:
        assert eval(found[0], {"x": zeros(*shape)}).shape[1:] == tuple(wanted)
    else:
        assert advice.startswith("bring each example to")


def test_the_place_of_the_input_is_shown() -> None:
    from cnndsl.errors.base import Site
    from cnndsl.source import Source, Span

    site = Site(Span(Source("a.cnn", "net A { input 28x28x1 }"), 8, 21))
    with pytest.raises(CnnError) as error:
        check_inputs(zeros(5, 28, 28), {"x": (28, 28, 1)}, {"x": site})
    (diagnostic,) = error.value.diagnostics
    assert str(diagnostic.span) == "a.cnn:1:9"


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (np.array([[None, 1.0]], object), "Python objects"),
        ([["a", "b"]], "text"),
        ([[b"a", b"b"]], "text"),
        ([[1j, 2]], "complex numbers"),
        (np.array([["2020-01-01"] * 2], "datetime64[D]"), "dates"),
        ([[1.0, 2.0], [1.0]], "examples of different sizes"),
        (np.zeros(1, [("a", "f4")]), "values of type"),
    ],
)
def test_no_numbers(x, kind: str) -> None:
    code, text = refused(x, x=(2,))
    assert code == "E502"
    assert kind in text


def test_pixels_that_nobody_scaled() -> None:
    x = np.random.default_rng(0).integers(0, 256, (5, 2, 2, 1), np.uint8)
    x[0, 0, 0], x[1, 0, 0] = 0, 255
    code, text = refused(x, x=(2, 2, 1))
    assert code == "E503"
    assert "uint8, 0 to 255" in text
    assert 'x.astype("float32") / 255' in text
    check_inputs(x.astype("float32") / 255, {"x": (2, 2, 1)}, {})


def test_other_whole_numbers() -> None:
    code, text = refused(np.array([[-3, 900]]), x=(2,))
    assert code == "E503"
    assert "int64, -3 to 900" in text
    assert "255" not in text
    check_inputs(np.array([[-3, 900]]).astype("float32"), {"x": (2,)}, {})


@pytest.mark.parametrize("x", [[[0, 1], [1, 1]], [[-1, 1]], np.ones((2, 2), bool), np.ones((2, 2), np.uint8)])
def test_small_whole_numbers_are_what_they_are(x) -> None:
    np.testing.assert_array_equal(check_inputs(x, {"x": (2,)}, {})["x"], x)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_a_value_that_is_not_finite_is_counted_and_placed(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "CHUNK", 40)
    x = np.zeros((100, 2, 3, 1))
    x[57, 1, 2] = x[99, 0, 0] = value
    code, text = refused(x, x=(2, 3, 1))
    assert code == "E504"
    assert f"2 values that are not finite, the first ({value}) in example 57" in text
    good = eval(re.search(r"good = (.*?);", text)[1], {"numpy": np, "x": x})
    if np.isfinite(value):
        return
    assert good.sum() == 98
    assert not good[57]


def test_one_value_in_plain_rows() -> None:
    _, text = refused([[0.0, 1.0], [np.nan, 1.0]], x=(2,))
    assert "1 value that is not finite" in text
    assert "in example 1" in text


def test_no_examples() -> None:
    code, text = refused(zeros(0, 28, 28, 1), x=(28, 28, 1))
    assert code == "E506"
    assert "(0, 28, 28, 1)" in text


def test_several_inputs_by_name() -> None:
    wanted = {"left": (2,), "right": (3,)}
    found = check_inputs({"right": zeros(5, 3), "left": zeros(5, 2)}, wanted, {})
    assert {name: array.shape for name, array in found.items()} == {"left": (5, 2), "right": (5, 3)}
    code, text = refused(zeros(5, 2), **wanted)
    assert code == "E510"
    assert "2 of them (left, right)" in text
    assert 'x={"left": …, "right": …}' in text
    code, text = refused({"left": zeros(5, 2), "rihgt": zeros(5, 3)}, **wanted)
    assert code == "E510"
    assert "lacks `right`" in text
    assert "`rihgt`" in text
    code, text = refused({"left": zeros(5, 2), "right": zeros(5, 2)}, **wanted)
    assert code == "E501"
    assert 'x["right"]' in text
    code, text = refused({"left": zeros(5, 2), "right": zeros(4, 3)}, **wanted)
    assert code == "E505"
    assert '`x["left"]` has 5 examples, `x["right"]` has 4 examples' in text


def test_one_input_may_be_named_too() -> None:
    assert check_inputs({"image": zeros(5, 2)}, {"image": (2,)}, {})["image"].shape == (5, 2)


def test_what_is_no_copy_stays_none() -> None:
    x = zeros(5, 2)
    assert check_inputs(x, {"x": (2,)}, {})["x"] is x
