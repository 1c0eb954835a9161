"""Probe: the values of any layer and the slopes of any of its units, on every backend, with no gradient of its own.

A program is made of the net's primitives in which the layer's values are multiplied by a further input, the
direction, and added up. That sum is its loss, so an engine's gradients with respect to its inputs are the slopes.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnndsl.analysis.paths import layer_at
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.data import InputShape
from cnndsl.errors.visualize import NotAnImage
from cnndsl.lower import lower
from cnndsl.objectives import BinaryCrossEntropy, CrossEntropy
from cnndsl.program import Combine, Dense, Parameter, Program, Reshape, Start, Step, Value
from cnndsl.record import Record
from cnndsl.train.transfer import frozen, looking

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse

#: what is added to a program: no layer and no input can have such names
SEEN, THROUGH, DIRECTION, CHANGE, ONES = "?seen", "?through", "?direction", "?change", "?ones"
#: images that are looked at in one go at most, and numbers that all layers together then hold
TOGETHER, HELD = 64, 1 << 27


class Slopes(Record):
    """Of each example the sum asked about, its slope in the input, and in the layer that was named besides."""

    scores: Array
    inputs: Array
    through: Array | None


class Probe:
    """What a model makes of images at a layer, in inference mode: `values`, and `slopes` by the images' pixels.

    Of an output that is a softmax, a log softmax or a sigmoid the scores before it are meant: a probability also
    grows where those of others fall (K. Simonyan, A. Vedaldi and A. Zisserman, 2014). `through` is a layer on the
    way whose values and slopes are wanted too. Raises CnnError (E063, E574).
    """

    def __init__(self, model: Reuse, path: str, through: str = "") -> None:
        whole = model.net.graph
        self.input, self.extents = entrance(model)
        node = layer_at(whole, path)
        outputs = {SEEN: node.number, **({THROUGH: layer_at(whole, through).number} if through else {})}
        program = lower(frozen(whole, whole.nodes, True).replace(outputs=outputs))
        seen = program.outputs[SEEN]
        self.program = probed(program, _score(program, seen) if node.number in whole.ends else seen)
        self.shape = self.program.outputs[SEEN].shape
        self.engine = looking(model, self.program)
        held = sum(prod(step.output.shape) for step in self.program.steps)
        self.together = max(1, min(TOGETHER, HELD // held))

    def values(self, x: Array) -> Array:
        """The layer's values for images (N, H, W, C): (N, *its shape)."""
        return np.concatenate([self._run(part)[SEEN] for part in self._parts(x)])

    def through(self, x: Array) -> Array:
        """The values of the layer on the way."""
        return np.concatenate([self._run(part)[THROUGH] for part in self._parts(x)])

    def slopes(self, x: Array, direction: Array) -> Slopes:
        """Of the sum over the layer of direction times value, for images and a direction (N, *its shape) for each."""
        found = [self._slopes(part, along) for part, along in zip(*map(self._parts, (x, direction)), strict=True)]
        through = [part for item in found if (part := item.through) is not None]
        scores, inputs = (np.concatenate(part) for part in zip(*((item.scores, item.inputs) for item in found)))
        return Slopes(scores, inputs, np.concatenate(through) if through else None)

    def _parts(self, x: Array) -> Iterator[Array]:
        for start in range(0, len(x), self.together):
            yield x[start : start + self.together]

    def _run(self, x: Array) -> dict[str, Array]:
        zeros = {name: np.zeros((len(x), *value.shape), np.float32) for name, value in self.program.inputs.items()}
        found = self.engine.predict({**zeros, self.input: x})
        return {name: np.asarray(array) for name, array in found.items()}

    def _slopes(self, x: Array, direction: Array) -> Slopes:
        inputs = {self.input: x, DIRECTION: direction}
        if CHANGE in self.program.inputs:
            inputs[CHANGE] = np.zeros((len(x), *self.program.inputs[CHANGE].shape), np.float32)
        found = self.engine.gradients(inputs, {})[1]
        # an engine gives the slopes of the batch's mean; and the slope in the direction is the layer's value
        own, values = (len(x) * np.asarray(found[f"input:{name}"]) for name in (self.input, DIRECTION))
        change = found.get(f"input:{CHANGE}")
        scores = (values * direction).reshape(len(x), -1).sum(axis=1)
        return Slopes(scores, own, None if change is None else len(x) * np.asarray(change))


def entrance(model: Reuse) -> tuple[str, tuple[int, int, int]]:
    """The name and the shape (H, W, C) of the only input, an image. Raises CnnError (E574)."""
    graph = model.net.graph
    shapes = {name: graph.nodes[number].volume.shape for name, number in graph.inputs.items()}
    if len(shapes) != 1 or len(next(iter(shapes.values()))) != 3:
        told = ", ".join("x".join(map(str, shape)) for shape in shapes.values())
        raise NotAnImage(NOWHERE, graph.name, told, graph.nodes[-1].path).error()
    name, (height, width, channels) = next(iter(shapes.items()))
    return name, (height, width, channels)


def images(model: Reuse, x: Any) -> Array:
    """Images (N, H, W, C) as float32, checked; one alone (H, W, C) becomes one of one.

    Raises CnnError: E574, and what arrays that do not fit raise (E501 to E506).
    """
    name, shape = entrance(model)
    if np.shape(x) == shape:
        x = np.asarray(x)[None]
    elif np.ndim(x) == len(shape):
        place = model.task.places.get(name, NOWHERE)
        raise InputShape(place, "x", (1, *np.shape(x)), shape, "bring the image to that size").error()
    return np.ascontiguousarray(model.task.check_inputs(x)[name], np.float32)


def _score(program: Program, seen: Value) -> Value:
    """What the last step of a value is given if that makes probabilities of scores; else the value."""
    makers = {step.output.number: step for step in program.steps}
    step = makers.get(seen.number)
    while step and isinstance(step.primitive, Reshape) and step.inputs[0].shape[-1:] == seen.shape[-1:]:
        step = makers.get(step.inputs[0].number)
    left_out = step and any(kind().leaves_out(step.primitive) for kind in (CrossEntropy, BinaryCrossEntropy))
    return step.inputs[0] if step and left_out else seen


def probed(program: Program, seen: Value) -> Program:
    """The program with the sum of direction times `seen` as its loss, and a change of the layer on the way as input."""
    numbers = [value.number for value in program.inputs.values()] + [step.output.number for step in program.steps]
    count = max(numbers) + 1
    inputs, steps, outputs = dict(program.inputs), program.steps, dict(program.outputs) | {SEEN: seen}
    if THROUGH in outputs:
        through = outputs[THROUGH]
        inputs[CHANGE], changed = Value(count, through.shape), Value(count + 1, through.shape)
        steps = _changed(steps, through, inputs[CHANGE], changed)
        outputs = {name: changed if value == through else value for name, value in outputs.items()}
        count += 2
    seen, size = outputs[SEEN], prod(outputs[SEEN].shape)
    direction, product, flat, row, total = (
        Value(count + number, shape) for number, shape in enumerate((seen.shape, seen.shape, (size,), (1,), ()))
    )
    added = (
        Step(Combine(Combine.PRODUCT), (seen, direction), product, SEEN),
        Step(Reshape(), (product,), flat, SEEN),
        Step(Dense(ONES, None), (flat,), row, SEEN),
        Step(Reshape(), (row,), total, SEEN),
    )
    ones = Parameter(ONES, (1, size), Start("constant", 1.0), "constant", trained=False)
    return program.replace(
        inputs={**inputs, DIRECTION: direction},
        outputs=outputs,
        steps=(*steps, *added),
        parameters=(*program.parameters, ones),
        losses=(total,),
    )


def _changed(steps: tuple[Step, ...], value: Value, change: Value, changed: Value) -> tuple[Step, ...]:
    """The steps with a value replaced by its sum with another behind the step that makes it."""
    at = next((number for number, step in enumerate(steps, 1) if step.output == value), 0)
    adding = Step(Combine(Combine.SUM), (value, change), changed, THROUGH)
    later = (
        step.replace(inputs=tuple(changed if item == value else item for item in step.inputs)) for step in steps[at:]
    )
    return (*steps[:at], adding, *later)
