"""The engine: a program with its parameters, and the functions that run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any

import mlx.core as mx
import numpy as np

from cnndsl.engine import AS_USUAL, Measure, Optimizer, Running, Snapshot
from cnndsl.errors.backends import NoRule, UnknownType
from cnndsl.errors.base import NOWHERE
from cnndsl.folding import Fold, folded
from cnndsl.program import Program, Value

from . import network, scaling, state
from .device import device, on_gpu
from .peak import peak
from .ranks import Ranks
from .rules import find
from .state import Arrays, State

if TYPE_CHECKING:
    from cnndsl.engine import Arrays as Given

Array = np.ndarray[Any, Any]

send: Callable[..., None] = mx.async_eval


def _there(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of an engine whose operations run on its device."""

    @wraps(method)
    def run(self: MlxEngine, *args: Any, **settings: Any) -> Any:
        with self.place():
            return method(self, *args, **settings)

    return run


class MlxEngine:
    """A program on MLX, as `cnndsl.engine.Engine` says.

    A step is one pure function of the state and the batch. Its results are on their way when `step`
    returns: while one step is computed the next can be prepared, but no more than that one.
    `kind` is the device that it runs on, `gpu` or `cpu`; by default MLX's own choice.

    Raises CnnError for a primitive without a rule (E603) and a dtype other than float32 (E604).
    """

    def __init__(
        self,
        program: Program,
        optimizer: Optimizer | None,
        seed: int,
        dtype: str,
        compile: bool | None = None,
        kind: str = "",
        running: Running | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        if dtype != "float32":
            raise UnknownType(NOWHERE, "mlx", dtype, ("float32",)).error()
        for step in program.steps:
            if find(step.primitive) is None:
                raise NoRule(NOWHERE, "mlx", step.path, repr(step.primitive)).error()
        self.program = program
        self.running = running or AS_USUAL
        self.optimizer = optimizer
        self.seed = seed
        self.count = 0  # steps of training so far
        self.kind = kind
        self.ranks = ranks
        precision: mx.Dtype = getattr(mx, self.running.precision)
        with self.place():
            self.state = state.start(program.parameters, optimizer, seed)._replace(scaling=scaling.start(precision))
        self.waiting = mx.array(0.0)  # the loss of the last step
        gpu = on_gpu(kind)
        self.compiled = gpu if compile is None else compile
        self._wrap: Callable[[Any], Any] = mx.compile if self.compiled else lambda function: function
        self._how = gpu, precision
        whole = precision == mx.float32  # in 16 bits a normalization is more exact by itself
        self.inference, self.folds = folded(program) if whole else (program, ())
        paced = not (gpu or self.compiled)
        self._predict = self._wrap(network.predicting(self.inference, gpu, precision, paced=paced))
        self._differentiate = network.differentiating(program, gpu, precision, seed, entered=True)
        self._made: dict[str, tuple[Measure, Any]] = {}

    def place(self) -> AbstractContextManager[Any]:
        """Within it operations run on the engine's device."""
        return mx.stream(device(self.kind)) if self.kind else nullcontext()

    @property
    def state(self) -> State:
        """What training changes."""
        return self._state

    @state.setter
    def state(self, new: State) -> None:
        self._state = new
        self._seen: Arrays | None = None  # what was folded is of the old one

    def seen(self) -> Arrays:
        """All arrays as inference sees them: with normalizations folded into the weights before them."""
        if self._seen is None:
            known = self.state.parameters
            self._seen = known | {name: array for fold in self.folds for name, array in _folded(fold, known)}
        return self._seen

    def arrays(self) -> dict[str, Array]:
        known = self.state.parameters
        return {parameter.name: np.array(known[parameter.name]) for parameter in self.program.parameters}

    def load(self, arrays: Given) -> None:
        self.state = self.state.loaded({name: _decimals(array) for name, array in arrays.items()})

    @_there
    def snapshot(self) -> Snapshot:
        numbers = {"step": self.count, **scaling.numbers(self.state.scaling)}
        return Snapshot(self.arrays() | self.state.kept(self.slots), numbers)

    @_there
    def restore(self, snapshot: Snapshot) -> None:
        self.load({parameter.name: snapshot.arrays[parameter.name] for parameter in self.program.parameters})
        self.state = self.state.keeping(self.slots, snapshot.arrays)
        if self.state.scaling:
            self.state = self.state._replace(scaling=scaling.restored(snapshot.numbers))
        self.count = int(snapshot.numbers["step"])

    @property
    def slots(self) -> tuple[str, ...]:
        return self.optimizer.slots if self.optimizer else ()

    @_there
    def predict(self, inputs: Given) -> dict[str, Array]:
        given = _all(self.program.inputs, inputs, _decimals)
        if not len(next(iter(given.values()))):
            return {name: np.empty((0, *value.shape), np.float32) for name, value in self.program.outputs.items()}
        return _copied(self._predict(self.seen(), given))

    @_there
    def evaluate(self, inputs: Given, targets: Given) -> tuple[float, dict[str, Array]]:
        loss, outputs = self.evaluate_measured(inputs, targets, network.outputs_alone)
        return float(loss), _copied(outputs)

    @_there
    def evaluate_measured(
        self, inputs: Given, targets: Given, measure: Measure
    ) -> tuple[mx.array, Mapping[str, mx.array]]:
        run = self._function(network.evaluating, measure)
        loss, measured, _ = run(self.seen(), *self._batch(inputs, targets))
        send(loss, measured)
        return loss, measured

    def step(self, inputs: Given, targets: Given, rate: float | None = None) -> tuple[Any, Mapping[str, mx.array]]:
        made: tuple[Any, dict[str, mx.array]] = self.step_measured(inputs, targets, rate, network.outputs_alone)
        return made

    @_there
    def step_measured(
        self, inputs: Given, targets: Given, rate: float | None, measure: Measure
    ) -> tuple[Any, Mapping[str, mx.array]]:
        optimizer = self._updated()
        run = self._function(network.stepping, measure, optimizer, self.seed, self.ranks)
        scalars: tuple[Any, Any] = (optimizer.rate if rate is None else float(rate), self.count + 1)
        if self.compiled:  # for each other number it would be compiled anew
            scalars = mx.array(scalars[0]), mx.array(scalars[1])
        given = self.state, *self._batch(inputs, targets), self._past(), *scalars
        if self.ranks:
            rows = len(next(iter(inputs.values())))
            measured, loss, new = self.ranks.take(run, given, self.count + 1, rows)
            self.state, self.count = State(*new), self.count + 1
            return loss, measured
        measured, loss, new = run(*given)
        del given
        self.state = State(*new)  # before it is computed: MLX writes over arrays that nobody holds any more
        send(loss, measured, new)
        mx.eval(self.waiting)  # the step before this one: otherwise those that nobody waits for would pile up
        self.count, self.waiting = self.count + 1, loss
        return loss, measured

    def _updated(self) -> Optimizer:
        if self.optimizer is None:
            raise ValueError("this engine was built without an optimizer")
        return self.optimizer

    def _function(self, make: Callable[..., Any], measure: Measure, *more: Any) -> Any:
        """The step, or the evaluation, with what is measured in it: made, and compiled, when that changes."""
        made = self._made.get(make.__name__)
        if made is None or made[0] != measure:
            program = self.inference if make is network.evaluating else self.program
            made = self._made[make.__name__] = measure, self._wrap(make(program, *self._how, measure, *more))
        return made[1]

    @_there
    def gradients(self, inputs: Given, targets: Given) -> tuple[float, dict[str, Array]]:
        given, wanted = self._batch(inputs, targets)
        state = self.state
        (loss, *_), named = self._differentiate(state, given, wanted, self._past())
        while (lower := scaling.lowered(state, named)) is not None:
            state = lower
            (loss, *_), named = self._differentiate(state, given, wanted, self._past())
        mx.eval(loss, named)
        return float(loss), _copied(named)

    @_there
    def peak(self, batch: int, *, training: bool) -> int:
        return peak(self, batch, training=training)

    def _past(self) -> mx.array:
        return mx.array(self.count, mx.uint32)

    def _batch(self, inputs: Given, targets: Given) -> tuple[Arrays, Arrays]:
        return _all(self.program.inputs, inputs, _decimals), _all(self.program.targets, targets, _labels)


def _all(values: Mapping[str, Value], arrays: Given, convert: Callable[[Any], mx.array]) -> Arrays:
    return {name: convert(arrays[name]) for name in values}


def _folded(fold: Fold, known: Arrays) -> Iterable[tuple[str, mx.array]]:
    """The weight and the bias that a map and the normalization behind it have together."""
    slope, bias = fold.line(known.__getitem__, mx)
    weight = known[fold.of.weight]
    slopes = slope if fold.rows is None else slope[mx.array(fold.rows)]
    return (fold.weight, weight * slopes.reshape(-1, *[1] * (weight.ndim - 1))), (fold.bias, bias)


def _decimals(array: Any) -> mx.array:
    return mx.array(np.asarray(array, np.float32, order="C"))


def _labels(array: Any) -> mx.array:
    """Whole numbers as such, all others as decimals."""
    return (
        mx.array(np.asarray(array, np.int32, order="C")) if np.asarray(array).dtype.kind in "iub" else _decimals(array)
    )


def _copied(arrays: Mapping[str, mx.array]) -> dict[str, Array]:
    mx.eval(arrays)
    return {name: np.array(array) for name, array in arrays.items()}
