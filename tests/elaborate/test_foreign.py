"""What is said to who knows other tools names what there really is."""

from __future__ import annotations

import pytest

from cnndsl.elaborate import foreign, operators
from cnndsl.elaborate.bind import BLOCK_COMMON, LAYER_COMMON
from cnndsl.layers import foreign_names, kinds
from cnndsl.parse.habits import FUNCTIONS, JOINS
from tests.elaborate.helpers import errors


def test_what_is_offered_exists() -> None:
    assert set(foreign.COMMON.values()) <= {*LAYER_COMMON, *BLOCK_COMMON}
    starts = {foreign.start(name).partition("(")[0] for name in ("xavier", "He_normal", "lecun_uniform", "gaussian")}
    assert starts == {"glorot", "he", "lecun", "normal"} and starts <= {*operators.STARTS, *operators.BUILTINS}
    assert {"normal", "uniform"} | FUNCTIONS == set(operators.BUILTINS)
    assert all(kinds()[template.partition(" ")[0]].joins for template in JOINS.values())
    assert all(name.lower() in foreign_names() for name in foreign.CHANNELS_FIRST)


def test_no_name_is_both_another_layer_and_a_thing_that_is_not_there() -> None:
    assert not [name for name in {*foreign_names(), *kinds()} if foreign.of_name(name)]


def test_every_net_of_the_zoo_can_be_offered() -> None:
    assert foreign.shipped()["resnet50"] == ("ResNet50", "zoo/resnet.cnn")
    assert len(foreign.shipped()) > 40


@pytest.mark.parametrize(
    ("call", "repaired"),
    [
        ("nn.Conv2d(3, 8, 5)", "conv(8, 5)"),
        ("Conv2d(3, 8, kernel_size=5)", "conv(8, kernel_size=5)"),
        ("Conv2d(8, 5)", "conv(8, 5)"),
        ("Conv2D(8, 5, 2)", "conv(8, 5, 2)"),
        ("Linear(120, 84)", "fc(84)"),
        ("Linear(84)", "fc(84)"),
        ("BatchNorm2d(8)", "batchnorm()"),
    ],
)
def test_the_channels_that_come_in_are_left_out_where_pytorch_has_them(call: str, repaired: str) -> None:
    text = f"net A {{ input 28x28x3 ; {call} }}"
    found = errors(text)[0]
    for edit in sorted(found.fixes[0].edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == f"net A {{ input 28x28x3 ; {repaired} }}"
