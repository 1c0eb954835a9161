"""Saliency: which pixels of an image the score of a class, or the value of a unit, depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.train.choices import choose
from cnndsl.visualize.aim import Aim
from cnndsl.visualize.grad_cam import GradCAM
from cnndsl.visualize.laid import laid_over
from cnndsl.visualize.method import Gradient, IntegratedGradients, Method, SmoothGrad
from cnndsl.visualize.probe import images
from cnndsl.visualize.result import Result
from cnndsl.visualize.unit import Unit, meant, output

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array
    from cnndsl.train.reuse import Reuse

__all__ = ["GradCAM", "Gradient", "IntegratedGradients", "Method", "Saliency", "SmoothGrad", "saliency"]


class Saliency(Result):
    """Of images `x` (N, H, W, C) with the units asked about and their scores: `maps` (N, H, W).

    `shares` are the numbers behind the maps, of the input's shape (of Grad-CAM those of its layer); `rest` is what
    integrated gradients miss of completeness, a number for each image.
    """

    method: Method
    units: tuple[Unit, ...]
    x: Array
    scores: Array
    shares: Array
    maps: Array
    rest: Array | None = None

    def png(self) -> bytes:
        return laid_over(self.x, self.maps, self.units, self.method.kind)

    def lines(self) -> tuple[str, ...]:
        return tuple(
            f"image {number}: {unit} is {score:.4g}{self._rest(number)}"
            for number, (unit, score) in enumerate(zip(self.units, self.scores.tolist(), strict=True))
        )

    def _rest(self, number: int) -> str:
        return "" if self.rest is None else f", {self.method.rest}: {self.rest[number]:.2g}"

    def to_dict(self) -> dict[str, Any]:
        rest = {} if self.rest is None else {"rest": self.rest.tolist()}
        shown = {"units": [str(unit) for unit in self.units], "scores": self.scores.tolist()}
        return {"method": self.method.kind, **shown, **rest}


def saliency(
    model: Reuse, x: Any, method: str | Method = "gradient", target: int | str | Unit | None = None, **settings: Any
) -> Saliency:
    """Which pixels of images (N, H, W, C), or one, a score depends on.

    `method` is `gradient`, `smoothgrad`, `integrated`, `grad_cam`, or an instance (`SmoothGrad(samples=50)`);
    `settings` are its own. `target` is a class by its number or name, a unit such as `conv2:5@3,4`, or None: the
    likeliest class of each image. Of a final softmax the scores before it are taken. Raises CnnError: E521 to E523,
    E571, E572, E574, E577, and what images that do not fit raise.
    """
    chosen, given = choose(Method, method, **settings), images(model, x)
    wanted = meant(model, target)
    path = output(model).path if wanted is None else wanted.path
    aim = Aim(model, given, wanted, chosen.layer(model.net.graph, path))
    found = chosen.find(aim)
    scores = (aim.probe.values(given) * aim.directions).reshape(len(given), -1).sum(axis=1)
    return Saliency(chosen, aim.units, given, scores, found.shares, found.maps, found.rest)
