"""Convolutions whose filters see some input channels only, as full ones with zeros in between.

LeNet-5's third layer (Y. LeCun et al., 1998) sees 3, 4 or 6 of 6 maps: there the zeros cost less than
a product for each filter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .memory import Array, Buffer


class Connections:
    """The kernels (connections, *kernel) among the weights (K, *kernel, C): filter k sees channels connect[k]."""

    def __init__(self, connect: tuple[tuple[int, ...], ...], kernels: Array, channels: int) -> None:
        self.kernels = kernels
        self.filters = np.repeat(np.arange(len(connect)), [len(seen) for seen in connect])
        self.channels = np.concatenate([np.array(seen, np.int64) for seen in connect])
        self.weight = np.zeros((len(connect), *kernels.shape[1:], channels), kernels.dtype)

    def spread(self) -> None:
        """Writes the kernels, as they are now, into the weights."""
        self.weight[self.filters, ..., self.channels] = self.kernels

    def collect(self, dweight: Buffer, dkernels: Buffer) -> None:
        """Takes the kernels' gradient out of that of the weights."""
        dkernels.array[...] = dweight.array[self.filters, ..., self.channels]
