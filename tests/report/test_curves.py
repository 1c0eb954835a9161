"""The learning curves of a run on its page."""

from __future__ import annotations

import re

import pytest

from tests.report.helpers import of_text

NET = "net Small { input 4x4x1 ; conv(2, 3) }"
EPOCHS = [
    {"epoch": 1, "loss": 2.0, "val_loss": 1.0, "accuracy": 0.25, "seconds": 3.0, "images_per_second": 10.0},
    {"epoch": 2, "loss": None, "val_loss": 0.5, "accuracy": 0.5, "seconds": 3.0, "images_per_second": 10.0},
    {"epoch": 3, "loss": 1.0, "val_loss": 0.75, "accuracy": 0.75, "seconds": 3.0, "images_per_second": 10.0},
]


def test_a_panel_for_each_measure_with_its_validation():
    from cnndsl.report.curves import curves

    found = curves("Small-1", EPOCHS)
    assert (found["run"], found["epochs"]) == ("Small-1", 3)
    loss, accuracy = found["panels"]
    assert loss["name"] == "loss" and accuracy["name"] == "accuracy", "no panel of seconds"
    assert loss["lines"] == [
        ["training", False, ((1, 2.0), (2, None), (3, 1.0))],
        ["validation", True, ((1, 1.0), (2, 0.5), (3, 0.75))],
    ]
    assert accuracy["lines"] == [["training", False, ((1, 0.25), (2, 0.5), (3, 0.75))]]


@pytest.mark.slow
def test_curves_lie_where_their_numbers_are_and_are_read_under_the_pointer(show):
    from cnndsl.report.curves import curves

    with show(of_text(NET, {"curves": curves("Small-1", EPOCHS)})) as shown:
        shown.click("#tab-curves")
        charts = shown.locator("#panel-curves svg.curve")
        assert charts.count() == 2 and "Small-1: 3 epochs" in shown.inner_text("#panel-curves")
        paths = [path.get_attribute("d") for path in charts.nth(0).locator("[data-line] path").all()]
        assert [re.sub(r"[^ML]", "", path) for path in paths] == ["MM", "MLL"], "broken where it was not finite"
        points = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", paths[1])]
        heights = [height for _, height in points]
        assert points[1][0] - points[0][0] == pytest.approx(points[2][0] - points[1][0], abs=0.2)
        assert heights[1] - heights[2] == pytest.approx((heights[1] - heights[0]) / 2, abs=0.2), "0.75 is half way up"
        note = shown.locator("[data-curve=loss]")
        assert note.inner_text() == "epoch 3: training 1, validation 0.75"
        box = charts.nth(0).bounding_box()
        shown.mouse.move(box["x"] + box["width"] * 0.53, box["y"] + box["height"] / 2)
        assert note.inner_text() == "epoch 2: training not finite, validation 0.5"


@pytest.mark.slow
def test_without_a_run_there_is_no_such_tab(show):
    with show(of_text(NET)) as shown:
        assert shown.locator("#tab-curves").count() == 0
