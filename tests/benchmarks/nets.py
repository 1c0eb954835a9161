"""Networks that the benchmarks share."""

from __future__ import annotations

import sys
from pathlib import Path

from cnndsl.net import Net, loads

ZOO = Path(sys.modules["cnndsl"].__file__ or "").parent / "zoo"
VGG_LIKE = """
block unit(k) { conv(k, 3, pad=1) -> batchnorm -> relu }
net VggLike {
    input 32x32x3
    for k in [64, 128, 256] { unit(k) -> unit(k) -> maxpool(2) }
    flatten -> fc(256) -> relu -> fc(10) -> softmax
}
"""


def zoo(name: str) -> str:
    """The path of a net of the zoo: `resnet.cnn:ResNet18`."""
    return f"{ZOO}/{name}"


def vgg_like() -> Net:
    return loads(VGG_LIKE)
