"""The checks of a program: each raises Disagreement with what differs, the program's text beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cnndsl import backends
from cnndsl.analysis.cost import cost
from cnndsl.diagnostic import CnnError, Severity
from cnndsl.format import formatted
from cnndsl.graph import Graph
from cnndsl.lower import lower
from cnndsl.parse import parse
from cnndsl.pipeline import check
from cnndsl.render.text import render_all
from cnndsl.source import Source
from cnndsl.syntax import same_tree
from tests.backends import gradients
from tests.random_programs import reference
from tests.random_programs.model import Node
from tests.random_programs.programs import Program

NUMPY = backends.load("numpy")
RECIPES = {"zeros": ("constant", 0.0), "ones": ("constant", 1.0), "0.5": ("constant", 0.5)}
RECIPES |= {"normal(0.1)": ("normal", 0.1), "uniform(0.2)": ("uniform", 0.2)}


class Disagreement(AssertionError):
    """The compiler or an engine says something else than the program means."""


def same(found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise Disagreement(f"{what}: found {found}, expected {expected}")


def written(program: Program, folder: Path) -> None:
    """Writes the files of a program."""
    for name, text in program.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")


def graph_of(program: Program, folder: Path) -> Graph:
    """The graph of the main net, checked as from a file in a folder; no error may be said."""
    written(program, folder)
    source = Source(str(folder / "main.cnn"), program.text)
    checked = check(source, sizes=program.sizes, settings=program.settings, all_nets=False)
    errors = [item for item in checked.diagnostics if item.severity is Severity.ERROR]
    if errors or checked.nets[-1].graph is None:
        raise Disagreement(f"a valid program is refused:\n{render_all(errors)}")
    return checked.nets[-1].graph


def formats(program: Program) -> None:
    """Formatting keeps the tree and the comments, and does nothing the second time."""
    for name, text in program.files.items():
        once = formatted(Source(name, text))
        tree, problems = parse(Source(name, text))
        again, _ = parse(Source(name, once))
        assert tree is not None and not problems
        same(same_tree(tree, again), True, f"the tree of {name}, formatted")
        same(sorted(_comments(once)), sorted(_comments(text)), f"the comments of {name}")
        same(formatted(Source(name, once)), once, f"{name}, formatted twice")


def _comments(text: str) -> list[str]:
    return [line[line.index("#") :].rstrip() for line in text.splitlines() if "#" in line]


def structure(program: Program, graph: Graph) -> None:
    """Nodes, volumes, arguments, arrays, sharing, counts: as the program means."""
    found = [(node.layer.kind, node.inputs, node.volume.extents) for node in graph]
    for number, (mine, node) in enumerate(zip(program.nodes, found)):
        same(node, (mine.kind, mine.inputs, mine.shape), f"node {number}, {graph.nodes[number].path}")
    same(len(found), len(program.nodes), "the number of nodes")
    same(len({node.path for node in graph}), len(graph.nodes), "the number of paths")
    same(dict(graph.inputs), program.inputs, "the inputs")
    same(dict(graph.outputs), program.outputs, "the outputs")
    numbers = {node.path: node.number for node in graph}
    for mine, node in zip(program.nodes, graph):
        arguments(mine, node.layer)
        arrays = {array.name: (array.shape, _role(array.role)) for array in node.arrays(graph.feeds(node))}
        same(arrays, mine.arrays, f"the arrays of {node.path}")
        if arrays:
            same(numbers[node.owner], mine.owner, f"whose arrays {node.path} uses")
            same(node.frozen, mine.frozen, f"whether {node.path} is frozen")
        recipe = RECIPES.get(mine.start, (mine.start, 0.0)) if mine.start else None
        same((node.start.recipe, node.start.amount) if node.start else None, recipe, f"the start of {node.path}")
        shape = program.nodes[mine.inputs[0]].shape if mine.inputs else ()
        same(node.layer.macs(*graph.feeds(node)), reference.macs(mine.kind, mine.args, shape), f"MACs of {node.path}")
    counted = cost(graph)
    same(counted.macs, sum(_macs(program, node) for node in program.nodes), "the MACs")
    for total, role in (
        (counted.params, "learned"),
        (counted.statistics, "statistic"),
        (counted.constants, "constant"),
    ):
        same(total, sum(_held(number, node, role) for number, node in enumerate(program.nodes)), f"{role} values")


def _macs(program: Program, node: Node) -> int:
    return reference.macs(node.kind, node.args, program.nodes[node.inputs[0]].shape) if node.inputs else 0


def _role(role: str) -> str:
    return role if role in ("statistic", "constant") else "learned"


def _held(number: int, node: Node, role: str) -> int:
    own = node.owner == number
    return sum(int(np.prod(shape)) for shape, what in node.arrays.values() if own and what == role)


def arguments(mine: Node, layer: Any) -> None:
    """The arguments that were written are those that the layer has."""
    for name, value in mine.args.items():
        if name in ("weights", "to") or mine.kind == "input":
            continue
        same(getattr(layer, name), 0 if value == "valid" else value, f"{name}= of {layer}")


def runs(program: Program, graph: Graph, batch: int = 2) -> None:
    """Every value that NumPy computes has the shape and the numbers that the definitions give for its inputs.

    Compared one layer at a time, in float64, on the engine's own inputs of that layer: no error adds up.
    """
    built = lower(graph)
    engine = NUMPY.build(built, seed=0, dtype="float64")
    rng = np.random.default_rng(0)
    start = {
        name: rng.normal(0, 0.5, array.shape) if _random(name, built) else array
        for name, array in engine.arrays().items()
    }
    engine.load(start)
    inputs = {name: rng.normal(size=(batch, *value.shape)) for name, value in built.inputs.items()}
    last = {step.path: step for step in built.steps}
    everything = built.replace(outputs={path: step.output for path, step in last.items()})
    probe = NUMPY.build(everything, seed=0, dtype="float64")
    probe.load(start)
    kept = engine.arrays()
    same({n: a.shape for n, a in kept.items()}, _expected_arrays(program, graph), "the arrays that exist")
    with np.errstate(all="ignore"):
        values = {graph[path].number: value for path, value in probe.predict(inputs).items()}
        values |= {graph.inputs[name]: value for name, value in inputs.items()}
        for number in sorted(_needed(program)):
            _compare(program, graph, number, values, kept)
        plain = engine.predict(inputs)
    for name, number in program.outputs.items():
        same(plain[name].shape, (batch, *program.nodes[number].shape), f"the shape of output {name}")
        _close(plain[name], values[number], f"output {name}, computed without the layers between")


def _compare(program: Program, graph: Graph, number: int, values: dict[int, Any], kept: dict[str, Any]) -> None:
    mine, node = program.nodes[number], graph.nodes[number]
    if not mine.inputs:
        return
    args = {name: 0 if value == "valid" else value for name, value in mine.args.items()}
    arrays = {name: kept[f"{node.owner}.{name}"] for name in mine.arrays}
    expected = reference.forward(mine.kind, args, [values[feed] for feed in mine.inputs], arrays)
    if number not in values:
        values[number] = expected  # a layer that leaves no step
    what = f"{node.path} = {node.layer} of {[program.nodes[feed].shape for feed in mine.inputs]}"
    same(values[number].shape, expected.shape, f"the shape of {what}")
    _close(values[number], expected, what)


def _close(found: Any, expected: Any, what: str) -> None:
    """Equal up to the rounding of float64 sums; the constants of some activations are given to 10 digits or so."""
    finite = np.isfinite(expected)
    scale = np.abs(expected[finite]).max(initial=1e-3)
    if not np.allclose(found[finite], expected[finite], rtol=1e-6, atol=1e-6 * scale):
        worst = np.abs(found[finite] - expected[finite]).max()
        raise Disagreement(f"{what}: the values differ by {worst:.3g} of {scale:.3g}")


def _random(name: str, built: Any) -> bool:
    parameter = next(item for item in built.parameters if item.name == name)
    return parameter.role in ("weight", "bias", "norm") and parameter.start.recipe != "given"


def _expected_arrays(program: Program, graph: Graph) -> dict[str, Any]:
    owners = {program.nodes[number].owner for number in _needed(program)}
    return {
        f"{graph.nodes[number].path}.{name}": shape
        for number in owners
        for name, (shape, _) in program.nodes[number].arrays.items()
    }


def _needed(program: Program) -> set[int]:
    """The nodes that some output is computed from."""
    found: set[int] = set()
    waiting = list(program.outputs.values())
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += program.nodes[number].inputs
    return found


def backends_agree(graph: Graph, batch: int = 2) -> None:
    """MLX's outputs, loss and gradients are NumPy's, both in float32.

    The tolerance is what float32 itself costs, measured as the distance of NumPy's float32 from its float64,
    times 20, 1e-4 of the largest value, and 1e-6 of the largest of all: sums are taken in another order. Where a
    kink or a tie is met by chance (a maximum of nearly equal values) the gradients may differ; such a thing does
    not happen again with other inputs and parameters, a wrong rule does: only what differs for three of them
    counts. What is constant stays so, and its normalization gives nothing but rounding, a thousand times larger:
    nothing is said of that.
    """
    built = lower(graph, dict.fromkeys(graph.outputs, "mse"))
    mlx = backends.load("mlx").build(built, seed=1, compile=False)
    found: list[str] = []
    for seed in range(3):
        found.append(_differs(built, mlx, batch, seed))
        if not found[-1]:
            return
    if not _normalizes_constants(graph, batch):
        raise Disagreement(f"NumPy and MLX: {'; '.join(found)}")


def _normalizes_constants(graph: Graph, batch: int) -> bool:
    """Whether the values that a normalization brings to one variance have none."""
    norms = [node for node in graph if node.layer.kind in ("batchnorm", "layernorm", "instancenorm", "groupnorm")]
    ends = {f"to{node.number}": node.inputs[0] for node in norms}
    if not ends:
        return False
    program = lower(graph.replace(outputs=ends))
    rng = np.random.default_rng(0)
    inputs = {name: rng.normal(size=(batch, *value.shape)) for name, value in program.inputs.items()}
    with np.errstate(all="ignore"):
        values = NUMPY.build(program, seed=1, dtype="float64").predict(inputs)
    return any(_least_variance(node.layer, values[f"to{node.number}"]) < 1e-8 for node in norms)


def _least_variance(layer: Any, values: Any) -> float:
    """The smallest variance among the sets of values that a normalization takes together."""
    groups = {"batchnorm": 1, "layernorm": 1, "instancenorm": values.shape[-1]}.get(layer.kind) or layer.groups
    parts = values.reshape(len(values), -1, groups, values.shape[-1] // groups)
    axes = {"batchnorm": (0, 1), "layernorm": (3,)}.get(layer.kind, (1, 3))
    return float(parts.var(axis=axes).min())


def _differs(built: Any, mlx: Any, batch: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    inputs = {name: rng.normal(size=(batch, *value.shape)).astype(np.float32) for name, value in built.inputs.items()}
    targets = gradients.random_targets(built, batch, rng)
    one, exact = (NUMPY.build(built, seed=1, dtype=dtype) for dtype in ("float32", "float64"))
    start = one.arrays()
    if seed:
        learned = [p.name for p in built.parameters if p.trained and p.role not in ("statistic", "constant")]
        start |= {name: start[name] + rng.normal(0, 0.1, start[name].shape).astype(np.float32) for name in learned}
    for engine in (one, exact, mlx):
        engine.load(start)
    with np.errstate(all="ignore"):
        results = [(engine.predict(inputs), engine.gradients(inputs, targets)[1]) for engine in (one, exact, mlx)]
    for what, (mine, ideal, theirs) in zip(("output", "gradient"), zip(*results)):
        if mine.keys() != theirs.keys():
            return f"{what}s of other names"
        largest = max(np.abs(part[np.isfinite(part)]).max(initial=0) for part in map(np.asarray, mine.values()))
        for name in mine:
            first, best, second = (np.asarray(part[name], np.float64) for part in (mine, ideal, theirs))
            if first.shape != second.shape:
                return f"{what} {name} has shapes {first.shape} and {second.shape}"
            good = np.isfinite(first) & np.isfinite(best)
            noise = np.abs(first[good] - best[good]).max(initial=0)
            bound = 20 * noise + 1e-4 * np.abs(first[good]).max(initial=0) + 1e-6 * max(1.0, largest)
            if good.any() and not np.abs(first[good] - second[good]).max() <= bound:
                return f"{what} {name} differs by {np.abs(first[good] - second[good]).max():.3g}, allowed {bound:.3g}"
    return ""


def refused_with_a_place(program: Program, text: str, folder: Path) -> set[str]:
    """A program that is nearly valid: diagnostics with a place, or nothing to say; never an exception.

    Gives the codes of what was said.
    """
    source = Source("main.cnn", text)
    written(program, folder)
    checked = check(source, folder=str(folder), sizes=program.sizes, settings=program.settings, all_nets=False)
    errors = [item for item in checked.diagnostics if item.severity is Severity.ERROR]
    for error in errors:
        if error.span is None and not program.settings and not program.sizes:
            raise Disagreement(f"{error.code} {error.title} has no place")
    assert render_all(checked.diagnostics) or not checked.diagnostics
    try:
        formatted(source)
    except CnnError as error:
        if not error.diagnostics:
            raise Disagreement("formatting refuses without saying why") from error
    return {item.code for item in checked.diagnostics}


def everything(program: Program, folder: Path, mlx: bool = False) -> None:
    """All that must hold of a valid program."""
    formats(program)
    graph = graph_of(program, folder)
    structure(program, graph)
    runs(program, graph)
    if mlx:
        backends_agree(graph)
