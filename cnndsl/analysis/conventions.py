"""How tools count, by name: what a network computes and holds, and by what each differs from the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cnndsl.analysis.cost import Cost, LayerCost, Number, total
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import UnknownWord
from cnndsl.record import Record


class Convention(Record):
    """A way to count: its name, the unit, who counts so, and in words what is counted beyond the `usual` counts."""

    usual: ClassVar[str] = ""

    name: str
    unit: str
    who: str = ""
    beyond: str = ""

    @property
    def says(self) -> str:
        """What is counted, in a sentence."""
        more = f"; and {self.beyond}" if self.beyond else ""
        return f"{self.usual}{more}{f' (as {self.who} counts)' if self.who else ''}"

    def base(self, layer: LayerCost) -> Number:
        """The usual count of a layer; None while it is open."""
        raise NotImplementedError

    def more(self, layer: LayerCost) -> Number:
        """What is counted beyond that; below 0 where it is less."""
        raise NotImplementedError

    def of(self, layer: LayerCost) -> Number:
        """The layer's count."""
        return total((self.base(layer), self.more(layer)))


class Operations(Convention):
    """What is computed for one example, `factor` for each multiply-accumulate."""

    usual: ClassVar[str] = (
        "one multiply-accumulate per weight and output position of convolutions, distances (rbf) and fully or "
        "locally connected layers, per weight and input position of transposed convolutions, biases and all "
        "other layers free"
    )

    factor: int = 1

    def base(self, layer: LayerCost) -> Number:
        return layer.macs

    def more(self, layer: LayerCost) -> Number:
        beside = layer.beside(self.name)
        return None if layer.macs is None or beside is None else (self.factor - 1) * layer.macs + beside


class Values(Convention):
    """What is held: learnable values, and running statistics if they are counted too."""

    usual: ClassVar[str] = "parameters are learnable values, given numbers apart"

    statistics: bool = False

    def base(self, layer: LayerCost) -> Number:
        return layer.params

    def more(self, layer: LayerCost) -> Number:
        return layer.statistics if self.statistics else 0


_FVCORE = (
    "2 per value of batch normalization and 5 of the other normalizations (1 and 4 without affine); of images, 1 per "
    "input value of global and adaptive average pools, and 1 per output value of nearest and 4 of linear upsampling"
)
_TORCHINFO = (
    "a bias at every position of a convolution, weights of transposed convolutions at the positions of the output "
    "instead of the input, and every bias and factor of the other layers once"
)


def _by_name(*conventions: Convention) -> Mapping[str, Convention]:
    return {convention.name: convention for convention in conventions}


#: what `--count` takes. Sources: torchvision's model cards, where MACs are called GFLOPS; fvcore 0.1.5,
#: fvcore/nn/jit_handles.py, of which timm's figures have the part of batch normalization; torchinfo 1.8.0,
#: torchinfo/layer_info.py. timm, fvcore and torchinfo look at PyTorch modules that are not training.
OPERATIONS = _by_name(
    Operations("torchvision", "MACs", "torchvision"),
    Operations("macs", "MACs"),
    Operations("flops", "FLOPs", "", "an addition apart from each multiplication", 2),
    Operations("timm", "MACs", "timm", "2 per value of batch normalization (1 without affine)"),
    Operations("fvcore", "flops", "fvcore", _FVCORE),
    Operations("torchinfo", "mult-adds", "torchinfo", _TORCHINFO),
)
#: what `--params` takes
VALUES = _by_name(
    Values("pytorch", "parameters", "PyTorch"),
    Values("keras", "parameters", "Keras", "running means and variances", True),
)
CONVENTIONS = (*OPERATIONS.values(), *VALUES.values())


def named(option: str, name: str) -> Convention:
    """The convention that `count` or `params` names. Raises CnnError (E054) if there is none of that name."""
    known = OPERATIONS if option == "count" else VALUES
    if name not in known:
        raise UnknownWord(NOWHERE, option=option, word=name, words=tuple(known)).error()
    return known[name]


class Difference(Record):
    """What a convention counts more (or less) for all layers of a kind together."""

    kind: str
    layers: tuple[str, ...]
    more: Number

    def __str__(self) -> str:
        """`+22,227,968 for 53 batchnorm`."""
        more = "?" if self.more is None else f"{self.more:+,}"
        return f"{more} for {len(self.layers)} {self.kind}"


def differences(found: Cost, convention: Convention) -> tuple[Difference, ...]:
    """By what a convention differs, by the kind of layer, in the order in which the kinds first occur."""
    kinds: dict[str, list[tuple[str, Number]]] = {}
    for layer in found.layers:
        if (more := convention.more(layer)) != 0:
            kinds.setdefault(layer.kind, []).append((layer.path, more))
    return tuple(
        Difference(kind, tuple(path for path, _ in items), total(more for _, more in items))
        for kind, items in kinds.items()
    )
