"""Ten bugs, planted one at a time: random programs find each of them within 200."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cnndsl.analysis import cost
from cnndsl.elaborate import share
from cnndsl.elaborate.scope import Place
from cnndsl.elaborate.values import Series
from cnndsl.layers.channels import ChannelShuffle
from cnndsl.layers.conv import Conv
from cnndsl.layers.deconv import Deconv
from cnndsl.layers.dense import Fc
from cnndsl.layers.joins import Concat
from cnndsl.layers.window import Window
from tests.random_programs import checks
from tests.random_programs.programs import Program, program

Patch = pytest.MonkeyPatch


def ceil_is_off_by_one(patch: Patch) -> None:
    plain = Window.output.fget
    assert plain is not None

    def output(self: Window) -> Any:
        found = plain(self)
        return found + 1 if self.ceil and found is not None and self.room % self.stride == 0 else found

    patch.setattr(Window, "output", property(output))


def pads_are_swapped(patch: Patch) -> None:
    plain = Conv.windows

    def windows(self: Conv, volume: Any) -> Any:
        return tuple(window.replace(low=window.high, high=window.low) for window in plain(self, volume))

    patch.setattr(Conv, "windows", windows)


def a_shared_layer_is_counted_twice(patch: Patch) -> None:
    plain = cost._Counts.layer
    patch.setattr(cost._Counts, "layer", lambda self, node: plain(self, node.replace(owner=node.path)))


def a_label_is_of_the_wrong_repetition(patch: Patch) -> None:
    plain = Place.own

    def own(self: Place, label: str) -> Any:
        found = plain(self, label)
        return Series((*found.items[1:], found.items[0])) if isinstance(found, Series) else found

    patch.setattr(Place, "own", own)


def groups_are_not_divided_out(patch: Patch) -> None:
    plain = Conv.macs
    patch.setattr(Conv, "macs", lambda self, *inputs: plain(self, *inputs) * self.groups)


def a_bias_is_forgotten(patch: Patch) -> None:
    patch.setattr(Fc, "arrays", lambda self, *inputs, plain=Fc.arrays: plain(self, *inputs)[:1])


def deconv_counts_its_output(patch: Patch) -> None:
    def macs(self: Deconv, *inputs: Any) -> int:
        whole = 1
        for extent in (*self.arrays(*inputs)[0].shape, *self.output(*inputs).shape[:-1]):
            whole *= extent
        return whole

    patch.setattr(Deconv, "macs", macs)


def concat_takes_its_branches_backwards(patch: Patch) -> None:
    plain = Concat.lower
    patch.setattr(Concat, "lower", lambda self, lowering, *inputs: plain(self, lowering, *reversed(inputs)))


def sharing_is_not_passed_on(patch: Patch) -> None:
    plain = share.owner

    def owner(state: Any, node: Any, bound: Any, context: Any) -> str:
        return plain(state, node, bound, context) if "share" in bound.common else node.path

    patch.setattr("cnndsl.elaborate.nodes.owner", owner)


def channels_are_not_shuffled(patch: Patch) -> None:
    patch.setattr(ChannelShuffle, "lower", lambda self, lowering, *inputs: inputs[0])


BUGS: list[Callable[[Patch], None]] = [
    ceil_is_off_by_one,
    pads_are_swapped,
    a_shared_layer_is_counted_twice,
    a_label_is_of_the_wrong_repetition,
    groups_are_not_divided_out,
    a_bias_is_forgotten,
    deconv_counts_its_output,
    concat_takes_its_branches_backwards,
    sharing_is_not_passed_on,
    channels_are_not_shuffled,
]


@cache
def written() -> list[Program]:
    return [program(Random(seed)) for seed in range(200)]


@pytest.mark.slow
@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Callable[[Patch], None], tmp_path: Path, monkeypatch: Patch) -> None:
    made = written()
    plant(monkeypatch)
    for number, one in enumerate(made):
        try:
            graph = checks.graph_of(one, tmp_path / str(number))
            checks.structure(one, graph)
            checks.runs(one, graph)
        except Exception:
            return  # a disagreement, or an engine that cannot run what it is given
    raise AssertionError(f"200 programs do not show that {plant.__name__}")
