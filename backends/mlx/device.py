"""Where MLX computes: its default device, or the one of a kind, `gpu` or `cpu`."""

from __future__ import annotations

from functools import cache

import mlx.core as mx

from . import blas


def device(kind: str = "") -> mx.Device:
    """The first device of a kind, or the default one."""
    return mx.Device(getattr(mx.DeviceType, kind), 0) if kind else mx.default_device()


def kinds() -> tuple[str, ...]:
    """What this machine has, the faster first."""
    return tuple(kind for kind in ("gpu", "cpu") if mx.is_available(device(kind)))


def on_gpu(kind: str = "") -> bool:
    """Whether it is a GPU, Apple's or NVIDIA's."""
    return device(kind).type == mx.DeviceType.gpu


@cache
def on_cuda() -> bool:
    """Whether MLX's GPU is NVIDIA's, through CUDA."""
    return bool(mx.cuda.is_available())


def words(kind: str = "") -> str:
    """The device's name: `Apple M3 GPU`; `CPU, OpenBLAS 0.3.21 (libopenblas.so.0)`."""
    if on_gpu(kind):
        return f"{mx.device_info(device(kind)).get('device_name', 'unnamed')} GPU"
    library = blas.prepare().library
    return f"CPU, {library}" if library else "CPU"
