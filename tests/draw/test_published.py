"""Pictures of published nets, checked by computation: few boxes, legible on paper, nothing on top of another."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest

import cnndsl
from cnndsl.draw import complete, dot, picture
from cnndsl.draw.detail import detailed
from cnndsl.draw.renderers import find
from cnndsl.draw.view import view

from .geometry import Layout

ZOO = Path(cnndsl.__file__).parent / "zoo"
needs_renderer = pytest.mark.skipif(find() is None, reason="no Graphviz here")
#: net: parameters as published or as torchvision has them (LeNet-5 as taught and U-Net counted by hand in tests/zoo)
NETS = {
    "lenet.cnn:LeNet5": 61_706,
    "lenet.cnn:LeNet5_1998": 60_000,
    "alexnet.cnn:AlexNet": 60_965_224,
    "googlenet.cnn:GoogLeNet": 6_624_904,
    "resnet.cnn:ResNet50": 25_557_032,
    "resnet.cnn:ResNet152": 60_192_808,
    "unet.cnn:UNet": 31_030_593,
    "efficientnet.cnn:EfficientNetB0": 5_288_548,
}


@cache
def graph(name):
    return cnndsl.load(str(ZOO / name)).graph


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("depth", [None, 0, 1, 9])
def test_folded_totals_equal_the_whole(name, depth):
    shown = detailed(graph(name), complete(graph(name), view(graph(name), depth=depth)))
    inside = [number for card in shown.cards for number in card.layers]
    assert len(inside) == len(set(inside))
    times = {}
    for frame in frames(shown.parts):
        many = int(found[1]) if (found := re.search(r"× (\d+)$", frame.title)) else 1
        for card in cards(frame.parts):
            times[card.id] = times.get(card.id, 1) * many
    assert sum(card.params * times.get(card.id, 1) for card in shown.cards) == NETS[name]
    assert sum(card.macs * times.get(card.id, 1) for card in shown.cards) == cnndsl.load(str(ZOO / name)).macs


def frames(parts):
    for part in parts:
        if hasattr(part, "parts"):
            yield part
            yield from frames(part.parts)


def cards(parts):
    for part in parts:
        yield from cards(part.parts) if hasattr(part, "parts") else [part]


@pytest.mark.parametrize("name", NETS)
def test_a_picture_has_at_most_sixty_boxes(name):
    for style in ("plain", "sizes"):
        shown = detailed(graph(name), complete(graph(name), view(graph(name), style=style)))
        assert len(shown.cards) <= 60


def test_resnet_152_is_folded_to_sixty_boxes_with_every_block_open():
    shown = detailed(graph("resnet.cnn:ResNet152"), view(graph("resnet.cnn:ResNet152"), direction="tb", depth=9))
    assert len(shown.cards) <= 60
    assert sum(link.role == "skip" for link in shown.links) >= 4, "a skip connection in each of four stages"
    assert "bottleneck(256) × 35" in [frame.title for frame in frames(shown.parts)]


@needs_renderer
@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("style", ["plain", "sizes"])
def test_no_two_texts_overlap(name, style):
    assert not Layout(dot(graph(name), style=style)).overlaps()


@needs_renderer
@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("style", ["plain", "sizes"])
def test_text_is_seven_points_or_more_on_a4(name, style):
    assert Layout(dot(graph(name), style=style)).smallest_on_a4 >= 7


@needs_renderer
@pytest.mark.parametrize("name", ["resnet.cnn:ResNet152", "googlenet.cnn:GoogLeNet", "unet.cnn:UNet"])
@pytest.mark.parametrize("options", [{"depth": 9}, {"direction": "lr"}, {"dark": True, "extras": "params,macs,rf"}])
def test_texts_do_not_overlap_with_other_options_either(name, options):
    assert not Layout(dot(graph(name), **options)).overlaps()


@needs_renderer
def test_the_numbers_on_the_boxes_sum_up_to_the_published_count():
    """Read back from the SVG: what the pointer is told of every box is exact."""
    root = ElementTree.fromstring(picture(graph("resnet.cnn:ResNet152"), "svg"))
    told = 0
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        if "node" in (group.get("class") or "").split():
            link = next(group.iter("{http://www.w3.org/2000/svg}a"))
            found = re.search(r"([\d,]+) parameters", link.get("{http://www.w3.org/1999/xlink}title"))
            told += int(found[1].replace(",", "")) if found else 0
    assert told == 60_192_808
