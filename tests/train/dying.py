"""A small training that dies: at a moment, or at a write, a flush or a rename of a save; in processes of their own.

The hooks are here and not in what is tested: they put themselves between it and the system.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import cnndsl
from cnndsl.train.callbacks import Callback
from cnndsl.train.checkpoints import Checkpoints
from cnndsl.train.model import Model

NET = """
net Small {
    input 6x6x1
    conv(4, 3, bias=false) -> batchnorm -> relu -> maxpool(2)
    flatten -> dropout(0.25) -> fc(3) -> softmax
}
"""
EPOCHS, LONG, BATCH = 2, 4, 8


def data(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, count)
    x = generator.random((count, 6, 6, 1), np.float32)
    x[np.arange(count), labels] += 1
    return x, labels


def train(folder: Path, checkpoints: Checkpoints | None = None, backend: str = "numpy", **options: Any) -> Model:
    """Trains to the end, or goes on to it, and writes `final.safetensors` and `history.json` into the folder."""
    model = cnndsl.loads(NET).compile(backend=backend, optimizer="adam", rate=0.01, seed=5)
    settings = {"epochs": EPOCHS, "batch_size": BATCH, "schedule": "cosine", "verbose": 0, **options}
    model.fit(*data(60, 1), validation_data=data(20, 2), checkpoints=checkpoints, **settings)
    model.save(folder / "final.safetensors")
    kept = [
        {k: v for k, v in epoch.items() if k not in ("seconds", "images_per_second")} for epoch in model.history.epochs
    ]
    (folder / "history.json").write_text(json.dumps(kept))
    return model


def results(folder: Path) -> tuple[bytes, str]:
    """What must be the same to the bit."""
    return (folder / "final.safetensors").read_bytes(), (folder / "history.json").read_text()


def go_on(folder: Path, steps: int = 0, **options: Any) -> Model:
    """Begins, or goes on from what a process that died has left."""
    return train(folder, Checkpoints(folder / "checkpoints", steps=steps), resume=True, **options)


def in_a_process(work: Callable[..., Any], *arguments: Any) -> multiprocessing.process.BaseProcess:
    """Starts it in a new process that shares nothing with this one; all come from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.train.dying"])
    process = context.Process(target=work, args=arguments)
    process.start()
    return process


def tell_and_go_on(folder: Path, started: Any) -> None:
    """As `go_on`, and says when the training itself begins."""

    class Tell(Callback):
        def on_start(self, run: Any) -> None:
            started.set()

    go_on(folder, 1, epochs=LONG, callbacks=[Tell()])


# ---- dying at what a save asks of the system -----------------------------------------------------


class Death:
    """Counts what a save asks of the system from the `save`-th save on, and kills the process at the `number`-th."""

    def __init__(self, save: int, number: int, log: Path) -> None:
        self.left, self.number, self.log, self.armed = save, number, log, False

    def event(self, name: str) -> None:
        if self.armed:
            self.number -= 1
            with open(self.log, "a") as file:
                file.write(name + "\n")
            if self.number == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            self.event(f"before {name}")
            result = call(*arguments, **named)
            self.event(f"after {name}")
            return result

        return called


class Torn(io.FileIO):
    """A file whose writes can break off in the middle."""

    death: Death

    def write(self, content: Any) -> int:
        whole = memoryview(content).cast("B") if memoryview(content).nbytes else memoryview(b"")
        super().write(whole[: len(whole) // 2])
        self.death.event("within write")
        super().write(whole[len(whole) // 2 :])
        return len(whole)


def die_in_a_save(folder: Path, save: int, number: int, log: Path) -> None:
    """Trains with a checkpoint at every step, and dies at the `number`-th event of the `save`-th save."""
    death = Death(save, number, log)
    Torn.death = death
    real_open, real_save = Path.open, Checkpoints.save

    def opened(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        return Torn(path, mode) if mode == "wb" else real_open(path, mode, *more, **named)

    def saving(self: Checkpoints, *arguments: Any) -> Any:
        death.left -= 1
        death.armed = death.left == 0
        found = real_save(self, *arguments)
        death.armed = False
        return found

    Path.open, Checkpoints.save = opened, saving  # type: ignore[method-assign, assignment]
    os.fsync = death.around("fsync", os.fsync)
    Path.replace = death.around("rename", Path.replace)  # type: ignore[method-assign]
    Path.unlink = death.around("unlink", Path.unlink)  # type: ignore[method-assign]
    Path.mkdir = death.around("mkdir", Path.mkdir)  # type: ignore[method-assign]
    go_on(folder, 1)
