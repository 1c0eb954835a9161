"""How fast data comes: `python -m tests.benchmarks.loading`, images a second as a training would take them.

Each row is one pass in the order of an epoch, in batches of 64, checked and as float32, on one core: with
nothing, and with `flip,crop:4` (as the loader's thread does it while the engine computes). Seconds are of the
processor, so that other work on the machine counts little; files are read from the system's cache: a disk or a network
may be slower than decoding.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np

import cnndsl
from cnndsl.data import idx, open
from cnndsl.train.feed import Visit
from tests.data.images import encode

BATCH, AUGMENT = 64, "flip,crop:4"
SMALL, PHOTO = (32, 32, 3), (256, 256, 3)


def soft(shape: tuple[int, ...], count: int) -> np.ndarray:
    """Images that compress about as photographs do: noise of 1/8 the size, enlarged, and a little of its own."""
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (count, shape[0] // 8, shape[1] // 8, *shape[2:]))
    noise = generator.integers(-8, 9, (count, *shape))
    return np.clip(coarse.repeat(8, axis=1).repeat(8, axis=2) + noise, 0, 255).astype(np.uint8)


def idx_files(folder: Path, count: int) -> tuple[str, dict[str, Any]]:
    idx.write(folder / "train-images-idx3-ubyte", np.pad(soft((24, 24), count), ((0, 0), (2, 2), (2, 2))))
    idx.write(folder / "train-labels-idx1-ubyte", np.arange(count) % 10)
    return f"mnist:{folder}", {}


def cifar(folder: Path, count: int) -> tuple[str, dict[str, Any]]:
    records = np.empty((count, 1 + 3072), np.uint8)
    records[:, 0] = np.arange(count) % 10
    records[:, 1:] = soft(SMALL, count).transpose(0, 3, 1, 2).reshape(count, -1)
    records.tofile(folder / "data_batch_1.bin")
    return f"cifar:{folder}", {}


def files(shape: tuple[int, ...], form: str, wish: tuple[int, ...] | None = None) -> Callable[..., Any]:
    def make(folder: Path, count: int) -> tuple[str, dict[str, Any]]:
        for number, image in enumerate(soft(shape, count)):
            file = folder / str(number % 10) / f"{number}.{form.lower()}"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(encode(image, form))
        return str(folder), {"shape": wish} if wish else {}

    return make


#: what is measured: a name, how its files are made, how many images
ROWS: dict[str, tuple[Callable[..., Any], int]] = {
    "IDX, 28x28 grey": (idx_files, 20_000),
    "CIFAR-10 binary, 32x32": (cifar, 20_000),
    "folder of PNG, 32x32": (files(SMALL, "PNG"), 2_000),
    "folder of JPEG, 32x32": (files(SMALL, "JPEG"), 2_000),
    "folder of PNG, 256x256": (files(PHOTO, "PNG"), 200),
    "folder of JPEG, 256x256": (files(PHOTO, "JPEG"), 200),
    "folder of JPEG, 256x256 brought to 64x64": (files(PHOTO, "JPEG", (64, 64, 3)), 400),
}


def passes(given: str, wishes: dict[str, Any], augment: str) -> Iterator[float]:
    """Images a second of the first pass, which decodes, and of the second, which may find the pixels in memory."""
    data = open(given, **wishes)
    shape = "x".join(map(str, data.train.shape))
    model = cnndsl.loads(f"net N {{ input {shape} ; global_avgpool -> fc(10) -> softmax }}").compile(backend="numpy")
    feed = model.task.feed(data)
    feed.augment = model.task.augmentations(augment)
    for epoch in range(2):
        began = process_time()
        with closing(feed.batches(BATCH, Visit(0, epoch))) as batches:
            count = sum(batch.count for batch in batches)
        yield count / (process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", help=f"parts of names of: {', '.join(ROWS)}")
    chosen = parser.parse_args().rows
    print(f"{'images a second':42}{'first pass':>12}{'second':>12}{'augmented: first':>18}{'second':>12}")
    for name, (make, count) in ROWS.items():
        if chosen and not any(part in name for part in chosen):
            continue
        with TemporaryDirectory() as folder:
            given = make(Path(folder), count)
            found = [rate for augment in ("", AUGMENT) for rate in passes(*given, augment)]
        print(f"{name:42}{found[0]:12,.0f}{found[1]:12,.0f}{found[2]:18,.0f}{found[3]:12,.0f}", flush=True)


if __name__ == "__main__":
    main()
