"""What `cnnc visualize` is to look at: the model, the images and the data that its options mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _data, _net, _settings, _weights
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage

if TYPE_CHECKING:
    from cnndsl.data.dataset import Dataset
    from cnndsl.net import Net
    from cnndsl.train.model import Model

#: images of the data that are looked at where none are named, and examples that are read in one go
IMAGES, BLOCK = 4, 256


class Looked:
    """The options of one call, and the model with its weights. Raises CnnError as its parts do."""

    def __init__(self, options: Any, net: Net) -> None:
        self.options, self.net = options, net
        self.model = self._model()

    def _model(self) -> Model:
        """The net with the weights that are named, or the newest run's. Raises CnnError (E068, E074, E541, E542)."""
        from cnndsl.train import weights
        from cnndsl.train.build import compile_model

        path = _weights.find(self.options)[0]
        made = weights.load(path)[1]
        model = compile_model(self.net, loss=made.losses if made else "mse", backend=self.options.backend)
        model.load(path)
        return model

    @property
    def unit(self) -> str:
        """The layer or the unit that is named. Raises CnnError (E053)."""
        return str(self.options.unit or self._refuse("it looks at a layer or a unit, and none is named", "conv1"))

    @property
    def target(self) -> str | None:
        """The class or the unit that is asked about, if any. Raises CnnError (E053) for both."""
        if self.options.unit and self.options.target:
            self._refuse("a unit and --class are two targets, and one is asked about", "--class 3")
        found: str | None = self.options.unit or self.options.target
        return found

    @property
    def amounts(self) -> tuple[float, ...] | None:
        """The amounts of the transform, if some are given."""
        found: tuple[float, ...] | None = self.options.amounts
        return found

    def data(self) -> Dataset:
        """The data that is named, its images brought to the size of the net's input. Raises CnnError (E053, E5xx)."""
        if self.options.data is None:
            self._refuse("it looks at data, and none is named", "--data sample")
        return _data.opened(_settings.effective({"data": self.options.data}), self.net)

    def images(self) -> Any:
        """The images of `--image`, or examples of `--data`: (N, H, W, C). Raises CnnError (E053, E516, E574, E5xx)."""
        if bool(self.options.image) == (self.options.data is not None):
            self._refuse("it looks at images: those of --image, or of --data", "--image digit.png")
        return self._files() if self.options.image else self._examples()

    def _files(self) -> Any:
        import numpy as np

        from cnndsl.train.sights import pixels
        from cnndsl.visualize.probe import entrance

        if self.options.example:
            self._refuse("--example counts the examples of --data", "--data sample --example 7")
        shape = entrance(self.model)[1]
        return np.stack([pixels(Path(path), shape, self.model.normalization) for path in self.options.image])

    def _examples(self) -> Any:
        """Those whose numbers are given, or the first of the test examples (of the training examples without any)."""
        import numpy as np

        dataset = self.data()
        part = dataset.parts.get("test", dataset.train)
        wanted = self.options.example or range(min(IMAGES, len(part) or IMAGES))
        found: dict[int, Any] = {}
        seen = 0
        for block in part.blocks(BLOCK):
            found |= {number: block.x[number - seen] for number in wanted if seen <= number < seen + len(block.x)}
            seen += len(block.x)
            if len(found) == len(set(wanted)):
                break
        lacking = [number for number in wanted if number not in found]
        if lacking:
            self._refuse(f"there is no example {lacking[0]}: the data has {seen:,}, counted from 0", "--example 0")
        return np.stack([found[number] for number in wanted])

    def _refuse(self, wrong: str, right: str) -> Any:
        usage = f"cnnc visualize FILE {self.options.what} {right} -o picture.png"
        raise BadUsage(NOWHERE, "cnnc visualize", wrong, usage).error()


def load(options: Any, terminal: Any) -> Looked:
    """The net and its model; warnings of the net are printed."""
    net = _net.load(options)
    _net.warn(net, terminal)
    return Looked(options, net)
