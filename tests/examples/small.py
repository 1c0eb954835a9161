"""A few images and the scripts of `examples/`, for tests that run an experiment from end to end in a second."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).parents[2] / "examples"


def script(path: str):
    """The module that an example's script is."""
    spec = spec_from_file_location(Path(path).stem, EXAMPLES / path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def images(folder: Path, shape: tuple[int, int, int] = (28, 28, 1), train: int = 4, test: int = 2) -> str:
    """A file of images in ten classes: each class has a bar at a place of its own, so that it can be learned."""
    random, parts = np.random.default_rng(0), {}
    for part, count in (("train", train), ("test", test)):
        y = np.repeat(np.arange(10), count)
        x = random.integers(0, 60, (len(y), *shape), dtype=np.uint8)
        for image, label in zip(x, y):
            image[2 * label + 4 : 2 * label + 6] = 255
        parts |= {f"x_{part}": x, f"y_{part}": y}
    np.savez(folder / "data.npz", **parts)
    return str(folder / "data.npz")


def percents(text: str) -> list[float]:
    """The numbers before a percent sign or a deviation."""
    return [float(number) for number in re.findall(r"\d+\.\d+(?= %| ±)", text)]
