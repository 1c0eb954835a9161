"""Dataset: examples with their targets, as the nets take them, and what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.data.normalization import Normalization
from cnndsl.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Dataset(Record):
    """Training examples `x` (N, *extents, channels), float32, with targets `y` (N), and perhaps test examples.

    `normalization` is how raw values (bytes of an image) became `x`; it is saved with the weights.
    """

    name: str
    x: NDArray[Any]
    y: NDArray[Any]
    test_x: NDArray[Any] | None = None
    test_y: NDArray[Any] | None = None
    class_names: tuple[str, ...] = ()
    normalization: Normalization = Normalization()

    @property
    def test(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """The test examples and their targets, if there are any: what `validation_data` and `evaluate` take."""
        return None if self.test_x is None or self.test_y is None else (self.test_x, self.test_y)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        tests = 0 if self.test_x is None else len(self.test_x)
        shape = "x".join(map(str, self.x.shape[1:]))
        return f"Dataset({self.name}: {len(self.x):,} training and {tests:,} test examples of {shape})"
