"""Several processes train as one does; each test starts its own on this machine, with hard limits of time."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.backends import rank
from tests.backends.agreement import needed
from tests.cli.cnnc import START, bars, cnnc, environ

pytestmark = needed
LIMIT = 90.0


def hosts(folder: Path, count: int) -> Path:
    """A file of hosts with ports that are free."""
    with ExitStack() as held:
        doors = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        addresses = [[f"127.0.0.1:{door.getsockname()[1]}"] for door in doors]
    path = folder / f"hosts{count}.json"
    path.write_text(json.dumps(addresses))
    return path


def together(folder: Path, count: int, command: Sequence[str]) -> list[tuple[int, str, str]]:
    """The same command on so many ranks: exit codes, outputs and errors. None of them outlives the test."""
    file = str(hosts(folder, count))
    with ExitStack() as running:
        started = []
        for number in range(count):
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env=environ(MLX_RANK=str(number), MLX_HOSTFILE=file, PYTHONPATH=os.getcwd()),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            running.callback(process.kill)
            started.append(process)
        said = [process.communicate(timeout=LIMIT) for process in started]
        return [(process.returncode, *texts) for process, texts in zip(started, said, strict=True)]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """What each of two ranks tells of each net."""
    folder = tmp_path_factory.mktemp("ranks")
    ended = together(folder, 2, ["-m", "tests.backends.rank", str(folder / "out"), *rank.NETS])
    assert [code for code, _, _ in ended] == [0, 0], ended
    yield [json.loads((folder / f"out.{number}").read_text()) for number in range(2)]


@pytest.mark.parametrize("net", rank.NETS)
def test_two_ranks_train_as_one_process_does(two, net):
    one, (first, second) = rank.trained(net), (each[net] for each in two)
    assert len(first["losses"]) == rank.STEPS and not second["losses"], "rank 0 alone has callbacks"
    np.testing.assert_allclose(first["losses"], one["losses"], rtol=1e-5)
    assert first["bits"] == second["bits"]
    assert first["epochs"] == second["epochs"]
    for many, alone in zip(first["epochs"], one["epochs"], strict=True):
        assert many == pytest.approx(alone, rel=1e-5)
    for name, array in one["statistics"].items():
        np.testing.assert_allclose(first["statistics"][name], array, rtol=1e-4, atol=1e-6)


# ---- the command ---------------------------------------------------------------------------------

#: what a rank does before its step of that number
FATE = """
import os, signal, sys
from cnndsl.backends.mlx.engine import MlxEngine
step, seen = MlxEngine.step_measured, []
def fated(self, *arguments):
    seen.append(0)
    if len(seen) == {step} and os.environ["MLX_RANK"] == "1":
        {act}
    return step(self, *arguments)
MlxEngine.step_measured = fated
"""
KILLED, ASKED = "os.kill(os.getpid(), signal.SIGKILL)", "os.kill(os.getpid(), signal.SIGINT)"


def losses(log: Path) -> list[list[float]]:
    with log.open() as file:
        return [[float(row["loss"]), float(row["accuracy"])] for row in csv.DictReader(file)]


def train(*more: str, act: str = "pass", step: int = 0) -> list[str]:
    return ["-c", FATE.format(step=step, act=act) + START, "train", *more, "--distributed", "--wait", "30"]


def test_a_training_goes_on_with_other_numbers_of_ranks_after_ctrl_c_and_a_death(tmp_path):
    settings = ["bars.cnn", "--data", bars(tmp_path), "--epochs", "3", "--batch-size", "21", "--save-steps", "1"]
    settings += ["--backend", "mlx", "--seed", "4", "--rate", "0.01"]
    alone = cnnc("train", *settings, "--name", "alone", folder=tmp_path)
    assert alone.returncode == 0, alone.stderr

    asked = together(tmp_path, 3, train(*settings, "--name", "run", act=ASKED, step=2))
    assert [code for code, _, _ in asked] == [130, 130, 130], asked
    assert "MLX" in asked[0][1].upper() and "3 ranks" in asked[0][1] and "cnnc train --resume run" in asked[0][1]
    assert [out for _, out, _ in asked[1:]] == ["", ""]
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["alone", "run"]

    died = together(tmp_path, 2, train("--resume", "run", act=KILLED, step=4))
    assert [code for code, _, _ in died] == [1, -signal.SIGKILL], died
    assert "going on with epoch 1 of 3, after step 3" in died[0][1]
    assert "E607" in died[0][2] and "in step 7" in died[0][2] and "Traceback" not in died[0][2]

    ended = cnnc("train", "--resume", "run", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "going on with epoch 2 of 3, after step 2" in ended.stdout
    found, wanted = (losses(tmp_path / "runs" / name / "log.csv") for name in ("run", "alone"))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_a_rank_that_is_not_there_is_told_after_the_time_to_wait(tmp_path):
    arguments = ["train", "bars.cnn", "--data", bars(tmp_path), "--distributed", "--wait", "0.3"]
    found = cnnc(*arguments, folder=tmp_path, MLX_RANK="0", MLX_HOSTFILE=str(hosts(tmp_path, 2)))
    assert found.returncode == 1
    assert "E606" in found.stderr and "rank 0 waited 0.3 s for rank 1 at 127.0.0.1:" in found.stderr
    assert not (tmp_path / "runs").exists()


#: ends rank 1 once all have met, before it calls MLX
GONE = """
import os
from cnndsl.backends.mlx import peers
meet = peers.meet
def met(ring, seconds):
    meet(ring, seconds)
    if ring.rank == 1:
        os._exit(7)
peers.meet = met
"""


def test_a_rank_that_ends_before_mlx_joins_it_ends_the_others_in_a_diagnostic(tmp_path):
    command = ["-c", GONE + START, "train", "bars.cnn", "--data", bars(tmp_path), "--distributed", "--wait", "4"]
    (code, out, told), (gone, _, _) = together(tmp_path, 2, command)
    assert (code, gone, out) == (1, 7, "")
    assert "E606" in told and "rank 0 waited 5 s for the others" in told and "Traceback" not in told
