"""A program as pure functions of arrays: what it computes, and one step of training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import mlx.core as mx

from cnndsl.engine import Optimizer
from cnndsl.program import Program, Value

from .rules import find
from .rules.base import Run
from .state import Arrays, Slots, State

Losses: TypeAlias = tuple[mx.array, Arrays, Arrays]  # loss, outputs, new statistics


def predicting(program: Program, gpu: bool) -> Callable[[Arrays, Arrays], Arrays]:
    """The function (parameters, inputs) -> outputs, in inference mode."""

    def predict(parameters: Arrays, inputs: Arrays) -> Arrays:
        return _outputs(program, _forward(program, Run(parameters, gpu=gpu), _numbered(program.inputs, inputs)))

    return predict


def evaluating(program: Program, gpu: bool) -> Callable[[Arrays, Arrays, Arrays], Losses]:
    """The function (parameters, inputs, targets) -> loss, outputs, in inference mode."""

    def evaluate(parameters: Arrays, inputs: Arrays, targets: Arrays) -> Losses:
        return _losses(program, Run(parameters, gpu=gpu), inputs, targets)

    return evaluate


def training(program: Program, gpu: bool, seed: int) -> Callable[..., Losses]:
    """The function (learned, inputs, fixed, targets, past) -> loss, outputs and statistics, in training mode.

    `past` is the number of training steps that went before.
    """

    def train(learned: Arrays, inputs: Arrays, fixed: Arrays, targets: Arrays, past: mx.array) -> Losses:
        run = Run(learned | fixed, gpu=gpu, seed=seed, past=past)
        return _losses(program, run, inputs, targets)

    return train


def stepping(program: Program, optimizer: Optimizer, gpu: bool, seed: int) -> Callable[..., Any]:
    """The function (state, inputs, targets, past, rate, count) -> loss, outputs and state: one step of training.

    `count` is the number of this step; `rate` and `count` are numbers, or arrays where it is compiled.
    """
    train = training(program, gpu, seed)
    differentiate = mx.value_and_grad(train)

    def step(
        state: State, inputs: Arrays, targets: Arrays, past: mx.array, rate: Any, count: Any
    ) -> tuple[mx.array, Arrays, State]:
        old = State(*state)
        batch = old.learned, inputs, old.fixed, targets, past
        # MLX refuses to differentiate with respect to nothing, which is what a frozen network learns.
        (loss, outputs, statistics), gradients = differentiate(*batch) if old.learned else (train(*batch), {})
        learned, slots = {}, {}
        norm = _norm(optimizer, gradients, old.slots) if optimizer.limits_norm else None
        # What is not finite would spoil every parameter and slot, and hide where it came from.
        flaw = sum(((0 * gradient).sum() for gradient in gradients.values()), mx.array(0.0))
        loss = mx.where(mx.isfinite(loss), loss + flaw, loss)
        finite = mx.isfinite(loss)
        for name, gradient in gradients.items():
            before, kept = old.learned[name], old.slots[name]
            after, news = optimizer.apply(
                mx, before, gradient, kept, rate=rate, count=count, traits=traits[name], norm=norm
            )
            learned[name] = mx.where(finite, after, before)
            slots[name] = tuple(mx.where(finite, new, slot) for new, slot in zip(news, kept, strict=True))
        return loss, outputs, State(learned, old.fixed | statistics, slots)

    traits = {parameter.name: optimizer.traits(parameter) for parameter in program.parameters}
    return step


def _norm(optimizer: Optimizer, gradients: Arrays, slots: Slots) -> mx.array:
    """That of all gradients together, each with what it is added to."""
    gathered = (optimizer.gathered(gradient, slots[name]) for name, gradient in gradients.items())
    return mx.sqrt(sum((gradient.square().sum() for gradient in gathered), mx.array(0.0)))


def _forward(program: Program, run: Run, given: Mapping[int, mx.array]) -> dict[int, mx.array]:
    """Every value that follows from those given, by number; without targets that is all but the losses.

    MLX is lazy: of these only what is asked for is computed.
    """
    values = dict(given)
    for step in program.steps:
        if all(value.number in values for value in step.inputs):
            rule = find(step.primitive)
            assert rule is not None, "the engine has looked"
            run.shape = step.output.shape
            values[step.output.number] = rule(step.primitive, run, *(values[value.number] for value in step.inputs))
    return values


def _numbered(values: Mapping[str, Value], arrays: Mapping[str, mx.array]) -> dict[int, mx.array]:
    return {value.number: arrays[name] for name, value in values.items()}


def _outputs(program: Program, values: Mapping[int, mx.array]) -> Arrays:
    return {name: values[value.number] for name, value in program.outputs.items()}


def _losses(program: Program, run: Run, inputs: Arrays, targets: Arrays) -> Losses:
    """The mean over the batch of the sum of the losses."""
    values = _forward(program, run, _numbered(program.inputs, inputs) | _numbered(program.targets, targets))
    loss = sum((values[value.number].mean() for value in program.losses), mx.array(0.0))
    parts = {name: values[value.number] for name, value in program.parts.items()}
    return loss, _outputs(program, values) | parts, run.statistics
