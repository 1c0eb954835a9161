"""The style `sizes`: larger volumes are larger boxes, across the flow by extent, along it by channels."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

import cnndsl
from cnndsl.draw import dot
from cnndsl.draw.measures import LEAST, TALLEST, THICKEST, VECTOR, scale_of
from cnndsl.volume import Volume

extents = st.integers(1, 4096)
volumes = st.tuples(extents, extents, extents).map(Volume)


@given(st.lists(volumes, min_size=2, max_size=6))
def test_sides_grow_with_extents_and_channels_up_to_the_largest(found):
    scale = scale_of(found)
    sides = [scale.sides(volume) for volume in found]
    assert max(across for across, _ in sides) == TALLEST and max(along for _, along in sides) == THICKEST
    for one, size in zip(found, sides, strict=True):
        assert min(size) >= LEAST
        for other, larger in zip(found, sides, strict=True):
            assert one.extents[1] > other.extents[1] or size[0] <= larger[0]
            assert one.extents[2] > other.extents[2] or size[1] <= larger[1]


def test_a_side_is_the_square_root_of_its_share():
    scale = scale_of([Volume((64, 64, 16)), Volume((16, 16, 64)), Volume((100,))])
    assert scale.sides(Volume((64, 64, 16))) == (TALLEST, THICKEST / 2)
    assert scale.sides(Volume((16, 16, 64))) == (TALLEST / 2, THICKEST)
    assert scale.sides(Volume((25,))) == (TALLEST / 2, VECTOR)
    assert scale.sides(Volume((None, None, 16))) == (TALLEST, THICKEST / 2)


def test_boxes_lie_down_where_the_flow_is_downward():
    net = cnndsl.loads("net N { input 64x64x16 ; conv(64, 1, stride=4) }").graph
    for direction, wanted in (("lr", (60, 60)), ("tb", (60, 60))):
        text = dot(net, style="sizes", direction=direction)
        boxes = [tuple(map(int, pair)) for pair in re.findall(r'width="(\d+)" height="(\d+)" bgcolor', text)]
        assert wanted in boxes
    lying = dot(net, style="sizes", direction="tb")
    assert 'width="120" height="30"' in lying and 'width="30" height="120"' in dot(net, style="sizes", direction="lr")
    assert "16x16x64" in lying and "conv 1/4" in lying
