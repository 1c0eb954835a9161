"""Nets of the zoo with one number changed, so that some shape no longer fits."""

from __future__ import annotations

import os
import re
from pathlib import Path
from random import Random
from typing import NamedTuple

import cnndsl
from cnndsl.diagnostic import Severity
from cnndsl.pipeline import Checked, check
from cnndsl.source import Source

ZOO = Path(cnndsl.__file__).parent / "zoo"
#: those that are built in a few hundredths of a second
NETS = (
    "lenet.cnn:LeNet5", "lenet.cnn:LeNet5_1998", "alexnet.cnn:AlexNet", "alexnet.cnn:AlexNetOneTower", "vgg.cnn:VGG16",
    "cifar.cnn:Cifar10Demo", "resnet.cnn:ResNet18", "resnet.cnn:ResNet50", "squeezenet.cnn:SqueezeNet10",
    "googlenet.cnn:GoogLeNetPaper", "mobilenet.cnn:MobileNetV2", "unet.cnn:UNet", "video.cnn:C3D", "audio.cnn:M5",
    "dcgan.cnn:Discriminator", "siamese.cnn:", "two_inputs.cnn:",
)  # fmt: skip
#: a number as the argument of a call, or as an extent of a size
NUMBER = re.compile(r"(?<![\w.])(\d{1,3})(?=\s*[,)x])|(?<=x)(\d{1,3})\b|(?<==)(\d{1,3})\b")


class Breakage(NamedTuple):
    """A broken file, the net of it that is checked, and what was changed."""

    source: Source
    net: str | None
    what: str

    def check(self, text: str | None = None) -> Checked:
        source = self.source if text is None else Source(self.source.name, text)
        return check(source, folder=os.fspath(ZOO), net=self.net, rules={})


def breakage(random: Random) -> Breakage:
    """A net of the zoo with another number somewhere in its file."""
    file, _, net = random.choice(NETS).partition(":")
    text = re.sub("#.*", "", (ZOO / file).read_text(encoding="utf-8"))
    if file == "lenet.cnn":  # its tables of digits are no shapes
        text = re.sub(r"(?s)let drawn = .*?\n\]\n", "let drawn = [[1] * 84]\n", text) if "[1] * 84" in text else text
    place = random.choice(list(NUMBER.finditer(text)))
    other = random.choice([1, 2, 3, 5, 7, 9, 11, 13, 16, 25, 64, int(place[0]) * 2, int(place[0]) + 1])
    changed = text[: place.start()] + str(other) + text[place.end() :]
    return Breakage(Source(file, changed), net or None, f"{file}:{net}, {place[0]} -> {other} at {place.start()}")


def misfits(seed: int, count: int) -> list[tuple[Breakage, Checked]]:
    """So many breakages that end in an error of a shape (E3xx), with what is said of them."""
    random, found = Random(seed), []
    while len(found) < count:
        broken = breakage(random)
        checked = broken.check()
        errors = [item.code for item in checked.diagnostics if item.severity is Severity.ERROR]
        if any(code.startswith("E3") for code in errors):
            found.append((broken, checked))
    return found
