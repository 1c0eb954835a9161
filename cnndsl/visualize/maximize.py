"""Maximize: inputs that a unit, a channel or a class answers most strongly, found by climbing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.data.sheet import pixels
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting
from cnndsl.random import bits, key, uniform
from cnndsl.train.choices import Choice, choose, whole
from cnndsl.train.limits import AT_LEAST_ZERO, POSITIVE, Optional, Real, Whole
from cnndsl.visualize.canvas import Tile, block
from cnndsl.visualize.probe import Probe
from cnndsl.visualize.result import Result
from cnndsl.visualize.smooth import blurred, variation_slope
from cnndsl.visualize.unit import Unit, class_unit, units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnndsl.data.arrays import Array
    from cnndsl.train.limits import Check
    from cnndsl.train.model import Model

#: units that are looked at where a layer is named alone
UNITS = 16
#: the part of the steps at the end in which nothing is moved or blurred
LAST = 0.1


class Ascent(Choice):
    """How an input is climbed: x <- x + rate (high - low) (g / rms(g) - variation TV'(x)), kept in low to high.

    g is the unit's slope in the input. Before each step the image is moved by up to `jitter` pixels, and back behind
    it; every `every`th step it is blurred by `blur` pixels, but for the last tenth of the steps. It starts from the
    middle grey with a little noise. Without `low` and `high` pixels lie where the training's lay. (D. Erhan et al.,
    Visualizing higher-layer features of a deep network, 2009; K. Simonyan et al., 2014; A. Mordvintsev et al.,
    Inceptionism, 2015; J. Yosinski et al., Understanding neural networks through deep visualization, 2015.)
    """

    what: ClassVar[str] = "ascent"
    kind: ClassVar[str] = "ascent"
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {
        "steps": (Whole(), 128),
        "rate": (POSITIVE, 0.05),
        "jitter": (Whole(0), 2),
        "blur": (AT_LEAST_ZERO, 0.5),
        "every": (Whole(), 4),
        "variation": (AT_LEAST_ZERO, 0.1),
        "low": (Optional(Real()), 0.0),
        "high": (Optional(Real()), 1.0),
    }
    settings_elsewhere: ClassVar[dict[str, str]] = {
        "iterations": "steps",
        "lr": "rate",
        "sigma": "blur",
        "tv": "variation",
    }

    steps: int = 128
    rate: float = 0.05
    jitter: int = 2
    blur: float = 0.5
    every: int = 4
    variation: float = 0.1
    low: float | None = None
    high: float | None = None


class Maximized(Result):
    """For each unit an image, `x` (units, H, W, C), and the unit's value for it; `start` is that of the first image.

    `history` (steps, units) holds the values on the way, of the moved image.
    """

    units: tuple[Unit, ...]
    x: Array
    values: Array
    start: Array
    history: Array

    def png(self) -> bytes:
        captions = [f"{unit} {value:.3g}" for unit, value in zip(self.units, self.values.tolist())]
        return block([Tile(image, caption) for image, caption in zip(pixels(self.x), captions, strict=True)]).png()

    def lines(self) -> tuple[str, ...]:
        return tuple(
            f"{unit}: {value:.4g}, from {before:.4g} at the start"
            for unit, value, before in zip(self.units, self.values.tolist(), self.start.tolist(), strict=True)
        )

    def to_dict(self) -> dict[str, Any]:
        pairs = zip(self.units, self.values.tolist(), self.start.tolist(), strict=True)
        return {"units": {str(unit): {"value": value, "start": before} for unit, value, before in pairs}}


def maximize(
    model: Model,
    wanted: str | int | Unit,
    how: Ascent | None = None,
    *,
    most: int = UNITS,
    seed: int = 0,
    **settings: Any,
) -> Maximized:
    """An input that makes a unit's value large: `conv2:5@3,4` one position, `conv2:5` the mean over all of them.

    `wanted` may also be a class, by its number or name (the score before a final softmax), or a layer for its
    first `most` channels. `settings` are those of `Ascent`. Where a unit's slope is 0 everywhere, steps go at random.
    The same seed gives the same image. Raises CnnError: E063, E064, E521 to E523, E571 to E574.
    """
    graph = model.net.graph
    most = whole("maximize", "most", most, 1)
    chosen = (class_unit(model, wanted),) if _is_class(model, wanted) else units(graph, wanted, most)  # type: ignore[arg-type]
    probe = Probe(model, chosen[0].path)
    how = choose(Ascent, how or Ascent.kind, **settings)
    return climb(probe, chosen, how, _limits(model, how), seed)


def climb(probe: Probe, chosen: tuple[Unit, ...], how: Ascent, limits: tuple[float, float], seed: int) -> Maximized:
    """The climb itself, of all units side by side; `limits` are what pixels lie between."""
    low, high = limits
    direction = np.stack([unit.direction(probe.shape) for unit in chosen])
    span = np.float32(high - low)
    shape = (len(chosen), *probe.extents)
    # every unit starts from the same image, so that what differs in the end is the unit's
    noise = uniform(key(seed, "maximize"), int(np.prod(probe.extents))).reshape(probe.extents) - 0.5
    x = np.broadcast_to(low + span * (0.5 + 0.2 * noise), shape).astype(np.float32)
    start, history = probe.slopes(x, direction).scores, []
    for number, moves in enumerate(_moves(how, seed)):
        last = number >= how.steps * (1 - LAST)
        down, right = (0, 0) if last else moves
        moved = np.roll(x, (down, right), (1, 2))
        found = probe.slopes(moved, direction)
        slope = np.roll(found.inputs, (-down, -right), (1, 2))
        step = _normal(slope, key(seed, f"lost {number}")) - np.float32(how.variation) * variation_slope(x / span)
        x = x + np.float32(how.rate) * span * step
        if number % how.every == how.every - 1 and not last:
            x = blurred(x, how.blur)
        x = np.clip(x, low, high)
        history.append(found.scores)
    return Maximized(chosen, x, probe.slopes(x, direction).scores, start, np.array(history))


def _is_class(model: Model, wanted: Any) -> bool:
    """Whether it is a class's number or name, and no layer and no unit."""
    if not isinstance(wanted, str):
        return not isinstance(wanted, Unit)
    return wanted.isdigit() or (wanted in model.class_names and all(wanted != node.path for node in model.net.graph))


def _limits(model: Model, how: Ascent) -> tuple[float, float]:
    """What pixels lie between: as asked, else 0 and 1, prepared as the training's were. Raises CnnError (E523)."""
    made = model.normalization
    ends = (np.array([[0.0], [1.0]]) - made.mean) / made.std
    low = float(ends.min()) if how.low is None else how.low
    high = float(ends.max()) if how.high is None else how.high
    if low >= high:
        raise BadSetting(NOWHERE, how.kind, "low", low, f"below `high`, which is {high:g}", high - 1).error()
    return low, high


def _moves(how: Ascent, seed: int) -> list[tuple[int, int]]:
    """By how many rows and columns each step moves the image."""
    drawn = bits(key(seed, "jitter"), 2 * how.steps).astype(np.int64) % (2 * how.jitter + 1) - how.jitter
    return [(int(down), int(right)) for down, right in drawn.reshape(-1, 2)]


def _normal(slopes: Array, lost: tuple[int, int]) -> Array:
    """Each image's slope brought to a root mean square of 1; noise where there is none."""
    size = np.sqrt((slopes**2).mean(axis=(1, 2, 3), keepdims=True))
    noise = (uniform(lost, slopes.size).reshape(slopes.shape) - np.float32(0.5)) * np.float32(12**0.5)
    found: Array = np.where(size > 0, slopes / np.where(size > 0, size, 1), noise)
    return found
