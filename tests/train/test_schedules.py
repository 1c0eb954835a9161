"""The schedules against the formulas of their papers and of the frameworks that people know."""

from __future__ import annotations

from math import cos, pi

import numpy as np
import pytest

import cnndsl
from cnndsl.diagnostic import CnnError
from cnndsl.train.callbacks import Callback
from cnndsl.train.choices import choose
from cnndsl.train.schedules import Constant, Cosine, Moment, OneCycle, Pace, Plateau, Schedule, Step, Warmup


def over(schedule: Schedule, epochs: int = 10, steps: int = 4) -> list[float]:
    """The factor of every step of a run."""
    pace = Pace(schedule)
    return [pace.factor(i / (epochs * steps), i / steps, epochs) for i in range(epochs * steps)]


def test_constant() -> None:
    assert set(over(Constant())) == {1.0}


def test_cosine_is_half_a_cosine() -> None:
    expected = [0.1 + 0.9 * 0.5 * (1 + cos(pi * i / 40)) for i in range(40)]
    np.testing.assert_allclose(over(Cosine(end=0.1)), expected, rtol=1e-12)
    assert over(Cosine())[0] == 1


def test_step_drops_after_whole_epochs() -> None:
    np.testing.assert_allclose(over(Step(every=4, drop=0.5)), [1] * 16 + [0.5] * 16 + [0.25] * 8)
    np.testing.assert_allclose(over(Step(at=(1, 9.5))), [1] * 4 + [0.1] * 34 + [0.01] * 2)


def test_one_cycle_goes_up_and_down() -> None:
    """torch.optim.lr_scheduler.OneCycleLR's numbers: from max/25 up to max in 30 % of the run, down to max/25e4."""
    found = over(OneCycle(), epochs=10, steps=10)
    assert found[0] == pytest.approx(1 / 25)
    assert found[30] == 1
    assert found[15] == pytest.approx((1 + 1 / 25) / 2)
    assert found[65] == pytest.approx((1 + 1 / 25e4) / 2)
    assert OneCycle().factor(Moment(1.0, 10, 10)) == pytest.approx(1 / 25e4)
    assert found[:31] == sorted(found[:31])
    assert found[30:] == sorted(found[30:], reverse=True)


def test_warmup_then_any() -> None:
    np.testing.assert_allclose(over(Warmup(2, start=0.2))[:9], [0.2 + 0.8 * i / 8 for i in range(8)] + [1])
    found = over(Warmup(2, "cosine", start=0.0))
    np.testing.assert_allclose(found[8:], over(Cosine(), epochs=8))
    found = over(Warmup(1, Step(every=3)))
    np.testing.assert_allclose(found[4:], over(Step(every=3), epochs=9))
    assert max(over(Warmup(20, "cosine", start=0.0))) < 0.5


def test_plateau_waits_and_drops() -> None:
    pace = Pace(Plateau(drop=0.5, patience=1, least=0.2))
    factors = []
    for loss in (1.0, 0.5, 0.6, 0.5, 0.4, 0.4, 0.39999, 0.4, 0.4, 0.4, 0.4):
        pace.observe({"loss": 9.0, "val_loss": loss})
        factors.append(pace.factor(0, 0, 1))
    assert factors == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]


def test_plateau_of_another_measure() -> None:
    pace = Pace(Warmup(1, Plateau(patience=0, measure="accuracy")))
    for accuracy, factor in ((0.5, 1), (0.6, 1), (0.6, 0.1), (0.7, 0.1), (0.65, 0.01)):
        pace.observe({"loss": 1.0, "accuracy": accuracy})
        assert pace.factor(0.5, 5, 10) == pytest.approx(factor)
    with pytest.raises(CnnError) as error:
        pace.observe({"loss": 1.0})
    assert "`measure` of plateau is 'accuracy'; it must be a measure of this run: loss" in str(error.value)


def test_a_pace_goes_on_from_its_state() -> None:
    whole, first, second = (Pace(Plateau(patience=2)) for _ in range(3))
    losses = [3.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    for loss in losses:
        whole.observe({"loss": loss})
    for loss in losses[:3]:
        first.observe({"loss": loss})
    second.restore(first.state())
    for loss in losses[3:]:
        second.observe({"loss": loss})
    assert second.state() == whole.state() == {"best": 2.0, "waited": 1, "factor": 0.1}


@pytest.mark.parametrize(
    "schedule", [Constant(), Step(5), Cosine(0.1), OneCycle(0.2), Warmup(2, Cosine()), Plateau(0.5)]
)
def test_a_spec_makes_the_same_schedule(schedule: Schedule) -> None:
    assert choose(Schedule, schedule.spec) == schedule


@pytest.mark.parametrize(
    ("chosen", "settings", "code", "words"),
    [
        ("ReduceLROnPlateau", {}, "E521", "did you mean `plateau`?"),
        ("StepLR", {}, "E521", "did you mean `step`?"),
        ("OneCycleLR", {}, "E521", "did you mean `one_cycle`?"),
        ("CosineAnnealingLR", {}, "E521", "did you mean `cosine`?"),
        ("step", {"gamma": 0.5}, "E522", "did you mean `drop`?"),
        ("step", {"step_size": 5}, "E522", "did you mean `every`?"),
        ("plateau", {"monitor": "loss"}, "E522", "did you mean `measure`?"),
        ("step", {"every": 0}, "E523", "a whole number of at least 1"),
        ("warmup", {"then": "cosin"}, "E521", "did you mean `cosine`?"),
        ("one_cycle", {"warmup": 1.0}, "E523", "below 1"),
    ],
)
def test_bad_settings_are_met_with_a_diagnostic(chosen: str, settings, code: str, words: str) -> None:
    with pytest.raises(CnnError) as error:
        choose(Schedule, chosen, **settings)
    assert code in str(error.value)
    assert words in str(error.value)


def test_a_plateau_in_a_run_lowers_the_rate() -> None:
    """Without a gradient nothing gets better, so the rate falls every second epoch."""
    model = cnndsl.loads("net N { input 3 ; fc(2, freeze=true) }").compile(backend="numpy", optimizer="sgd", rate=0.5)
    x, rates = np.zeros((4, 3), np.float32), []

    class Watch(Callback):
        def on_step(self, run) -> None:
            rates.append(run.rate)

    model.fit(x, [0, 1, 0, 1], epochs=5, schedule=Plateau(0.1, patience=1), callbacks=[Watch()], verbose=0)
    np.testing.assert_allclose(rates, [0.5, 0.5, 0.5, 0.05, 0.05])
