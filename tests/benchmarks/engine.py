"""The NumPy engine beside PyTorch on a CPU: `python tests/benchmarks/engine.py [ROW …]`.

Both sides in one process, step by step in turn, 2 threads each, medians of 15 after warm-up, from the same
weights on the same batches; the losses of the first step must agree. PyTorch runs eagerly, in its default layout
and in channels_last. Peak memory is measured in a process a side: what its steps added to what stood there
after the imports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numpy as np

from cnndsl import backends
from cnndsl.net import Net, load
from cnndsl.record import Record
from cnndsl.train.optimizers import SGD
from tests.benchmarks.nets import vgg_like
from tests.benchmarks.nets import zoo as path

THREADS = 2
ASLEEP = 0.12  # seconds until threads of a BLAS that have nothing to do are asleep: OpenBLAS's try for 2**28 cycles


class Row(Record):
    """A network, its batch, and whether it is trained or only run."""

    name: str
    net: Callable[[], Net]
    batch: int
    training: bool


def zoo(name: str, size: str = "") -> Callable[[], Net]:
    return lambda: load(path(name), input=size or None)


def rows() -> Iterable[Row]:
    """The rows that are tuned for, then three that never were."""
    lenet = zoo("lenet.cnn:LeNet5", "28x28x1")
    resnet = zoo("resnet.cnn:ResNet18")
    for name, net, batch in (("LeNet-5", lenet, 64), ("VGG-like", vgg_like, 32), ("ResNet-18", resnet, 4)):
        yield Row(f"{name} training", net, batch, True)
        yield Row(f"{name} inference", net, batch, False)
    yield Row("MobileNet v2 inference", zoo("mobilenet.cnn:MobileNetV2"), 1, False)
    yield Row("R3D-18 inference", zoo("video.cnn:R3D18"), 1, False)
    yield Row("GoogLeNet training", zoo("googlenet.cnn:GoogLeNet"), 4, True)
    yield Row("MobileNet v2 training", zoo("mobilenet.cnn:MobileNetV2"), 4, True)
    yield Row("U-Net at 188 inference", zoo("unet.cnn:UNet", "188x188x1"), 1, False)


class Ours:
    """A row on the NumPy engine."""

    def __init__(self, row: Row) -> None:
        net = row.net()
        losses = dict.fromkeys(net.outputs, "cross_entropy") if row.training else None
        program = net.program(losses)
        self.graph, self.training = net.graph, row.training
        self.engine = backends.load("numpy").build(program, optimizer=SGD(rate=0.01, momentum=0.9), seed=0)
        rng = np.random.default_rng(0)
        (source,) = program.inputs.values()
        self.x = {name: rng.normal(size=(row.batch, *source.shape)).astype(np.float32) for name in program.inputs}
        classes = next(iter(net.outputs.values())).shape[-1]
        self.y = {name: rng.integers(0, classes, row.batch) for name in program.targets}

    @property
    def random(self) -> bool:
        """Whether training drops values at random, each side others."""
        return any(node.layer.family == "regularizer" for node in self.graph)

    def first_loss(self) -> float:
        """The loss before any step: of a net that drops values, in inference mode."""
        return self.engine.evaluate(self.x, self.y)[0] if self.random else self()

    def __call__(self) -> Any:
        """A step: its loss, or the outputs."""
        if self.training:
            return float(self.engine.step(self.x, self.y)[0])
        return next(iter(self.engine.predict(self.x).values()))


class Torch:
    """The same row in PyTorch."""

    def __init__(self, ours: Ours, channels_last: bool) -> None:
        import torch

        from tests.benchmarks.torch_nets import Net as Module

        torch.set_num_threads(THREADS)
        self.torch, self.training, self.random = torch, ours.training, ours.random
        self.module = Module(ours.graph, ours.engine.arrays()).train(ours.training)
        (x,) = ours.x.values()
        self.x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
        if channels_last:
            layout = torch.channels_last if self.x.dim() == 4 else torch.channels_last_3d
            self.module, self.x = self.module.to(memory_format=layout), self.x.to(memory_format=layout)
        self.y = [torch.from_numpy(y) for y in ours.y.values()]
        self.optimizer = torch.optim.SGD(self.module.parameters(), lr=0.01, momentum=0.9)
        self.loss = torch.nn.CrossEntropyLoss()

    def first_loss(self) -> float:
        """As `Ours.first_loss`."""
        if not self.random:
            return float(self())
        with self.torch.inference_mode():
            loss = self.loss(self.module.eval()(self.x), *self.y)
        self.module.train()
        return float(loss)

    def __call__(self) -> Any:
        if not self.training:
            with self.torch.inference_mode():
                return self.module(self.x).numpy()
        self.optimizer.zero_grad()
        loss = self.loss(self.module(self.x), *self.y)
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())


def compare(row: Row, runs: int) -> None:
    ours = Ours(row)
    sides = {"default": Torch(ours, False), "channels_last": Torch(ours, True)}
    found = ours.first_loss() if row.training else ours()
    for name, side in sides.items():
        if row.training and not abs(side.first_loss() - found) <= 1e-3 * abs(found):
            sys.exit(f"{row.name}: the loss is {found} here, not PyTorch's in {name}")
    if not row.training:
        _same_outputs(row, found, sides["default"]())
    times = by_turns([ours, *sides.values()], runs)
    mine, *theirs = (1e3 * seconds for seconds in times)
    ratios = "   ".join(f"{name} {peer:8.1f} ms  {mine / peer:5.2f}" for name, peer in zip(sides, theirs, strict=True))
    memory = [peak(row.name, side) for side in ("ours", "torch")]
    print(f"{row.name:24} {mine:8.1f} ms   {ratios}   memory {memory[0]:6.0f} MB, {memory[1]:6.0f} MB", flush=True)


def _same_outputs(row: Row, ours: Any, theirs: Any) -> None:
    """Exits unless the outputs agree; behind a softmax by their logarithms, as far down as float32 has them."""
    scale = max(1.0, float(np.abs(theirs).max()))
    if row.net().graph.nodes[-1].layer.kind == "softmax":
        theirs = theirs - theirs.max(-1, keepdims=True)
        theirs = np.maximum(theirs - np.log(np.exp(theirs).sum(-1, keepdims=True)), -60)
        ours = np.log(np.maximum(ours.reshape(len(ours), -1), np.exp(-60.0)))
    else:
        ours = np.moveaxis(ours, -1, 1).reshape(len(ours), -1)
    if not np.allclose(ours, theirs, atol=1e-3 * scale):
        sys.exit(f"{row.name}: outputs are not PyTorch's")


def by_turns(sides: list[Callable[[], Any]], runs: int) -> list[float]:
    """The median seconds of each side; the threads of one are asleep before the next begins."""
    taken: list[list[float]] = [[] for _ in sides]
    for turn in range(runs + 3):
        for side, times in zip(sides, taken, strict=True):
            sleep(ASLEEP)
            began = perf_counter()
            side()
            if turn >= 3:
                times.append(perf_counter() - began)
    return [median(times) for times in taken]


def peak(name: str, side: str) -> float:
    """MB that the steps of one side add, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.engine", name, "--memory", side]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def memory(row: Row, side: str) -> None:
    """Prints the MB that three steps add to what is there after the imports."""
    import torch  # noqa: F401  both sides begin with the same imports

    from tests.benchmarks import torch_nets  # noqa: F401

    before = most()
    step: Callable[[], Any] = Ours(row)
    if side == "torch":
        step = Torch(step, False)  # type: ignore[arg-type]
    for _ in range(3):
        step()
    print(most() - before)


def most() -> float:
    """The most MB that this process has held so far."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says there begins with the memory of the process that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1e3
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="those whose names begin so; all by default")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--memory", choices=["ours", "torch"], help="only the peak memory of one side")
    chosen = parser.parse_args()
    found = [row for row in rows() if not chosen.rows or row.name.startswith(tuple(chosen.rows))]
    from threadpoolctl import threadpool_limits

    with threadpool_limits(THREADS, user_api="blas"):
        for row in found:
            if chosen.memory:
                memory(row, chosen.memory)
            else:
                compare(row, chosen.runs)


if __name__ == "__main__":
    main()
