"""A run over many inputs: what it has tried and found, and when it ends."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.fuzz.invariants import Hang, examine

#: inputs between two lines of progress
STEP = 10_000


class Campaign:
    """Examines inputs, keeps each new kind of finding in a folder, and knows when it is over."""

    def __init__(self, what: str, count: int, minutes: float, folder: Path) -> None:
        self.what = what
        self.count = count
        self.minutes = minutes
        self.folder = folder
        self.tried = 0
        self.outcomes: Counter[str] = Counter()
        self.findings: dict[str, Path] = {}
        self.slowest = 0.0
        self._began = time.monotonic()
        self._cpu = time.process_time()

    def take(self, data: bytes) -> None:
        """One input; a finding is told and kept, and the run goes on."""
        before = time.process_time()
        try:
            outcome = examine(data)
        except (Exception, Hang) as error:  # whatever it is, it is told and the next input comes
            outcome = "found"
            self._found(data, error)
        self.slowest = max(self.slowest, time.process_time() - before)
        self.outcomes[outcome] += 1
        self.tried += 1
        if self.tried % STEP == 0:
            print(self, flush=True)

    @property
    def over(self) -> bool:
        return self.tried >= self.count or time.monotonic() - self._began > self.minutes * 60

    def _found(self, data: bytes, error: BaseException) -> None:
        kind = signature(error)
        if kind not in self.findings:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{hashlib.sha256(data).hexdigest()[:12]}.cnn"
            path.write_bytes(data)
            self.findings[kind] = path
            print(f"---- {path}: {kind}\n{error}", flush=True)

    def __str__(self) -> str:
        ends = ", ".join(f"{number:,} {outcome}" for outcome, number in self.outcomes.most_common())
        wall, cpu = time.monotonic() - self._began, time.process_time() - self._cpu
        took = f"{wall:.0f} s ({cpu:.0f} s of CPU, the slowest {self.slowest:.2f} s)"
        return f"{self.what}: {self.tried:,} inputs in {took}: {ends}; {len(self.findings)} kinds of findings"


def signature(error: BaseException) -> str:
    """What makes two findings one: the exception and the innermost places in cnndsl that it came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/cnndsl/" in frame.filename]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.name}" for frame in reversed(frames[-2:]))
    said = "" if isinstance(error, Hang) else str(error).partition(":")[0][:40]
    return f"{type(error).__name__} {said} in {where}"
