"""dot: what the DOT text says, by the parser of Graphviz itself where there is one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.draw import dot
from cnndsl.draw.looks import COLOURS, DARK, LIGHT, PLAIN
from cnndsl.draw.words import amount, call
from cnndsl.layers import kinds

from . import by_hand
from .by_hand import Add, Build, Conv, Fc, Maxpool, Relu

pygraphviz = pytest.importorskip("pygraphviz")


def parsed(graph, **options):
    return pygraphviz.AGraph(string=dot(graph, **options))


def heads(graph):
    """The layers that are not written into the box of another, by a rule of thumb that holds for these nets."""
    return {node.path for node in graph if node.layer.family not in ("norm", "activation", "regularizer")}


@pytest.mark.parametrize("make", [by_hand.lenet, by_hand.residual, by_hand.inception])
def test_a_box_a_fused_layer_an_arrow_a_connection_and_a_cluster_a_block(make):
    graph = make()
    text = parsed(graph, depth=9)
    assert set(text.nodes()) == heads(graph) | {"output.output"}
    assert {part.name for part in text.subgraphs()} == {f"cluster_{path}" for path in graph.scopes}
    box = {}
    for node in graph:
        box[node.number] = node.path if node.path in heads(graph) else box[node.inputs[0]]
    wanted = {(box[tail], box[node.number]) for node in graph for tail in node.inputs}
    wanted = {(tail, head) for tail, head in wanted if tail != head}
    assert {(a, b) for a, b in text.edges() if b != "output.output"} == wanted


def test_every_edge_shows_the_volume_that_flows_over_it():
    graph = by_hand.residual()
    text = parsed(graph, depth=9)
    for tail, head in text.edges():
        label = text.get_edge(tail, head).attr["label"].strip()
        assert label == ("" if head.startswith("output.") else str(graph[tail].volume))


def test_a_box_says_its_call_and_what_follows_and_a_tooltip_the_paths_and_numbers():
    text = parsed(by_hand.lenet())
    box = text.get_node("conv1")
    assert "<b>conv(6, 5, pad=2)</b>" in box.attr["label"] and ">relu<" in box.attr["label"]
    assert box.attr["tooltip"].splitlines() == [
        "conv1: conv(6, 5, pad=2)",
        "relu1: relu",
        "28x28x1 -&gt; 28x28x6",
        "1,234 parameters",
        "5,678,000 multiply-accumulates",
    ]


def test_a_call_leaves_defaults_out_and_breaks_where_it_is_long():
    assert call(Conv(6, 5)) == ("conv(6, 5)",)
    assert call(Relu()) == ("relu",)
    assert call(Maxpool(3, stride=2)) == ("maxpool(3, stride=2)",)
    assert call(Conv(64, 7, stride=2, pad=3, bias=False)) == ("conv(64, 7, stride=2, pad=3,", "bias=false)")


def test_a_table_in_a_call_is_cut():
    lines = call(Conv(1, tuple(range(90))))
    assert lines[0] == "conv(1, (0, 1, 2, 3, 4, 5," and lines[-1].endswith("…)")
    assert len("".join(lines)) <= 90 and all(len(line) <= 28 for line in lines)


def test_several_outputs_and_a_value_read_twice_have_ids_of_their_own():
    net = Build(size="8x8x3")
    conv = net.add(Conv(3, 1), "8x8x3")
    net.add(Add(), "8x8x3", conv, conv)
    ids = re.findall(r'\bid="([^"]*)"', dot(net.graph(mask=1, sum=2)))
    assert len(ids) == len(set(ids))
    assert {"layer-output.mask", "layer-output.sum", "edge-add1-0", "edge-add1-1"} <= set(ids)


def test_open_extents_are_drawn_with_question_marks():
    net = Build(size="?x?x3")
    net.add(Conv(4, 1), "?x?x4")
    text = parsed(net.graph())
    assert text.get_node("conv1").attr["tooltip"].splitlines()[1] == "?x?x3 -&gt; ?x?x4"
    assert text.get_edge("input", "conv1").attr["label"] == " ?x?x3"


def test_families_differ_in_colour_and_again_without_it():
    for column, theme in ((0, LIGHT), (1, DARK)):
        seen = [looks[column] for family, looks in COLOURS.items() if family != "output"]
        assert len(seen) == len(set(seen)), "each family has a colour of its own"
        assert theme.look("of tomorrow").border == PLAIN[column]
    bare = [tuple(sorted(looks[2].items())) for family, looks in COLOURS.items() if family != "output"]
    assert len(bare) == len(set(bare)), "and a shape or style of its own, in print without colour"


def test_every_layer_of_the_language_has_a_family_with_a_look():
    assert {kind.family for kind in kinds().values()} <= set(COLOURS)


#: what red-green blindness makes of linear red, green and blue (H. Brettel, F. Viénot and J. Mollon, 1997;
#: deuteranopia and protanopia as Viénot, Brettel and Mollon give them for screens in 1999)
DEUTERANOPIA = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))
PROTANOPIA = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))


@pytest.mark.parametrize("eyes", [DEUTERANOPIA, PROTANOPIA])
def test_colours_of_the_families_are_told_apart_by_colour_blind_eyes(eyes):
    def seen(colour):
        red, green, blue = linear(colour)
        return [sum(a * b for a, b in zip(row, (red, green, blue), strict=True)) for row in eyes]

    for column in (0, 1):
        names = [family for family in COLOURS if family not in ("output", "shape", "regularizer", "block")]
        for one, other in combinations(names, 2):
            a, b = seen(COLOURS[one][column]), seen(COLOURS[other][column])
            apart = (
                sum((max(x, 0) ** (1 / 2.2) - max(y, 0) ** (1 / 2.2)) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
            )
            assert apart > 0.08, (one, other, apart)


def linear(colour: str) -> list[float]:
    """Linear red, green and blue, as sRGB defines them."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    weights = (0.2126, 0.7152, 0.0722)
    bright = sorted(sum(w * part for w, part in zip(weights, linear(c), strict=True)) + 0.05 for c in (one, other))
    return bright[1] / bright[0]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_stands_out_from_every_fill_and_borders_from_the_paper(theme):
    fills = [theme.look(family).fill for family in COLOURS]
    for fill in [*fills, *theme.frames, theme.paper]:
        for ink in (theme.ink, theme.faint):
            assert contrast(fill, ink) >= 4.5, f"{ink} on {fill}"
    for colour in (theme.arrow, theme.skip, *(theme.look(family).border for family in COLOURS)):
        assert contrast(colour, theme.paper) >= 2, colour


@pytest.mark.parametrize(
    "number, written",
    [
        (0, "0"), (99_999, "99,999"), (100_000, "100 k"), (141_312, "141 k"), (999_499, "999 k"), (999_500, "1.00 M"),
        (1_955_000, "1.96 M"), (39_059_456, "39.1 M"), (999_999_999, "1.00 G"), (7_638_171_648, "7.64 G"),
        (10**21, "1,000 E"), (None, "?"),
    ],
)  # fmt: skip
def test_large_amounts_are_rounded_to_three_digits(number, written):
    assert amount(number) == written


def test_no_orthogonal_edges():
    assert "ortho" not in dot(by_hand.residual()) + dot(by_hand.residual(), style="sizes")


def test_the_same_bytes_whatever_the_hash_seed():
    program = "from tests.draw import by_hand; from cnndsl.draw import dot; print(dot(by_hand.inception()))"
    root = Path(__file__).parents[2]
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1 and len(texts.pop()) > 1000


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(st.sampled_from('\\"<>&{}|nlrNGTELH\n;-/*#'), max_size=40))
def test_any_text_is_shown_as_it_is(doc, name):
    """Graphviz's own parser reads back what was written, and nothing of it becomes markup or an escape."""
    net = Build(name or "x", doc, "8x8x3")
    net.add(Fc(1), "1")
    text = pygraphviz.AGraph(string=dot(net.graph()))
    assert sorted(text.nodes()) == ["fc1", "input", "output.output"]
    heading = text.graph_attr["label"]
    tags = r"</?(?:b|font|br)\b[^<>]*>"
    assert re.sub(tags, "", heading).count("<") == 0, "only the tags that were meant"
    assert heading.count("<b>") == 1
