"""What is not finite is named where it began: on real engines, in training mode, forward and back."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import available
from cnndsl.diagnostic import CnnError
from cnndsl.train.model import Model

BACKENDS = [name for name, reason in available().items() if reason is None]
DEEP = "net Deep { input 2 ; fc(2) -> fc(2) -> fc(1) }"
DROPPED = "net Dropped { input 2 ; fc(2) -> dropout(0.5) -> fc(1) }"
X = np.array([[1, 1], [-1, 1], [1, -1], [-1, -1]], np.float32)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def model(text: str, backend: str, weights: dict[str, object], **settings) -> Model:
    made = cnndsl.loads(text).compile(**{"backend": backend, "loss": "mse", "optimizer": "sgd", **settings})
    made.engine.load({f"{name}.weight": np.asarray(array, np.float32) for name, array in weights.items()})
    return made


def message(made: Model, y: float, **settings) -> str:
    with pytest.raises(CnnError) as error, np.errstate(all="ignore"):
        made.fit(X, np.full((4, 1), y), verbose=0, **settings)
    return str(error.value)


@pytest.mark.parametrize("around", [{}, {"clip_norm": 1.0}, {"accumulate": 2}])
def test_a_gradient_that_overflows_on_the_way_back(backend: str, around: dict) -> None:
    """Forward all are about 1; back from an error of 1e10, times 1e30, no float32 is large enough.

    A norm of which one part is NaN would have spoilt all parameters at once.
    """
    made = model(DEEP, backend, {"fc1": np.eye(2), "fc2": 1e-30 * np.eye(2), "fc3": [[1e30, 1e30]]}, **around)
    before = made.engine.arrays()
    text = message(made, 1e10)
    assert text.startswith("error[E528]: a gradient is not finite at step 1 of 1, epoch 1, though the loss is 1e+20")
    assert "first not finite: the gradients of `fc2`" in text
    for name, array in made.engine.arrays().items():
        np.testing.assert_array_equal(array, before[name])


def test_an_output_that_overflows_only_in_training(backend: str) -> None:
    """Dropout doubles what it keeps: 4e38 is infinite."""
    made = model(DROPPED, backend, {"fc1": 1e38 * np.eye(2) + 1e38, "fc2": [[1e-38, 1e-38]]})
    assert np.isfinite(made.predict(X)).all()
    assert "first not finite: the output of `dropout1`" in message(made, 0.0)


def test_a_limit_of_memory_does_not_keep_the_message_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """To look at every value takes more memory than the training."""
    plain = cnndsl.loads(DEEP).compile(backend="numpy", loss="mse", optimizer="sgd")
    limit = plain.memory_plan(batch=4).training.peak
    made = model(DEEP, "numpy", {"fc1": [[3e38, 3e38]] * 2}, memory_limit=limit)
    assert "first not finite: the output of `fc1`" in message(made, 0.0)


def test_the_epoch_of_the_update_that_spoilt_it(backend: str) -> None:
    """Finite gradients times a rate of 1e38: the only step of the first epoch, which the second one finds."""
    text = message(model(DEEP, backend, {}, rate=1e38), 1e3, epochs=3)
    assert "at step 1 of 1, epoch 2" in text
    assert "the parameter `fc1.bias`, 2 of 2 values, since the last update of epoch 1" in text
