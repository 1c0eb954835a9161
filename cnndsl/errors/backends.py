"""E60x: what runs a network, and what it cannot run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Problem, among


class UnknownBackend(Problem):
    """There is no backend of that name.

    A backend is what runs a network: `numpy` runs everywhere, `mlx` is for Apple's GPUs and for
    CUDA. `auto` takes the fastest that works on this machine.
    """

    code: ClassVar[str] = "E601"
    title: ClassVar[str] = "there is no backend called `{name}`"

    name: str
    known: tuple[str, ...]
    meant: str = ""

    def helps(self) -> Iterable[str]:
        return among(self.known, self.meant)


class BackendMissing(Problem):
    """The backend exists, but the framework that it needs does not work on this machine.

    Frameworks are optional: the compiler itself needs none. The message says what failed and the
    command that installs it. `auto` (the default) never ends here, as `numpy` runs everywhere.
    """

    code: ClassVar[str] = "E602"
    title: ClassVar[str] = "the backend `{name}` cannot run here: {reason}"

    name: str
    reason: str
    others: tuple[str, ...] = ()

    def helps(self) -> Iterable[str]:
        yield f'pip install "cnndsl[{self.name}]"'
        if self.others:
            yield f"or take one that works here: {', '.join(self.others)}"


class NoRule(Problem):
    """A layer was lowered to an operation that this backend has no rule for.

    A new primitive needs a rule in every backend that is to run it: forward, and where the framework
    does not differentiate, backward.
    """

    code: ClassVar[str] = "E603"
    title: ClassVar[str] = "the backend `{backend}` cannot run `{path}`: it has no rule for {primitive}"
    help: ClassVar[str] = "take another backend, or write the rule: a class in the backend's folder `rules`"

    backend: str
    path: str
    primitive: str


class NoMemoryPlan(Problem):
    """The backend plans no memory: it asks for what it needs while it runs.

    NumPy's engine knows every array before it runs, so it can tell. What any backend needs at least is known
    from the network alone.
    """

    code: ClassVar[str] = "E621"
    title: ClassVar[str] = "the backend `{backend}` plans no memory"

    backend: str
    known: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        yield f"backends that do: {', '.join(self.known)}"
        yield "the least that any backend needs: net.memory(batch=32), cnnc summary FILE --memory"


class MemoryLimit(Problem):
    """A batch needs more memory than the model was allowed, however much is made again instead of kept.

    What is there all the time (parameters, their gradients, the optimizer's state) does not depend on the
    batch; all else is about proportional to it, so a smaller batch helps. So does an optimizer that keeps less:
    `adam` keeps two numbers for each parameter, `sgd` none.
    """

    code: ClassVar[str] = "E622"
    title: ClassVar[str] = (
        "{purpose} of `{net}` at batch {batch:,} needs {needed} at least, `memory_limit` is {allowed}"
    )

    net: str
    purpose: str
    batch: int
    least: int
    limit: int
    fitting: int

    @property
    def needed(self) -> str:
        return f"{self.least / 1e6:,.1f} MB"

    @property
    def allowed(self) -> str:
        return f"{self.limit / 1e6:,.1f} MB"

    def helps(self) -> Iterable[str]:
        if self.fitting:
            yield f"a batch of {self.fitting:,} fits: batch_size={self.fitting}"
        yield f'or allow more: memory_limit="{-(-self.least // 10**6)}MB"'


class NotHeeded(Problem):
    """The backend cannot be told to run in this way.

    NumPy's engine plans its memory itself, so it can run layers again instead of keeping their results, keep to
    a limit, and fix the order of every sum. A GPU's framework decides these things by itself: MLX's own limit,
    `mlx.core.set_memory_limit`, is a guideline for when to wait, and more is allocated beyond it, so it is not
    offered as a limit here. Mixed precision (`precision="bfloat16"`) is for GPUs, which multiply such numbers
    faster; a CPU would only round.
    """

    code: ClassVar[str] = "E623"
    title: ClassVar[str] = "the backend `{backend}` has no `{setting}`"

    backend: str
    setting: str
    others: tuple[str, ...] = ()

    def helps(self) -> Iterable[str]:
        named = " or ".join(f'backend="{name}"' for name in self.others)
        yield f"leave it out{named and f', or compile with {named}'}"


class SlowBackend(Problem):
    """The backend works, but much slower on this machine than it could.

    The wheel of MLX for Linux brings a BLAS of 1 to 3 GFLOP/s. An OpenBLAS that is installed is loaded before it
    and multiplies matrices some 30 times faster; `CNNDSL_BLAS` names another library. `backend="numpy"` has a fast
    one of its own, and is what `backend="auto"` takes where there is no GPU.

    It is said once on a machine, at the first training in a terminal; `cnnc doctor` says it whenever it is asked,
    with what was measured.
    """

    code: ClassVar[str] = "E631"
    severity: ClassVar[Severity] = Severity.WARNING
    title: ClassVar[str] = "training will be slow: {reason}"
    help: ClassVar[str] = 'or train with backend="numpy", which is faster here; cnnc doctor measures it'

    reason: str


class UnknownType(Problem):
    """The backend cannot compute in that type of numbers.

    Training takes float32 everywhere. float64 is for checking gradients, and only NumPy has it: GPUs
    and MLX's convolutions compute in float32 whatever the type of their arrays.
    """

    code: ClassVar[str] = "E604"
    title: ClassVar[str] = "the backend `{backend}` does not compute in {dtype}"

    backend: str
    dtype: str
    known: tuple[str, ...]

    def helps(self) -> Iterable[str]:
        yield f"types of `{self.backend}`: {', '.join(self.known)}; float64 works with backend `numpy`"
