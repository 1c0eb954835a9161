"""Augmentation: each one on images whose changed form is known, and the same for the same example of an epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnndsl
from cnndsl.data.augment import (
    Augment,
    Color,
    Crop,
    Cutout,
    Flip,
    Mixup,
    Rotate,
    Shift,
    augmentations,
    augmented,
)
from cnndsl.data.augment.base import Draws
from cnndsl.data.augment.color import colored
from cnndsl.data.augment.mixup import beta
from cnndsl.data.augment.move import moved
from cnndsl.data.augment.rotate import rotated
from cnndsl.data.visit import Visit
from cnndsl.diagnostic import CnnError
from cnndsl.random import key, threefry
from cnndsl.train.choices import choices

X = np.random.default_rng(0).normal(size=(64, 6, 5, 3)).astype(np.float32)
EVERY = [Flip(), Flip(vertical=True), Crop(pad=2), Shift(), Rotate(), Color(), Cutout(size=3), Mixup()]


def draws(count: int = 64, place: int = 0, epoch: int = 0) -> Draws:
    return Draws(3, epoch, place, np.arange(count))


def test_all_are_tested_here() -> None:
    assert {item.kind for item in EVERY} == set(choices(Augment))


def test_draws_are_threefrys_words_of_the_example_and_the_count() -> None:
    one, other = draws(8).uniform(), Draws(3, 0, 0, np.array([5, 2]))
    np.testing.assert_array_equal(other.uniform(), one[[5, 2]])
    word, _ = threefry(key(3, "augment 0 epoch 0"), np.array([2], np.uint32), np.array([1], np.uint32))
    assert other.uniform()[1] == (int(word[0]) >> 8) / 2**24
    many = draws(100_000)
    whole = many.whole(-2, 2)
    counts = np.bincount(whole + 2, minlength=5)
    assert len(counts) == 5 and abs(counts - 20_000).max() < 5 * (100_000 * 0.2 * 0.8) ** 0.5
    assert not np.array_equal(draws(9, place=1).uniform(), draws(9).uniform())
    assert not np.array_equal(draws(9, epoch=1).uniform(), draws(9).uniform())


def test_flip() -> None:
    np.testing.assert_array_equal(Flip(chance=1).apply(X, draws()), X[:, :, ::-1])
    np.testing.assert_array_equal(Flip(chance=1, vertical=True).apply(X, draws()), X[:, ::-1])
    np.testing.assert_array_equal(Flip(chance=0).apply(X, draws()), X)
    found = Flip().apply(X, draws())
    flipped = (found == X[:, :, ::-1]).all(axis=(1, 2, 3))
    assert ((found == X).all(axis=(1, 2, 3)) ^ flipped).all() and 16 < flipped.sum() < 48


def test_moving_by_whole_pixels() -> None:
    found = moved(X[:3], np.array([1, -2, 0]), np.array([0, 1, 0]), 2)
    np.testing.assert_array_equal(found[0, 1:], X[0, :-1])
    np.testing.assert_array_equal(found[0, 0], 0)
    np.testing.assert_array_equal(found[1, :-2, 1:], X[1, 2:, :-1])
    assert not found[1, -2:].any() and not found[1, :, 0].any()
    np.testing.assert_array_equal(found[2], X[2])


@pytest.mark.parametrize("item", [Crop(pad=2), Shift(pixels=2)])
def test_crop_and_shift_take_every_place(item: Augment) -> None:
    dot = np.zeros((2000, 5, 5, 1), np.float32)
    dot[:, 2, 2] = 1
    found = item.apply(dot, draws(2000))
    assert (found.sum(axis=(1, 2, 3)) == 1).all()
    counts = found.sum(axis=0)[..., 0]
    assert counts.min() > 40 and counts.max() < 130  # 80 each, 9 a standard deviation


def test_turning_by_quarters_and_back() -> None:
    square = X[:, :5]
    for quarters in range(-4, 5):
        turned = rotated(square, np.full(64, quarters * np.pi / 2))
        np.testing.assert_allclose(turned, np.rot90(square, quarters, axes=(1, 2)), atol=1e-5)
    np.testing.assert_allclose(rotated(X, np.full(64, np.pi)), X[:, ::-1, ::-1], atol=1e-5)


def test_turning_is_bilinear() -> None:
    """By 45 degrees the middle of a cross's arm lies at the distance 1 / sqrt 2 along both axes."""
    image = np.zeros((1, 3, 3, 1), np.float32)
    image[0, 1, 2] = 1  # to the right of the middle
    found = rotated(image, np.array([np.pi / 4]))[0, ..., 0]
    part = 2**0.5 - 1
    # the corner looks at (0, sqrt 2): that far beyond the pixel at 1, where there are zeros
    assert found[0, 2] == pytest.approx(1 - part, abs=1e-6)
    # the place above the middle, and that to its right, look at (-+1/sqrt 2, 1/sqrt 2)
    assert found[0, 1] == pytest.approx(0.5**0.5 * (1 - 0.5**0.5), abs=1e-6)
    assert found[1, 1] == 0


def test_rotate_keeps_to_its_degrees(monkeypatch) -> None:
    monkeypatch.setattr("cnndsl.data.augment.rotate.rotated", lambda x, angles: angles)
    angles = np.rad2deg(Rotate(degrees=10).apply(X, draws(5000)))
    assert -10 <= angles.min() < -9.9 and 9.9 < angles.max() <= 10


def test_colors_by_their_formulas() -> None:
    one = np.ones(64, np.float32)
    np.testing.assert_allclose(colored(X, one, one, one), X, atol=1e-6)
    np.testing.assert_allclose(colored(X, 2 * one, one, one), 2 * X, atol=1e-6)
    grey = X @ np.float32([0.299, 0.587, 0.114])
    np.testing.assert_allclose(colored(X, one, one, 0 * one), np.repeat(grey[..., None], 3, -1), atol=1e-6)
    flat = colored(X, one, 0 * one, one)
    np.testing.assert_allclose(flat, np.broadcast_to(grey.mean(axis=(1, 2))[:, None, None, None], X.shape), atol=1e-6)
    single = colored(X[..., :1], one, 3 * one, 9 * one)
    mean = X[..., :1].mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(single, mean + 3 * (X[..., :1] - mean), atol=1e-5)
    np.testing.assert_allclose(Color(0.0, 0.0, 0.0).apply(X, draws()), X, atol=1e-6)
    ratio = Color(0.5, 0.0, 0.0).apply(X, draws()) / X
    assert np.ptp(ratio.reshape(64, -1), axis=1).max() < 1e-3
    assert 0.5 <= ratio.min() < 0.6 and 1.4 < ratio.max() <= 1.5


def test_cutout_takes_one_square_away() -> None:
    ones = np.ones((3000, 7, 7, 2), np.float32)
    gone = Cutout(size=3).apply(ones, draws(3000)) == 0
    assert (gone[..., 0] == gone[..., 1]).all()
    rows, columns = gone[..., 0].any(axis=2), gone[..., 0].any(axis=1)
    np.testing.assert_array_equal(gone[..., 0], rows[:, :, None] & columns[:, None, :])
    for side in (rows.sum(axis=1), columns.sum(axis=1)):
        assert set(side.tolist()) == {2, 3}  # 2 where the middle is at an edge
    # a middle anywhere: of 49 places 25 leave the square whole
    assert (gone[..., 0].sum(axis=(1, 2)) == 9).mean() == pytest.approx(25 / 49, abs=0.04)


def test_mixup_mixes_numbers_with_their_examples() -> None:
    y = X[:, 0, 0] * 2 + 1  # linear in x, so it stays so
    inputs, targets = Mixup(alpha=1).change({"x": X}, {"y": y}, draws())
    np.testing.assert_allclose(targets["y"], inputs["x"][:, 0, 0] * 2 + 1, atol=1e-5)
    assert not np.allclose(inputs["x"], X)
    np.testing.assert_allclose(inputs["x"].sum(), sum_of_mixed(X), rtol=1e-4)


def sum_of_mixed(x: np.ndarray) -> float:
    """The same by a loop, from the order and the weights that the draws give."""
    drawn = draws()
    other = np.argsort(drawn.uniform(), kind="stable")
    weights = beta(drawn, 1, 1)
    return sum((w * x[i] + (1 - w) * x[j]).sum() for i, (j, w) in enumerate(zip(other, weights)))


def test_mixup_keeps_labels_and_the_mean_loss() -> None:
    """E[w loss(first) + (1 - w) loss(other)] under Beta(a, a) is E[loss(first)] under Beta(a + 1, a)."""
    labels = np.arange(64) % 3
    _, targets = Mixup().change({"x": X}, {"y": labels}, draws())
    assert targets["y"] is labels
    count, alpha = 200_000, 0.4
    one, other = 0.0, 1.0  # two examples; any loss of (mixed example, label) will do
    loss = lambda x, label: np.exp(x) * (label + 2) + x**3  # noqa: E731
    w = beta(draws(count), alpha, alpha)
    usual = w * loss(w * one + (1 - w) * other, 0) + (1 - w) * loss(w * one + (1 - w) * other, 1)
    usual_too = w * loss(w * other + (1 - w) * one, 1) + (1 - w) * loss(w * other + (1 - w) * one, 0)
    v = beta(draws(count, epoch=1), alpha + 1, alpha)
    kept = (loss(v * one + (1 - v) * other, 0) + loss(v * other + (1 - v) * one, 1)) / 2
    assert kept.mean() == pytest.approx(((usual + usual_too) / 2).mean(), rel=0.01)


@pytest.mark.parametrize(("a", "b"), [(0.2, 0.2), (1.2, 0.2), (1.0, 1.0), (3.0, 2.0)])
def test_beta_has_its_mean_and_variance(a: float, b: float) -> None:
    found = beta(draws(100_000), a, b)
    assert found.mean() == pytest.approx(a / (a + b), abs=0.005)
    assert found.var() == pytest.approx(a * b / ((a + b) ** 2 * (a + b + 1)), rel=0.03)


@pytest.mark.parametrize("item", EVERY)
def test_nothing_is_changed_in_place_and_shapes_and_types_stay(item: Augment) -> None:
    x, y = X.copy(), np.arange(64, dtype=np.int32)
    inputs, targets = item.change({"x": x}, {"y": y}, draws())
    np.testing.assert_array_equal(x, X)
    assert inputs["x"].shape == X.shape and inputs["x"].dtype == np.float32 and targets["y"].dtype == np.int32
    assert not np.array_equal(inputs["x"], X)


@given(st.integers(0, 2**40), st.integers(0, 9), st.lists(st.integers(0, 63), min_size=1, max_size=9, unique=True))
def test_what_an_example_sees_does_not_depend_on_its_batch(seed: int, epoch: int, numbers: list[int]) -> None:
    listed = [item for item in EVERY if item.kind != "mixup"]
    chosen = np.array(numbers)
    whole, _ = augmented(listed, {"x": X}, {}, Visit(seed, epoch), np.arange(64))
    some, _ = augmented(listed, {"x": X[chosen]}, {}, Visit(seed, epoch), chosen)
    np.testing.assert_allclose(some["x"], whole["x"][chosen], atol=1e-5)


def test_all_inputs_of_an_example_are_changed_alike() -> None:
    for item in EVERY:
        inputs, _ = item.change({"left": X, "right": X}, {}, draws())
        np.testing.assert_array_equal(inputs["left"], inputs["right"])


def test_the_same_list_in_words() -> None:
    assert augmentations("flip, crop:4") == (Flip(), Crop(pad=4))
    assert augmentations([Flip(), "crop:pad=2:size=32", {"kind": "rotate", "degrees": 5}]) == (
        Flip(),
        Crop(32, pad=2),
        Rotate(5),
    )
    assert augmentations("flip:vertical=true,color:0.3,mixup:0.4,shift:1,cutout:4") == (
        Flip(vertical=True),
        Color(0.3, 0.3, 0.3),
        Mixup(0.4),
        Shift(1),
        Cutout(4),
    )
    assert augmentations("") == augmentations(()) == ()
    assert augmentations(Flip()) == (Flip(),)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("filp", "E521", "did you mean `flip`?"),
        ("RandomCrop:4", "E521", "did you mean `crop`?"),
        ("crop:padding=4", "E522", "did you mean `pad`?"),
        ("crop:0", "E523", "whole number of at least 1"),
        ("crop:four", "E523", "'four'"),
        ("flip:1.5", "E523", "`chance`"),
        ("rotate:-3", "E523", "a number above 0"),
        ("mixup:9", "E523", "`alpha`"),
        (3, "E521", "`3`"),
    ],
)
def test_words_that_mean_nothing(text, code: str, words: str) -> None:
    with pytest.raises(CnnError) as error:
        augmentations(text)
    assert error.value.diagnostics[0].code == code and words in str(error.value)


def model(text: str, **settings):
    return cnndsl.loads(text).compile(backend="numpy", **settings)


@pytest.mark.parametrize(
    ("text", "augment", "words"),
    [
        ("net A { input 6x5x3 -> flatten -> fc(3) }", "crop:size=6", "6x5x3"),
        ("net A { input 8 -> fc(3) }", "flip", "height, width, channels"),
        ("net A { input 6x6x1 ; conv(3, 1) }", "rotate", "targets are one for each position"),
    ],
)
def test_augmentation_that_does_not_fit(text: str, augment: str, words: str) -> None:
    with pytest.raises(CnnError) as error:
        trained = model(text)
        (shape,), (goal,) = trained.task.inputs.values(), trained.task.goals.values()
        trained.fit(np.zeros((2, *shape)), np.zeros((2, *goal.shape[:-1]), int), augment=augment)
    assert error.value.diagnostics[0].code == "E556" and words in str(error.value)


def test_training_is_augmented_and_evaluation_is_not() -> None:
    one = model("net A { input 6x5x3 -> flatten -> fc(3) }", seed=1)
    seen = []
    real = one.engine.step
    one.engine.step = lambda inputs, *rest: seen.append(inputs["input"].copy()) or real(inputs, *rest)
    one.fit(X, np.arange(64) % 3, epochs=2, batch_size=10, augment="flip:1", shuffle=False, verbose=0)
    np.testing.assert_array_equal(np.concatenate(seen), np.concatenate([X, X])[:, :, ::-1])
    before = one.evaluate(X, np.arange(64) % 3)
    assert before == one.evaluate(X, np.arange(64) % 3)


def test_an_epoch_that_is_gone_on_with_sees_the_same() -> None:
    task = model("net A { input 6x5x3 -> flatten -> fc(3) }").task
    feed = task.feed(X, np.arange(64) % 3)
    feed.augment = tuple(EVERY)
    whole = list(feed.batches(10, Visit(5, 1)))
    rest = list(feed.batches(10, Visit(5, 1), first=4))
    assert len(whole) == 7 and len(rest) == 3
    for one, other in zip(whole[4:], rest):
        np.testing.assert_array_equal(one.inputs["input"], other.inputs["input"])
        np.testing.assert_array_equal(one.targets["output"], other.targets["output"])
