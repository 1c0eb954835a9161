"""From a net, or a file of weights, to a Model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.data.normalization import Normalization
from cnndsl.engine import Backend
from cnndsl.train import weights
from cnndsl.train.model import Model
from cnndsl.train.optimizers import Rule
from cnndsl.train.optimizers import optimizer as choose_optimizer
from cnndsl.train.task import Goal, Task, check_weights, choose_losses, choose_metrics, metrics_by_output

if TYPE_CHECKING:
    from cnndsl.net import Net


def compile_model(
    net: Net,
    *,
    backend: str | Backend = "auto",
    optimizer: str | Rule = "adam",
    loss: Any = "cross_entropy",
    loss_weights: Mapping[str, float] | None = None,
    metrics: Any = None,
    seed: int = 0,
    class_names: Iterable[str] = (),
    normalization: Normalization | None = None,
    **settings: Any,
) -> Model:
    """A Model of a net; further arguments are settings of the optimizer (`rate=0.01`).

    `loss` is a name (or an instance, such as `CrossEntropy(smoothing=0.1)`) for all outputs or a mapping
    from outputs to such; `loss_weights` are what the losses of outputs are multiplied by before they are
    added up, 1 for those not named. `metrics` are those that go with the loss unless others are named,
    for all outputs or by output.
    Raises CnnError (E510, E521 to E525, E6xx).
    """
    from cnndsl.backends import load
    from cnndsl.lints._walk import bounds
    from cnndsl.lower import lower

    rule = choose_optimizer(optimizer, **settings)
    graph = net.graph
    places = {name: graph.nodes[number].site for name, number in graph.outputs.items()}
    shapes = {name: graph.nodes[number].volume.shape for name, number in graph.outputs.items()}
    losses = choose_losses(loss, shapes, places)
    asked, lie = metrics_by_output(metrics, losses), bounds(graph)
    between = {name: lie[number] for name, number in graph.outputs.items()}
    chosen = {
        name: choose_metrics(asked[name], item, name, shapes[name], between[name]) for name, item in losses.items()
    }
    program = lower(
        graph, {name: item.objective for name, item in losses.items()}, check_weights(loss_weights or {}, losses)
    )
    goals = {name: Goal(name, shapes[name], item, chosen[name], between[name]) for name, item in losses.items()}
    inputs = {name: value.shape for name, value in program.inputs.items()}
    task = Task(inputs, goals, {name: graph.nodes[number].site for name, number in graph.inputs.items()})
    runs = load(backend) if isinstance(backend, str) else backend
    return Model(net, program, runs, rule, task, seed=seed, class_names=class_names, normalization=normalization)


def load_model(path: str | Path, *, backend: str | Backend = "auto", **settings: Any) -> Model:
    """The model in a file of weights: built from the source it holds (and the files that imports), ready to predict.

    Further arguments are those of `compile_model`. Raises CnnError (E541, E542, and what `cnndsl.loads` raises).
    """
    from cnndsl.net import loads

    made = weights.read_metadata(path)
    folder = Path(made.source_name).parent  # of what the source imports
    net = loads(made.source, name=made.source_name, net=made.net, set=made.settings, input=made.inputs, folder=folder)
    model = compile_model(net, backend=backend, loss=made.losses, seed=0, **settings)
    model.load(path)
    return model
