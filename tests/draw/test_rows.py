"""Nets that go down and up again are drawn to scale as a U, a row for each resolution."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

import cnndsl
from cnndsl.draw import dot
from cnndsl.draw.detail import detailed
from cnndsl.draw.renderers import find
from cnndsl.draw.rows import levels, resolutions
from cnndsl.draw.view import U, View

from .geometry import Layout
from .test_published import graph

UNET = "unet.cnn:UNet"


def shaped(name: str, **options):
    return detailed(graph(name), View(direction=U, **options))


@pytest.mark.parametrize("style", ["plain", "sizes"])
def test_skips_lie_level_between_the_way_down_and_the_way_up(style):
    picture = shaped(UNET, style=style, depth=0)
    assert picture.rows == tuple((f"down{5 - k}", f"crop{k}", f"concat{k}") for k in (1, 2, 3, 4))
    assert picture.bottom == "double5" and {"up1", "concat4", "double9", "conv1", "output.output"} <= picture.rising
    assert not picture.rising & {"input", "down1", "maxpool4", "double5", "crop1"}
    high = levels(picture)
    for row in picture.rows:
        assert len({high[card] for card in row}) == 1
    for link in picture.links:
        if not picture.level(link):
            upper, lower = (link.head, link.tail) if picture.rises(link) else (link.tail, link.head)
            assert high[upper] < high[lower], link.id
    assert max(high.values()) == high["double5"]


def test_the_resolution_of_a_layer_is_the_cells_of_the_input_from_position_to_position():
    found = graph(UNET)
    assert resolutions(found)[found["double5.conv1"].number] == 16 and resolutions(found)[found["up4"].number] == 1


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
@pytest.mark.parametrize("style", ["plain", "sizes"])
def test_the_way_down_is_on_the_left_and_the_way_up_leads_up_on_the_right(style):
    text = dot(graph(UNET), style=style, depth=0)
    layout = Layout(text)
    down, up = (
        [next(text for text in layout.texts if text.words.startswith(f"{name}{k}: ")) for k in (1, 2, 3, 4)]
        for name in ("down", "up")
    )
    assert all(one.low > other.low for one, other in pairwise(down)), "each lower than the one before"
    assert all(one.low < other.low for one, other in pairwise(up))
    assert max(text.right for text in down) < min(text.left for text in up)
    assert len(re.findall(r"dir=back", text)) == 3 * 4 + 2, "all that leads up, but what is level"
    assert not layout.overlaps()


@pytest.mark.skipif(find() is None, reason="no Graphviz here")
@pytest.mark.parametrize(
    "body",
    [
        "for i in 0..2 { c: CONV ; maxpool(2) ; CONV ; upsample(2) ; u: relu ; add { c[i] | u } }",
        "c: CONV ; d: relu ; maxpool(2) ; CONV ; upsample(2) ; u: relu ; add { c | u } ; add { d | id }",
        "c: CONV ; maxpool(2) ; CONV ; upsample(2) ; u: relu ; add { c | u } ; v: CONV ; add { c -> tanh -> CONV | v }",
    ],
)
@pytest.mark.parametrize("style", ["plain", "sizes"])
def test_other_nets_that_go_down_and_up_are_drawn_too(body, style):
    """Twice down and up; skips that cross, and a volume that is used twice on the way up: these two not as a U."""
    found = cnndsl.loads(f"net N {{ input 32x32x4 ; {body} }}".replace("CONV", "conv(4, 3, pad=1)")).graph
    assert resolutions(found)
    layout = Layout(dot(found, style=style))
    assert not layout.overlaps() and layout.smallest_on_a4 >= 7
    assert ("dir=back" in dot(found, style=style)) == body.startswith("for")


def test_a_direction_that_is_asked_for_is_kept():
    assert "rankdir=LR" in dot(graph(UNET), style="sizes", direction="lr")
    assert "dir=back" not in dot(graph(UNET), style="sizes", direction="tb")
