"""Grad-CAM: where in its last maps a net sees what speaks for a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cnndsl.analysis.paths import layer_at
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.visualize import LayerDoesNotDo
from cnndsl.graph import Graph, Node
from cnndsl.record import Record
from cnndsl.visualize.method import Found, Method
from cnndsl.visualize.resample import resized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnndsl.train.limits import Check
    from cnndsl.visualize.aim import Aim

#: families of layers that only choose or move what is in a map: the map before them says more
AFTERWARDS = ("pool", "shape", "regularizer")


class Path(Record):
    """The path of a layer, or nothing."""

    def allows(self, value: Any) -> bool:
        return isinstance(value, str)

    def __str__(self) -> str:
        return "the path of a layer"


class GradCAM(Method):
    """ReLU(sum over k of a_k A^k), a_k the mean slope of the score in map A^k; brought to the image's size.

    `at` is the layer whose maps are taken, by default the last that has several positions and is no pool: of a
    classifier the last convolution, behind its activation. R. Selvaraju et al., Grad-CAM: visual explanations from
    deep networks via gradient-based localization, 2017.
    """

    kind: ClassVar[str] = "grad_cam"
    known_as: ClassVar[tuple[str, ...]] = ("gradcam", "GradCAM", "cam", "LayerGradCam")
    checks: ClassVar[Mapping[str, tuple[Check, Any]]] = {"at": (Path(), "conv2")}
    settings_elsewhere: ClassVar[dict[str, str]] = {"layer": "at", "target_layer": "at", "target_layers": "at"}

    at: str = ""

    def layer(self, graph: Graph, path: str) -> str:
        """The layer whose maps are taken. Raises CnnError: E063, E577 (no maps there, or not on the way)."""
        fit = [node.path for node in _before(graph, path) if _has_maps(node)]
        if self.at and layer_at(graph, self.at).path not in fit:
            maps = _has_maps(layer_at(graph, self.at))
            reason = f"it does not lie on the way to `{path}`" if maps else "it has no maps with several positions"
            raise LayerDoesNotDo(NOWHERE, self.at, reason, tuple(fit)).error()
        usual = [name for name in fit if layer_at(graph, name).layer.family not in AFTERWARDS]
        if not fit:
            raise LayerDoesNotDo(NOWHERE, path, "no maps lie before it", ()).error()
        return self.at or (usual or fit)[-1]

    def find(self, aim: Aim) -> Found:
        slopes = aim.slopes(aim.x).through
        assert slopes is not None
        maps = aim.probe.through(aim.x)
        shares = slopes.mean(axis=(1, 2), keepdims=True) * maps
        seen = np.maximum(shares.sum(axis=-1, keepdims=True), 0)
        return Found(shares, resized(seen, aim.probe.extents[:2])[..., 0])


def _has_maps(node: Node) -> bool:
    return node.volume.rank == 2 and bool(node.inputs) and (node.volume.shape[0] > 1 or node.volume.shape[1] > 1)


def _before(graph: Graph, path: str) -> list[Node]:
    """The layers that a layer is computed from, itself included, in order of execution."""
    found = graph.sources([layer_at(graph, path).number])
    return [node for node in graph if node.number in found]
