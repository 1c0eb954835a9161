"""Going on with a training that has died: to the bit, from whatever is left."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from cnndsl.diagnostic import CnnError
from cnndsl.train.callbacks import Callback
from tests.train.dying import BATCH, die_in_a_save, go_on, in_a_process, results, tell_and_go_on, train

posix = pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's")
STEPS = -(-60 // BATCH)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """The results of a training that nothing happened to, and that saved no checkpoint."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    train(folder)
    return results(folder)


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """The same with more epochs."""
    folder = tmp_path_factory.mktemp("longer")
    train(folder, epochs=LONG)
    return results(folder)


def said(error: pytest.ExceptionInfo[CnnError]) -> str:
    return " ".join(f"{d.code} {d.title} {' '.join((*d.notes, *d.helps))}" for d in error.value.diagnostics)


class StopAt(Callback):
    """Breaks a training off as a crash of Python would, behind a step."""

    def __init__(self, epoch: int, step: int) -> None:
        self.place = epoch, step

    def on_step(self, run) -> None:
        if (run.epoch, run.step) == self.place:
            raise RuntimeError("crash")


# ---- to the bit ----------------------------------------------------------------------------------


@posix
def test_killed_at_25_random_moments(tmp_path: Path, longer: tuple[bytes, str]) -> None:
    """One training in 26 lives: each goes on from what the one before has left when it was killed."""
    from multiprocessing import get_context

    generator = random.Random(7)
    died = 0
    for _ in range(25):
        started = get_context("forkserver").Event()
        process = in_a_process(tell_and_go_on, tmp_path, started)
        assert started.wait(60)
        time.sleep(generator.uniform(0, 0.04))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        died += process.exitcode == -signal.SIGKILL
    go_on(tmp_path, epochs=LONG)
    assert results(tmp_path) == longer
    assert died, "none was killed while it trained"


@posix
@pytest.mark.slow
@pytest.mark.parametrize(("save", "every"), [(1, 9), (4, 1)])
def test_killed_at_each_write_flush_and_rename_of_a_save(
    tmp_path: Path, uninterrupted: tuple[bytes, str], save: int, every: int
) -> None:
    """Every one of them, before and behind it, and in the middle of each write; of the first save some."""
    log = tmp_path / "events"
    whole = in_a_process(die_in_a_save, tmp_path / "whole", save, 0, log)
    (tmp_path / "whole").mkdir()
    whole.join()
    events = log.read_text().splitlines()
    assert {"before write", "within write", "before fsync", "after fsync", "before rename", "after rename"} < {*events}
    assert results(tmp_path / "whole") == uninterrupted
    for number in range(1, len(events) + 1, every):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        process = in_a_process(die_in_a_save, folder, save, number, folder / "events")
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert (folder / "events").read_text().splitlines() == events[:number]
        go_on(folder)
        assert results(folder) == uninterrupted, f"killed at event {number}: {events[number - 1]}"
        assert not [*(folder / "checkpoints").glob(".*")], "what was half written is tidied away"
