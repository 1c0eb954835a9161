"""The training loop, on an engine whose every number can be recomputed here."""

from __future__ import annotations

import io
import json
import math
import re

import numpy as np
import pytest

from cnndsl.diagnostic import CnnError, CnnWarning
from cnndsl.train.callbacks import Callback
from cnndsl.train.feed import epoch_order
from cnndsl.train.history import History
from cnndsl.train.progress import Bar, Lines, progress
from tests.train.fake import fake_data, fake_model


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


class Seen(Callback):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple] = []

    def on_start(self, run) -> None:
        self.events.append(("start", run.epoch, run.epochs, run.steps))

    def on_epoch_start(self, run) -> None:
        self.events.append(("epoch start", run.epoch))

    def on_step(self, run) -> None:
        self.events.append(("step", run.epoch, run.step, run.scores["loss"]))

    def on_epoch(self, run) -> None:
        self.events.append(("epoch", run.epoch, dict(run.scores)))

    def on_end(self, run) -> None:
        self.events.append(("end", run.history.interrupted))


def test_it_learns_what_can_be_learned() -> None:
    model = fake_model(rate=0.5)
    history = model.fit(*fake_data(400), epochs=20, batch_size=16, verbose=0)
    assert history["accuracy"][-1] > 0.95
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert model.evaluate(*fake_data(200, seed=1))["accuracy"] > 0.93


def test_ragged_batches_weigh_by_their_examples() -> None:
    """With a rate too small to change anything, an epoch's means are those of the whole data at once."""
    x, y = fake_data(10)
    model = fake_model(rate=1e-12)
    loss, outputs = model.engine.evaluate({"x": x}, {"y": y.astype(np.int32)})
    history = model.fit(x, y, batch_size=4, verbose=0, validation_data=(x[:7], y[:7]))
    assert [len(part) for part in model.engine.seen] == [4, 4, 2]
    assert history["loss"] == [pytest.approx(loss, rel=1e-6)]
    assert history["accuracy"] == [np.mean(outputs["y"].argmax(axis=1) == y)]
    part = model.engine.evaluate({"x": x[:7]}, {"y": y[:7].astype(np.int32)})
    assert history["val_loss"] == [pytest.approx(part[0], rel=1e-6)]
    assert history["val_accuracy"] == [np.mean(part[1]["y"].argmax(axis=1) == y[:7])]
    for size in (1, 3, 10, 99):
        scores = model.evaluate(x, y, batch_size=size)
        assert scores["loss"] == pytest.approx(loss, rel=1e-6)
        assert scores["accuracy"] == history["accuracy"][0]


def test_the_mean_is_not_that_of_the_batches() -> None:
    model = fake_model(rate=0.1)
    model.engine.change_loss = lambda count, loss: [1.0, 4.0][count]
    history = model.fit(*fake_data(5), batch_size=4, verbose=0)
    assert history["loss"] == [(4 * 1.0 + 1 * 4.0) / 5]


def test_every_example_is_seen_once_an_epoch_in_an_order_of_its_own() -> None:
    x, y = fake_data(50)
    model = fake_model(seed=3)
    model.fit(x, y, epochs=2, batch_size=8, verbose=0)
    first, second = np.concatenate(model.engine.seen[:7]), np.concatenate(model.engine.seen[7:])
    for order in (first, second):
        assert sorted(map(bytes, order)) == sorted(map(bytes, x))
        assert not np.array_equal(order, x)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, x[epoch_order(3, 0, 50)])
    np.testing.assert_array_equal(second, x[epoch_order(3, 1, 50)])


def test_the_order_goes_on_with_the_next_fit_and_depends_on_the_seed() -> None:
    x, y = fake_data(20)
    once, twice, other = fake_model(seed=5), fake_model(seed=5), fake_model(seed=6)
    whole = once.fit(x, y, epochs=4, batch_size=6, verbose=0)
    parts = [twice.fit(x, y, epochs=2, batch_size=6, verbose=0) for _ in range(2)]
    other.fit(x, y, epochs=4, batch_size=6, verbose=0)
    np.testing.assert_array_equal(np.concatenate(once.engine.seen), np.concatenate(twice.engine.seen))
    assert not np.array_equal(np.concatenate(once.engine.seen), np.concatenate(other.engine.seen))
    assert whole["loss"] == parts[0]["loss"] + parts[1]["loss"]
    assert parts[1]["epoch"] == [3, 4]
    np.testing.assert_array_equal(once.engine.values["fc1.weight"], twice.engine.values["fc1.weight"])


def test_without_shuffling_the_order_is_the_datas() -> None:
    x, y = fake_data(9)
    model = fake_model()
    model.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_array_equal(np.concatenate(model.engine.seen), np.concatenate([x, x]))


def test_no_epochs_and_a_batch_larger_than_the_data() -> None:
    x, y = fake_data(3)
    model = fake_model()
    history = model.fit(x, y, epochs=0, verbose=0)
    assert len(history) == 0
    assert model.engine.count == 0
    assert "no epochs" in repr(history)
    model.fit(x, y, batch_size=1000, verbose=0)
    assert model.engine.count == 1


def test_schedules_scale_the_optimizers_rate() -> None:
    model = fake_model(rate=0.4)
    model.fit(*fake_data(8), epochs=2, batch_size=4, verbose=0)
    model.fit(*fake_data(8), epochs=2, batch_size=4, schedule="cosine", verbose=0)
    assert model.engine.rates[:4] == [0.4] * 4
    expected = [0.2 * (1 + math.cos(math.pi * part)) for part in (0, 0.25, 0.5, 0.75)]
    assert model.engine.rates[4:] == pytest.approx(expected)


def test_callbacks_are_told_in_order_and_may_stop() -> None:
    class Stop(Callback):
        def on_epoch(self, run) -> None:
            if run.epoch == 2:
                run.stop()

    seen = Seen()
    model = fake_model()
    history = model.fit(*fake_data(6), epochs=5, batch_size=4, verbose=0, callbacks=[seen, Stop()])
    assert [event[0] for event in seen.events] == ["start", *["epoch start", "step", "step", "epoch"] * 2, "end"]
    assert seen.events[0] == ("start", 1, 5, 2)
    assert [event[1:3] for event in seen.events if event[0] == "step"] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert seen.events[4][2]["loss"] == history["loss"][0]
    assert history["epoch"] == [1, 2]
    assert not history.interrupted


def test_an_engine_in_the_background_is_read_one_step_late() -> None:
    """Its loss is no float yet; the numbers come out the same, and each is read after the next step is asked for."""
    reads: list[tuple[int, int]] = []

    class Later:
        def __init__(self, engine, number: int, value: float) -> None:
            self.engine, self.number, self.value = engine, number, value

        def __float__(self) -> float:
            reads.append((self.number, self.engine.count))
            return self.value

    now, late = fake_model(), fake_model()
    late.engine.change_loss = lambda count, loss: Later(late.engine, count, loss)
    data = fake_data(10)
    one = now.fit(*data, epochs=2, batch_size=4, verbose=0)
    two = late.fit(*data, epochs=2, batch_size=4, verbose=0)
    assert one["loss"] == two["loss"]
    assert one["accuracy"] == two["accuracy"]
    assert reads == [(0, 2), (1, 3), (2, 3), (3, 5), (4, 6), (5, 6)]


def test_ctrl_c_returns_what_is_done() -> None:
    def interrupt(count: int) -> None:
        if count == 7:
            raise KeyboardInterrupt

    seen = Seen()
    model = fake_model()
    model.engine.before_step = interrupt
    history = model.fit(*fake_data(12), epochs=5, batch_size=4, verbose=0, callbacks=[seen])
    assert history.interrupted
    assert model.history is history
    assert history["epoch"] == [1, 2]
    assert seen.events[-1] == ("end", True)
    assert repr(history).endswith("interrupted")
    assert model.epochs == 2
    model.engine.before_step = lambda count: None
    assert model.fit(*fake_data(12), batch_size=4, verbose=0)["epoch"] == [3]


def test_ctrl_c_in_the_first_epoch() -> None:
    def interrupt(count: int) -> None:
        raise KeyboardInterrupt

    model = fake_model()
    model.engine.before_step = interrupt
    history = model.fit(*fake_data(12), verbose=0)
    assert history.interrupted
    assert len(history) == 0
    assert "before the first epoch" in repr(history)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_stops_with_the_step_and_epoch(value: float) -> None:
    seen = Seen()
    model = fake_model(rate=0.25)
    model.engine.change_loss = lambda count, loss: value if count == 4 else 0.75
    with pytest.raises(CnnError) as error:
        model.fit(*fake_data(12), epochs=3, batch_size=4, verbose=0, callbacks=[seen])
    code, text = said(error)
    assert code == "E526"
    assert f"the loss is {value} at step 2 of 3, epoch 2" in text
    assert "one step before: 0.75" in text
    assert "rate=0.025 (now sgd with rate=0.25)" in text
    assert model.history["epoch"] == [1]
    assert seen.events[-1][0] == "end"


def test_the_first_bad_parameter_is_named() -> None:
    """An engine leaves everything as it is when the loss is not finite, so what was bad before can be told."""
    model = fake_model()

    def step(inputs, targets, rate=None):
        model.engine.values["fc1.bias"][2] = np.inf
        return math.nan, {}

    model.engine.step = step
    with pytest.raises(CnnError) as error:
        model.fit(*fake_data(12), verbose=0)
    assert "first not finite: the parameter `fc1.bias`, 1 of 3 values" in said(error)[1]


def test_where_all_is_spoilt_the_update_is_blamed() -> None:
    """The second step finds what the update of the first has done."""
    model = fake_model()
    whole_step = model.engine.step

    def step(inputs, targets, rate=None):
        if not model.engine.count:
            return whole_step(inputs, targets, rate)
        for value in model.engine.values.values():
            value[...] = np.nan
        return math.nan, {}

    model.engine.step = step
    with pytest.raises(CnnError) as error:
        model.fit(*fake_data(12), batch_size=4, verbose=0)
    assert "step 2 of 3" in said(error)[1]
    told = "all 2 parameters at once, `fc1.weight` the first, since the update of step 1"
    assert f"first not finite: {told}" in said(error)[1]


def test_the_first_bad_output_is_named() -> None:
    model = fake_model()
    model.engine.values["fc1.weight"][:] = 3e38
    model.engine.step = lambda inputs, targets, rate: (math.nan, {})
    with pytest.raises(CnnError) as error, np.errstate(all="ignore"):
        model.fit(np.full((4, 4), 0.9), [0, 1, 2, 0], verbose=0)
    assert "first not finite: the output of `dense1`" in said(error)[1]
    assert "this was the first step" in said(error)[1]


def test_large_inputs_are_suspected() -> None:
    model = fake_model()
    model.engine.step = lambda inputs, targets, rate: (math.nan, {})
    with pytest.raises(CnnError) as error, pytest.warns(CnnWarning), np.errstate(divide="ignore"):
        model.fit(np.full((4, 4), 250.0), [0, 1, 2, 0], verbose=0)
    assert "reach 250" in said(error)[1]


def test_the_history_is_a_mapping_of_lists() -> None:
    history = fake_model().fit(*fake_data(10), epochs=3, verbose=0, validation_data=fake_data(5, seed=2))
    assert list(history) == [
        "epoch",
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
        "seconds",
        "images_per_second",
    ]
    assert all(len(values) == 3 for values in history.values())
    assert history.last == {name: history[name][-1] for name in history}
    assert json.loads(json.dumps(history.to_dict())) == {**dict(history), "interrupted": False}
    assert all(seconds > 0 for seconds in history["seconds"])
    lines = repr(history).splitlines()
    assert len(lines) == 4
    assert lines[0].split() == [*list(history)[:-1], "images/s"]
    assert len({len(line) for line in lines}) == 1
    with pytest.raises(KeyError, match="there are epoch, loss"):
        history["acuracy"]
    assert History().last == {}


def test_scores_print_themselves() -> None:
    scores = fake_model().evaluate(*fake_data(1234))
    assert re.fullmatch(r"loss \d\.\d{4}, accuracy 0\.\d{4} \(1,234 examples\)", repr(scores))
    assert set(scores) == {"loss", "accuracy"}


def test_predict_gives_every_example_in_order() -> None:
    x, _ = fake_data(11)
    model = fake_model()
    expected = model.engine.predict({"x": x})["y"]
    for size in (1, 4, 256):
        found = model.predict(x, batch_size=size)
        assert found.shape == (11, 3)
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


def test_metrics_can_be_left_out() -> None:
    model = fake_model(metrics=())
    assert set(model.evaluate(*fake_data(5))) == {"loss"}


def test_repr_says_what_it_is() -> None:
    shown = repr(fake_model("adam"))
    assert "Fake: 15 trained parameters, cross_entropy, adam(rate=0.001" in shown
    assert "fake on CPU, by hand" in shown


# ---- what is shown -------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_silent_lines_or_bar() -> None:
    assert type(progress(0)) is Callback
    assert type(progress(1, io.StringIO())) is Lines
    assert type(progress(2, Terminal())) is Lines


def test_a_bar_in_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert type(progress(1, Terminal())) is Bar
    monkeypatch.setenv("TERM", "dumb")
    assert type(progress(1, Terminal())) is Lines


def test_verbose_0_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    fake_model().fit(*fake_data(10), verbose=0)
    assert capsys.readouterr() == ("", "")


def test_without_a_terminal_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    fake_model().fit(*fake_data(10), epochs=2, validation_data=fake_data(5))
    lines = capsys.readouterr().out.splitlines()
    number = r"\d\.\d{4}"
    for epoch, line in enumerate(lines, 1):
        scores = rf"loss {number}  accuracy {number}  val_loss {number}  val_accuracy {number}"
        assert re.fullmatch(rf"epoch {epoch}/2  {scores}  \d+\.\d s  [\d,]+ images/s", line)
    assert len(lines) == 2


def test_an_interruption_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(count: int) -> None:
        if count == 1:
            raise KeyboardInterrupt

    model = fake_model()
    model.engine.before_step = interrupt
    model.fit(*fake_data(12), batch_size=4)
    assert capsys.readouterr().out == "interrupted in epoch 1, after step 1 of 3\n"


def test_the_bar_shows_measures_speed_and_time_left_and_leaves_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "160")
    bar = Bar(stream)
    drawn: list[str] = []

    class Draw(Callback):
        def on_step(self, run) -> None:
            if run.step == 2:
                bar.shown.refresh()
                drawn.append(stream.getvalue())

    fake_model().fit(*fake_data(12), epochs=2, batch_size=4, verbose=0, callbacks=[bar, Draw()])
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn[0])
    assert re.search(r"epoch 1/2 .* 2/3 +loss \d\.\d{4}  accuracy \d\.\d{4} [\d,]+ images/s \d:\d\d:\d\d", plain)
    final = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert len(re.findall(r"epoch [12]/2  loss .* images/s\n", final)) == 2
    assert bar.shown is None


@pytest.mark.parametrize(
    ("columns", "form"),
    [
        (80, r"accuracy \d\.\d{4} [\d,]+ images/s \d:\d\d:\d\d"),
        (40, r"^epoch 1/1 200/200 loss \d\.\d{4} \d:\d\d:\d\d *$"),
    ],
)
def test_the_bar_fits_into_80_and_40_columns(monkeypatch: pytest.MonkeyPatch, columns: int, form: str) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    bar = Bar(stream)

    class Draw(Callback):
        def on_step(self, run) -> None:
            bar.shown.refresh()

    fake_model().fit(*fake_data(400), batch_size=2, verbose=0, callbacks=[bar, Draw()])
    drawn = [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())) if line]
    full = [line for line in drawn if "200/200" in line]
    assert full
    assert all(re.search(form, line) for line in full)
    assert max(map(len, drawn[:-1])) <= columns


def test_the_bar_is_taken_away_when_training_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = Bar(Terminal())
    model = fake_model()
    model.engine.change_loss = lambda count, loss: math.nan
    with pytest.raises(CnnError):
        model.fit(*fake_data(4), verbose=0, callbacks=[bar])
    assert bar.shown is None
