"""Who feeds whom in layers without a window: links that are known by hand, and those of a layer that slides."""

from __future__ import annotations

import pytest

import cnndsl
from cnndsl.report.wires import wires
from tests.report.helpers import of_text

ONE = ((0,), (1,), (2,), (3,), (4,))


@pytest.mark.parametrize(
    "call, wanted",
    [
        ("relu", ONE),
        ("batchnorm", ONE),
        ("upsample(2)", ((0,), (0,), (1,), (1,), (2,))),
        ("pad(1)", ((), (0,), (1,), (2,), (3,))),
        ("crop(2)", ((2,), (3,), (4,), (5,), (6,))),
        ("adaptive_avgpool(3)", ((0, 1, 2), (3, 4, 5), (6, 7, 8))),
        ("global_avgpool", (tuple(range(7)),)),
        ("flatten", ONE),
        ("flatten -> relu", ONE),
        ("flatten -> fc(2)", (tuple(range(7)),) * 2),
        ("fc(2) -> softmax", ((0, 1),) * 2),
        ("flatten -> slice(0, 3)", ()),
    ],
)
def test_wires(call, wanted):
    graph = cnndsl.loads(f"net Wires {{ input 9x9x4 ; {call} }}").graph
    assert wires(graph, graph.nodes[-1]) == wanted


def test_an_open_extent_has_none():
    graph = cnndsl.loads("net Wires { input ?x?x3 ; upsample(2) }").graph
    assert wires(graph, graph.nodes[-1]) == ()


@pytest.mark.slow
def test_units_are_drawn_with_their_own_links(show):
    """relu: one to one; local: no weight used twice; deconv: each input paints `kernel` units; pool: no weights."""
    net = "net U { input 12x12x1 ; conv(2, 3) -> relu ; local(2, 3) ; deconv(2, 3, stride=2) ; maxpool(2) }"
    with show(of_text(net), at="relu1") as page:
        page.click("#tab-units")
        lines = page.locator("#wires line.thick")
        assert lines.count() == 5 and page.locator("[data-dense]").count() == 0
        page.keyboard.press("j")
        lines.first.dispatch_event("pointerenter")
        assert page.locator("#wires line.lit").count() == 1 and "own weights" in page.inner_text("#panel-units")
        page.keyboard.press("j")
        assert lines.count() == 9
        lines.first.dispatch_event("pointerenter")
        assert page.locator("#wires line.lit").count() == 3
        page.locator("#wires circle[data-kind=unit][data-place='2']").dispatch_event("pointerenter")
        assert "reads 2 of the 3 inputs" in page.inner_text("#panel-units"), (
            "the third tap of one, the first of the next"
        )
        page.keyboard.press("j")
        lines.first.dispatch_event("pointerenter")
        assert "place in the window" in page.inner_text("#panel-units")
