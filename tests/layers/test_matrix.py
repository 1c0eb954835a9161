"""Layer by rank by backend by option: what is inferred is what runs, and both backends agree.

The calls are generated from the classes' declarations (`cases.py`): a new layer or option is covered
without touching this file. Nothing is skipped but what `cases.REASONS` lists with a reason.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cnndsl.backends import load
from cnndsl.errors.base import Refused
from cnndsl.layers import kinds
from cnndsl.layers.base import infer
from cnndsl.lower import lower
from cnndsl.train.optimizers import SGD
from cnndsl.volume import Volume
from tests.backends import agreement, gradients
from tests.layers.cases import REASONS, Case, cases

ALL = list(cases(most=2))
POSSIBLE = [case for case in ALL if case.reason() is None]
PLAIN = [case for case in POSSIBLE if len(case.changed) <= 1]
PAIRS = [case for case in POSSIBLE if len(case.changed) == 2]
NUMPY = load("numpy")
LONG = [*PLAIN, *(pytest.param(case, marks=pytest.mark.slow) for case in PAIRS)]


def program(case: Case):
    return lower(case.graph(), {"output": "mse"})


def test_every_layer_is_here_on_all_its_ranks():
    assert {(case.kind, case.rank) for case in POSSIBLE} == {
        (kind, rank) for kind, cls in kinds().items() for rank in cls.ranks
    }
    options = {(kind, name) for kind, cls in kinds().items() for name in cls.arguments}
    assert {(case.kind, name) for case in POSSIBLE for name in case.arguments} == options


@pytest.mark.parametrize("reason", REASONS, ids=str)
def test_what_is_left_out_is_refused_for_the_reason_given(reason):
    said = set()
    for case in ALL:
        if case.reason() is reason:
            made = case.layer()
            try:
                infer(made, *([case.volume] * (2 if made.joins else 1)))
            except Refused as refused:
                said.add(refused.problem.code)
    assert said == {reason.code}


@pytest.mark.parametrize("case", POSSIBLE, ids=str)
def test_volumes_and_arrays_are_those_that_run(case):
    graph = case.graph()
    node = graph.nodes[-1]
    engine = NUMPY.build(lower(graph), seed=0)
    x = np.random.default_rng(0).normal(size=(2, *case.volume.shape)).astype(np.float32)
    (y,) = engine.predict({"input": x}).values()
    assert y.shape == (2, *node.volume.shape)
    assert np.isfinite(y).all()
    arrays = {f"{node.path}.{array.name}": array.shape for array in graph.arrays(node)}
    assert {name: array.shape for name, array in engine.arrays().items()} == arrays


@pytest.mark.parametrize("case", PLAIN, ids=str)
def test_an_open_extent_goes_through_or_is_asked_for(case):
    volume = case.volume
    for axis in range(volume.rank):
        opened = Volume(tuple(None if place == axis else extent for place, extent in enumerate(volume.extents)))
        made = case.layer()
        fixed = infer(made, *([volume] * (2 if made.joins else 1)))
        try:
            found = infer(made, *([opened] * (2 if made.joins else 1)))
        except Refused as refused:
            assert refused.problem.code == "E225"
            continue
        assert found.rank == fixed.rank
        assert all(one in (None, other) for one, other in zip(found.extents, fixed.extents))


# ---- multiply-accumulates: loops that count ------------------------------------------------------


def positions(layer, volume):
    """The places at which the windows start, one by one."""
    axes = []
    for window in layer.windows(volume):
        last = window.extent + window.high - window.reach
        axes.append(range(-window.low, last + 1, window.stride))
    return list(product(*axes))


def of_windows(layer, volume):
    """A loop over positions, filters, cells and the channels that the filter sees."""
    count = 0
    kernel = [range(window.kernel) for window in layer.windows(volume)]
    groups = getattr(layer, "groups", 1)
    for _position in positions(layer, volume):
        for number in range(getattr(layer, "filters", 0) or layer.units):
            connect = getattr(layer, "connect", None)
            channels = connect[number] if connect else range(volume.channels // groups)
            count += sum(1 for _cell in product(*kernel) for _channel in channels)
    return count


def of_everything(layer, volume):
    return sum(1 for _ in product(range(layer.units), *map(range, volume.extents)))


def of_inputs(layer, volume):
    """A loop over the cells that paint, the filters, their cells and the channels."""
    kernel = layer.kernel if isinstance(layer.kernel, tuple) else (layer.kernel,) * volume.rank
    inner = sum(1 for _ in product(range(layer.filters), *map(range, kernel), range(volume.channels // layer.groups)))
    return sum(inner for _ in product(*map(range, volume.spatial)))


LOOPS = {
    "conv": of_windows,
    "local": of_windows,
    "deconv": of_inputs,
    "fc": of_everything,
    "rbf": lambda layer, volume: (of_windows if layer.kernel else of_everything)(layer, volume),
}


@pytest.mark.parametrize("case", POSSIBLE, ids=str)
def test_multiply_accumulates_are_counted_loops(case):
    made, volume = case.layer(), case.volume
    expected = LOOPS[case.kind](made, volume) if case.kind in LOOPS else 0
    assert made.macs(*([volume] * (2 if made.joins else 1))) == expected
    learned = [array for array in made.arrays(*([volume] * (2 if made.joins else 1))) if array.role == "weight"]
    assert case.kind in LOOPS or not learned, f"a loop that counts {case.kind} is missing here"


# ---- gradients, backends, modes ------------------------------------------------------------------


@pytest.mark.parametrize("case", LONG, ids=str)
def test_numpys_gradients_are_the_numerical_ones(case):
    gradients.check(NUMPY, program(case), batch=2, count=6)


@agreement.needed
@pytest.mark.parametrize("case", LONG, ids=str)
def test_mlx_agrees_with_numpy(case):
    agreement.agree(program(case), batch=2)


@agreement.needed
@pytest.mark.parametrize("case", PLAIN, ids=str)
def test_mlx_agrees_with_numpy_where_values_are_equal(case):
    """Ties, corners and zeros: whole numbers from -2 to 2."""
    levels = np.random.default_rng(1).integers(-2, 3, (2, *case.volume.shape)).astype(np.float32)
    agreement.agree(program(case), batch=2, inputs={"input": levels})


@pytest.mark.parametrize("case", PLAIN, ids=str)
def test_training_differs_from_inference_exactly_where_meant(case):
    """Regularizers and what keeps statistics; all else gives the same numbers in both modes."""
    graph = case.graph()
    built = lower(graph, {"output": "mse"})
    engine = NUMPY.build(built, optimizer=SGD(), seed=0)
    rng = np.random.default_rng(0)
    inputs = {"input": rng.normal(size=(4, *case.volume.shape)).astype(np.float32)}
    targets = gradients.random_targets(built, 4, rng)
    before = {name: array.copy() for name, array in engine.arrays().items()}
    (inference,) = engine.predict(inputs).values()
    _, outputs = engine.step(inputs, targets, rate=0.0)
    (training,) = (np.asarray(value) for value in outputs.values())
    node = graph.nodes[-1]
    keeps = {f"{node.path}.{array.name}" for array in graph.arrays(node) if array.role == "statistic"}
    assert np.array_equal(inference, training) == (not keeps and case.cls.family != "regularizer")
    moved = {name for name, array in engine.arrays().items() if not np.array_equal(array, before[name])}
    assert moved == keeps


def test_how_much_is_walked():
    assert len(kinds()) >= 60 and len(PLAIN) >= 500 and len(PAIRS) >= 1000
