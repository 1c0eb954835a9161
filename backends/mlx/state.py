"""What training changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import mlx.core as mx
import numpy as np

from cnndsl import random
from cnndsl.engine import Optimizer
from cnndsl.program import Parameter

Arrays: TypeAlias = dict[str, mx.array]
Slots: TypeAlias = dict[str, tuple[mx.array, ...]]


class State(NamedTuple):
    """What is learned, what is not (statistics and frozen arrays), and the optimizer's slots, by parameter.

    All of it is float32, whatever layers compute in. `scaling` is that of the loss, empty where there is none.
    A tuple of dicts, as MLX takes such apart and puts it together when it compiles and evaluates.
    """

    learned: Arrays
    fixed: Arrays
    slots: Slots
    scaling: Arrays

    @property
    def parameters(self) -> Arrays:
        """All arrays of the network."""
        return self.learned | self.fixed

    def loaded(self, new: Arrays) -> State:
        """With some of the network's arrays exchanged. Raises KeyError for names that it does not have."""
        unknown = new.keys() - self.parameters.keys()
        if unknown:
            raise KeyError(f"no parameter is called {', '.join(sorted(unknown))}")
        learned, fixed = ({name: new.get(name, old) for name, old in kind.items()} for kind in self[:2])
        return self._replace(learned=learned, fixed=fixed)

    def kept(self, slots: tuple[str, ...]) -> dict[str, np.ndarray[Any, Any]]:
        """What the optimizer keeps, as `SLOT:NAME`, copied out."""
        mx.eval(self.slots)
        pairs = ((name, zip(slots, kept)) for name, kept in self.slots.items())
        return {f"{slot}:{name}": np.array(array) for name, kept in pairs for slot, array in kept}

    def keeping(self, slots: tuple[str, ...], arrays: Mapping[str, np.ndarray[Any, Any]]) -> State:
        """With what the optimizer keeps exchanged for what `kept` gave; zeros for what is not there."""
        given = {
            name: tuple(
                mx.array(arrays[key]) if (key := f"{slot}:{name}") in arrays else mx.zeros_like(array)
                for slot, array in zip(slots, kept)
            )
            for name, kept in self.slots.items()
        }
        return self._replace(slots=given)


def start(parameters: Iterable[Parameter], optimizer: Optimizer | None, seed: int) -> State:
    """Parameters freshly started, and slots of zeros for those that are learned."""
    learned: Arrays = {}
    fixed: Arrays = {}
    for parameter in parameters:
        kind = learned if parameter.trained and parameter.role not in ("statistic", "constant") else fixed
        kind[parameter.name] = mx.array(random.start(parameter, seed))
    names = optimizer.slots if optimizer else ()
    slots: Slots = {name: tuple(mx.zeros_like(array) for _ in names) for name, array in learned.items()}
    mx.eval(learned, fixed, slots)
    return State(learned, fixed, slots, {})
