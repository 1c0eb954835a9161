"""A linear classifier as backend, small enough to check by eye, and nets and models around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from cnndsl.engine import Snapshot
from cnndsl.errors.base import NOWHERE
from cnndsl.graph import Graph
from cnndsl.net import loads
from cnndsl.program import Program
from cnndsl.record import Record
from cnndsl.source import Source
from cnndsl.train.losses import CrossEntropy, Loss
from cnndsl.train.model import Model
from cnndsl.train.optimizers import Rule, optimizer
from cnndsl.train.task import Goal, Task, choose_metrics
from tests.backends.build import Build

INPUTS, CLASSES = 4, 3


class FakeNet(Record):
    """What a Model wants to know of a net."""

    name: str = "Fake"
    text: str = "net Fake { input 4 -> fc(3) -> softmax }"
    settings: dict[str, Any] = {"classes": 3}
    imports: dict[str, str] = {}

    @property
    def source(self) -> Source:
        return Source("fake.cnn", self.text)

    @property
    def graph(self) -> Graph:
        """A net that computes what the fake one does, with its names."""
        return loads("net Fake { input x: 4 ; output y: fc(3) -> softmax }").graph


class FakeEngine:
    """Softmax regression, y = softmax(x W^T + b), by formulas of its own; counts what it is asked for."""

    def __init__(self, program: Program, rule: Rule | None, seed: int) -> None:
        self.program, self.rule = program, rule
        self.values = {p.name: np.zeros(p.shape, np.float32) for p in program.parameters}
        generator = np.random.default_rng(seed)
        self.values["fc1.weight"] = generator.normal(size=(CLASSES, INPUTS)).astype(np.float32)
        self.slots = (
            {name: tuple(np.zeros_like(v) for _ in rule.slots) for name, v in self.values.items()} if rule else {}
        )
        self.count = 0
        self.seen: list[np.ndarray] = []
        self.rates: list[float | None] = []
        self.before_step: Callable[[int], None] = lambda count: None
        self.change_loss: Callable[[int, float], Any] = lambda count, loss: loss

    def arrays(self) -> dict[str, np.ndarray]:
        return {name: value.copy() for name, value in self.values.items()}

    def load(self, arrays: dict[str, np.ndarray]) -> None:
        self.values |= {name: value.copy() for name, value in arrays.items()}

    def snapshot(self) -> Snapshot:
        slots = {
            f"{slot}:{name}": value.copy()
            for name, kept in self.slots.items()
            for slot, value in zip(self.rule.slots, kept)
        }
        return Snapshot(self.arrays() | slots, {"step": self.count})

    def restore(self, snapshot: Snapshot) -> None:
        self.values = {name: snapshot.arrays[name].copy() for name in self.values}
        self.slots = {
            name: tuple(snapshot.arrays[f"{slot}:{name}"].copy() for slot in self.rule.slots) for name in self.values
        }
        self.count = snapshot.numbers["step"]

    def logits(self, x: np.ndarray) -> np.ndarray:
        return x @ self.values["fc1.weight"].T + self.values["fc1.bias"]

    def forward(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        (x,) = inputs.values()
        assert x.dtype == np.float32
        assert x.flags.c_contiguous
        logits = self.logits(x)
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return [logits, shifted / shifted.sum(axis=1, keepdims=True)]

    def predict(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        numbers = {step.output.number: value for step, value in zip(self.program.steps, self.forward(inputs))}
        return {name: numbers[value.number] for name, value in self.program.outputs.items()}

    def evaluate(self, inputs, targets):
        (labels,) = targets.values()
        assert labels.dtype == np.int32
        p = self.forward(inputs)[1]
        return float(-np.log(p[np.arange(len(p)), labels]).mean()), self.predict(inputs)

    def step(self, inputs, targets, rate=None):
        self.before_step(self.count)
        loss, outputs = self.evaluate(inputs, targets)
        (x,) = inputs.values()
        self.seen.append(x.copy())
        self.rates.append(rate)
        self.count += 1
        for name, gradient in self.gradients(inputs, targets)[1].items():
            self.values[name], self.slots[name] = self.rule.update(
                np, self.values[name], gradient, self.slots[name], rate=rate, count=self.count, decays=True
            )
        return self.change_loss(self.count - 1, loss), outputs

    def gradients(self, inputs, targets):
        (x,), (labels,) = inputs.values(), targets.values()
        wrong = (self.forward(inputs)[1] - np.eye(CLASSES, dtype=np.float32)[labels]) / len(x)
        return self.evaluate(inputs, targets)[0], {"fc1.weight": wrong.T @ x, "fc1.bias": wrong.sum(axis=0)}


class FakeBackend:
    name = "fake"

    def missing(self) -> None:
        return None

    def device(self) -> str:
        return "CPU, by hand"

    def build(self, program: Program, *, optimizer: Rule | None = None, seed: int = 0, dtype: str = "float32"):
        return FakeEngine(program, optimizer, seed)


def fake_program() -> Program:
    net = Build("Fake")
    logits = net.dense(net.input(INPUTS), CLASSES, name="fc1")
    net.output(net.softmax(logits))
    net.cross_entropy(logits)
    return net.program()


def fake_model(rule: str | Rule = "sgd", metrics: Iterable[str] | None = None, seed: int = 0, **settings: Any) -> Model:
    loss: Loss = CrossEntropy()
    goal = Goal("y", (CLASSES,), loss, choose_metrics(metrics, loss, "y", (CLASSES,)))
    task = Task({"x": (INPUTS,)}, {"y": goal}, {"x": NOWHERE})
    return Model(FakeNet(), fake_program(), FakeBackend(), optimizer(rule, **settings), task, seed=seed)


def fake_data(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Examples whose label is the largest of the first three values: learnable by a linear net."""
    x = np.random.default_rng(seed).normal(size=(count, INPUTS)).astype(np.float32)
    return x, x[:, :CLASSES].argmax(axis=1)
