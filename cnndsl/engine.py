"""What a backend must offer, and what it is given to update parameters with: protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, SupportsFloat, runtime_checkable

from cnndsl.planned import Planned
from cnndsl.program import Parameter, Program
from cnndsl.record import Record

if TYPE_CHECKING:
    from numpy import ndarray

    Arrays = Mapping[str, ndarray[Any, Any]]


class Traits(Record):
    """What is particular to a parameter's updates; parameters of the same traits may be updated as one.

    `decays` says that it is a weight, not a bias or of a normalization; `rate` is what its rate is multiplied by;
    each of `penalties` (p, amount) adds amount / p times the sum of |w|^p to what is minimized.
    """

    decays: bool
    rate: float = 1.0
    penalties: tuple[tuple[float, float], ...] = ()


class Optimizer(Protocol):
    """An update rule that knows no framework: arithmetic on whatever arrays the backend has.

    `kind` is its name. `slots` names the arrays kept for each parameter (zeros at first). `xp` offers `sqrt`,
    `maximum`, `minimum`, `sign`, `abs`, `zeros_like`, and `where` if `count` is no number of Python's.
    """

    @property
    def kind(self) -> str: ...

    @property
    def rate(self) -> float: ...

    @property
    def slots(self) -> tuple[str, ...]: ...

    @property
    def limits_norm(self) -> bool:
        """Whether `apply` wants the norm of all gradients together, each of them as `gathered` gives it."""

    def traits(self, parameter: Parameter) -> Traits: ...

    def gathered(self, gradient: Any, slots: tuple[Any, ...]) -> Any:
        """The gradient with what it is added to."""

    def apply(
        self,
        xp: Any,
        parameter: Any,
        gradient: Any,
        slots: tuple[Any, ...],
        *,
        rate: Any,
        count: Any,
        traits: Traits,
        norm: Any = None,
    ) -> tuple[Any, tuple[Any, ...]]:
        """The new parameter and the new slots, for the gradient of step number `count`, from 1."""


class Snapshot(Record):
    """All that training has changed in an engine: restored, it goes on with the same bits.

    `arrays` are the parameters and statistics by name and what the optimizer keeps for each as `SLOT:NAME`,
    each in its own type; `numbers` is what JSON can hold: `step`, the updates so far (with the seed that is
    the state of every random number), and what a backend has chosen for this machine.
    """

    arrays: Arrays
    numbers: Mapping[str, Any]


class Running(Record):
    """How an engine is to run, where a backend offers that.

    `deterministic`: the same bits whatever the number of threads; it changes nothing of what is folded in inference.
    `recompute`: paths of blocks or layers whose results are made again for the gradients instead of kept.
    `memory_limit`: bytes that it may allocate; results are made again as far as that takes, and nothing is folded.
    `precision`: the type that layers compute in; parameters, statistics, normalizations and losses stay float32.
    """

    deterministic: bool = False
    recompute: tuple[str, ...] = ()
    memory_limit: int | None = None
    precision: str = "float32"


#: what `precision` may be; the first is the usual one
PRECISIONS = ("float32", "bfloat16", "float16")
AS_USUAL = Running()


class Engine(Protocol):
    """A program on a backend, with its parameters. Arrays at this border are NumPy's, float32."""

    def arrays(self) -> dict[str, ndarray[Any, Any]]:
        """Parameters and statistics by name, copied out."""

    def load(self, arrays: Arrays) -> None:
        """Replaces the parameters and statistics that are named; shapes are the caller's to check."""

    def snapshot(self) -> Snapshot:
        """All that training has changed, copied out."""

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a snapshot of an engine of the same program and optimizer, which the caller has checked."""

    def predict(self, inputs: Arrays) -> dict[str, ndarray[Any, Any]]:
        """The outputs, in inference mode. Shapes (N, *output shape)."""

    def evaluate(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, ndarray[Any, Any]]]:
        """Mean loss of the batch and the outputs, in inference mode; with several losses also these, as in `step`."""

    def step(
        self, inputs: Arrays, targets: Arrays, rate: float | None = None
    ) -> tuple[SupportsFloat, Mapping[str, Any]]:
        """One training step: loss before the update and outputs (training mode); updates everything.

        A step whose loss is not finite is counted and changes running statistics, nothing else; so does one with
        a gradient that is not, whose loss comes as NaN. Both results may still be on their way: `float` and
        `numpy.asarray` wait for them. Where several outputs are trained, what each adds to the loss of each
        example, (N,), is among the outputs as `Program.parts` names it.
        """

    def gradients(self, inputs: Arrays, targets: Arrays) -> tuple[float, dict[str, ndarray[Any, Any]]]:
        """Loss and the gradient of every trained parameter, in training mode; changes nothing.

        Gradients with respect to the inputs are under the names `input:NAME`.
        """


#: what is measured of a batch: (the module of the arrays, outputs, targets) -> arrays by name
Measure = Callable[[Any, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


@runtime_checkable
class MeasuringEngine(Protocol):
    """What an engine offers besides whose outputs are on a device: what is measured of them is computed there.

    The numbers that come back may still be on their way, as those of `step`.
    """

    def step_measured(
        self, inputs: Arrays, targets: Arrays, rate: float | None, measure: Measure
    ) -> tuple[SupportsFloat, Mapping[str, Any]]:
        """As `step`, with what is measured instead of the outputs."""

    def evaluate_measured(
        self, inputs: Arrays, targets: Arrays, measure: Measure
    ) -> tuple[SupportsFloat, Mapping[str, Any]]:
        """As `evaluate`, with what is measured instead of the outputs."""


class Backend(Protocol):
    """What `cnndsl.backends.load(name)` gives: a framework that can run programs.

    `kind` says on what its engines run: `gpu`, `cpu`, or nothing where that is the framework's choice.
    """

    name: str
    kind: str

    def missing(self) -> str | None:
        """Why it cannot run here and what to install, in a sentence; None when it can."""

    def device(self) -> str:
        """The device in words: `CPU, 2 threads`, `Apple M3 GPU`."""

    def exact_devices(self) -> Sequence[Backend]:
        """Each device found, as a backend of its own. From then on float32 keeps all its bits: to be compared."""

    def build(
        self, program: Program, *, optimizer: Optimizer | None = None, seed: int = 0, dtype: str = "float32"
    ) -> Engine:
        """An engine with freshly started parameters (`cnndsl.random.start`, the same in every backend)."""


class Ranks(Protocol):
    """Processes that train one network together, each on its rows of every batch: this one is `rank` of `size`.

    All of them do the same things in the same order. Everything raises CnnError (E607) if one of them has gone.
    """

    rank: int
    size: int
    #: how many ranks wished for what, at the last step
    wishes: tuple[int, ...]

    def tell(self, first: int, count: int, wishes: tuple[int, ...]) -> None:
        """Of the next step: how many rows come before this rank's, how many it has, and what it wishes for (0, 1).

        A rank that has none gives an engine one all the same, which then counts for nothing.
        """

    def every(self, data: bytes) -> list[bytes]:
        """What each rank gives, the same on all of them."""

    def first(self, data: bytes) -> bytes:
        """What rank 0 gives; what others do is not looked at."""


@runtime_checkable
class JoiningBackend(Protocol):
    """What a backend is besides whose engines can train on several machines."""

    #: those that its engines train together with
    ranks: Ranks | None

    def joined(self, seconds: float) -> Backend:
        """Itself with ranks, once all are there. Raises CnnError (E605, E606)."""


@runtime_checkable
class PlanningEngine(Protocol):
    """What an engine offers besides that knows its memory before it runs."""

    def planned(self, batch: int, *, training: bool = False) -> Planned:
        """The memory of a batch, for inference or a training step."""

    def plan_record(self) -> dict[str, Any]:
        """What was chosen to run: settings, and for each batch so far its parts and ways. It turns into JSON."""


@runtime_checkable
class CountingEngine(Protocol):
    """What an engine offers besides whose framework counts what it allocates."""

    def peak(self, batch: int, *, training: bool) -> int:
        """Bytes at the fullest, of a batch of zeros, in inference or steps of training; changes nothing."""


@runtime_checkable
class PlanningBackend(Protocol):
    """What a backend offers besides whose engines know their memory before they run."""

    def planned(
        self, program: Program, batch: int, *, optimizer: Optimizer | None = None, dtype: str = "float32"
    ) -> tuple[Planned, ...]:
        """The memory of an engine at a batch, for inference and, where there is a loss, training; nothing is built."""


@runtime_checkable
class AdvisingBackend(Protocol):
    """What a backend offers besides that knows what makes it slow."""

    def slow(self) -> str | None:
        """What is slow on this machine and how to mend it, in a sentence; None where nothing is."""


@runtime_checkable
class RunningBackend(Protocol):
    """What a backend is besides that can be told how its engines run."""

    #: the fields of `Running` that it heeds
    heeds: tuple[str, ...]

    def build(
        self, program: Program, *, optimizer: Optimizer | None, seed: int, dtype: str = "float32", running: Running
    ) -> Engine:
        """An engine that runs so."""
