"""What is drawn in one box: fusing, melting, folding, opening, on programs of the language."""

from __future__ import annotations

import pytest

import cnndsl
from cnndsl.draw.detail import detailed
from cnndsl.draw.diagram import Card, Frame
from cnndsl.draw.view import view

BLOCKS = """
block basic(k) { add { | conv(k, 3, pad=1) -> batchnorm -> relu -> conv(k, 3, pad=1) -> batchnorm | id } ; relu }
"""


def picture(text, **options):
    graph = cnndsl.loads(BLOCKS + text).graph
    return graph, detailed(graph, view(graph, direction="tb", **options))


def outline(parts):
    """A picture's boxes and frames as text: `frame [box, box]`."""
    shown = []
    for part in parts:
        if isinstance(part, Card):
            shown.append(" ".join(part.headline))
        else:
            shown.append(f"{part.title} {outline(part.parts)}")
    return "[" + ", ".join(shown) + "]"


def arrows(shown):
    return {(link.tail, link.head, link.role) for link in shown.links}


def test_norm_activation_and_regularizer_go_into_the_box_of_the_layer_before_them():
    _, shown = picture("net N { input 8x8x3 ; conv(4, 3) -> batchnorm -> relu -> dropout(0.2) -> maxpool(2) -> relu }")
    assert outline(shown.parts) == "[input 8x8x3, conv(4, 3), maxpool(2), output 3x3x4]"
    assert [card.lines for card in shown.cards[1:3]] == [("batchnorm, relu, dropout",), ("relu",)]


def test_what_others_read_or_the_user_named_or_is_an_output_is_not_fused():
    _, shown = picture("net N { input 8x8x3 ; c: conv(3, 1) ; relu ; r: sigmoid ; add { c | r } }")
    assert outline(shown.parts) == "[input 8x8x3, c: conv(3, 1), relu, r: sigmoid, add, output 8x8x3]"
    _, shown = picture("net N { input 8x8x3 ; c: conv(3, 1) ; output logits: c -> relu ; output c }")
    assert "relu" in outline(shown.parts)


def test_a_net_that_begins_with_an_activation_has_a_box_for_it():
    _, shown = picture("net N { input 8 ; relu -> fc(2) }")
    assert outline(shown.parts) == "[input 8, relu, fc(2), output 2]"


def test_a_frame_around_one_box_is_no_frame_and_a_label_names_the_box():
    _, shown = picture("block unit(k) { conv(k, 3) -> relu }\nnet N { input 9x9x3 ; c1: unit(4) ; unit(5) }")
    assert outline(shown.parts) == "[input 9x9x3, c1: conv(4, 3), conv(5, 3), output 5x5x5]"


def test_equal_consecutive_blocks_are_one_card_with_their_totals_and_a_shortcut_around_it():
    graph, shown = picture("net N { input 8x8x16 ; { basic(16) } * 35 }", depth=0)
    assert outline(shown.parts) == "[input 8x8x16, basic(16) × 35, output 8x8x16]"
    card = shown.cards[1]
    # 35 blocks of two 3x3 convolutions of 16 channels with biases, and two batch normalizations
    params = 35 * (2 * (9 * 16 * 16 + 16) + 2 * 2 * 16)
    assert params == 164_640 and "165 k parameters, 10.3 M MACs" in card.lines and "164,640 parameters" in card.tooltip
    assert f"{35 * 2 * 9 * 16 * 16 * 64:,} multiply-accumulates" in card.tooltip
    assert card.around and card.volume.extents == (8, 8, 16)
    assert len(card.layers) == 35 * 7, "the id of the shortcut is not drawn"
    assert arrows(shown) == {("input", "basic1", "next"), ("basic1", "output.output", "next")}
    assert len(graph.nodes) == 1 + 35 * 8


def test_a_folded_block_that_is_opened_shows_one_with_its_skip():
    _, shown = picture("net N { input 8x8x16 ; { basic(16) } * 35 ; conv(2, 1) }", depth=1)
    frame = shown.parts[1]
    assert isinstance(frame, Frame) and frame.title == "basic(16) × 35"
    assert outline(frame.parts) == "[conv(16, 3, pad=1), conv(16, 3, pad=1), add]"
    assert arrows(shown) >= {("input", "basic1.add1", "skip"), ("basic1.conv2", "basic1.add1", "join")}
    assert ("basic1.add1", "conv1", "next") in arrows(shown)
    assert "164,640 parameters" in frame.tooltip


@pytest.mark.parametrize(
    "body, folds",
    [
        ("basic(16) -> basic(16)", True),
        ("basic(16) -> relu -> basic(16)", False),
        ("conv(8, 1) -> conv(16, 1) -> basic(16) -> conv(16, 1) -> basic(16)", False),
        ("a: basic(16) ; basic(16) ; add { a | conv(16, 1) }", False),
        ("a: basic(16) ; basic(16) ; output a ; output b: in -> relu", False),
    ],
)
def test_only_equal_blocks_fold_and_only_where_nothing_reads_what_would_be_hidden(body, folds):
    _, shown = picture(f"net N {{ input 8x8x16 ; {body} }}", depth=0)
    assert ("×" in outline(shown.parts)) == folds


def test_a_pattern_of_several_blocks_folds():
    text = "block wide(k) { conv(k, 3, pad=1) -> maxpool(3, stride=1, pad=1) }\n"
    _, shown = picture(text + "net N { input 8x8x16 ; { basic(16) -> wide(16) } * 9 }", depth=0)
    assert outline(shown.parts) == "[input 8x8x16, × 9, output 8x8x16]"
    assert shown.cards[1].lines[0] == "basic, wide"
    _, shown = picture(text + "net N { input 8x8x16 ; { basic(16) -> wide(16) } * 9 }", depth=1)
    assert outline(shown.parts[1:2]) == "[× 9 [basic(16), wide(16)]]"


def test_labels_of_folded_blocks_are_told_from_the_first_to_the_last():
    _, shown = picture("net N { input 8x8x16 ; for i in 0..5 { unit: basic(16) } }", depth=0)
    assert outline(shown.parts[1:2]) == "[unit1 to unit5: basic(16) × 5]"


def test_four_equal_layers_fold_and_three_do_not():
    assert "× 4" in outline(picture("net N { input 8x8x3 ; { conv(3, 3, pad=1) -> relu } * 4 }")[1].parts)
    assert "×" not in outline(picture("net N { input 8x8x3 ; { conv(3, 3, pad=1) -> relu } * 3 }")[1].parts)


def test_what_is_expanded_is_whole_and_its_equals_stay_folded():
    text = "net N { input 8x8x16 ; stage: { basic(16) } * 5 ; other: { basic(16) } * 4 -> maxpool(2) }"
    _, shown = picture(text, expand="stage")
    assert outline(shown.parts).count("conv(16, 3, pad=1), conv(16, 3, pad=1), add") == 5
    assert "other" in outline(shown.parts) and "×" not in outline(shown.parts[:2])
    _, shown = picture(text, expand=["stage.basic2"])
    inside = outline(shown.parts[1:2])
    assert inside == "[stage [basic(16), basic(16) [conv(16, 3, pad=1), conv(16, 3, pad=1), add], basic(16) × 3]]"


def test_blocks_are_opened_as_deep_as_asked():
    text = "net N { input 8x8x16 ; stage: { basic(16) } * 5 -> maxpool(2) }"
    assert outline(picture(text, depth=0)[1].parts[1:2]) == "[stage]"
    assert outline(picture(text, depth=1)[1].parts[1:2]) == "[stage [basic(16) × 5, maxpool(2)]]"
    assert outline(picture(text, depth=9)[1].parts[1:2]) == outline(picture(text, depth=2)[1].parts[1:2])
    assert picture(text, depth=0)[1].cards[1].lines[0] == "5 basic, maxpool"


def test_a_shared_block_does_not_count_its_parameters_again():
    text = "net N { input 8x8x16 ; first: basic(16) ; { basic(16, share=first) } * 6 }"
    _, shown = picture(text, depth=0)
    assert [card.params for card in shown.cards] == [0, 2 * (9 * 16 * 16 + 16) + 4 * 16, 0, 0]
    assert "× 6" in outline(shown.parts[2:3])


def test_facts_are_added_where_they_are_asked_for():
    text = "net N { input 28x28x1 ; conv(6, 5) -> relu -> maxpool(2) ; conv(16, 5) }"
    _, shown = picture(text, extras="rf,params,macs")
    # 6 * 25 + 6 values, 24 * 24 * 6 * 25 products; the field of the second convolution is 5 + 1 + 4 * 2
    assert shown.cards[1].lines == ("relu", "156 parameters", "86,400 MACs", "sees 5x5, jump 1")
    assert shown.cards[2].lines == ("sees 6x6, jump 2",)
    assert shown.cards[3].lines[-1] == "sees 14x14, jump 2"


def test_open_extents_are_folded_and_drawn():
    _, shown = picture("net N { input ?x?x16 ; { basic(16) } * 6 }", depth=0, extras="macs,rf")
    assert outline(shown.parts) == "[input ?x?x16, basic(16) × 6, output ?x?x16]"
    assert "28,224 parameters, ? MACs" in shown.cards[1].lines
