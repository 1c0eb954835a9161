"""Makes cnndsl/data/sample from the full MNIST: `python tests/tools/make_sample.py FOLDER`.

Of each digit the first 500 training and the first 100 test images, in MNIST's own order, so that
the same files come out every time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from cnndsl.data import idx
from cnndsl.data.sample import FOLDER

PARTS = {"train": 500, "t10k": 100}


def first_of_each(labels: np.ndarray, count: int) -> np.ndarray:
    """The places of the first `count` examples of every class, in ascending order."""
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]))


def main(source: Path, folder: Path = FOLDER) -> None:
    for part, count in PARTS.items():
        labels = idx.read(source / f"{part}-labels-idx1-ubyte.gz")
        chosen = first_of_each(labels, count)
        idx.write(folder / f"{part}-labels-idx1-ubyte.gz", labels[chosen])
        idx.write(folder / f"{part}-images-idx3-ubyte.gz", idx.read(source / f"{part}-images-idx3-ubyte.gz")[chosen])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
