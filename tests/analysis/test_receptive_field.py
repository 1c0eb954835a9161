"""Receptive fields: published numbers, the chain rule by hand, joins, what enlarges, open extents."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import cnndsl
from cnndsl.analysis.amounts import sizes
from cnndsl.analysis.receptive_field import receptive_field
from tests.layers.build import Sketch, chain, layer

ZOO = Path(cnndsl.__file__).parent / "zoo"


def zoo(file: str, net: str) -> cnndsl.net.Net:
    return cnndsl.load(f"{ZOO / file}.cnn:{net}")


def last_local(net: cnndsl.net.Net):
    """The size of the last layer that sees less than the whole."""
    return [field.size for field in net.receptive_field() if field.axes and not field.whole][-1]


@pytest.mark.parametrize(
    "file, net, size",
    [
        # A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019
        ("alexnet", "AlexNet", 195),
        ("mobilenet", "MobileNetV1", 315),
        # the stride in the 3x3, as torchvision has it; by the chain rule: 427 = 11 + 8*3 + (8 + 3*16) + …
        ("resnet", "ResNet18", 435),
        ("resnet", "ResNet34", 899),
        ("resnet", "ResNet50", 427),
        ("resnet", "ResNet101", 971),
        ("resnet", "ResNet152", 1451),
    ],
)
def test_published_fields(file, net, size):
    assert last_local(zoo(file, net)) == size


@pytest.mark.parametrize("depths, size", [([3, 4, 6, 3], 483), ([3, 4, 23, 3], 1027), ([3, 8, 36, 3], 1507)])
def test_the_stride_in_the_first_convolution_of_a_bottleneck_sees_more(depths, size):
    text = 'from "zoo/resnet.cnn" import ResNet, bottleneck\nnet Early = ResNet(bottleneck(early=true), depths=DEPTHS)'
    assert last_local(cnndsl.loads(text.replace("DEPTHS", str(depths)))) == size


def test_the_pools_of_vgg16():
    net = zoo("vgg", "VGG16")
    assert [net.receptive_field(f"pool{n}").size for n in range(1, 6)] == [6, 16, 44, 100, 212]
    assert [net.receptive_field(f"pool{n}").jump for n in range(1, 6)] == [2, 4, 8, 16, 32]
    assert net.receptive_field("pool2").first == Fraction(3, 2)


def test_stacked_convolutions():
    found = receptive_field(chain("32x32x3", *[layer("conv", 4, 3)] * 3))
    assert [field.size for field in found] == [1, 3, 5, 7]
    assert [field.first for field in found] == [0, 1, 2, 3]


def test_axes_that_differ_have_a_number_each():
    field = receptive_field(chain("32x32x1", layer("conv", 4, (3, 5), stride=(1, 2), pad=(1, 0)))).layers[-1]
    assert (field.size, field.jump, field.first) == ((3, 5), (1, 2), (0, 2))
    assert sizes(field.axes) == "3x5"


def test_a_series_and_a_clip():
    series = receptive_field(chain("100x2", layer("conv", 4, 3, dilation=4), layer("maxpool", 2)))
    assert (series.layers[-1].size, series.layers[-1].jump, series.layers[-1].first) == (10, 2, Fraction(9, 2))
    clip = receptive_field(chain("9x9x9x1", layer("conv", 4, (1, 3, 5))))
    assert clip.layers[-1].size == (1, 3, 5)


def test_global_layers_see_the_whole():
    found = receptive_field(chain("8x8x3", layer("conv", 4, 3), "global_avgpool", layer("fc", 2)))
    assert [field.whole for field in found] == [False, False, True, True]
    assert found["global_avgpool1"].size == 8 and found["fc1"].size == 8
    assert found["fc1"].jump is None


@pytest.mark.parametrize(
    "layers, size, jump",
    [
        ([layer("deconv", 2, 2, stride=2)], 1, Fraction(1, 2)),
        ([layer("deconv", 2, 4, stride=2, pad=1)], 2, Fraction(1, 2)),
        # position 0 reads cell 0 thrice, position 1 cells 0 and 1
        ([layer("upsample", 2), layer("conv", 2, 2)], 2, Fraction(1, 2)),
        ([layer("upsample", 2, mode="linear")], 2, Fraction(1, 2)),
        ([layer("upsample", 3, mode="linear")], 2, Fraction(1, 3)),
        ([layer("maxpool", 2), layer("upsample", 2), layer("maxpool", 2)], 2, 2),
        ([layer("adaptive_avgpool", 4)], 3, Fraction(9, 4)),
        ([layer("pad", 2), layer("conv", 2, 3), layer("crop", 1)], 3, 1),
        ([layer("conv", 9, 1), layer("pixel_shuffle", 3)], 1, Fraction(1, 3)),
        ([layer("space_to_depth", 3), layer("conv", 2, 2)], 6, 3),
        ([layer("local", 2, 3), layer("rbf", 2, 3)], 5, 1),
    ],
)
def test_what_divides_and_multiplies_the_jump(layers, size, jump):
    field = receptive_field(chain("9x9x2", *layers)).layers[-1]
    assert (field.size, field.jump) == (size, jump)


def test_a_turned_image_turns_the_fields():
    field = receptive_field(chain("20x30x1", layer("permute", (1, 0, 2)), layer("conv", 2, (3, 7)))).layers[-1]
    assert field.output.extents == (28, 14, 2)
    assert [axis.size for axis in field.axes] == [7, 3]
    rows_as_channels = receptive_field(chain("20x30x1", layer("permute", (2, 1, 0)), layer("conv", 2, 1, stride=1)))
    assert [axis.whole for axis in rows_as_channels.layers[-1].axes] == [True, False]


def test_a_join_sees_what_its_branches_see():
    sketch = Sketch()
    start = sketch.input("28x28x2")
    branches = [sketch.add(layer("conv", 4, size, pad=size // 2), start) for size in (1, 3, 5)]
    sketch.add("concat", *branches)
    found = receptive_field(sketch.graph())
    assert found["concat1"].size == 5 and found["concat1"].first == 0 and found["concat1"].misaligned == ()


def test_a_join_of_shifted_branches_is_reported():
    sketch = Sketch()
    start = sketch.input("8x8x2")
    sketch.add(
        "add",
        sketch.add(layer("conv", 2, 3, stride=2, pad="same"), start),
        sketch.add(layer("conv", 2, 1, stride=2), start),
    )
    (height, width) = receptive_field(sketch.graph())["add1"].misaligned
    assert height.centres == (1, 0) and height.jumps == (2, 2) and width.axis == "width"


def test_behind_squeeze_and_excite_the_local_field_stands_beside_the_whole():
    net = cnndsl.loads(
        "net SE { input 32x32x4 ; conv(4, 5) ; mul { id | global_avgpool -> conv(4, 1) -> sigmoid } ; conv(2, 3) }"
    )
    field = net.receptive_field("conv3")
    assert field.whole and field.size == 7 and sizes(field.axes) == "7x7 + whole"


def test_each_input_has_its_field():
    sketch = Sketch()
    left, right = sketch.input("9x9x1", "left"), sketch.input("9x9x1", "right")
    sketch.add("add", sketch.add(layer("conv", 1, 3, pad=1), left), right)
    fields = receptive_field(sketch.graph())["add1"].inputs
    assert {name: sizes(axes) for name, axes in fields.items()} == {"left": "3x3", "right": "1x1"}


def test_open_extents_leave_open_only_what_depends_on_them():
    found = receptive_field(chain("?x?x3", layer("conv", 4, 7, stride=2, pad=3), "global_avgpool"))
    assert found["conv1"].size == 7 and found["global_avgpool1"].size is None and found["global_avgpool1"].whole
    grown = receptive_field(chain("?x?x3", layer("upsample", 2, mode="linear")))
    assert (grown.layers[-1].size, grown.layers[-1].jump) == (2, Fraction(1, 2))
    shrunk = receptive_field(chain("?x?x3", layer("conv", 4, 3), layer("adaptive_avgpool", 4)))
    assert shrunk.layers[-1].size is None and sizes(shrunk.layers[-1].axes) == "?x?"


def test_fields_of_thousands_of_layers_have_thousands_of_digits():
    found = receptive_field(chain("?x1", *[layer("conv", 1, 1, stride=2**30)] * 200))
    assert "over 2**" in str(found) and found.layers[-1].jump == 2**6000


def test_results_print_and_become_dicts():
    found = zoo("lenet", "LeNet5").receptive_field()
    assert "maxpool2" in str(found) and set(found._repr_mimebundle_()) == {"text/plain", "text/html"}
    (row,) = [row for row in found.to_dict()["layers"] if row["path"] == "maxpool2"]
    assert row["fields"]["input"][0] == {"size": 16, "local_size": 16, "whole": False, "jump": 4, "first": "15/2"}


def test_an_unknown_path_is_told():
    with pytest.raises(cnndsl.CnnError, match="E063"):
        zoo("lenet", "LeNet5").receptive_field("conv9")
