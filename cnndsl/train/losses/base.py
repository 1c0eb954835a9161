"""Loss, the base of the losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.errors.base import NOWHERE, Site
from cnndsl.layers.base import ANYTHING, Bounds
from cnndsl.objectives import Objective
from cnndsl.train.choices import Choice
from cnndsl.train.metrics.reading import Reading

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

Shape = tuple[int, ...]


class Loss(Choice):
    """Base of the losses. The fields are those of the primitive that computes it."""

    what: ClassVar[str] = "loss"
    #: what computes it
    primitive: ClassVar[type[Objective]] = Objective
    #: the metrics that go with it unless others are asked for
    metrics: ClassVar[tuple[str, ...]] = ()
    #: what it takes from an output: `classes` (scores, a final softmax is left out), `decisions` (scores, a
    #: final sigmoid is left out), `scores` (any numbers, nothing is left out), or `values`
    takes: ClassVar[str] = "values"
    #: the type of the targets as the backends take them
    dtype: ClassVar[type[np.generic]] = np.float32
    settings_elsewhere: ClassVar[dict[str, str]] = {
        "label_smoothing": "smoothing",
        "weight": "class_weights",
        "class_weight": "class_weights",
        "pos_weight": "positive_weight",
        "beta": "delta",
    }

    @property
    def objective(self) -> Objective:
        """The primitive with these settings."""
        return self.primitive(**{name: getattr(self, name) for name in self.fields})

    def check_output(self, name: str, shape: Shape, place: Site = NOWHERE) -> None:
        """Refuses an output that the loss cannot train. Raises CnnError (E524)."""

    def reading(self, shape: Shape, bounds: Bounds = ANYTHING) -> Reading | None:
        """How an output of that shape, with values between `bounds`, says a class; None if it says none."""
        return None

    def check_target(self, name: str, given: Any, output: Shape) -> Array:
        """The targets as an array that fits an output of that shape. Raises CnnError (E502 to E509, E533)."""
        raise NotImplementedError
