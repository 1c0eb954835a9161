"""A fast BLAS for MLX on Linux, where its wheel links the reference one (1 to 2 GFLOP/s).

Symbols of a library that was loaded globally win over those that `mlx.core` brings along, so an
OpenBLAS loaded before it multiplies matrices about 50 times faster. On macOS MLX uses Accelerate.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from cnndsl.record import Record

VARIABLE = "CNNDSL_BLAS"  # the library to load: a name or a path; `none` for none
NEEDED = "cblas_sgemm"
INSTALL = "apt-get install libopenblas0-pthread"


class Choice(Record):
    """What was done: the library that was loaded, in words, or why there is none."""

    library: str = ""
    reason: str = ""


@cache
def prepare() -> Choice:
    """Loads a fast BLAS for all that is loaded afterwards, once. Raises OSError if the one asked for cannot serve."""
    asked = os.environ.get(VARIABLE, "")
    if sys.platform != "linux":
        return Choice(reason="MLX uses the system's")
    if asked.lower() == "none":
        return Choice(reason=f"{VARIABLE} is none")
    if "mlx.core" in sys.modules:
        return Choice(reason="mlx was imported before cnndsl could load one")
    if asked:
        return Choice(_load(asked))
    for name in _candidates():
        try:
            return Choice(_load(name))
        except OSError:
            continue
    return Choice(reason=f"none was found: {INSTALL}, or set {VARIABLE} to a library")


def note() -> str:
    """What multiplies MLX's matrices on the CPU, in a sentence."""
    try:
        choice = prepare()
    except OSError as error:
        return f"{VARIABLE} cannot be used: {error}"
    if sys.platform != "linux":
        return "matrix products on the CPU: the system's BLAS"
    if choice.library:
        return f"matrix products on the CPU: {choice.library}"
    return f"matrix products on the CPU: the slow BLAS of MLX's wheel ({choice.reason})"


def _candidates() -> Iterator[str]:
    """Where an OpenBLAS may be: the system's, a conda environment's, those inside of other packages."""
    yield "libopenblas.so.0"
    yield str(Path(sys.prefix, "lib", "libopenblas.so.0"))
    # SciPy's before 1.14 can serve; since then, and NumPy's, have other names (scipy_cblas_sgemm64_).
    for package in ("scipy", "numpy"):
        spec = find_spec(package)
        for place in spec.submodule_search_locations or () if spec else ():
            yield from map(str, sorted(Path(place).parent.glob(f"{package}.libs/*openblas*")))
    yield find_library("openblas") or "libopenblas.so"  # last, as it asks other programs


def _load(name: str) -> str:
    """Loads a library globally and gives its name in words. Raises OSError if it is missing or no BLAS for MLX."""
    library = ctypes.CDLL(name)  # not globally yet: its symbols are looked at first
    if not hasattr(library, NEEDED):
        raise OSError(f"{name} has no {NEEDED}")
    words = _describe(library)
    if "USE64BITINT" in words:
        raise OSError(f"{name} takes 64-bit sizes, MLX passes 32-bit ones")
    ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    return f"{' '.join(words[:2])} ({Path(name).name})" if words else Path(name).name


def _describe(library: ctypes.CDLL) -> list[str]:
    """OpenBLAS's own words: `OpenBLAS 0.3.21 DYNAMIC_ARCH …`; none for another library."""
    if not hasattr(library, "openblas_get_config"):
        return []
    config = library.openblas_get_config
    config.restype = ctypes.c_char_p
    return (config() or b"").decode(errors="replace").split()
