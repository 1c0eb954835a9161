"""Blocks, nets, joins, sharing, freezing, settings, imports and limits."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cnndsl import CnnError, load
from cnndsl.pipeline import check
from cnndsl.source import Source
from tests.elaborate.helpers import body, codes, errors, graph, paths

INNER = """
net Inner(k = 4) { input 8x8x3 ; a: conv(k, 3) -> relu ; for i in 0..3 { u: conv(k, 1) } ; out: conv(2, 1) }
"""


def test_a_net_used_as_a_layer_takes_the_current_volume() -> None:
    found = graph(INNER + "net Outer { input 20x20x5 ; Inner(7) ; relu }")
    assert str(found.nodes[-1].volume) == "18x18x2"
    assert paths(found)[1] == "Inner1.a.conv1"


@pytest.mark.parametrize(("until", "last"), [("a", "b.a.relu1"), ("u2", "b.u2"), ("out", "b.out")])
def test_until_stops_behind_a_label(until: str, last: str) -> None:
    found = graph(INNER + f"net Outer {{ input 8x8x3 ; b: Inner(until={until}, freeze=true) ; sigmoid }}")
    assert found.nodes[-2].path == last
    assert all(node.frozen for node in found.nodes[1:-1])
    assert not found.nodes[-1].frozen


def test_until_an_unknown_label_says_which_there_are() -> None:
    (error,) = errors(INNER + "net Outer { input 8x8x3 ; Inner(until=u9) }")
    assert error.code == "E238"
    assert "u1, u2, u3" in error.helps[0]


def test_aliases_keep_the_parameters_they_were_not_given() -> None:
    text = INNER + "net Wide(m = 3) = Inner(k = m * 5)\nnet Plain = Inner"
    found = check(Source("t.cnn", text), folder=".")
    assert [net.name for net in found.nets] == ["Inner", "Wide", "Plain"]
    widths = [net.graph["a.conv1"].volume.channels for net in found.nets if net.graph]
    assert widths == [4, 15, 4]
    assert graph(text, settings={"k": 9})["a.conv1"].volume.channels == 9
    assert graph(text, net="Wide", settings={"m": 2})["a.conv1"].volume.channels == 10


def test_layers_and_blocks_are_values() -> None:
    text = """
    block unit(k, act = relu, base = 1) { conv(k * base, 1) -> act }
    net N(make = unit(base = 2)) { input 4x4x3 ; make(3) ; make(5, act = sigmoid) }
    """
    assert [node.layer.written() for node in graph(text).nodes[1:]] == [
        "conv(6, 1)",
        "relu",
        "conv(10, 1)",
        "sigmoid",
    ]


def test_share_uses_the_arrays_of_the_other_layer() -> None:
    found = body("input 8x8x4\na: conv(4, 3, pad=1)\nb: conv(4, 3, pad=1, share=a)\nc: conv(4, 3, pad=1, share=b)")
    assert [node.owner for node in found.nodes] == ["input", "a", "a", "a"]


def test_share_of_a_block_is_layer_by_layer() -> None:
    text = """
    block tower(k) { conv(k, 3) -> batchnorm -> relu ; flatten -> fc(5) }
    net Siamese {
        input left: 9x9x1 -> a: tower(4)
        input right: 9x9x1
        b: tower(4, share=a)
        add { a | b }
    }
    """.replace("input left: 9x9x1 -> a: tower(4)", "input left: 9x9x1\n        a: tower(4)")
    found = graph(text)
    assert found["b.conv1"].owner == "a.conv1"
    assert found["b.fc1"].owner == "a.fc1"
    assert not found.arrays(found["b.fc1"])


@pytest.mark.parametrize(
    "line",
    ["conv(5, 3, share=a)", "conv(4, 3, share=a, freeze=true)", "conv(4, 3, share=4)", "conv(4, 3, share=a, init=he)"],
)
def test_what_cannot_be_shared(line: str) -> None:
    assert codes(f"net N {{ input 12x12x4 ; a: conv(4, 3) ; {line} }}") == ["E211"]


def test_a_net_with_two_inputs_as_a_layer() -> None:
    text = """
    net Pair { input left: 4x4x1 ; a: conv(2, 3) ; input right: 4x4x1 ; b: conv(2, 3) ; concat { a | b } }
    net N { input 6x6x1 ; x: relu ; y: sigmoid ; Pair(left=x, right=y) -> relu }
    """
    found = graph(text)
    assert str(found.nodes[-1].volume) == "4x4x4"


def test_several_outputs_are_continued_by_name() -> None:
    text = """
    net Two { input 8x8x1 ; relu ; output small: conv(2, 3) ; output big: conv(3, 1) }
    net N { input 8x8x1 ; t: Two() ; t.small -> relu }
    """
    assert str(graph(text).nodes[-1].volume) == "6x6x2"
    assert set(graph(text, net="Two").outputs) == {"small", "big"}
    assert codes(text.replace("t.small -> ", "")) == ["E232"]


def test_output_with_stages_does_not_disturb_the_flow() -> None:
    found = body("input 8x8x1\nconv(4, 1)\noutput side: conv(2, 3) -> relu\noutput main: sigmoid")
    assert found.nodes[found.outputs["main"]].inputs == (1,)


def test_open_extents_pass_through_and_are_refused_as_values() -> None:
    found = body("input ?x?x3\nconv(8, 3, pad=1) -> maxpool(2)\nadd { id | conv(8, 1) }\nglobal_avgpool -> flatten")
    assert str(found.nodes[3].volume).startswith("?x?x") or str(found.nodes[2].volume) == "?x?x8"
    assert str(found.nodes[-1].volume) == "8"
    assert codes("net N { input ?x?x3 ; fc(10) }") == ["E225"]
    assert codes("net N { input ?x?x3 ; conv(in.height, 1) }") == ["E225"]


def test_settings_and_sizes() -> None:
    text = "net N(k = 2) { input 8x8x1 ; conv(k, 3) }"
    assert str(graph(text, settings={"k": 5}, sizes={"": (10, 10, 1)}).nodes[-1].volume) == "8x8x5"
    assert codes(text, settings={"kk": 5}) == ["E207"]
    assert codes(text, sizes={"left": (1, 1, 1)}) == ["E207"]
    assert codes("net N(k) { input 8x8x1 ; conv(k, 3) }") == ["E227"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("block a { a }\nnet N { input 4 ; a }", "E404"),
        ("block a { b }\nblock b { a }\nnet N { input 4 ; a }", "E404"),
        ("fn f(x) = f(x - 1)\nnet N { input 4 ; fc(f(3)) }", "E404"),
        ("let a = b\nlet b = a\nnet N { input 4 ; fc(a) }", "E404"),
        ("net A = A\nnet N { input 4 ; relu }", "E404"),
        ("net N { input 4 ; { { { relu } * 1000 } * 1000 } * 1000 }", "E401"),
        ("net N { input 4 ; for i in 0..2000000000 { relu } }", "E401"),
        ("net N { input 4 ; for i in 0..2000000000 { let x = i } }", "E405"),
        (
            "block b0 { relu ; relu }\n"
            + "".join(f"block b{i} {{ b{i - 1} ; b{i - 1} }}\n" for i in range(1, 60))
            + "net N { input 4 ; b59 }",
            "E401",
        ),
        ("block b(n) { { relu } * n }\nblock c(n) { { b(n) } * n }\nnet N { input 4 ; c(60000) }", "E401"),
        (
            "fn f0(x) = x\n"
            + "".join(f"fn f{i}(x) = f{i - 1}(x) + f{i - 1}(x + 2 ** {i})\n" for i in range(1, 40))
            + "net N { input 4 ; fc(f39(1)) }",
            "E405",
        ),
        (
            "block b0 { relu }\n"
            + "".join(f"block b{i} {{ b{i - 1} }}\n" for i in range(1, 250))
            + "net N { input 4 ; b249 }",
            "E402",
        ),
    ],
)
def test_limits_end_in_a_diagnostic_in_time(text: str, code: str) -> None:
    started = time.process_time()
    assert code in codes(text)
    assert time.process_time() - started < 5


def test_functions_that_call_each_other_with_the_same_numbers_are_called_once() -> None:
    chain = "".join(f"fn f{i}(x) = f{i - 1}(x) + f{i - 1}(x)\n" for i in range(1, 25))
    assert str(graph("fn f0(x) = x\n" + chain + "net N { input 4 ; fc(f24(1)) }").nodes[-1].volume) == str(2**24)


def test_a_hundred_and_fifty_levels_are_fine() -> None:
    text = "block b0 { relu }\n" + "".join(f"block b{i} {{ b{i - 1} }}\n" for i in range(1, 90))
    assert len(graph(text + "net N { input 4 ; b89 }").nodes) == 2


def test_imports(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.cnn").write_text(
        "let k = 7\nblock unit { conv(k, 1) }\nnet Small { input 4x4x1 ; unit }\n"
    )
    (tmp_path / "main.cnn").write_text('from "parts/a.cnn" import unit, Small\nnet N { input 4x4x3 ; unit ; Small }\n')
    assert [str(v) for v in load(tmp_path / "main.cnn").outputs.values()] == ["4x4x7"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('from "../x.cnn" import a', "E210"),
        ('from "/etc/passwd" import a', "E210"),
        ('from "main.cnn" import a', "E210"),
        ('from "other.cnn" import missing', "E209"),
        ('from "absent.cnn" import a', "E209"),
    ],
)
def test_imports_that_are_refused(tmp_path: Path, line: str, code: str) -> None:
    (tmp_path / "other.cnn").write_text("block unit { relu }\n")
    (tmp_path / "main.cnn").write_text(f"{line}\nnet N {{ input 4 ; relu }}\n")
    with pytest.raises(CnnError) as caught:
        load(tmp_path / "main.cnn")
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_an_error_in_a_block_names_the_call_that_led_there() -> None:
    text = "block down { maxpool(2) }\nnet N { input 8x8x1 ; { down } * 6 }"
    (error,) = errors(text)
    assert any("in this call of `down`" in label.text for label in error.labels)
