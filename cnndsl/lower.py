"""Graph -> Program: every layer lowers itself to primitives; names, starts and losses are settled here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zlib import crc32

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import UnknownChoice
from cnndsl.errors.values import OpenExtent
from cnndsl.graph import Case, Graph, Node
from cnndsl.layers.base import Weights
from cnndsl.objectives import OBJECTIVES, Objective
from cnndsl.program import Parameter, Primitive, Program, Reshape, Start, Step, Unary, Value
from cnndsl.suggest import closest

#: families of layers behind which a `relu` still decides how the weights before them start
TRANSPARENT = ("norm", "pool", "regularizer", "shape", "join")


def lower(
    graph: Graph, losses: Mapping[str, str | Objective] | None = None, loss_weights: Mapping[str, float] | None = None
) -> Program:
    """The program of a network, with a loss for each output that `losses` names, times its weight if it has one.

    Layers that no output needs are left out, and with them their parameters; layers that do
    nothing (`id`, `flatten` of a vector) leave no step. Parameters are named `PATH.weight` by the
    path that owns them, in the order of their first use; those of a frozen layer are not trained.
    `cross_entropy` works on what a final softmax is given, or on the output as logits if there is
    none; the output stays what it is. So does `binary_cross_entropy` with a final sigmoid.

    Raises CnnError: a `?` extent is left (E225), an unknown loss or output (E521).
    """
    _check_fixed(graph)
    needed = graph.sources(graph.ends)
    owners = {node.path: node for node in graph.nodes}
    steps = _Steps()
    values: dict[int, Value] = {}
    for number in graph.inputs.values():
        values[number] = steps.fresh(graph.nodes[number].volume.shape)
    for node in graph.nodes:
        if node.number in needed and node.number not in values:
            feeds = (values[number] for number in node.inputs)
            values[node.number] = node.layer.lower(_Place(steps, node, owners[node.owner]), *feeds)
    outputs = {name: values[number] for name, number in graph.outputs.items()}
    targets: dict[str, Value] = {}
    totals = []
    for name, loss in (losses or {}).items():
        objective = _objective(graph, name, loss)
        steps.path = graph.nodes[graph.outputs[name]].path
        targets[name], total = _loss(steps, objective, outputs[name])
        totals.append(_weighted(steps, total, (loss_weights or {}).get(name, 1.0)))
    inputs = {name: values[number] for name, number in graph.inputs.items()}
    used = dict.fromkeys(node.owner for node in graph.nodes if node.number in needed)
    kept = parameters(graph, [owners[path] for path in used])
    return Program(graph.name, inputs, outputs, tuple(steps.found), kept, targets, tuple(totals))


class _Steps:
    """The steps so far, in order, and the numbers of their values."""

    def __init__(self) -> None:
        self.found: list[Step] = []
        self.makers: dict[int, Step] = {}
        self.path = ""
        self.count = 0

    def fresh(self, shape: tuple[int, ...]) -> Value:
        self.count += 1
        return Value(self.count - 1, shape)

    def emit(self, primitive: Primitive, *inputs: Value, shape: tuple[int, ...]) -> Value:
        output = self.fresh(shape)
        step = self.makers[output.number] = Step(primitive, inputs, output, self.path)
        self.found.append(step)
        return output

    def source(self, value: Value) -> Step | None:
        """The step that makes a value; none for an input."""
        return self.makers.get(value.number)


class _Place:
    """A layer's view of its lowering: its own names, streams and place among the steps."""

    def __init__(self, steps: _Steps, node: Node, owner: Node) -> None:
        self.steps, self.node = steps, node
        self.frozen = owner.frozen
        self.streams = 0
        steps.path = node.path

    def emit(self, primitive: Primitive, *inputs: Value, shape: tuple[int, ...]) -> Value:
        return self.steps.emit(primitive, *inputs, shape=shape)

    def name(self, weights: str) -> str:
        return f"{self.node.owner}.{weights}"

    def stream(self) -> int:
        """From the path alone, so that a layer added elsewhere changes no mask; 32 bits."""
        self.streams += 1
        own = self.node.path if self.streams == 1 else f"{self.node.path}#{self.streams}"
        return crc32(own.encode())


def _check_fixed(graph: Graph) -> None:
    for number in graph.inputs.values():
        node = graph.nodes[number]
        if not node.volume.fixed:
            raise OpenExtent(node.site, what=f"running `{graph.name}`", volume=str(node.volume)).error()


# ---- parameters ----------------------------------------------------------------------------------


def parameters(graph: Graph, owners: Iterable[Node]) -> tuple[Parameter, ...]:
    """The arrays that some nodes own, with how they start; those that depend on a `?` are left out."""
    begun = starts(graph)
    found = []
    for node in owners:
        for weights in graph.arrays(node):
            start = begun[node.path][weights.name]
            trained = weights.trained and not node.frozen
            penalties = node.penalties if weights.role == "weight" else None
            found.append(
                Parameter(f"{node.path}.{weights.name}", weights.shape, start, weights.role, trained, penalties)
            )
    return tuple(found)


def starts(graph: Graph) -> dict[str, dict[str, Start]]:
    """How the arrays of every node that owns some start, by its path and their names."""
    rectified = _rectified(graph)
    known: dict[tuple[Case, int, bool], dict[str, Start]] = {}
    found = {}
    for node in graph.nodes:
        here = node.number in rectified
        key = graph.case(node), id(node.start), here
        if arrays := graph.arrays(node):
            if key not in known:
                known[key] = {weights.name: _start(weights, node.start, here) for weights in arrays}
            found[node.path] = known[key]
    return found


def _start(weights: Weights, given: Start | None, rectified: bool) -> Start:
    """How an array starts: as `init=` says, else by its recipe, `auto` by what follows."""
    start = weights.start
    if given and weights.role in ("weight", "norm"):
        return given.replace(fan_in=start.fan_in, fan_out=start.fan_out)
    if start.recipe == "auto":
        return start.replace(recipe="he" if rectified else "glorot")
    return start


def _rectified(graph: Graph) -> set[int]:
    """The nodes whose output reaches a relu-like activation before any other learned layer."""
    readers = graph.consumers()
    found: set[int] = set()
    for node in reversed(graph.nodes):
        for reader in readers[node.number]:
            if reader.layer.rectifies or (reader.layer.family in TRANSPARENT and reader.number in found):
                found.add(node.number)
                break
    return found


# ---- losses --------------------------------------------------------------------------------------


def _objective(graph: Graph, name: str, loss: str | Objective) -> Objective:
    """A loss by its name or as it is, for an output that there is."""
    kind = loss if isinstance(loss, str) else loss.loss
    for what, chosen, known in ((f"output of `{graph.name}`", name, graph.outputs), ("loss", kind, OBJECTIVES)):
        if chosen not in known:
            raise UnknownChoice(NOWHERE, what, chosen, tuple(known), closest(chosen, known) or "").error()
    return OBJECTIVES[loss]() if isinstance(loss, str) else loss


def _loss(steps: _Steps, objective: Objective, output: Value) -> tuple[Value, Value]:
    """The targets and the loss of an output."""
    given = _before(steps, objective, output)
    if given.shape != output.shape:
        given = steps.emit(Reshape(), given, shape=output.shape)
    target = steps.fresh(objective.target(output.shape))
    return target, steps.emit(objective, given, target, shape=())


def _before(steps: _Steps, objective: Objective, output: Value) -> Value:
    """What the last step of an output is given if the loss leaves that step out; else the output itself."""
    step = steps.source(output)
    while step and isinstance(step.primitive, Reshape) and objective.sees_through(step.inputs[0].shape, output.shape):
        step = steps.source(step.inputs[0])
    return step.inputs[0] if step and objective.leaves_out(step.primitive) else output


def _weighted(steps: _Steps, loss: Value, weight: float) -> Value:
    return loss if weight == 1.0 else steps.emit(Unary("multiply", (weight,)), loss, shape=())


# ---- text ----------------------------------------------------------------------------------------


def show(program: Program) -> str:
    """The program as text: inputs, a line for each step with its shape, outputs, losses, parameters."""
    lines = [f"program {program.name}"]
    lines += [f"  input {name}: {_value(value)}" for name, value in program.inputs.items()]
    lines += [f"  target {name}: {_value(value)}" for name, value in program.targets.items()]
    lines += [f"  {_value(step.output)} = {_call(step)}    # {step.path}" for step in program.steps]
    lines += [f"  output {name}: %{value.number}" for name, value in program.outputs.items()]
    lines += [f"  minimize {' + '.join(f'%{value.number}' for value in program.losses)}"] if program.losses else []
    lines += [f"  {_parameter(parameter)}" for parameter in program.parameters]
    return "\n".join(lines) + "\n"


def _value(value: Value) -> str:
    return f"%{value.number} {'x'.join(map(str, value.shape)) or 'scalar'}"


def _call(step: Step) -> str:
    inputs = [f"%{value.number}" for value in step.inputs]
    fields, usual = zip(step.primitive.fields, step.primitive.as_tuple(), strict=True), step.primitive.defaults
    told = [(name, value) for name, value in fields if value is not None and value is not False and value != ()]
    settings = [f"{name}={value}" for name, value in told if name not in usual or value != usual[name]]
    return f"{type(step.primitive).__name__}({', '.join(inputs + settings)})"


def _parameter(parameter: Parameter) -> str:
    start = parameter.start
    kind = f"{start.recipe} {start.amount:g}" if start.recipe in ("constant", "normal", "uniform") else start.recipe
    state = "" if parameter.trained or parameter.role == "statistic" else ", not trained"
    return f"{parameter.role} {parameter.name} {'x'.join(map(str, parameter.shape))}: {kind}{state}"
