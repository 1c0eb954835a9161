"""A program as pure functions of arrays: what it computes, and one step of training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import mlx.core as mx

from cnndsl.engine import Measure, Optimizer
from cnndsl.program import Program, Value

from .ranks import Portion, Ranks
from .rules import find
from .rules.base import PRODUCTS, Run, typed
from .scaling import SCALE, SKIPPED, moved
from .state import Arrays, Slots, State

Losses: TypeAlias = tuple[mx.array, Arrays, Arrays]  # loss, outputs, new statistics
Differentiated: TypeAlias = tuple[Losses, Arrays]  # and gradients


def outputs_alone(xp: Any, outputs: Mapping[str, Any], targets: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """What is measured where nothing is asked for: the outputs as they are."""
    return dict(outputs)


def predicting(program: Program, gpu: bool, dtype: mx.Dtype, *, paced: bool) -> Callable[[Arrays, Arrays], Arrays]:
    """The function (parameters, inputs) -> outputs, in inference mode.

    If `paced`, each product of matrices is computed before the next is asked for. MLX gets the memory of what it has
    been asked for all at once; so it is used again while it is in the cache (ResNet-18 on a CPU: 267 ms against 398).
    """
    ends = _ends(program) if paced else None

    def predict(parameters: Arrays, inputs: Arrays) -> Arrays:
        run = Run(parameters, gpu=gpu, dtype=dtype)
        return _outputs(program, _forward(program, run, _numbered(program.inputs, inputs), ends))

    return predict


def _ends(program: Program) -> dict[int, list[int]]:
    """For each step, by its place, the values that nobody reads after it."""
    last = {value.number: place for place, step in enumerate(program.steps) for value in step.inputs}
    kept = {value.number for value in program.outputs.values()}
    ends: dict[int, list[int]] = {}
    for number, place in last.items():
        if number not in kept:
            ends.setdefault(place, []).append(number)
    return ends


def evaluating(
    program: Program, gpu: bool, dtype: mx.Dtype, measure: Measure
) -> Callable[[Arrays, Arrays, Arrays], Losses]:
    """The function (parameters, inputs, targets) -> loss, what is measured (outputs), in inference mode."""

    def evaluate(parameters: Arrays, inputs: Arrays, targets: Arrays) -> Losses:
        loss, outputs, statistics = _losses(program, Run(parameters, gpu=gpu, dtype=dtype), inputs, targets)
        return loss, measure(mx, outputs, targets), statistics

    return evaluate


def differentiating(
    program: Program, gpu: bool, dtype: mx.Dtype, seed: int, *, entered: bool
) -> Callable[..., Differentiated]:
    """The function (state, inputs, targets, past) -> losses and gradients of what is learned.

    `past` is the number of training steps that went before. If `entered`, those of the inputs come as `input:NAME`.
    Of a portion of a batch the loss is the sum over its examples, so that those of all ranks can be added up.
    """

    def train(
        learned: Arrays,
        inputs: Arrays,
        fixed: Arrays,
        scaling: Arrays,
        targets: Arrays,
        past: mx.array,
        portion: Portion | None,
    ) -> tuple[mx.array, Losses]:
        run = Run(learned | fixed, gpu=gpu, dtype=dtype, seed=seed, past=past, portion=portion)
        loss, outputs, statistics = _losses(program, run, inputs, targets)
        if portion:
            loss = portion.summed(loss)
        return loss * scaling.get(SCALE, 1.0), (loss, outputs, statistics)

    differentiate = mx.value_and_grad(train, argnums=(0, 1) if entered else 0)

    def differentiated(
        state: State, inputs: Arrays, targets: Arrays, past: mx.array, portion: Portion | None = None
    ) -> Differentiated:
        batch = state.learned, inputs, state.fixed, state.scaling, targets, past, portion
        if not (entered or state.learned):  # MLX refuses to differentiate with respect to nothing
            return train(*batch)[1], {}
        (_, losses), found = differentiate(*batch)
        if entered:
            found = found[0] | {f"input:{name}": gradient for name, gradient in found[1].items()}
        scale = state.scaling.get(SCALE)
        return losses, found if scale is None else {name: gradient / scale for name, gradient in found.items()}

    return differentiated


def stepping(
    program: Program,
    gpu: bool,
    dtype: mx.Dtype,
    measure: Measure,
    optimizer: Optimizer,
    seed: int,
    ranks: Ranks | None = None,
) -> Callable[..., Any]:
    """The function (state, inputs, targets, past, rate, count) -> what is measured, loss, state: a step of training.

    What is measured comes first: an output that equals a part of a gradient, as softmax does of the cross entropy's,
    makes `mx.compile` fail behind a loss that depends on that gradient (0.32.4, `_Map_base::at`).

    `count` is the number of this step; `rate` and `count` are numbers, or arrays where it is compiled. With ranks it
    takes besides what this one tells of its portion of the batch, and gives besides what all of them wish for.
    """
    differentiate = differentiating(program, gpu, dtype, seed, entered=False)

    def step(
        state: State, inputs: Arrays, targets: Arrays, past: mx.array, rate: Any, count: Any, *told: Arrays
    ) -> tuple[Any, ...]:
        old = State(*state)
        portion = Portion(ranks, *told) if ranks else None
        (loss, outputs, statistics), gradients = differentiate(old, inputs, targets, past, portion)
        wishes: list[mx.array] = []
        if ranks and portion:
            loss, gradients, *wishes = ranks.averaged(loss, gradients, portion)
        learned, slots, scaling = {}, {}, old.scaling
        norm = _norm(optimizer, gradients, old.slots) if optimizer.limits_norm else None
        # What is not finite would spoil every parameter and slot, and hide where it came from.
        total = sum(map(_total, gradients.values()), mx.array(0.0))
        flaw = total - total  # 0, or NaN
        left = mx.array(False)
        if scaling:
            count = count - scaling[SKIPPED]  # of the steps that were taken: Adam's averages know no others
            left, scaling = moved(scaling, mx.isfinite(flaw))
        loss = mx.where(mx.isfinite(loss), loss + mx.where(left, 0.0, flaw), loss)
        finite = mx.logical_and(mx.isfinite(loss), mx.logical_not(left))
        for name, gradient in gradients.items():
            before, kept = old.learned[name], old.slots[name]
            after, news = optimizer.apply(
                mx, before, gradient, kept, rate=rate, count=count, traits=traits[name], norm=norm
            )
            learned[name] = mx.where(finite, after, before)
            slots[name] = tuple(mx.where(finite, new, slot) for new, slot in zip(news, kept, strict=True))
        measured = measure(mx, outputs, targets)
        return measured, loss, State(learned, old.fixed | statistics, slots, scaling), *wishes

    traits = {parameter.name: optimizer.traits(parameter) for parameter in program.parameters}
    return step


def _total(x: mx.array) -> mx.array:
    """The sum of all elements, by columns first: three times as fast on a CPU as all at once."""
    return x.reshape(x.shape[0], -1).sum(axis=0).sum() if x.ndim > 1 else x.sum()


def _norm(optimizer: Optimizer, gradients: Arrays, slots: Slots) -> mx.array:
    """That of all gradients together, each with what it is added to."""
    gathered = (optimizer.gathered(gradient, slots[name]) for name, gradient in gradients.items())
    return mx.sqrt(sum((gradient.square().sum() for gradient in gathered), mx.array(0.0)))


def _forward(
    program: Program, run: Run, given: Mapping[int, mx.array], ends: Mapping[int, list[int]] | None = None
) -> dict[int, mx.array]:
    """Every value that follows from those given, by number; without targets that is all but the losses.

    MLX is lazy: of these only what is asked for is computed. With `ends` products are computed at once, and values
    are let go of after the step that reads them last.
    """
    values = dict(given)
    for place, step in enumerate(program.steps):
        if all(value.number in values for value in step.inputs):
            rule = find(step.primitive)
            assert rule is not None, "the engine has looked"
            run.shape = step.output.shape
            inputs = (values[value.number] for value in step.inputs)
            values[step.output.number] = run.apply(rule, step.primitive, inputs)
            if ends is not None:
                if rule in PRODUCTS:
                    mx.eval(values[step.output.number])
                for number in ends.get(place, ()):
                    del values[number]
    return values


def _numbered(values: Mapping[str, Value], arrays: Mapping[str, mx.array]) -> dict[int, mx.array]:
    return {value.number: arrays[name] for name, value in values.items()}


def _outputs(program: Program, values: Mapping[int, mx.array]) -> Arrays:
    return {name: typed(values[value.number], mx.float32) for name, value in program.outputs.items()}


def _losses(program: Program, run: Run, inputs: Arrays, targets: Arrays) -> Losses:
    """The mean over the batch of the sum of the losses."""
    values = _forward(program, run, _numbered(program.inputs, inputs) | _numbered(program.targets, targets))
    loss = sum((values[value.number].mean() for value in program.losses), mx.array(0.0))
    parts = {name: values[value.number] for name, value in program.parts.items()}
    return loss, _outputs(program, values) | parts, run.statistics
