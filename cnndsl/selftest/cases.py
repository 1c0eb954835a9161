"""What is run: the nets of `cases.cnn` with a loss, and arrays to run them on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from cnndsl.diagnostic import CnnError
from cnndsl.files import source_of_bytes
from cnndsl.pipeline import elaborate, lower, parse
from cnndsl.program import Parameter, Program
from cnndsl.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

FILE = "cases.cnn"
BATCH = 3
#: groups whose outputs are scores of labels, the others learn numbers; and the net that is run with every loss
LABELLED = ("labels", "train")
EVERY = "loss"
#: steps of training by group: what moves statistics or draws at random is looked at more than once
STEPS = {"norm": 2, "random": 2, "train": 8}


class Case(Record):
    """A net with a loss; the first word of its name is its group."""

    name: str
    program: Program

    @property
    def group(self) -> str:
        return self.name.partition("_")[0]

    @property
    def steps(self) -> int:
        """Steps of training that it is run for."""
        return STEPS.get(self.group, 0)

    def inputs(self, *, smooth: bool = False) -> Arrays:
        """Examples: whole quarters, so that windows hold equal values and functions meet their kinks.

        `smooth` ones are on no kink, for slopes.
        """
        rng = self._random("inputs")
        drawn = {name: rng.normal(size=(BATCH, *value.shape)) for name, value in self.program.inputs.items()}
        return {name: x if smooth else (np.round(4 * x) / 4).astype(np.float32) for name, x in drawn.items()}

    def targets(self) -> Arrays:
        """Labels where a loss wants them, else numbers from 0 to 1."""
        rng = self._random("targets")
        return {name: self._target(rng, name, (BATCH, *value.shape)) for name, value in self.program.targets.items()}

    def parameters(self) -> Arrays:
        """All arrays with a little added: a factor of 1, or an offset of 0, would hide that it is not used."""
        rng = self._random("parameters")
        return {each.name: _moved(each, rng) for each in self.program.parameters if each.role != "constant"}

    def _target(self, rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
        value = self.program.targets[name]
        step = next(step for step in self.program.steps if value in step.inputs)
        if step.inputs.index(value) in step.primitive.labels:
            return rng.integers(0, step.inputs[0].shape[-1], shape).astype(np.int32)
        return rng.uniform(size=shape).astype(np.float32)

    def _random(self, use: str) -> np.random.Generator:
        return np.random.default_rng(crc32(f"{self.name} {use}".encode()))


def _moved(parameter: Parameter, rng: np.random.Generator) -> NDArray[Any]:
    from cnndsl.random import start

    noise = rng.normal(0, 0.1, parameter.shape)
    return (start(parameter, 0) + (abs(noise) if parameter.role == "statistic" else noise)).astype(np.float32)


@cache
def cases() -> tuple[Case, ...]:
    """All of them, in the order of the file. Raises CnnError if the file does not compile, which a test rules out."""
    text = files(__package__).joinpath(FILE).read_bytes()
    module, problems = parse(source_of_bytes(text, FILE), ".")
    if module is None or problems:
        raise CnnError(problems)
    return tuple(case for net in module.nets for case in _cases(net.name, elaborate(net).graph))


def _cases(name: str, graph: Any) -> Iterator[Case]:
    from cnndsl.train.choices import choices
    from cnndsl.train.losses import Loss

    # those of a user's own are not ours to test
    ours = (kind for kind, loss in choices(Loss).items() if loss.__module__.startswith("cnndsl."))
    known = {f"{name}_{kind}": kind for kind in ours}
    usual = "cross_entropy" if name.startswith(LABELLED) else "mse"
    for case, loss in known.items() if name == EVERY else [(name, usual)]:
        yield Case(case, lower(graph, dict.fromkeys(graph.outputs, loss)))
