"""`until=`, `freeze=` and `share=` of blocks and nets, through loops, blocks and aliases (rulings 2 and 8)."""

from __future__ import annotations

import pytest

from tests.elaborate.helpers import codes, errors, graph, paths

NET = """
block unit(k) { conv(k, 3, pad=1) -> batchnorm ; x: conv(k, 1) -> relu ; conv(k, 1) }
net Deep(k = 4) {
    input 8x8x3
    for i in 0..3 { s: conv(k + i, 3, pad=1) -> relu }
    u: unit(k)
    output left: fc(3)
    output right: fc(4)
}
"""


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("s1", "d.s1.relu1"),
        ("s[0]", "d.s1.relu1"),
        ("s[i + 1]", "d.s2.relu1"),
        ("u.x", "d.u.x.relu1"),
        ("left", "d.left"),
    ],
)
def test_the_label_of_until_may_be_indexed_or_inside_a_block(until: str, last: str) -> None:
    text = f"net N {{ input 9x9x3 ; let i = 0 ; d: Deep(until={until}) ; sigmoid }}"
    assert paths(graph(NET + text))[-2:] == [last, "sigmoid1"]


@pytest.mark.parametrize("until", ["s", "s[3]", "s[-1]", "s[0.5]", "u.y", "nothing", "u.x.relu1"])
def test_what_is_no_label_of_it_is_told_what_is(until: str) -> None:
    (error,) = errors(NET + f"net N {{ input 9x9x3 ; d: Deep(until={until}) }}")
    assert (error.code, error.title) == ("E238", f"`until=` of `Deep` must be a label of it; it is `{until}`")
    assert "s1, s2, s3, u, left, right" in error.helps[0]


def test_an_inner_until_ends_the_inner_call_and_an_outer_one_the_outer() -> None:
    text = """
    block inner { a: relu ; b: tanh ; c: sigmoid }
    block outer { i: inner(until=b) ; j: gelu }
    """
    assert paths(graph(text + "net N { input 8x8x3 ; o: outer }")) == ["input", "o.i.a", "o.i.b", "o.j"]
    assert paths(graph(text + "net N { input 8x8x3 ; o: outer(until=i.a) ; elu }")) == ["input", "o.i.a", "elu1"]
    assert codes(text + "net N { input 8x8x3 ; o: outer(until=i.c) }") == ["E238"]


def test_a_net_may_be_another_up_to_a_label_and_frozen() -> None:
    found = graph(NET + "net Features(k = 2) = Deep(k, until=s2, freeze=true)", net="Features", settings={"k": 5})
    assert paths(found)[-1] == "s2.relu1"
    assert list(found.outputs) == ["output"]
    assert all(node.frozen for node in found.nodes[1:])
    assert found["s1.conv1"].volume.channels == 5
    assert codes(NET + "net Features = Deep(share=3)") == ["E202"]


TWICE = """
block unit(k, f = true) {
    conv(k, 3, pad=1, init=he) -> batchnorm(freeze=f) -> conv(k, 1, weights=[[1]])
    a: conv(k, 1)
    conv(k, 1, share=a)
}
"""


def test_a_block_that_freezes_starts_and_gives_numbers_is_shared_as_it_is() -> None:
    found = graph(TWICE + "net N { input 8x8x3 ; a: unit(3) ; b: unit(3, share=a) ; unit(3, share=b) }")
    owners = [node.owner for node in found.nodes[1:]]
    assert owners == 3 * ["a.conv1", "a.batchnorm1", "a.conv2", "a.a", "a.a"]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("unit(3, share=a, freeze=true)", "`freeze=` is for the layer that keeps the arrays"),
        ("unit(3, false, share=a)", "`freeze=` is for the layer that keeps the arrays"),
        ("unit(4, share=a)", "its arrays are weight 4x3x3x3, bias 4, those of `a.conv1` are weight 3x3x3x3, bias 3"),
        ("unit(3, share=in)", "the volume input is no call of `unit`"),
    ],
)
def test_the_arrays_of_a_shared_block_are_its_owners(call: str, why: str) -> None:
    found = errors(TWICE + f"net N {{ input 8x8x3 ; a: unit(3) ; b: {call} }}")
    assert found[0].code == "E211"
    assert found[0].title.endswith(why)
