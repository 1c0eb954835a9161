"""What a rule is given, and the table that it enters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import mlx.core as mx

from cnndsl.program import Primitive

if TYPE_CHECKING:
    from ..ranks import Portion

Array: TypeAlias = mx.array


class Run:
    """One evaluation of a program: everything that a rule reads beside its inputs.

    `parameters` are all arrays by name, in the type in which the rule at hand computes; `wide` are the same in
    float32. `past` is how many training steps went before (uint32, shape ()): with the seed it is the random state,
    and given only while training. `portion` is what this rank has of the batch, where several train together.
    `statistics` receives the new running ones. `shape` is that of the output of the step at hand, without the batch.
    `dtype` is what layers compute in.
    """

    def __init__(
        self,
        parameters: Mapping[str, Array],
        *,
        gpu: bool,
        dtype: mx.Dtype = mx.float32,
        seed: int = 0,
        past: Array | None = None,
        portion: Portion | None = None,
    ) -> None:
        self.parameters = self.wide = parameters
        self.dtype = dtype
        self.narrow = {name: array.astype(dtype) for name, array in parameters.items()} if self.mixed else parameters
        self.gpu = gpu
        self.seed = seed
        self.past = past
        self.portion = portion
        self.statistics: dict[str, Array] = {}
        self.shape: tuple[int, ...] = ()

    @cached_property
    def rounded(self) -> dict[str, Array]:
        """The parameters of 16 bits in float32 again."""
        return {name: array.astype(mx.float32) for name, array in self.narrow.items()}

    @property
    def mixed(self) -> bool:
        """Whether most rules compute in a type of 16 bits."""
        return self.dtype != mx.float32

    def apply(self, found: Rule, primitive: Primitive, inputs: Iterable[Array]) -> Array:
        """What a rule gives for its inputs, each of them in the type in which it computes."""
        if not self.mixed:
            return found(primitive, self, *inputs)
        if found in WIDE:
            self.parameters = self.wide
            return found(primitive, self, *(typed(x, mx.float32) for x in inputs))
        self.parameters, given = self.narrow, [typed(x, self.dtype) for x in inputs]
        if self.gpu or found not in PRODUCTS:
            return found(primitive, self, *given)
        # A CPU multiplies 16 bits in plain loops: the same rounded numbers go through its BLAS.
        self.parameters = self.rounded
        return found(primitive, self, *(typed(x, mx.float32) for x in given)).astype(self.dtype)

    @property
    def training(self) -> bool:
        return self.past is not None

    @property
    def first(self) -> Array | None:
        """How many examples of the batch other ranks have before those at hand; None where there are no others."""
        return self.portion.first if self.portion else None

    def statistic(self, name: str) -> Array:
        """A running statistic as it is now: a layer used twice goes on from its first update."""
        return self.statistics.get(name, self.wide[name])


Rule = Callable[..., Array]  # (primitive, run, *inputs) -> output
TABLE: dict[tuple[type[Primitive], str], Rule] = {}
WIDE: set[Rule] = set()
PRODUCTS: set[Rule] = set()


def typed(x: Array, dtype: mx.Dtype) -> Array:
    """Decimals in a type; labels and masks as they are."""
    return x.astype(dtype) if mx.issubdtype(x.dtype, mx.floating) else x


def rule(
    primitive: type[Primitive], function: str = "", *, wide: bool = False, product: bool = False
) -> Callable[[Rule], Rule]:
    """Enters a rule for a primitive, or for one function of it (`Unary`, "relu").

    With mixed precision a `wide` one computes in float32 all the same: what sums many terms, has a large range, or
    cancels. A `product` is a product of matrices.
    """

    def enter(found: Rule) -> Rule:
        TABLE[primitive, function] = found
        for kind, is_one in ((WIDE, wide), (PRODUCTS, product)):
            if is_one:
                kind.add(found)
        return found

    return enter
