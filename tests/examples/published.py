"""What is published about the nets in `examples/`: the numbers to meet, and where they are from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[2] / "examples"


class Published(NamedTuple):
    """A net's learnable values and multiply-accumulates, who says so, and a size that is quick to run.

    `macs` are exact, or thousand millions with as many digits as are published.
    """

    params: int
    macs: int | str
    source: str
    reduced: str


NETS = {
    "lenet5": Published(
        61_706,
        416_520,
        "conv 156 + 2,416, fc 48,120 + 10,164 + 850 values; 25*6*28*28 + 150*16*10*10 + 48,000 + 10,080 + 840",
        "28x28x1",
    ),
    "cifar10": Published(
        31_066,
        362_496,
        "conv 27*12 + 12, fc 16*16*12*10 + 10 values; 27*12*32*32 + 30,720",
        "32x32x3",
    ),
    "alexnet": Published(
        60_965_224,
        724_406_816,
        "Caffe's model zoo, bvlc_alexnet: the 2012 paper's net as one file, groups of 2 in conv2, 4 and 5",
        "67x67x3",
    ),
    "vgg16": Published(
        138_357_544,
        "15.47",
        "torchvision, VGG16_Weights: num_params 138357544, _ops 15.47 (which are multiply-accumulates)",
        "32x32x3",
    ),
    "googlenet": Published(
        6_624_904,
        "1.498",
        "torchvision, GoogLeNet_Weights: num_params 6624904, _ops 1.498",
        "64x64x3",
    ),
    "resnet18": Published(
        11_689_512,
        "1.814",
        "torchvision, ResNet18_Weights: num_params 11689512, _ops 1.814",
        "64x64x3",
    ),
    "resnet50": Published(
        25_557_032,
        "4.089",
        "torchvision, ResNet50_Weights: num_params 25557032, _ops 4.089",
        "64x64x3",
    ),
}
