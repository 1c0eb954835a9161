"""The file itself: one, closed to the network and to other scripts, small, and safe whatever is in the program."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import cnndsl
from cnndsl.report import assemble
from tests.report.helpers import HOSTILE, ROOT, data, layers, of_text, page, part, spread


class Reader(HTMLParser):
    """Collects the elements that a browser would make."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.comments.append(data)


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_its_own_script_and_style_and_nothing_else():
    text = page("lenet5")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["connect-src"] == "'none'"
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert rules["script-src"] == hashed(script) and rules["style-src"] == hashed(part(text, "style"))


def test_nothing_is_fetched():
    found = Reader(page("lenet5")).elements
    assert not [item for item in found if item[0] in ("iframe", "img", "base", "object", "embed")]
    links = [value for _, attributes in found for name, value in attributes.items() if name in ("src", "href")]
    assert links == ["data:,"], "only the empty icon"


def test_a_hostile_program_makes_no_element_and_no_handler():
    hostile, plain = Reader(of_text(HOSTILE)), Reader(of_text("net Plain { input 12x12x1 ; conv(4, 3) }"))
    count = lambda reader, tag: sum(item[0] == tag for item in reader.elements)  # noqa: E731
    for tag in ("script", "img", "style", "svg", "meta", "h1"):
        assert count(hostile, tag) == count(plain, tag)
    assert not [name for _, attributes in hostile.elements for name in attributes if name.startswith("on")]
    assert not hostile.comments


def test_a_hostile_program_is_read_back_as_it_was():
    found = data(of_text(HOSTILE))
    assert found["sources"][0]["text"] == HOSTILE
    assert found["doc"].startswith("</script><script>alert(1)</script>") and "{{data}}" in found["doc"]


def test_the_same_net_gives_the_same_page():
    assert of_text(HOSTILE) == of_text(HOSTILE)


@pytest.mark.parametrize("name", ["resnet.cnn:ResNet152", "googlenet.cnn", "efficientnet.cnn:EfficientNetB0"])
def test_a_page_without_weights_is_small(name):
    net = cnndsl.load(f"{ROOT}/cnndsl/zoo/{name}")
    assert len(assemble(net.graph, net.diagnostics).encode()) < 300_000


def test_comments_of_scripts_stay_out():
    from cnndsl.report.assembly import plain

    assert (
        plain("// why\n\nconst a = 1;\n  /** what */\n  f('// no comment');\n") == "const a = 1;\nf('// no comment');\n"
    )


def test_values_that_come_again_are_held_once():
    from cnndsl.report.table import packed

    repeated = [["a long value"]] * 9 + ["another", 1, True]
    found = packed(repeated)
    assert found == {"of": [["a long value"], "another", 1, True], "at": [0] * 9 + [1, 2, 3]}
    assert spread(found) == repeated and packed([1, 2, 3]) == [1, 2, 3] == spread([1, 2, 3])


@pytest.mark.parametrize("name", ["lenet5", "resnet50"])
def test_every_layer_has_a_box_that_the_diagram_shows(name):
    text = page(name)
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", text, re.DOTALL)[0])
    groups = {element.get("id"): element for element in svg.iter() if element.get("id")}
    found = data(text)
    written = {number: "".join(groups[f"c{number}"].itertext()) for number in set(found["diagram"]["boxes"]) - {-1}}
    for path, box in zip(found["layers"]["path"], found["diagram"]["boxes"], strict=True):
        call = layers(found)[path]["call"]
        assert (box == -1) == (call == "id"), "an id is no box"
        if call.startswith("fc("):
            assert call.partition(" (")[0] in written[box]
    assert {f"e{number}" for number in range(len(found["diagram"]["links"]))} <= groups.keys()


def test_equal_blocks_are_shown_by_one():
    found = data(page("resnet50"))
    box = dict(zip(found["layers"]["path"], found["diagram"]["boxes"], strict=True))
    assert box["stage1.bottleneck2.conv2"] == box["stage1.bottleneck3.conv2"] != box["stage1.bottleneck1.conv2"]
    assert box["stage1.bottleneck2.conv2"] == box["stage1.bottleneck2.batchnorm2"], "fused"


def test_the_diagram_stays_within_its_box():
    """Coordinates that are relative add up: every box of a layer lies where Graphviz has put it."""
    from cnndsl.report.strokes import closed, relative

    assert relative("M1.25,2C1.25,2 3,2 3,2 4,2 5,3 5,4") == "m1.2 2h1.8c1 0 2 1 2 2"
    assert closed("0,0 10,0 10,5.55 0,5.55 0,0") == "m0 0h10v5.6h-10z"
    assert relative("M0,0A1,1 0 0 1 2,2") == "M0,0A1,1 0 0 1 2,2", "other commands stay as they are"


def test_numbers_are_the_published_ones():
    found = data(page("resnet50"))
    assert found["totals"]["params"] == 25_557_032 and found["totals"]["macs"] == 4_089_184_256
    stem = layers(found)["stem.conv1"]
    assert stem["params"] == 64 * 3 * 7 * 7 and stem["macs"] == 112 * 112 * 64 * 3 * 7 * 7
    assert stem["unshared"] == 112 * 112 * 64 * (3 * 7 * 7)
    assert stem["windows"] == [[224, 112, 7, 2, 3, 3, 1, 0]] * 2 and stem["field"] == "7x7"


def test_derivations_are_those_of_explain():
    import cnndsl

    found = data(page("lenet5"))
    words = found["words"]
    for path, layer in layers(found).items():
        steps = [found["steps"][number] for number in layer["steps"] or ()]
        lines = [(words[name], words[letters], *rest) for name, letters, *rest in steps]
        wanted = cnndsl.load(ROOT / "examples/lenet5.cnn").explain(path).steps
        assert [line[:2] for line in lines] == [(step.name, step.letters) for step in wanted]
        numbers = [f"{step.result:,}" if isinstance(step.result, int) else step.result or "" for step in wanted]
        assert [(*line, "", "")[3] for line in lines] == numbers


def test_memory_is_that_of_the_analysis():
    import cnndsl

    found = data(page("lenet5"))["memory"]
    memory = cnndsl.load(ROOT / "examples/lenet5.cnn").memory()
    assert [usage["peak"] for usage in found["usages"]] == [memory.inference.peak.bytes, memory.training.peak.bytes]
    assert [size for _, _, size in found["usages"][1]["moments"]] == list(memory.training.timeline)


@pytest.mark.parametrize(
    "text",
    [
        "net Open { input ?x?x3 ; conv(8, 3) -> relu -> conv(4, 1) }",
        "net Vector { input 10 ; fc(3) }",
        "net Series { input 64x2 ; conv(4, 5, pad=same) -> maxpool(2) -> flatten -> fc(2) }",
        "net Clip { input 8x16x16x3 ; conv(4, 3) -> global_avgpool -> fc(2) }",
        "net Two { input left: 8x8x1 ; conv(2, 3) -> flatten ; l: id ; input right: 4 ; concat { l | right } ; fc(2) }",
        "net Nothing { input 4x4x1 }",
    ],
)
def test_any_net_has_a_page(text):
    found = data(of_text(text))
    assert found["layers"]["path"] and json.dumps(found)


def test_without_graphviz_the_page_says_so(monkeypatch):
    monkeypatch.setattr("cnndsl.draw.find", lambda: None)
    text = of_text("net Small { input 4x4x1 ; conv(2, 3) }")
    assert "<svg" not in text.partition('id="canvas"')[2].partition("</section>")[0]
    assert [message["code"] for message in data(text)["diagnostics"]] == ["W651"]
