"""A folder of images that is larger than the memory that training on it may take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.data.images import encode

pytest.importorskip("resource", reason="Windows tells the peak of a process in another way")

SIDE, IMAGES = 1024, 640
#: files of different content; the others are hard links to them, which whoever reads them cannot tell from files
DIFFERENT = 8
FOLDER, MEGABYTES = 2_000_000_000, 700
TRAIN = """
import json, sys
import cnndsl
from cnndsl.data import open
from tests.benchmarks.engine import most

data = open(sys.argv[1], shape=(1024, 1024, 1))
head = "conv(4, 3) -> relu -> flatten -> fc(2) -> softmax"
net = cnndsl.loads("net Photos { input 1024x1024x1 ; avgpool(64) -> %s }" % head)
model = net.compile(backend="numpy", optimizer="sgd", rate=0.03)
history = model.fit(data, batch_size=8, epochs=1, verbose=0)
print(json.dumps({"examples": len(data.train), "megabytes": most(), **history.last}))
"""


@pytest.mark.slow
def test_two_gigabytes_of_images_train_in_less_than_700_megabytes(tmp_path: Path) -> None:
    """Neither the files, nor their pixels (671 MB of grey ones), nor these as float32 fit into that."""
    generator = np.random.default_rng(0)
    for number in range(IMAGES):
        file = tmp_path / ("dark", "light")[number % 2] / f"{number}.bmp"
        if number < DIFFERENT:
            file.parent.mkdir(exist_ok=True)
            pixels = generator.integers(0, 128, (SIDE, SIDE, 3), np.uint8) + np.uint8(number % 2 * 127)
            file.write_bytes(encode(pixels, "BMP"))
        else:
            file.hardlink_to(file.with_name(f"{number % DIFFERENT}.bmp"))
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.bmp")) > FOLDER
    command = [sys.executable, "-c", TRAIN, str(tmp_path)]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    told = json.loads(ended.stdout)
    assert told["examples"] == IMAGES
    assert told["accuracy"] > 0.8, "of all steps: it has seen what is in the images"
    assert told["megabytes"] < MEGABYTES
