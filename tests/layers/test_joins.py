"""Joins: add, mul, concat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.errors.base import Refused, Site
from cnndsl.layers.base import infer
from cnndsl.lower import lower
from cnndsl.program import Combine, Concat
from cnndsl.source import Source, Span
from cnndsl.volume import Volume
from tests.layers.build import Sketch, gives, layer, refusal, volume


@pytest.fixture(params=["add", "mul"])
def join(request):
    return layer(request.param)


def test_equal_volumes_and_branches_that_are_repeated(join):
    assert gives(join, "8x8x4", "8x8x4", "8x8x4") == "8x8x4"
    assert gives(join, "8x8x4", "1x1x4") == gives(join, "1x1x4", "8x8x4") == "8x8x4"
    assert gives(join, "8x8x4", "8x8x1", "1x1x4") == "8x8x4"
    assert gives(join, "8x8x1", "1x1x4") == "8x8x4"
    assert gives(join, "1x1x4", "1x1x4") == "1x1x4"
    assert gives(join, "10", "10") == "10"


def test_open_extents_go_with_any(join):
    assert gives(join, "?x8x4", "8x?x4") == "8x8x4"
    assert gives(join, "?x?x4", "?x?x4") == "?x?x4"
    assert gives(join, "?x?x4", "1x1x4") == "?x?x4"


def test_only_whole_planes_and_single_channels_are_repeated(join):
    assert refusal(join, "8x8x4", "1x8x4").code == "E305"
    assert refusal(join, "8x8x4", "8x8x2").code == "E305"
    assert refusal(join, "8x8x4", "4").code == "E305"


extents = st.sampled_from([1, 2, 3])


@pytest.mark.parametrize("kind", ["add", "mul"])
@given(sizes=st.lists(st.tuples(extents, extents, extents), min_size=2, max_size=3))
def test_what_is_joined_is_what_numpy_broadcasts(kind, sizes):
    """Never more than NumPy would, and with its shape."""
    try:
        found = infer(layer(kind), *map(Volume, sizes))
    except Refused:
        return
    assert found.shape == np.broadcast_shapes(*sizes)


def test_concat_adds_the_channels():
    made = layer("concat")
    assert gives(made, "28x28x64", "28x28x128", "28x28x32", "28x28x32") == "28x28x256"
    assert gives(made, "?x28x64", "28x?x1") == "28x28x65"
    assert gives(made, "28x28x?", "28x28x1") == "28x28x?"
    assert gives(made, "10", "5") == "15"
    found = refusal(made, "28x28x64", "26x28x64")
    assert found.code == "E305" and "height" in str(found.labels or found.helps)


@pytest.mark.parametrize("kind", ["add", "mul", "concat"])
def test_one_branch_is_no_join(kind):
    found = refusal(layer(kind), "8x8x4")
    assert (found.code, found.title) == ("E306", f"`{kind}` joins two or more branches; it is given 1")


@pytest.mark.parametrize(
    "sizes, words",
    [
        (("56x56x64", "28x28x64"), "give branch 1 a stride of 2 (56 -> 28), or take it from branch 2"),
        (("24x24x64", "28x28x64"), "branch 1 loses 4 cells of each axis: give its windows 2 more of padding"),
        (("28x28x64", "25x28x64"), "bring the height of branch 2 from 25 to 28, or that of branch 1 to 25"),
        (("56x56x64", "56x56x256"), "give branch 2 64 channels or branch 1 256"),
        (("8x8x4", "4"), "use 1x1 convolutions where a branch is flattened"),
    ],
)
def test_the_repair_that_is_offered_for_an_add(sizes, words):
    found = refusal(layer("add"), *sizes)
    assert words in found.helps[0]
    assert f"branch 1 is {sizes[0]}, branch 2 is {sizes[1]}" in found.title


def test_the_message_shows_both_branches_and_mends_the_filters():
    source = Source("net.cnn", "add { conv(64, 1) | conv(256, 1) }")
    ends = (
        Site(Span(source, 6, 17), {"filters": Span(source, 11, 13)}, Span(source, 16, 16), "56 -conv 1-> 56"),
        Site(Span(source, 20, 32), {"filters": Span(source, 25, 28)}, Span(source, 31, 31), "56"),
    )
    with pytest.raises(Refused) as refused:
        infer(layer("add"), volume("56x56x64"), volume("56x56x256"))
    found = refused.value.problem.replace(where=Site(Span(source, 0, 34)), branches=ends).diagnostic()
    assert [label.text for label in found.labels] == [
        "their channels differ", "branch 1 gives 56x56x64", "branch 2 gives 56x56x256",
    ]  # fmt: skip
    assert found.labels[0].primary and found.labels[0].span == Span(source, 0, 34)
    assert found.notes[1:] == ("branch 1: 56 -conv 1-> 56", "branch 2: 56, unchanged")
    assert [(fix.edits[0].span, fix.edits[0].text) for fix in found.fixes] == [
        (Span(source, 25, 28), "64"), (Span(source, 11, 13), "256"),
    ]  # fmt: skip


def test_they_lower_to_one_step(join):
    sketch = Sketch()
    image = sketch.input("8x8x4")
    sketch.add(join, image, sketch.add("global_avgpool", image))
    step = lower(sketch.graph()).steps[-1]
    assert (step.primitive, step.output.shape) == (Combine(join.kind), (8, 8, 4))


def test_concat_lowers_to_one_step():
    sketch = Sketch()
    image = sketch.input("8x8x4")
    sketch.add("concat", image, sketch.add(layer("conv", 3, 1), image), image)
    step = lower(sketch.graph()).steps[-1]
    assert isinstance(step.primitive, Concat) and step.output.shape == (8, 8, 11)
    assert [value.shape for value in step.inputs] == [(8, 8, 4), (8, 8, 3), (8, 8, 4)]
