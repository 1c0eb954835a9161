"""The generator against its published answers, and what is drawn from it against theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl import random
from cnndsl.program import Parameter, Start

# Random123's kat_vectors, threefry2x32 with 20 rounds: counter, key, block.
KNOWN = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]


def block(key: random.Key, counter: tuple[int, int]) -> tuple[int, int]:
    one, two = random.threefry(key, np.array([counter[0]], np.uint32), np.array([counter[1]], np.uint32))
    return int(one[0]), int(two[0])


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_published_answers(counter, key, expected):
    assert block(key, counter) == expected


@given(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), st.integers(1, 40), st.data())
def test_a_word_is_its_block_and_half(key, count, data):
    e = data.draw(st.integers(0, count - 1))
    assert random.bits(key, count)[e] == block(key, (e // 2, 0))[e % 2]


def test_numbers_do_not_depend_on_how_many_are_drawn():
    key, count = (1, 2), 2 * random.BLOCK + 7
    for draw in (random.bits, random.uniform, random.normal):
        many = draw(key, count)
        for fewer in (1, 2, random.BLOCK - 1, random.BLOCK, random.BLOCK + 1):
            assert np.array_equal(draw(key, fewer), many[:fewer])


@pytest.mark.parametrize("seed", [0, 1, -1, 2**63, 12345678901234567890])
def test_seed_and_name_both_matter(seed):
    keys = {random.key(seed, "conv1.weight"), random.key(seed, "conv2.weight"), random.key(seed + 1, "conv1.weight")}
    assert len(keys) == 3


def test_uniform_has_the_moments_and_range_of_theory():
    drawn = random.uniform((7, 8), 1_000_000).astype(np.float64)
    assert 0 <= drawn.min() < 1e-5
    assert 1 - 1e-5 < drawn.max() < 1
    assert abs(drawn.mean() - 1 / 2) < 5 * (1 / 12) ** 0.5 / 1000
    assert np.abs(np.bincount((drawn * 10).astype(int)) - 100_000).max() < 5 * 300


def test_normal_has_the_moments_of_theory():
    drawn = random.normal((7, 8), 1_000_000).astype(np.float64)
    for power, moment, deviation in [(1, 0, 1), (2, 1, 2**0.5), (3, 0, 15**0.5), (4, 3, 96**0.5)]:
        assert abs((drawn**power).mean() - moment) < 5 * deviation / 1000
    assert abs((drawn[::2] * drawn[1::2]).mean()) < 5 / 1000
    assert 4.4 < np.abs(drawn).max() < 7


def test_permutation_is_one_and_is_shuffled():
    order = random.permutation((3, 4), 10_000)
    assert np.array_equal(np.sort(order), np.arange(10_000))
    assert abs(np.corrcoef(order, np.arange(10_000))[0, 1]) < 0.05
    assert random.permutation((3, 4), 0).size == 0


def started(recipe: Start, shape: tuple[int, ...], name: str = "a.weight", seed: int = 0):
    array = random.start(Parameter(name, shape, recipe, "weight"), seed)
    assert array.shape == shape
    assert array.dtype == np.float32
    return array


@pytest.mark.parametrize(
    ("recipe", "std"),
    [
        (Start("he", fan_in=72, fan_out=900), (2 / 72) ** 0.5),
        (Start("lecun", fan_in=72), (1 / 72) ** 0.5),
        (Start("normal", 0.01), 0.01),
        (Start("glorot", fan_in=30, fan_out=70), 6**0.5 / 10 / 3**0.5),
        (Start("uniform", 0.25), 0.25 / 3**0.5),
    ],
)
def test_recipes_have_their_spread(recipe, std):
    array = started(recipe, (100, 3, 3, 100))
    assert array.std() == pytest.approx(std, rel=0.01)
    assert abs(array.mean()) < 5 * std / 300
    if recipe.recipe in ("glorot", "uniform"):
        assert np.abs(array).max() <= 3**0.5 * std * (1 + 1e-6)


def test_constant_and_given():
    assert (started(Start("constant", 0.5), (2, 3)) == 0.5).all()
    assert started(Start("given", table=(1.0, 2.0, 3.0, 4.0)), (2, 2)).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("shape", [(6, 3, 3, 4), (40, 3), (5, 5)])
def test_orthogonal_rows_or_columns(shape):
    matrix = started(Start("orthogonal"), shape).reshape(shape[0], -1).astype(np.float64)
    small = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    assert np.allclose(small, np.eye(len(small)), atol=1e-6)


def test_a_parameter_depends_on_its_own_name_and_the_seed_only():
    recipe = Start("he", fan_in=9)
    assert np.array_equal(started(recipe, (4, 9)), started(recipe, (4, 9)))
    assert not np.array_equal(started(recipe, (4, 9)), started(recipe, (4, 9), name="b.weight"))
    assert not np.array_equal(started(recipe, (4, 9)), started(recipe, (4, 9), seed=1))


def mask(key: random.Key, step: int, rate: float, shape: tuple[int, ...]):
    out = np.empty(shape, bool)
    random.kept(key, step, rate, out)
    return out


@given(st.integers(0, 2**32 - 1), st.integers(1, 50), st.floats(0, 0.999), st.data())
def test_a_dropout_mask_is_what_its_definition_says(step, count, rate, data):
    key, e = random.dropout_key(5, 2), data.draw(st.integers(0, count - 1))
    word = block(key, (e // 2, step))[e % 2]
    assert mask(key, step, rate, (count,))[e] == (word >= random.threshold(rate))


def test_dropout_masks_of_seeds_steps_and_streams_differ_and_have_the_rate():
    shape = (64, 33, 33, 3)
    masks = [
        mask(random.dropout_key(seed, stream), step, 0.3, shape)
        for seed, stream, step in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    ]
    expected, deviation = 0.7, 5 * (0.3 * 0.7 / masks[0].size) ** 0.5
    for one in masks:
        assert abs(one.mean() - expected) < deviation
    for other in masks[1:]:
        assert abs((masks[0] == other).mean() - (0.7**2 + 0.3**2)) < 2 * deviation
    assert mask((1, 2), 0, 0.0, shape).all()


@given(st.integers(0, 2**32 - 1), st.integers(0, 50), st.integers(1, 9))
def test_noise_is_box_and_mullers_on_the_words_of_a_block(seed, step, count):
    key, out = random.noise_key(seed, 3), np.empty(count)
    random.noise(key, step, out)
    for e, number in enumerate(out):
        one, two = block(key, (e // 2, step))
        radius = (-2 * math.log(((one >> 8) + 1) / 2**24)) ** 0.5
        turn = (math.cos, math.sin)[e % 2]
        assert number == pytest.approx(radius * turn(2 * math.pi * (two >> 8) / 2**24), rel=1e-12, abs=1e-12)


def test_noise_is_standard_normal_and_new_at_every_step():
    drawn = np.empty((2, 500, 1001))
    for step in range(2):
        random.noise(random.noise_key(0, 0), step, drawn[step])
    assert abs(np.corrcoef(drawn.reshape(2, -1))[0, 1]) < 5 / 700
    for power, moment, deviation in [(1, 0, 1), (2, 1, 2**0.5), (3, 0, 15**0.5), (4, 3, 96**0.5)]:
        assert abs((drawn**power).mean() - moment) < 5 * deviation / 1000
    narrow = np.empty((500, 1001), np.float32)
    random.noise(random.noise_key(0, 0), 1, narrow)
    assert np.array_equal(narrow, drawn[1].astype(np.float32))


@given(st.integers(1, 60), st.integers(0, 30))
def test_a_part_of_a_mask_or_of_noise_is_made_alone(count, half):
    first = 2 * half
    whole, part = mask((1, 2), 3, 0.5, (first + count,)), np.empty(count, bool)
    random.kept((1, 2), 3, 0.5, part, first)
    assert np.array_equal(part, whole[first:])
    all_noise, noise = np.empty(first + count), np.empty(count)
    random.noise((1, 2), 3, all_noise)
    random.noise((1, 2), 3, noise, first)
    assert np.array_equal(noise, all_noise[first:])
