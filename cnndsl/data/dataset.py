"""Dataset: the parts of some data, and what is known of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnndsl.data.part import Part
from cnndsl.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnndsl.data.normalization import Normalization

    Array = NDArray[Any]


class Dataset(Record):
    """Training examples and, where there are any, validation and test examples: what `cnndsl.data.open` gives.

    `model.fit(data)` trains on `train` and watches `validation`; `model.evaluate(data)` takes `test`.
    `x, y` and `test_x, test_y` are the examples in memory, (N, *shape) with the channels last, float32.
    """

    name: str
    train: Part
    test: Part | None = None
    validation: Part | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the labels 0, 1, … mean; empty if that is not known."""
        return self.train.class_names

    @property
    def normalization(self) -> Normalization:
        """How raw values (bytes of an image) became the examples; it is saved with the weights."""
        return self.train.normalization

    @property
    def parts(self) -> dict[str, Part]:
        """The parts that there are, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in named.items() if part is not None}

    @cached_property
    def _whole(self) -> dict[str, tuple[Array, Array]]:
        return {}

    def whole(self, name: str) -> tuple[Any, Any]:
        """The examples and the targets of a part in memory, read once; two Nones if there is no such part."""
        if name not in self.parts:
            return None, None
        return self._whole.get(name) or self._whole.setdefault(name, self.parts[name].whole())

    @property
    def x(self) -> Any:
        """All training examples, an array."""
        return self.whole("train")[0]

    @property
    def y(self) -> Any:
        """The targets of all training examples."""
        return self.whole("train")[1]

    @property
    def test_x(self) -> Any:
        """All test examples, or None."""
        return self.whole("test")[0]

    @property
    def test_y(self) -> Any:
        """The targets of all test examples, or None."""
        return self.whole("test")[1]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        counts = [f"{len(part):,} {SPOKEN[name]}" for name, part in self.parts.items()]
        shape = "x".join(map(str, getattr(self.train, "shape", ())))
        return f"Dataset({self.name}: {' and '.join(counts)} examples{f' of {shape}' if shape else ''})"


SPOKEN = {"train": "training", "validation": "validation", "test": "test"}
