"""dot: what the DOT text says, by the parser of Graphviz itself where there is one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.draw.diagram import Card, Frame, diagram
from cnndsl.draw.dot import dot
from cnndsl.draw.looks import FAINT, FRAMES, INK, LOOKS, PLAIN, look
from cnndsl.draw.words import call

from . import by_hand
from .by_hand import Add, Build, Conv, Fc, Maxpool, Relu

pygraphviz = pytest.importorskip("pygraphviz")


def parsed(graph):
    return pygraphviz.AGraph(string=dot(graph))


def cards(parts):
    for part in parts:
        yield from [part] if isinstance(part, Card) else cards(part.parts)


@pytest.mark.parametrize("make", [by_hand.lenet, by_hand.residual, by_hand.inception])
def test_a_box_a_layer_an_arrow_a_connection_and_a_cluster_a_scope(make):
    graph = make()
    text = parsed(graph)
    assert set(text.nodes()) == {node.path for node in graph} | {"output.output"}
    wanted = sorted((graph.nodes[number].path, node.path) for node in graph for number in node.inputs)
    assert sorted((a, b) for a, b in text.edges() if b != "output.output") == wanted
    assert {part.name for part in text.subgraphs()} == {f"cluster_{path}" for path in graph.scopes}


def test_every_edge_shows_the_volume_that_flows_over_it():
    graph = by_hand.residual()
    text = parsed(graph)
    for tail, head in text.edges():
        label = text.get_edge(tail, head).attr["label"].strip()
        assert label == ("" if head.startswith("output.") else str(graph[tail].volume))


def test_a_box_says_its_call_and_its_path_and_a_tooltip_the_numbers():
    text = parsed(by_hand.lenet())
    box = text.get_node("conv1")
    assert "<b>conv(6, 5, pad=2)</b>" in box.attr["label"] and ">conv1<" in box.attr["label"]
    assert box.attr["tooltip"].splitlines() == [
        "conv1",
        "28x28x1 -&gt; 28x28x6",
        "1,234 parameters",
        "5,678,000 multiply-accumulates",
    ]


def test_scopes_nest_and_stand_in_source_order():
    net = Build(size="8x8x3")
    with net.scope("stage", "label"):
        with net.scope("zeta1", name="zeta", arguments="4"):
            net.add(Conv(4, 1), "8x8x4")
        net.add(Relu(), "8x8x4")
        with net.scope("first", name="alpha"):
            net.add(Conv(5, 1), "8x8x5")
    first, stage, last = diagram(net.graph()).parts
    assert isinstance(stage, Frame) and first.id == "input" and last.id == "output.output"
    assert [part.id for part in stage.parts] == ["stage.zeta1", "stage.relu1", "stage.first"]
    assert [stage.title, stage.parts[0].title, stage.parts[2].title] == ["stage", "zeta(4)", "first: alpha"]


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
    seen = [shown.border for family, shown in LOOKS.items() if family != "output"]
    assert len(seen) == len(set(seen)), "each family has a border of its own"
    bare = [tuple(sorted(shown.attributes.items())) for family, shown in LOOKS.items() if family != "output"]
    assert len(bare) == len(set(bare)), "and a shape or style of its own, in print without colour"
    assert look("of tomorrow") == PLAIN


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_from_every_fill():
    for fill in [*(shown.fill for shown in LOOKS.values()), *FRAMES]:
        for ink in (INK, FAINT):
            light, dark = luminance(fill) + 0.05, luminance(ink) + 0.05
            assert light / dark >= 4.5, f"{ink} on {fill}"


def test_no_orthogonal_edges():
    assert "ortho" not in dot(by_hand.residual())


def test_the_same_bytes_whatever_the_hash_seed():
    program = "from tests.draw import by_hand; from cnndsl.draw.dot import dot; print(dot(by_hand.inception()))"
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
