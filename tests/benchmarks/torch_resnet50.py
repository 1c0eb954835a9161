"""ResNet-50 written by hand in PyTorch, and torchinfo's summary of it: the peer of `check.py`.

`python tests/benchmarks/torch_resnet50.py` prints the table that torchinfo makes by running the net.
K. He et al.: Deep residual learning for image recognition, 2015; the stride is in the 3x3, as in torchvision.
"""

from __future__ import annotations

from typing import Any

from torch import nn


def normalized(inputs: int, outputs: int, kernel: int, stride: int = 1, pad: int = 0) -> list[nn.Module]:
    """A convolution without bias and its batch normalization."""
    return [nn.Conv2d(inputs, outputs, kernel, stride, pad, bias=False), nn.BatchNorm2d(outputs)]


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = 4 * width
        self.long = nn.Sequential(
            *normalized(inputs, width, 1),
            nn.ReLU(),
            *normalized(width, width, 3, stride, 1),
            nn.ReLU(),
            *normalized(width, outputs, 1),
        )
        same = stride == 1 and inputs == outputs
        self.short = nn.Sequential(*([] if same else normalized(inputs, outputs, 1, stride)))

    def forward(self, x: Any) -> Any:
        return nn.functional.relu(self.long(x) + self.short(x))


def resnet50() -> nn.Module:
    """25,557,032 parameters."""
    layers = [*normalized(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, depth in enumerate((3, 4, 6, 3)):
        for unit in range(depth):
            layers.append(Bottleneck(inputs, 64 * 2**stage, 2 if stage and not unit else 1))
            inputs = 256 * 2**stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


if __name__ == "__main__":
    import torchinfo

    print(torchinfo.summary(resnet50(), input_size=(1, 3, 224, 224), verbose=0))
