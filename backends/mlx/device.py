"""Where MLX computes."""

from __future__ import annotations

import mlx.core as mx

from . import blas


def on_gpu() -> bool:
    """Whether MLX's default device is a GPU, Apple's or NVIDIA's."""
    return mx.default_device().type == mx.DeviceType.gpu


def words() -> str:
    """The device's name: `Apple M3 GPU`; `CPU, OpenBLAS 0.3.21 (libopenblas.so.0)`."""
    if on_gpu():
        return f"{mx.device_info().get('device_name', 'unnamed')} GPU"
    library = blas.prepare().library
    return f"CPU, {library}" if library else "CPU"
