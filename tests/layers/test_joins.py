"""Joins: add, mul and friends, concat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.diagnostic import Diagnostic
from cnndsl.errors.base import Refused
from cnndsl.layers.base import infer
from cnndsl.lower import lower
from cnndsl.program import Combine, Concat
from cnndsl.volume import Volume
from tests.elaborate.helpers import errors, graph
from tests.layers.build import Sketch, gives, layer, refusal


@pytest.fixture(params=["add", "mul", "sub", "maximum", "average"])
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


@pytest.mark.parametrize("kind", ["add", "sub"])
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


@pytest.mark.parametrize("kind", ["add", "mul", "sub", "maximum", "average", "concat"])
def test_one_branch_is_no_join(kind):
    found = refusal(layer(kind), "8x8x4")
    assert (found.code, found.title) == ("E306", f"`{kind}` joins two or more branches; it is given 1")


@pytest.mark.parametrize(
    "sizes, words",
    [
        (("56x56x64", "28x28x64"), "a stride of 2 at the end of branch 1 would bring its 56 to 28"),
        (("24x24x64", "28x28x64"), "`pad(2)` at the end of branch 1, or `crop(2)` at that of branch 2"),
        (("28x28x64", "25x28x64"), "bring the height of branch 2 from 25 to 28, or that of branch 1 to 25"),
        (("56x56x64", "56x56x256"), "give branch 2 64 channels or branch 1 256"),
        (("8x8x4", "4"), "use 1x1 convolutions where a branch is flattened"),
    ],
)
def test_what_is_offered_for_an_add(sizes, words):
    found = refusal(layer("add"), *sizes)
    assert words in found.helps[0]
    assert f"branch 1 is {sizes[0]}, branch 2 is {sizes[1]}" in found.title


def test_what_is_offered_at_the_end_of_a_branch_does_what_it_says():
    assert gives(layer("conv", 64, 1, stride=2), "57x57x64") == "29x29x64"
    assert gives(layer("pad", 2), "24x24x64") == gives(layer("id"), "28x28x64")
    assert gives(layer("crop", 2), "28x28x64") == gives(layer("id"), "24x24x64")


def said(branches: str, size: str = "28x28x16") -> Diagnostic:
    """What the compiler says about a join of branches."""
    (found,) = errors(f"net Joined {{ input {size} ; add {{ {branches} }} ; relu }}")
    return found


def test_the_message_shows_both_branches_and_how_each_came_to_its_size():
    found = said("conv(64, 1) -> relu | id", "56x56x256")
    assert [(label.span.text, label.text) for label in found.labels] == [
        ("add", "their channels differ"),
        ("conv(64, 1) -> relu", "branch 1 gives 56x56x64"),
        ("id", "branch 2 gives 56x56x256"),
    ]
    assert found.notes[1:] == ("branch 1: 56, unchanged", "branch 2: 56, unchanged")


MENDED = [
    ("conv(16, 3, pad=1) -> relu | conv(16, 5) -> relu", ["pad=2"]),
    ("conv(32, 3, pad=1) -> batchnorm | conv(16, 5, pad=2)", ["filters=32", "filters=16"]),
    ("conv(16, 3, stride=2, pad=1) | id", ["stride=1"]),
    ("{ conv(16, 3) -> relu } * 2 | id", ["pad=1"]),
    ("conv(16, 5) -> maxpool(2) | maxpool(2)", ["pad=2"]),
    ("conv(16, 3, pad=1) | conv(16, 3, pad=1) | conv(16, 3)", ["pad=1"]),
    # nothing is offered that another place would feel, or that does not fit
    ("conv(8 * 4, 1) | id", []),
    ("a: conv(32, 1) | conv(32, 1, share=a) | id", []),
    ("conv(32, 3) | id", []),
]


@pytest.mark.parametrize("branches, offered", MENDED)
def test_every_edit_that_is_offered_mends_the_join(branches, offered):
    found = said(branches)
    assert found.code == "E305"
    assert [fix.title.rpartition(": ")[2] for fix in found.fixes] == offered
    for fix in found.fixes:
        (edit,) = fix.edits
        text = edit.span.source.text
        mended = graph(text[: edit.span.start] + edit.text + text[edit.span.end :])
        assert mended.nodes[-1].path.startswith("relu")


def test_an_edit_that_would_break_an_earlier_call_of_the_block_is_not_offered():
    block = "block b(p) { add { conv(16, 3, pad=p) | conv(16, 3, pad=1) } }\n"
    (alone,) = errors(f"{block} net Joined {{ input 28x28x16 ; b(0) }}")
    assert [fix.title for fix in alone.fixes] == ["bring branch 2 to 26x26x16: pad=0"]
    for body in ("b(1) -> b(0)", "a: b(1) ; in -> b(0)"):
        (second,) = errors(f"{block} net Joined {{ input 28x28x16 ; {body} }}")
        assert second.code == "E305" and not second.fixes


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
