"""From a net, or a file of weights, to a Model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.data.normalization import Normalization
from cnndsl.engine import Backend
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.training import BadSetting, UnknownSetting
from cnndsl.graph import Graph
from cnndsl.train import weights
from cnndsl.train.limits import AT_LEAST_ZERO, POSITIVE
from cnndsl.train.model import Model
from cnndsl.train.optimizers import Rule
from cnndsl.train.optimizers import optimizer as choose_optimizer
from cnndsl.train.running import running
from cnndsl.train.selection import select
from cnndsl.train.task import Goal, Task, check_weights, choose_losses, choose_metrics, lowered, metrics_by_output
from cnndsl.train.update import Update

if TYPE_CHECKING:
    from cnndsl.net import Net


def compile_model(
    net: Net,
    *,
    backend: str | Backend = "auto",
    optimizer: str | Rule | Update = "adam",
    loss: Any = "cross_entropy",
    loss_weights: Mapping[str, float] | None = None,
    metrics: Any = None,
    seed: int = 0,
    class_names: Iterable[str] = (),
    normalization: Normalization | None = None,
    rates: Mapping[str, float] | None = None,
    deterministic: bool = False,
    recompute: str | Iterable[str] = (),
    memory_limit: str | int | None = None,
    precision: str = "float32",
    distributed: bool = False,
    wait: float = 60.0,
    **settings: Any,
) -> Model:
    """A Model of a net; further arguments are settings of the optimizer (`rate=0.01`) and of `Update`.

    These are `l1`, `l2`, `lp`, `clip_value`, `clip_norm`, `accumulate` and `ema`. `rates` multiplies the
    optimizer's rate for layers, `rates={"backbone": 0.1}`; later entries go before earlier ones.

    `loss` is a name (or an instance, such as `CrossEntropy(smoothing=0.1)`) for all outputs or a mapping
    from outputs to such; `loss_weights` are what the losses of outputs are multiplied by before they are
    added up, 1 for those not named. `metrics` are those that go with the loss unless others are named,
    for all outputs or by output.

    Of NumPy's engine: with `deterministic` the bits do not depend on the number of threads; `recompute` names
    blocks or layers, "stage1,stage2", whose results are made again for the gradients instead of kept;
    `memory_limit` ("2GB") makes that choice, the cheapest that keeps to it. `memory_plan()` tells what is saved and
    what it costs.
    Of MLX's: `precision` "bfloat16" or "float16" has layers compute in 16 bits, where GPUs are faster and activations
    take half the memory; the parameters that are updated, statistics, normalizations and losses stay float32. For
    float16 the loss is scaled, so that small gradients do not vanish, and a step in which they overflow is left out.
    With `distributed` the processes that `mlx.launch --backend ring` has started, on one machine or several, train it
    together (or by hand: MLX_RANK and MLX_HOSTFILE); each waits `wait` seconds for the others.
    Raises CnnError (E091, E510, E521 to E525, E534, E6xx).
    """
    from cnndsl.backends import joined, load

    graph = net.graph
    rule = _rule(graph, optimizer, rates or {}, settings)
    goals = _goals(graph, loss, loss_weights or {}, metrics)
    program = lowered(graph, goals.values())
    inputs = {name: value.shape for name, value in program.inputs.items()}
    task = Task(inputs, goals, {name: graph.nodes[number].site for name, number in graph.inputs.items()})
    if distributed:
        backend = joined(backend, seconds(wait))
    runs = load(backend) if isinstance(backend, str) else backend
    how = running(graph, deterministic, recompute, memory_limit, precision)
    return Model(
        net,
        program,
        runs,
        rule,
        task,
        seed=seed,
        class_names=class_names,
        normalization=normalization,
        running=how,
    )


def seconds(wait: float) -> float:
    """Raises CnnError (E523) for what is no time to wait."""
    if not POSITIVE.allows(wait):
        raise BadSetting(NOWHERE, "compile", "wait", wait, str(POSITIVE), 60.0).error()
    return float(wait)


def _goals(graph: Graph, loss: Any, weights: Mapping[str, float], metrics: Any) -> dict[str, Goal]:
    """What each trained output is to learn and how it is measured. Raises CnnError (E510, E521 to E525)."""
    from cnndsl.lints._walk import bounds

    ends = {name: graph.nodes[number] for name, number in graph.outputs.items()}
    shapes = {name: node.volume.shape for name, node in ends.items()}
    losses = choose_losses(loss, shapes, {name: node.site for name, node in ends.items()})
    asked, lie = metrics_by_output(metrics, losses), bounds(graph)
    between = {name: lie[node.number] for name, node in ends.items()}
    chosen = {
        name: choose_metrics(asked[name], item, name, shapes[name], between[name]) for name, item in losses.items()
    }
    weighed = {**dict.fromkeys(losses, 1.0), **check_weights(weights, losses)}
    return {
        name: Goal(name, shapes[name], item, chosen[name], between[name], weighed[name])
        for name, item in losses.items()
    }


#: what other tools call the settings of `Update`
ELSEWHERE = {
    "clipnorm": "clip_norm",
    "global_clipnorm": "clip_norm",
    "max_grad_norm": "clip_norm",
    "gradient_clip_val": "clip_norm",
    "clipvalue": "clip_value",
    "gradient_accumulation_steps": "accumulate",
    "accumulate_grad_batches": "accumulate",
    "accumulation": "accumulate",
    "use_ema": "ema",
    "ema_momentum": "ema",
    "ema_decay": "ema",
    "kernel_regularizer": "l2",
    "layer_rates": "rates",
}


def _rule(
    graph: Graph, optimizer: str | Rule | Update, rates: Mapping[str, float], settings: Mapping[str, Any]
) -> Rule | Update:
    """The optimizer with what is asked for around it; the bare one if nothing is."""
    if isinstance(optimizer, Update):
        return optimizer
    around = {name: value for name, value in settings.items() if name in Update.defaults}
    own = {name: value for name, value in settings.items() if name not in around}
    for name in own:
        if name in ELSEWHERE:
            known = (*Update.defaults, "rates")
            raise UnknownSetting(NOWHERE, "compile", name, known, ELSEWHERE[name]).error()
    factors: dict[str, float] = {}
    for name, factor in rates.items():
        if not AT_LEAST_ZERO.allows(factor):
            raise BadSetting(NOWHERE, "compile", f"rates[{name!r}]", factor, str(AT_LEAST_ZERO), 0.1).error()
        factors |= {node.path: float(factor) for node in select(graph, name)}
    rule = choose_optimizer(optimizer, **own)
    update = Update(rule, **around, rates=tuple(factors.items()))
    return rule if update == Update(rule) else update


def load_model(path: str | Path, *, backend: str | Backend = "auto", **settings: Any) -> Model:
    """The model in a file of weights: built from the source it holds, imported files too, ready to predict.

    Further arguments are those of `compile_model`. Raises CnnError (E541, E542, and what `cnndsl.loads` raises).
    """
    from cnndsl.net import loads

    made = weights.read_metadata(path)
    net = loads(
        made.source,
        name=made.source_name,
        net=made.net,
        set=made.settings,
        input=made.inputs,
        folder=Path(made.source_name).parent,
        imports=made.imports,
    )
    model = compile_model(net, backend=backend, loss=made.losses, seed=0, **settings)
    model.load(path)
    return model
