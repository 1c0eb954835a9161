"""Going on with a training that has died: to the bit, from whatever is left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnndsl.backends import available
from cnndsl.diagnostic import CnnError, CnnWarning
from cnndsl.train.callbacks import Callback
from cnndsl.train.checkpoints import Checkpoints, read
from tests.train.dying import BATCH, EPOCHS, LONG, die_in_a_save, go_on, in_a_process, results, tell_and_go_on, train
from tests.train.fake import fake_data, fake_model

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
@pytest.mark.parametrize(("save", "every"), [(1, 7), (4, 1)])
def test_killed_at_each_write_flush_and_rename_of_a_save(
    tmp_path: Path, uninterrupted: tuple[bytes, str], save: int, every: int
) -> None:
    """In the middle of every write, before and behind every other call; of the first save some."""
    log = tmp_path / "events"
    whole = in_a_process(die_in_a_save, tmp_path / "whole", save, 0, log)
    (tmp_path / "whole").mkdir()
    whole.join()
    events = log.read_text().splitlines()
    assert {"within write", "before fsync", "after fsync", "before rename", "after rename"} < {*events}
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


@pytest.mark.parametrize("backend", [name for name, reason in available().items() if reason is None])
@pytest.mark.parametrize(("epoch", "step"), [(1, 3), (1, STEPS), (2, 1)])
def test_a_crash_in_the_middle_of_an_epoch(tmp_path: Path, backend: str, epoch: int, step: int) -> None:
    (tmp_path / "whole").mkdir()
    train(tmp_path / "whole", backend=backend)
    with pytest.raises(RuntimeError, match="crash"):
        saving = Checkpoints(tmp_path / "checkpoints", steps=2)
        train(tmp_path, saving, backend, callbacks=[StopAt(epoch, step)])
    model = go_on(tmp_path, backend=backend)
    assert results(tmp_path) == results(tmp_path / "whole")
    assert model.epochs == EPOCHS and model.engine.snapshot().numbers["step"] == EPOCHS * STEPS


def test_what_is_restored_is_the_same_in_another_process(tmp_path: Path) -> None:
    """What a training is told by does not depend on Python's hashes, which differ from process to process."""
    program = "import sys; from pathlib import Path; from tests.train.dying import go_on; go_on(Path(sys.argv[1]))"
    for hashes in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, env=environment)
    assert len(Checkpoints(tmp_path / "checkpoints").files()) == 2


def test_more_epochs_go_on_from_a_training_that_ended(tmp_path: Path) -> None:
    first, second = fake_model("adam"), fake_model("adam")
    first.fit(*fake_data(20), epochs=2, batch_size=4, verbose=0, checkpoints=tmp_path)
    history = second.fit(*fake_data(20), epochs=3, batch_size=4, verbose=0, checkpoints=tmp_path, resume=True)
    whole = fake_model("adam")
    assert history["epoch"] == [1, 2, 3]
    assert history["loss"] == whole.fit(*fake_data(20), epochs=3, batch_size=4, verbose=0)["loss"]
    np.testing.assert_array_equal(second.engine.values["fc1.weight"], whole.engine.values["fc1.weight"])
    again = fake_model("adam")
    assert again.fit(*fake_data(20), epochs=3, batch_size=4, verbose=0, checkpoints=tmp_path, resume=True) == history
    assert again.engine.seen == [], "nothing was left to do"


def test_going_on_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for epochs, expected in ((2, "epoch 1/2"), (2, ""), (3, "going on with epoch 3 of 3\n")):
        fake_model().fit(*fake_data(8), epochs=epochs, checkpoints=tmp_path, resume=True, verbose=2)
        assert capsys.readouterr().out.startswith(expected)
    with pytest.raises(RuntimeError, match="crash"):
        saving = Checkpoints(tmp_path / "b", steps=1)
        fake_model().fit(*fake_data(8), batch_size=2, verbose=0, checkpoints=saving, callbacks=[StopAt(1, 3)])
    capsys.readouterr()
    fake_model().fit(*fake_data(8), batch_size=2, verbose=2, checkpoints=tmp_path / "b", resume=True)
    assert capsys.readouterr().out.startswith("going on with epoch 1 of 1, after step 2\n")


def test_callbacks_go_on_where_they_were(tmp_path: Path) -> None:
    class Counts(Callback):
        count = 0

        def on_epoch(self, run) -> None:
            self.count += 1

        def state(self) -> dict:
            return {"count": self.count}

        def restore(self, state: dict) -> None:
            self.count = state["count"]

    fake_model().fit(*fake_data(8), epochs=2, verbose=0, checkpoints=tmp_path, callbacks=[Counts(), Counts()])
    one, two = Counts(), Counts()
    options = {"epochs": 5, "verbose": 0, "checkpoints": tmp_path, "resume": True}
    fake_model().fit(*fake_data(8), callbacks=[one, two], **options)
    assert (one.count, two.count) == (5, 5)


@posix
def test_ctrl_c_leaves_a_checkpoint_between_two_steps(tmp_path: Path) -> None:
    """It is granted after the step that is at work; what follows is what would have been without it."""

    class Press(Callback):
        def on_step(self, run) -> None:
            if (run.epoch, run.step) == (2, 2):
                os.kill(os.getpid(), signal.SIGINT)

    model = fake_model("adam")
    options = {"epochs": 3, "batch_size": 4, "verbose": 0, "checkpoints": tmp_path, "validation_data": fake_data(5, 3)}
    history = model.fit(*fake_data(20), callbacks=[Press()], **options)
    assert history.interrupted and history["epoch"] == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    saved = read(Checkpoints(tmp_path).files()[0])
    assert (saved.training["epoch"], saved.training["step"]) == (2, 2)
    rest = fake_model("adam")
    rest.fit(*fake_data(20), resume=True, **options)
    whole = fake_model("adam")
    whole.fit(*fake_data(20), **{**options, "checkpoints": None})
    assert rest.history["val_loss"] == whole.history["val_loss"]
    np.testing.assert_array_equal(rest.engine.values["fc1.weight"], whole.engine.values["fc1.weight"])


@posix
def test_a_second_ctrl_c_breaks_off_within_the_step(tmp_path: Path) -> None:
    def press_twice(count: int) -> None:
        if count == 7:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    model = fake_model("adam")
    model.engine.before_step = press_twice
    history = model.fit(*fake_data(20), epochs=3, batch_size=4, verbose=0, checkpoints=tmp_path)
    assert history.interrupted and history["epoch"] == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000005.safetensors"], "the last that was whole"


# ---- what cannot be used -------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """A folder with two checkpoints, the newest first."""
    fake_model("adam").fit(*fake_data(20), epochs=2, batch_size=4, verbose=0, checkpoints=tmp_path)
    files = Checkpoints(tmp_path).files()
    assert [file.name for file in files] == ["step-00000010.safetensors", "step-00000005.safetensors"]
    return files


def damage(path: Path, kind: str) -> None:
    content = path.read_bytes()
    if kind == "cut off":
        path.write_bytes(content[: len(content) // 2])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "weights":
        fake_model().save(path)
    elif kind == "foreign":
        path.write_bytes(b"\x80\x04\x95 this could be a pickle, which nobody will load ......")
    else:
        changed = bytearray(content)
        changed[{"bit in an array": -3, "bit in the head": 40, "bit in the length": 0}[kind]] ^= 4
        path.write_bytes(bytes(changed))


DAMAGES = ["cut off", "empty", "weights", "foreign", "bit in an array", "bit in the head", "bit in the length"]


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_is_named_and_the_one_before_is_taken(two: list[Path], kind: str) -> None:
    damage(two[0], kind)
    model = fake_model("adam")
    with pytest.warns(CnnWarning) as warned:
        options = {"epochs": 2, "batch_size": 4, "verbose": 0, "checkpoints": two[0].parent}
        model.fit(*fake_data(20), resume=True, **options)
    (text,) = [str(item.message) for item in warned]
    assert "E544" in text and two[0].name in text and f"going on from the one before it, {two[1]}" in text
    whole = fake_model("adam")
    whole.fit(*fake_data(20), epochs=2, batch_size=4, verbose=0)
    np.testing.assert_array_equal(model.engine.values["fc1.weight"], whole.engine.values["fc1.weight"])


def test_no_changed_bit_gets_through(two: list[Path]) -> None:
    """One bit of every fifth byte of the file."""
    whole = two[0].read_bytes()
    for place in range(0, len(whole), 5):
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        two[0].write_bytes(bytes(changed))
        with pytest.raises(CnnError) as error:
            read(two[0])
        assert error.value.diagnostics[0].code == "E544"


def test_where_all_are_damaged_nothing_begins(two: list[Path]) -> None:
    damage(two[0], "cut off")
    damage(two[1], "bit in an array")
    with pytest.raises(CnnError) as error:
        fake_model("adam").fit(*fake_data(20), batch_size=4, verbose=0, checkpoints=two[0].parent, resume=True)
    assert all(part in said(error) for part in (two[0].name, two[1].name, "E546", "cut off", "checksum"))


def test_another_training_is_refused_with_every_difference(two: list[Path]) -> None:
    model = fake_model("sgd", seed=1)
    with pytest.raises(CnnError) as error:
        model.fit(*fake_data(20, seed=4), epochs=1, batch_size=5, verbose=0, checkpoints=two[0].parent, resume=True)
    text = said(error)
    assert text.startswith("E545") and "5 settings differ" in text
    for part in ("optimizer: adam(", "seed: 0 in the checkpoint, 1 now", "batch size: 4", "data: ", "epochs: 2 are"):
        assert part in text
    np.testing.assert_array_equal(model.engine.values["fc1.bias"], 0)


def test_a_new_training_does_not_take_the_place_of_another(two: list[Path]) -> None:
    with pytest.raises(CnnError) as error:
        fake_model("adam").fit(*fake_data(20), batch_size=4, verbose=0, checkpoints=two[0].parent)
    assert said(error).startswith("E548") and "resume=True" in said(error)
    with pytest.raises(CnnError) as error:
        fake_model().fit(*fake_data(20), verbose=0, resume=True)
    assert "E523" in said(error)


FULL = """
import os, resource, sys
from pathlib import Path
from tests.train.dying import go_on, results, train
from cnndsl.diagnostic import CnnError
from cnndsl.train.callbacks import Callback

folder, how = Path(sys.argv[1]), sys.argv[2]

class Fill(Callback):
    def on_epoch(self, run):
        if run.epoch == 2 and how == "limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (2048, resource.RLIM_INFINITY))
        elif run.epoch == 2:
            with open(folder / "filler", "wb", buffering=0) as filler:
                while filler.write(bytes(1024)):
                    pass

class Full(Fill):
    def on_epoch(self, run):
        try:
            super().on_epoch(run)
        except OSError:
            pass  # the disk is full now

try:
    go_on(folder, epochs=3, callbacks=[Full()])
except CnnError as error:
    print(error)
print([path.name for path in (folder / "checkpoints").iterdir()])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
(folder / "filler").unlink(missing_ok=True)
go_on(folder, epochs=3)
(folder / "whole").mkdir()
train(folder / "whole", epochs=3)
print("the same:", results(folder) == results(folder / "whole"))
"""
MOUNT = 'mount -t tmpfs -o size=96k tmpfs "$1" && exec "$2" -c "$3" "$1" disk'


@posix
@pytest.mark.parametrize(("how", "reason"), [("disk", "No space left on device"), ("limit", "File too large")])
def test_a_full_disk_ends_in_a_message_and_keeps_what_was_saved(tmp_path: Path, how: str, reason: str) -> None:
    """A disk of 96 KiB of memory, where the system lets us mount one; and a limit on the size of files."""
    command = [sys.executable, "-c", FULL, str(tmp_path), "limit"]
    if how == "disk" and mounts(tmp_path):
        command = ["unshare", "-rm", "sh", "-c", MOUNT, "sh", str(tmp_path), sys.executable, FULL]
    elif how == "disk":
        reason = "File too large"
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.startswith("error[E547]: cannot write the checkpoint") and reason in done.stdout
    assert "the last one before it is whole" in done.stdout
    assert done.stdout.splitlines()[-2:] == ["['step-00000008.safetensors']", "the same: True"]


def mounts(folder: Path) -> bool:
    """Whether a tmpfs can be mounted in a name space of its own."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(folder)]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True).returncode == 0
