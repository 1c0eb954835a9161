"""Nets that go down and up again are drawn to scale as a U, a row for each resolution."""

from __future__ import annotations

import re

import pytest

import cnndsl
from cnndsl.draw import dot
from cnndsl.draw.detail import detailed
from cnndsl.draw.renderers import find
from cnndsl.draw.rows import resolutions
from cnndsl.draw.view import U, View

from .geometry import Layout
from .test_published import graph

UNET = "unet.cnn:UNet"


def test_a_row_holds_the_layers_of_one_resolution():
    picture = detailed(graph(UNET), View(style="sizes", direction=U, depth=0))
    assert [row[0] for row in picture.rows] == ["input", "maxpool1", "maxpool2", "maxpool3", "maxpool4"]
    assert {"down1", "up4", "concat4", "double9", "conv1", "output.output"} <= set(picture.rows[0])
    assert set(picture.rows[4]) == {"maxpool4", "double5"}
    assert sorted(card for row in picture.rows for card in row) == sorted(card.id for card in picture.cards)
    assert resolutions(graph(UNET))[graph(UNET)["double5.conv1"].number] == 16


@pytest.mark.parametrize(
    "text, is_u",
    [
        ("c: conv(3, 3, pad=1) ; maxpool(2) ; upsample(2) ; u: relu ; add { c | u }", True),
        ("maxpool(2) ; upsample(2)", False),
        ("c: maxpool(2) ; conv(3, 1) ; u: relu ; add { c | u }", False),
        ("c: upsample(2) ; conv(3, 1) ; u: relu ; add { c | u }", False),
    ],
)
def test_only_a_link_over_a_coarser_resolution_makes_a_u(text, is_u):
    assert bool(resolutions(cnndsl.loads(f"net N {{ input 8x8x3 ; {text} }}").graph)) == is_u


def test_open_extents_are_no_hindrance():
    text = "net N { input ?x?x3 ; c: conv(3, 3, pad=1) ; maxpool(2) ; upsample(2) ; u: relu ; add { c | u } }"
    assert "rankdir=LR" in dot(cnndsl.loads(text).graph, style="sizes")


@pytest.mark.skipif(find() is None, reason="no Graphviz here")
def test_coarser_rows_are_lower_and_links_lead_down_and_up_again():
    layout = Layout(dot(graph(UNET), style="sizes"))
    heights = {text.words: text.low for text in layout.texts}
    rows = [heights["input"], *(heights[size] for size in ("284x284x64", "140x140x128", "68x68x256", "32x32x512"))]
    assert rows == sorted(rows, reverse=True)
    assert not layout.overlaps()
    text = dot(graph(UNET), style="sizes")
    assert len(re.findall(r"dir=back", text)) == 4, "one for each step up"


def test_a_direction_that_is_asked_for_is_kept():
    assert "rankdir=LR" in dot(graph(UNET), style="sizes", direction="lr")
    assert "dir=back" not in dot(graph(UNET), style="sizes", direction="tb")
