"""Callbacks: stopping early, keeping the best, logs, events and curves, each read back by something else."""

from __future__ import annotations

import csv
import json
import math
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from cnndsl.chart import Line, Panel, draw
from cnndsl.chart.panel import decades, ticks
from cnndsl.diagnostic import CnnError
from cnndsl.train import weights
from cnndsl.train.callbacks import BestModel, Callback, CsvLog, Curves, EarlyStopping, JsonLog, TensorBoard
from cnndsl.train.callbacks.curves import curves
from cnndsl.train.history import History
from tests.train.fake import fake_data, fake_model


def stopped_at(callback: EarlyStopping, values: list[float], name: str = "val_loss") -> int:
    """The epoch after which it stops; 0 for never."""
    stops: list[bool] = []
    for number, value in enumerate(values, 1):
        callback.on_epoch(SimpleNamespace(scores={name: value}, epoch=number, stop=lambda: stops.append(True)))
        if stops:
            return number
    return 0


@pytest.mark.parametrize(
    ("values", "name", "least", "stops"),
    [
        ([3, 2, 1, 2, 2, 2], "val_loss", 0.0, 5),
        ([3, 2, 2, 1, 1, 0.9, 0.8], "val_loss", 0.0, 0),
        ([0.5, 0.9, 0.8, 0.9, 0.95], "val_accuracy", 0.0, 4),
        ([3, math.nan, 2, math.inf, math.nan, 1], "loss", 0.0, 5),
        ([3, 2.95, 2.9, 2.85], "loss", 0.1, 3),
    ],
)
def test_stopping_early(values: list[float], name: str, least: float, stops: int) -> None:
    """Two epochs in a row that are no better end it; of an accuracy more is better, of a loss less."""
    assert stopped_at(EarlyStopping(patience=2, measure=name, least=least), values, name) == stops


def test_stopping_early_goes_on_where_it_was() -> None:
    first, second = EarlyStopping(patience=3), EarlyStopping(patience=3)
    assert not stopped_at(first, [1, 2, 2])
    second.restore(json.loads(json.dumps(first.state())))
    assert stopped_at(second, [2, 1]) == 1


def test_a_measure_that_there_is_not() -> None:
    with pytest.raises(CnnError) as error:
        fake_model().fit(*fake_data(8), verbose=0, callbacks=[EarlyStopping(measure="val_los")])
    assert "E523" in str(error.value) and "loss, accuracy" in str(error.value)


def test_training_ends_when_it_stops() -> None:
    """With a rate of next to nothing no epoch is better by 1."""
    stop = EarlyStopping(patience=2, least=1.0)
    history = fake_model(rate=1e-9).fit(*fake_data(8), epochs=20, verbose=0, callbacks=[stop])
    assert history["epoch"] == [1, 2, 3] and stop.epoch == 1


def test_the_best_model_is_kept(tmp_path: Path) -> None:
    """The validation's loss is made to be least after the second of four epochs."""
    kept: list[np.ndarray] = []

    class Play(Callback):
        def on_epoch(self, run: Any) -> None:
            run.scores["val_loss"] = [2.0, 1.0, 3.0, 1.5][run.epoch - 1]
            kept.append(run.model.engine.arrays()["fc1.weight"])

    best = BestModel(tmp_path / "best.safetensors")
    fake_model().fit(*fake_data(8), epochs=4, verbose=0, callbacks=[Play(), best])
    assert (best.best, best.epoch) == (1.0, 2)
    np.testing.assert_array_equal(weights.load(best.path)[0]["fc1.weight"], kept[1])


# ---- logs ----------------------------------------------------------------------------------------


def test_logs_hold_the_history_also_after_going_on(tmp_path: Path) -> None:
    logs = [CsvLog(tmp_path / "log.csv"), JsonLog(tmp_path / "log.jsonl")]
    options = {"verbose": 0, "checkpoints": tmp_path / "saved", "validation_data": fake_data(4), "callbacks": logs}
    fake_model().fit(*fake_data(8), epochs=2, **options)
    history = fake_model().fit(*fake_data(8), epochs=3, resume=True, **options)
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == history.epochs
    assert [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()] == history.epochs
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]


def test_what_is_not_finite_is_null_in_json() -> None:
    history = History()
    history.add({"epoch": 1, "loss": 0.5, "val_loss": math.inf})
    assert json.loads(JsonLog("log").text(history)) == {"epoch": 1, "loss": 0.5, "val_loss": None}


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CnnError) as error:
        fake_model().fit(*fake_data(8), verbose=0, callbacks=[CsvLog(tmp_path / "none" / "log.csv")])
    assert "E058" in str(error.value)


# ---- TensorBoard ---------------------------------------------------------------------------------


def events(folder: Path) -> dict[tuple[str, int], float]:
    """The scalars of event files, by the format: length (8 bytes), its check (4), the event, its check (4)."""
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime):
        content, at = path.read_bytes(), 0
        while at < len(content):
            (length,) = struct.unpack_from("<Q", content, at)
            event = Event.FromString(content[at + 12 : at + 12 + length])
            found |= {(value.tag, event.step): value.simple_value for value in event.summary.value}
            at += 16 + length
    return found


def test_events_for_tensorboard(tmp_path: Path) -> None:
    options = {"batch_size": 4, "verbose": 0, "checkpoints": tmp_path / "saved", "validation_data": fake_data(4)}
    fake_model(rate=0.25).fit(*fake_data(8), epochs=1, callbacks=[TensorBoard(tmp_path / "events")], **options)
    options |= {"resume": True, "callbacks": [TensorBoard(tmp_path / "events")]}
    history = fake_model(rate=0.25).fit(*fake_data(8), epochs=2, **options)
    found = events(tmp_path / "events")
    assert {step for tag, step in found if tag == "step/loss"} == {1, 2, 3, 4}
    assert found["step/rate", 3] == 0.25
    for name in ("loss", "accuracy", "val_loss"):
        assert [found[f"epoch/{name}", epoch] for epoch in (1, 2)] == pytest.approx(history[name], rel=1e-6)


# ---- curves --------------------------------------------------------------------------------------


def told(*losses: float) -> History:
    history = History()
    for number, loss in enumerate(losses, 1):
        history.add({"epoch": number, "loss": loss, "val_loss": loss + 1, "accuracy": 0.5, "seconds": 1.0})
    return history


def lines(picture: bytes) -> list[list[tuple[float, float]]]:
    """The points of every coloured line of an SVG, by an XML parser."""
    root = ElementTree.fromstring(picture)
    found = [item for item in root.iter() if item.tag.endswith("polyline") and "#" in item.get("stroke", "")]
    return [[tuple(map(float, point.split(","))) for point in item.get("points").split()] for item in found]


def test_curves_lie_where_their_numbers_say() -> None:
    """In the panel of the loss, 1 to 4, x from 56 to 364 and y from 34 (for 4) to 220 (for 1)."""
    training, validation = [line for line in lines(draw(curves(told(3.0, 1.0, 2.0)), "svg")) if len(line) == 3][:2]
    assert training == [(56, 96), (210, 220), (364, 158)]
    assert validation == [(56, 34), (210, 158), (364, 96)]


def test_a_panel_for_each_measure_and_no_gap_where_a_number_is_none() -> None:
    text = draw(curves(told(1.0, math.nan, 2.0)), "svg").decode()
    assert [word in text for word in (">loss<", ">accuracy<", ">seconds<", ">validation<")] == [True, True, False, True]
    assert "nan" not in text
    assert draw((), "svg"), "an empty sheet is no error"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (2, 12, [2, 4, 6, 8, 10, 12]),
        (-3e-5, 2e-5, [-3e-5, -2e-5, -1e-5, 0, 1e-5, 2e-5]),
    ],
)
def test_round_numbers_at_the_axes(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high, 5) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 2, [1, 2, 5, 10, 20, 50, 100]), (-1.1, 0.4, [0.1, 0.2, 0.5, 1, 2]), (-2, 4, [10.0**i for i in range(-2, 5)])],
)
def test_round_numbers_at_logarithmic_axes(low: float, high: float, expected: list[float]) -> None:
    assert decades(low, high) == pytest.approx(expected)


def test_equal_ratios_are_equally_far_apart_on_logarithmic_axes() -> None:
    """x from 56 to 364 for 1 to 100, y from 220 to 34 for 2 to 8."""
    panel = Panel("cost", "batch", (Line("ours", ((1.0, 8.0), (10.0, 4.0), (100.0, 2.0))),), logarithmic=True)
    assert lines(draw((panel,), "svg"))[0] == [(56, 34), (210, 127), (364, 220)]


def test_the_same_picture_as_png(tmp_path: Path) -> None:
    from PIL import Image

    fake_model().fit(*fake_data(8), epochs=3, verbose=0, callbacks=[Curves(tmp_path / "curves.png")])
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (1520, 520)
        assert (0x00, 0x72, 0xB2) in {color for _, color in picture.convert("RGB").getcolors(1 << 20)}


def test_dashes_have_gaps_and_stay_on_their_line() -> None:
    from cnndsl.chart.png import _dashes

    pieces = list(_dashes(((0.0, 0.0), (30.0, 0.0))))
    assert pieces == [((0, 0), (5, 0)), ((9, 0), (14, 0)), ((18, 0), (23, 0)), ((27, 0), (30, 0))]


def test_another_suffix_is_refused_before_the_training() -> None:
    with pytest.raises(CnnError) as error:
        Curves("curves.jpg")
    assert "E650" in str(error.value) and "curves.svg" in str(error.value)


def test_words_that_xml_would_misread() -> None:
    assert "a &lt; b" in draw((Panel("a < b", "x", (Line("y", ((0.0, 1.0),)),)),), "svg").decode()
