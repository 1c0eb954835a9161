"""E60x: what runs a network, and what it cannot run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem


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
        if self.meant:
            yield f"did you mean `{self.meant}`?"
        yield f"known: {', '.join(self.known)}"


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
