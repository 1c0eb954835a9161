"""Numerical gradients: what the written-out derivatives are held against."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnndsl.objectives import BinaryCrossEntropy, SoftCrossEntropy
from cnndsl.program import Program

STEP = 1e-6


def numerical(engine: Any, inputs: dict[str, Any], targets: dict[str, Any], count: int = 40) -> dict[str, Any]:
    """Central differences of the loss for up to `count` elements of every parameter and input.

    The loss is that of `gradients`, in training mode. Gives name -> (indices, slopes).
    """
    rng = np.random.default_rng(0)
    arrays = engine.arrays()
    learned = {p.name for p in engine.program.parameters if p.trained and p.role not in ("statistic", "constant")}
    found = {}
    for name in sorted(learned):
        places = rng.permutation(arrays[name].size)[:count]

        def loss(place: int, change: float, name: str = name) -> float:
            moved = arrays[name].copy()
            moved.flat[place] += change
            engine.load({name: moved})
            return float(engine.gradients(inputs, targets)[0])

        found[name] = places, _slopes(loss, places)
        engine.load({name: arrays[name]})
    for name, array in inputs.items():
        places = rng.permutation(array.size)[:count]

        def loss(place: int, change: float, name: str = name, array: Any = array) -> float:
            moved = array.copy()
            moved.flat[place] += change
            return float(engine.gradients({**inputs, name: moved}, targets)[0])

        found[f"input:{name}"] = places, _slopes(loss, places)
    return found


def _slopes(loss: Any, places: Any) -> Any:
    return np.array([(loss(place, STEP) - loss(place, -STEP)) / (2 * STEP) for place in places])


def check(backend: Any, program: Program, batch: int = 3, seed: int = 0, spread: float = 1.0, count: int = 40) -> Any:
    """Asserts that an engine's gradients of a program with losses are the numerical ones; in float64."""
    engine = backend.build(program, seed=seed, dtype="float64")
    rng = np.random.default_rng(seed)
    inputs = {name: rng.normal(0, spread, (batch, *value.shape)) for name, value in program.inputs.items()}
    targets = random_targets(program, batch, rng)
    _, exact = engine.gradients(inputs, targets)
    approximate = numerical(engine, inputs, targets, count)
    assert exact.keys() == approximate.keys()
    for name, (places, slopes) in approximate.items():
        np.testing.assert_allclose(exact[name].reshape(-1)[places], slopes, rtol=1e-5, atol=1e-7, err_msg=name)
    return exact


def random_targets(program: Program, batch: int, rng: Any) -> dict[str, Any]:
    """Labels where a loss wants them, shares of the classes, decisions from 0 to 1, else any numbers."""
    targets = {}
    for name, value in program.targets.items():
        step = next(step for step in program.steps if value in step.inputs)
        shape, channels = (batch, *value.shape), (step.inputs[0].shape or (1,))[-1]
        match step.primitive:
            case SoftCrossEntropy():
                targets[name] = rng.dirichlet(np.ones(channels), shape[:-1])
            case BinaryCrossEntropy():
                targets[name] = rng.uniform(size=shape)
            case loss:
                numbers = rng.integers(0, max(channels, 2), shape) if loss.labels else rng.normal(size=shape)
                targets[name] = numbers
    return targets
