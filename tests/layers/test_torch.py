"""Layers that PyTorch has, too: values and gradients in float64, for every generated call.

Needs torch (`pip install torch`), and skips without it. What PyTorch has not is listed with the reason.
"""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl.backends import load
from cnndsl.layers import kinds
from cnndsl.lower import lower
from cnndsl.train.optimizers import SGD
from tests.backends import gradients
from tests.layers.build import chain, layer
from tests.layers.cases import Case, cases
from tests.layers.torch_layers import ABSENT, PRESENT, Refuses

torch = pytest.importorskip("torch")

ALL = [case for case in cases(most=2) if case.reason() is None and case.kind in PRESENT]


def test_every_layer_is_compared_or_is_not_there():
    assert PRESENT.keys() | ABSENT.keys() == kinds().keys()
    assert not PRESENT.keys() & ABSENT.keys()


@pytest.mark.parametrize(
    "case", [case if len(case.changed) < 2 else pytest.param(case, marks=pytest.mark.slow) for case in ALL], ids=str
)
def test_values_and_gradients_are_pytorchs(case: Case):
    graph = case.graph()
    node = graph.nodes[-1]
    program = lower(graph, {"output": "mse"})
    engine = load("numpy").build(program, optimizer=SGD(), seed=3, dtype="float64")
    rng = np.random.default_rng(0)
    inputs = {"input": rng.normal(size=(3, *case.volume.shape))}
    targets = gradients.random_targets(program, 3, rng)
    loss, slopes = engine.gradients(inputs, targets)
    (y,) = (np.asarray(value) for value in engine.step(inputs, targets, rate=0.0)[1].values())

    arrays = {name: torch.tensor(array, dtype=torch.float64) for name, array in engine.arrays().items()}
    own = {name.removeprefix(f"{node.path}."): array for name, array in arrays.items()}
    for array in own.values():
        array.requires_grad_()
    x = torch.tensor(inputs["input"], requires_grad=True)
    function = PRESENT[case.kind]
    try:
        found = function(node.layer, own, x.movedim(-1, 1), case.volume)
    except Refuses as refuses:
        pytest.skip(f"PyTorch: {refuses}")
    found = found if hasattr(function, "channels_last") else found.movedim(1, -1)
    total = ((found - torch.tensor(targets["output"])) ** 2).mean()
    total.backward()

    close = {"rtol": 1e-6, "atol": 1e-6}  # arrays and constants are float32's
    np.testing.assert_allclose(y, found.detach(), **close)
    assert loss == pytest.approx(float(total.detach()), rel=1e-6)
    np.testing.assert_allclose(slopes["input:input"], x.grad, **close)
    for name, array in own.items():
        full = f"{node.path}.{name}"
        if full in slopes:
            np.testing.assert_allclose(slopes[full], array.grad, err_msg=name, **close)


def test_distances_are_cdists():
    rng = np.random.default_rng(0)
    x, prototypes = rng.normal(size=(4, 7)), rng.normal(size=(3, 7))
    rows = tuple(tuple(map(float, row)) for row in prototypes)
    engine = load("numpy").build(lower(chain("7", layer("rbf", 3, weights=rows))), dtype="float64")
    (y,) = engine.predict({"input": x}).values()
    np.testing.assert_allclose(y, torch.cdist(torch.tensor(x), torch.tensor(prototypes)) ** 2, rtol=1e-5)
