"""The step-by-step views: a window and a transposed convolution, with whole numbers and with learned weights."""

from __future__ import annotations

import re

import numpy as np
import pytest

import cnndsl
from cnndsl.report import assemble
from cnndsl.report.learned import learned
from tests.report.helpers import of_text

pytestmark = pytest.mark.slow


def read(grid) -> np.ndarray:
    """The numbers of a grid, NaN where nothing is written."""
    texts = [text.replace("−", "-") for text in grid.locator("text").all_text_contents()]
    places = [tuple(map(int, rect.get_attribute("data-at").split(","))) for rect in grid.locator("rect").all()]
    found = np.full(np.max(places, axis=0) + 1, np.nan)
    for place, text in zip(places, texts, strict=True):
        found[place] = float(text) if text else np.nan
    return found


def shown_value(page) -> float:
    return float(page.inner_text("#slide-value").replace("−", "-"))


def test_the_window_has_the_weights_that_were_learned(show, tmp_path):
    net = cnndsl.loads("net Kernel { input 9x9x2 ; conv(3, 3, stride=2) }")
    model = net.compile(backend="numpy", loss="mse", seed=3)
    model.save(tmp_path / "w.safetensors")
    arrays = model.engine.arrays()
    weight, bias = np.array(arrays["conv1.weight"]), np.array([0.5, -0.25, 4.0], np.float32)
    model.engine.load({"conv1.weight": weight, "conv1.bias": bias})
    model.save(tmp_path / "w.safetensors")
    with show(assemble(net.graph, (), learned(net, tmp_path / "w.safetensors")), at="conv1") as page:
        page.click("#tab-slide")
        for filter in (0, 2):
            page.select_option("#slide-filter", str(filter))
            page.click("#slide-next")
            blocks = [
                [read(grid) for grid in block.locator("svg.grid").all()] for block in page.locator(".grids").all()
            ]
            for channel, block in enumerate(blocks):
                assert block[1] == pytest.approx(weight[filter, :, :, channel], rel=0.051), "in two digits"
            row, column = divmod(int(page.input_value("#slide-step")), 4)
            seen = np.stack([block[0] for block in blocks], axis=-1)[2 * row :, 2 * column :][:3, :3]
            assert shown_value(page) == pytest.approx((seen * weight[filter]).sum() + bias[filter], rel=0.051)
            assert f"bias {bias[filter]:g}".replace("-", "−") in page.inner_text("#panel-slide")
        page.click("#slide-whole")
        assert page.is_disabled("#slide-filter")
        assert set(np.unique(read(page.locator("svg.grid").nth(1)))) <= {-1, 0, 1}


@pytest.mark.parametrize(
    "call", ["2, stride=2", "3, stride=2, pad=1, output_pad=1", "3", "3, stride=3, dilation=2, pad=1"]
)
def test_what_a_transposed_convolution_paints_is_what_the_engine_gives(show, call):
    text = f"net Paints {{ input 8x8x1 ; deconv(1, {call}) }}"
    with show(of_text(text), at="deconv1") as page:
        page.click("#tab-slide")
        given, kernel = read(page.locator("#slide-input")), read(page.locator("svg.grid").nth(1))
        bias = float(re.search(r"bias (\d)", page.inner_text("#panel-slide"))[1])
        page.click("#slide-back")  # from the first step to the last
        output = read(page.locator("#slide-output"))
    net = cnndsl.loads(text, input=f"{given.shape[0]}x{given.shape[1]}x1")
    model = net.compile(backend="numpy", loss="mse")
    model.engine.load({"deconv1.weight": kernel[None, :, :, None], "deconv1.bias": np.array([bias])})
    wanted = model.predict(given[None, :, :, None].astype(np.float32))[0, :, :, 0]
    inside = output[~np.isnan(output).all(axis=1)][:, ~np.isnan(output).all(axis=0)]
    assert inside == pytest.approx(wanted)


def test_uneven_painting_is_said(show):
    for call, said in (("4, stride=2", "every cell is painted 4 times"), ("3, stride=2", "painted 1 to 4 times")):
        with show(of_text(f"net Paints {{ input 8x8x1 ; deconv(1, {call}) }}"), at="deconv1") as page:
            page.click("#tab-slide")
            assert said in page.inner_text("#panel-slide .sum")


def test_a_transposed_convolution_steps_through_its_learned_weights(show, tmp_path):
    net = cnndsl.loads("net Paints { input 8x8x2 ; deconv(2, 2, stride=2) }")
    model = net.compile(backend="numpy", loss="mse", seed=1)
    model.save(tmp_path / "w.safetensors")
    weight = model.engine.arrays()["deconv1.weight"]
    with show(assemble(net.graph, (), learned(net, tmp_path / "w.safetensors")), at="deconv1") as page:
        page.click("#tab-slide")
        page.select_option("#slide-filter", "1")
        assert read(page.locator("svg.grid").nth(1)) == pytest.approx(weight[1, :, :, 0], rel=0.051)
        page.click("#tab-filters")
        assert page.locator(".filters canvas").count() == 4
