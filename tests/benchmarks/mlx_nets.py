"""Networks and steps written by hand with mlx.nn, as its documentation shows: what `mlx.py` measures ours against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
import numpy as np


class LeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.pool = nn.MaxPool2d(2)

    def __call__(self, x: mx.array) -> mx.array:
        x = self.pool(nn.relu(self.conv1(x)))
        x = self.pool(nn.relu(self.conv2(x))).flatten(1)
        return self.fc3(nn.relu(self.fc2(nn.relu(self.fc1(x)))))


class VggLike(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256)]
        self.convs = [nn.Conv2d(before, after, 3, padding=1) for before, after in sizes]
        self.norms = [nn.BatchNorm(after) for _, after in sizes]
        self.fc1, self.fc2 = nn.Linear(4096, 256), nn.Linear(256, 10)
        self.pool = nn.MaxPool2d(2)

    def __call__(self, x: mx.array) -> mx.array:
        for number, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = nn.relu(norm(conv(x)))
            x = self.pool(x) if number % 2 else x
        return self.fc2(nn.relu(self.fc1(x.flatten(1))))


class Basic(nn.Module):
    """Two 3x3 convolutions and a way around them."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm(after)
        if stride > 1 or before != after:
            self.conv3, self.norm3 = nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm(after)

    def __call__(self, x: mx.array) -> mx.array:
        y = self.norm2(self.conv2(nn.relu(self.norm1(self.conv1(x)))))
        return nn.relu(y + (self.norm3(self.conv3(x)) if "conv3" in self else x))


class ResNet18(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm(64)
        self.pool = nn.MaxPool2d(3, 2, 1)
        widths = [64, 64, 64, 128, 128, 256, 256, 512, 512]
        self.blocks = [Basic(before, after, 2 if after > before else 1) for before, after in pairwise(widths)]
        self.fc = nn.Linear(512, 1000)

    def __call__(self, x: mx.array) -> mx.array:
        x = self.pool(nn.relu(self.norm(self.conv(x))))
        for block in self.blocks:
            x = block(x)
        return self.fc(x.mean((1, 2)))


class ByHand:
    """A module with a step of SGD with momentum and an inference, compiled or not, from given weights."""

    def __init__(self, module: nn.Module, arrays: Mapping[str, Any], *, compiled: bool) -> None:
        fill(module, arrays)
        self.module, self.waiting = module, mx.array(0.0)
        optimizer = optim.SGD(learning_rate=0.01, momentum=0.9)
        optimizer.init(module.trainable_parameters())
        self.state = [module.state, optimizer.state]
        wrap: Callable[..., Any] = (
            partial(mx.compile, inputs=self.state, outputs=self.state) if compiled else lambda function: function
        )
        differentiate = nn.value_and_grad(module, lambda x, y: nn.losses.cross_entropy(module(x), y, reduction="mean"))

        def step(x: mx.array, y: mx.array) -> mx.array:
            loss, gradients = differentiate(x, y)
            optimizer.update(module, gradients)
            return loss

        self._step, self._predict = wrap(step), wrap(lambda x: mx.softmax(module(x), axis=-1))
        mx.eval(self.state)

    def step(self, x: Any, y: Any) -> mx.array:
        """One step, which may still be on its way; the one before it is waited for."""
        self.module.train()
        loss: mx.array = self._step(mx.array(x), mx.array(y))
        mx.async_eval(loss, self.state)
        mx.eval(self.waiting)
        self.waiting = loss
        return loss

    def predict(self, x: Any) -> Any:
        self.module.eval()
        return np.array(self._predict(mx.array(x)))


def fill(module: nn.Module, arrays: Mapping[str, Any]) -> None:
    """Gives the leaves, in the order in which they were made, the arrays of the layers in theirs."""
    layers: dict[str, dict[str, Any]] = {}
    for name, array in arrays.items():
        layers.setdefault(name.rpartition(".")[0], {})[name.rpartition(".")[2]] = mx.array(array)
    names = {"running_mean": "running_mean", "running_variance": "running_var"}
    for leaf, own in zip(_leaves(module), layers.values(), strict=True):
        for name, array in own.items():
            assert leaf[names.get(name, name)].shape == array.shape, (leaf, name)
            leaf[names.get(name, name)] = array


def _leaves(module: nn.Module) -> Iterator[nn.Module]:
    """Layers with arrays in the order of their use: that of the networks' layers, conv and norm by turns."""
    if isinstance(module, VggLike):
        pairs = zip(module.convs, module.norms, strict=True)
        yield from (*(leaf for pair in pairs for leaf in pair), module.fc1, module.fc2)
        return
    for child in module.values():
        for item in child if isinstance(child, list) else [child]:
            if isinstance(item, nn.Module) and any(isinstance(part, (nn.Module, list)) for part in item.values()):
                yield from _leaves(item)
            elif isinstance(item, nn.Module) and item.parameters():
                yield item
