"""Rule, the base: what a plan gives to the rule of a step, and what a rule says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from cnndsl.needs import Place
from cnndsl.program import Primitive

from ..memory import Buffer

if TYPE_CHECKING:
    from ..calls import Call
    from ..memory import Array

P = TypeVar("P", bound=Primitive)


class State:
    """What changes from run to run: whether statistics are updated, and which dropout masks are due."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.updating = False
        self.step = 0


class Share(Protocol):
    """The part of a batch that a rule sees, as other threads run the other parts."""

    @property
    def examples(self) -> slice:
        """Which examples of the batch these are."""

    @property
    def batch(self) -> int:
        """How many examples the whole batch has."""

    def total(self, part: Array) -> Array:
        """The sum of an array over all parts; every part must ask for it."""


class Workspace(Protocol):
    """Where a rule asks, in `prepare`, for what it needs besides inputs and outputs."""

    state: State
    dtype: Any
    training: bool
    #: whether the step has a way back, and whether its first input has: in this run of it, or in the run again for
    #: its gradients, which must be computed in the same way to the same bits
    goes_back: bool
    moves_input: bool

    @property
    def share(self) -> Share:
        """The part of the batch."""

    @property
    def seats(self) -> int:
        """How many threads run the plan together, where nothing moves back; each needs memory of its own."""

    def parameter(self, name: str) -> Array:
        """A parameter or statistic: the array that the engine keeps, to be changed in place only."""

    def constant(self, name: str, shape: tuple[int, ...], write: Callable[[Array], None]) -> Callable[[], Array]:
        """Gives an array that `write` makes of parameters; `name` tells it from all others of that shape.

        Where a plan predicts, it is always the same array, which is written when they have changed.
        """

    @property
    def copies(self) -> bool:
        """Whether constants may be as large as weights."""

    def gradient(self, name: str | None) -> Buffer | None:
        """Where to write the gradient of a parameter; None if it is not trained."""

    def forward_scratch(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        """Memory for the forward run of this step; what it holds before and after is anyone's."""

    def backward_scratch(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        """Memory for the backward run of this step."""

    def kept(self, shape: tuple[int, ...], dtype: Any = None) -> Buffer:
        """Memory from the forward to the backward run of this step."""


class Rule(Generic[P]):
    """One step of a plan. `forward` writes `y`; `backward` writes every `dx` that is not None.

    All arrays have the batch first; `dy` is the loss's gradient with respect to `y`.
    """

    #: whether `backward` reads the values of the inputs, of the output
    reads_inputs: ClassVar[bool] = False
    reads_output: ClassVar[bool] = False
    #: where `y` may stand with respect to the first input, and each `dx` of y's size with respect to `dy`
    places: ClassVar[Place] = Place.OWN
    places_gradient: ClassVar[Place] = Place.OWN
    #: which inputs are whole numbers (labels)
    whole: ClassVar[tuple[int, ...]] = ()
    #: whether `finish` can do it to parts of another rule's output
    finishes: ClassVar[bool] = False
    #: whether it has others `finish` what it writes
    has_tail: ClassVar[bool] = False
    #: what is done to the output while it is in the cache, each with how many of the further inputs it takes
    tail: tuple[tuple[Rule[Any], int], ...] = ()

    x: tuple[Buffer, ...]
    y: Buffer
    dx: list[Buffer | None]
    dy: Buffer

    def __init__(self, primitive: P, workspace: Workspace) -> None:
        self.primitive = primitive
        self.workspace = workspace

    def prepare(self, backward: bool) -> None:
        """Asks the workspace for parameters and memory; `backward` tells whether that run will come."""

    def forward(self) -> None:
        raise NotImplementedError

    def before(self) -> Iterator[Call]:
        """Calls that have to be over before any of `calls`."""
        yield from ()

    def calls(self, seat: int = 0) -> Iterator[Call]:
        """The run forward in calls with all arguments, which hold as long as the buffers' arrays do.

        These are the calls of one of `workspace.seats` threads; a rule that knows nothing of them runs in the first.
        """
        if seat == 0:
            yield self.forward

    def finish(self, y: Array, *others: Array) -> Iterator[Call]:
        """Writes what the rule makes of `y` and the other inputs over `y`; all are (positions, C)."""
        raise NotImplementedError

    def backward(self) -> None:
        raise NotImplementedError


Key = tuple[type[Primitive], str]
TABLE: dict[Key, type[Rule[Any]]] = {}


def key(primitive: type[Primitive], function: str) -> Key:
    return primitive, function


def rule(primitive: type[Primitive], function: str = "") -> Callable[[type[Rule[Any]]], type[Rule[Any]]]:
    """Enters a rule for a primitive, or for one function of it (`Unary`, "relu")."""

    def enter(cls: type[Rule[Any]]) -> type[Rule[Any]]:
        TABLE[key(primitive, function)] = cls
        return cls

    return enter
