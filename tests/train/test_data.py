"""Training on data in every shape: the same numbers as on arrays, whatever they come from."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from cnndsl.data import open
from cnndsl.data.dataset import Dataset
from cnndsl.data.examples import Examples, InMemory
from cnndsl.data.normalization import PIXELS
from cnndsl.diagnostic import CnnError
from cnndsl.train.callbacks import Callback
from tests.train.fake import fake_data, fake_model


def no_loader() -> bool:
    return not any(thread.name == "cnndsl loader" for thread in threading.enumerate())


class Slow(Examples):
    """What is read while it is used."""

    slow = True

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.x, self.y, self.shape, self.name = x, y, x.shape[1:], "slow"

    def read(self, chosen):
        return self.x[chosen], None


@pytest.mark.parametrize("form", [lambda x, y: (x, y), Slow, lambda x, y: Dataset("d", InMemory("d", x, y))])
def test_training_is_the_same_on_arrays_and_on_data(form) -> None:
    x, y = fake_data(30)
    plain, other = fake_model(seed=4), fake_model(seed=4)
    first = plain.fit(x, y, epochs=2, batch_size=8, verbose=0, validation_data=(x, y))
    second = other.fit(form(x, y), epochs=2, batch_size=8, verbose=0, validation_data=form(x, y))
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert first[name] == second[name]
    np.testing.assert_array_equal(np.concatenate(plain.engine.seen), np.concatenate(other.engine.seen))
    assert dict(plain.evaluate(x, y)) == dict(other.evaluate(form(x, y)))
    np.testing.assert_array_equal(plain.predict(x), other.predict(form(x, y)))
    assert no_loader()


def test_batches_come_in_their_own_order_and_sizes() -> None:
    x, y = fake_data(10)
    batches = [(x[:3], y[:3]), (x[3:4], y[3:4]), (x[4:], y[4:])]
    model = fake_model()
    model.fit(lambda: iter(batches), epochs=2, batch_size=99, verbose=0, validation_data=batches[:2])
    assert [len(part) for part in model.engine.seen] == [3, 1, 6] * 2
    np.testing.assert_array_equal(np.concatenate(model.engine.seen), np.concatenate([x, x]))
    assert model.evaluate(batches).examples == 10
    np.testing.assert_allclose(model.predict(batches), model.predict(x), rtol=1e-6)
    np.testing.assert_allclose(model.predict(iter([x[:4], x[4:]])), model.predict(x), rtol=1e-6)


def test_a_dataset_brings_its_validation_part_names_and_normalization() -> None:
    generator = np.random.default_rng(0)
    (shape,) = fake_model().task.inputs.values()
    x, y = generator.integers(0, 256, (40, *shape), np.uint8), np.arange(40) % 2
    data = open((x, y), validation=0.25)
    data = data.replace(train=InMemory("d", x, y, ("cat", "dog"), PIXELS))
    model = fake_model()
    history = model.fit(data, verbose=0)
    assert "val_loss" in history.names
    assert model.class_names == ("cat", "dog")
    assert model.normalization == PIXELS


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (lambda x, y: [(x, y), (x[:, None], y)], "E501", "x"),
        (lambda x, y: [(x, y), (x, y[:2])], "E505", "examples"),
        (lambda x, y: [(x, y), (x * np.nan, y)], "E504", "not finite"),
        (lambda x, y: [(x, y), (x, y + 99)], "E509", "label 10"),
        (lambda x, y: [(x, y), 3], "E551", "batch 1 of `data` is a int"),
        (lambda x, y: Slow(x[..., None], y), "E501", "`slow`"),
        (lambda x, y: Slow(x, y + 99), "E509", "`data.y` holds the label 10"),
        (lambda x, y: Slow(x[:0], y[:0]), "E506", "`slow`"),
        (lambda x, y: (x * np.inf, y), "E504", "not finite"),
        (lambda x, y: lambda: iter(()), "E520", "no batches"),
        (lambda x, y: lambda: 3 / 0, "E519", "ZeroDivisionError: division by zero"),
        (lambda x, y: "nowhere", "E512", "`nowhere`"),
        (lambda x, y: object(), "E512", "a object"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*invalid value")
def test_data_that_does_not_do_is_met_with_a_diagnostic(data, code: str, words: str) -> None:
    x, y = fake_data(6)
    model = fake_model()
    with pytest.raises(CnnError) as error:
        model.fit(data(x, y), verbose=0)
    assert error.value.diagnostics[0].code == code
    assert words in str(error.value)
    assert no_loader()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_no_thread_is_left_when_training_ends_early(error: type[BaseException]) -> None:
    class Stops(Callback):
        def on_step(self, run) -> None:
            if run.step == 2:
                raise error

    x, y = fake_data(60)
    try:
        history = fake_model().fit(Slow(x, y), batch_size=4, verbose=0, callbacks=[Stops()])
        assert error is KeyboardInterrupt and history.interrupted
    except RuntimeError:
        assert error is RuntimeError
    assert no_loader()
