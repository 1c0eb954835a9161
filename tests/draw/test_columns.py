"""Long pictures stand in columns: what is cut is put together again here, and nothing is lost or cut twice."""

from __future__ import annotations

import pytest

import cnndsl
from cnndsl.draw import dot
from cnndsl.draw.build import Builder
from cnndsl.draw.columns import joined, splits
from cnndsl.draw.dot import write
from cnndsl.draw.expanded import Expanded
from cnndsl.draw.page import estimate
from cnndsl.draw.parts import parts
from cnndsl.draw.renderers import find
from cnndsl.draw.view import View
from cnndsl.draw.wiring import Wiring

from .geometry import Layout
from .test_published import NETS, graph

VIEW = View(direction="tb")
LONG = "net Long { input 64x64x3 ; for k in 4..44 { conv(k, 3, pad=1) -> relu } }"


def whole(net):
    wiring = Wiring(net)
    return Builder(net, wiring, ()).build(parts(net, wiring, Expanded(())), lambda part, level: level < 9)


def closed_up(picture):
    """The links of a picture in columns, led through its connectors."""
    source = {link.head.replace("in.", "from."): link.tail for link in picture.links if link.head.startswith("in.")}
    found = set()
    for link in picture.links:
        tail = link.tail
        while tail in source:
            tail = source[tail]
        if not link.head.startswith("in."):
            found.add((tail, link.head, link.text))
    return found


@pytest.mark.parametrize("name", NETS)
def test_columns_hold_every_box_once_and_every_arrow_after_the_cut_ends_are_joined(name):
    picture = whole(graph(name))
    wanted = {(link.tail, link.head, link.text) for link in picture.links}
    for columns in splits(picture, VIEW):
        found = joined(columns)
        boxes = [card.id for card in found.cards if card.family != "connector"]
        assert boxes == [card.id for card in picture.cards], "in source order"
        assert closed_up(found) == wanted
        assert len(found.columns) == (len(columns) if len(columns) > 1 else 0)
        for column in columns:
            inside = {card.id for card in column.cards}
            assert all({link.tail, link.head} <= inside for link in column.links), "no arrow between columns"


def test_columns_are_about_equally_long():
    for columns in splits(whole(cnndsl.loads(LONG).graph), VIEW):
        lengths = [len(column.cards) for column in columns]
        assert max(lengths) - min(lengths) <= 3


def test_a_picture_is_not_cut_where_several_volumes_lead_on():
    body = "a: conv(3, 1) ; for k in 4..40 { conv(k, 1) } ; conv(3, 1) ; b: relu ; add { a | b }"
    picture = whole(cnndsl.loads(f"net U {{ input 8x8x3 ; conv(3, 1) ; {body} ; conv(3, 1) ; conv(3, 1) }}").graph)
    found = list(splits(picture, VIEW))
    assert len(found) > 1, "before and behind the skip it can be cut"
    for columns in found:
        (inside,) = [ids for column in columns if "conv10" in (ids := {card.id for card in column.cards})]
        assert {"conv10", "conv11", "conv30", "b", "add1"} <= inside


def test_a_short_picture_stands_in_one_column_and_a_long_one_in_as_few_as_can_be_read():
    assert "from.1" not in dot(cnndsl.loads("net N { input 8 ; fc(2) }").graph)
    net = cnndsl.loads(LONG).graph
    sizes = [estimate(columns, VIEW).scale for columns in splits(whole(net), VIEW)]
    assert sizes[0] < max(sizes)
    assert "from.1" in dot(net)


@pytest.mark.skipif(find() is None, reason="no Graphviz here")
@pytest.mark.parametrize("direction", ["tb", "lr"])
def test_columns_stand_in_order_beside_or_below_each_other(direction):
    layout = Layout(dot(cnndsl.loads(LONG).graph, direction=direction))
    heads: dict[str, float] = {}
    for text in layout.texts:
        if text.words == "input 64x64x3" or text.words in ("1", "2", "3"):
            # of the two circles of a number, the one in the later column
            heads[text.words] = max(heads.get(text.words, -1e9), text.left if direction == "tb" else -text.low)
    assert len(heads) > 1
    order = [heads["input 64x64x3"], *(heads[number] for number in sorted(heads) if number.isdigit())]
    assert order == sorted(order)


@pytest.mark.skipif(find() is None, reason="no Graphviz here")
def test_the_estimate_of_a_page_is_near_what_graphviz_makes_of_it():
    for name in ("resnet.cnn:ResNet152", "googlenet.cnn:GoogLeNet", "alexnet.cnn:AlexNet"):
        picture = whole(graph(name))
        for columns in splits(picture, VIEW):
            guessed, found = estimate(columns, VIEW), Layout(write(joined(columns), VIEW))
            assert 0.75 < guessed.width * guessed.height / (found.width * found.height) < 1.5, name
