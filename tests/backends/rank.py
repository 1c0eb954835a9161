"""What `test_mlx_ranks.py` has several processes train, and one by itself: losses by step, and what all end with.

python -m tests.backends.rank OUT NET …
"""

from __future__ import annotations

import json
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

import cnndsl
from cnndsl import CnnError, data
from cnndsl.train.callbacks import Callback, Run

#: LeNet-5, and nets whose layers look at the whole batch or draw at random for every example
NETS = {
    "lenet": """net N { input 28x28x1
        conv(6, 5, pad=2) -> relu -> maxpool(2) -> conv(16, 5) -> relu -> maxpool(2)
        flatten -> fc(120) -> relu -> fc(84) -> relu -> fc(10) -> softmax }""",
    "norms": """net N { input 28x28x1
        conv(6, 5, stride=4, bias=false) -> batchnorm -> tanh -> conv(8, 3, bias=false) -> batchnorm -> tanh
        flatten -> fc(10) -> softmax }""",
    "drops": """net N { input 28x28x1
        conv(5, 5, stride=4) -> spatial_dropout(0.3) -> noise(0.1) -> tanh -> dropout(0.3)
        flatten -> fc(15) -> dropout(0.5) -> fc(10) -> softmax }""",
}
STEPS = 20
#: the last batch of an epoch has one example only, so all ranks but the first have none of it
BATCH, EXAMPLES = (
    {"lenet": 64, "norms": 33, "drops": 33},
    {"lenet": 64 * STEPS, "norms": 33 * 9 + 1, "drops": 33 * 9 + 1},
)


class Losses(Callback):
    """Notes every loss."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_step(self, run: Run) -> None:
        self.losses.append(run.loss)


def trained(net: str, **options: Any) -> dict[str, Any]:
    """Trains for 20 steps on the sample; with the digest of all arrays at the end."""
    sample, noted = data.load("sample"), Losses()
    count, batch = EXAMPLES[net], BATCH[net]
    model = cnndsl.loads(NETS[net]).compile(backend="mlx", optimizer="sgd", rate=0.05, momentum=0.9, seed=3, **options)
    history = model.fit(
        sample.x[:count],
        sample.y[:count],
        batch_size=batch,
        epochs=STEPS // -(-count // batch),
        validation_data=(sample.test_x[:101], sample.test_y[:101]),
        callbacks=[noted],
        verbose=0,
    )
    arrays = model.engine.arrays()
    bits = sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()
    epochs = [{k: v for k, v in epoch.items() if k not in ("seconds", "images_per_second")} for epoch in history.epochs]
    statistics = {name: array.tolist() for name, array in arrays.items() if np.ndim(array) == 1}
    return {"losses": noted.losses, "epochs": epochs, "bits": bits, "statistics": statistics}


def main(out: str, *nets: str) -> int:
    try:
        found = {net: trained(net, distributed=True, wait=20) for net in nets}
    except CnnError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    Path(f"{out}.{os.environ['MLX_RANK']}").write_text(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
