"""Runs: a folder for each training, with all that it was made of and all that came out.

runs/NAME/ net.cnn  imports/  settings.toml  checkpoints/  log.csv  log.jsonl  curves.svg
           last.safetensors  best.safetensors
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _settings
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.datasets import DataCorrupt
from cnndsl.errors.runs import NoRun, RunExists
from cnndsl.errors.usage import NotWritten
from cnndsl.files import read_source
from cnndsl.record import Record
from cnndsl.replaced import replaced

if TYPE_CHECKING:
    from cnndsl.cli._options import Parser
    from cnndsl.net import Net
    from cnndsl.train.callbacks import Callback

FOLDER, IMPORTS = "runs", "imports"


class Run(Record):
    """The folder of one training, and the names of what lies in it."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def source(self) -> Path:
        return self.path / "net.cnn"

    @property
    def imports(self) -> dict[str, str]:
        """The texts that the source imports, by their paths from its folder. Raises CnnError (E001 to E004)."""
        folder = self.path / IMPORTS
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): read_source(str(path)).text for path in files}

    @property
    def file(self) -> Path:
        """The settings."""
        return self.path / "settings.toml"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def best(self) -> Path:
        return self.path / "best.safetensors"

    @property
    def last(self) -> Path:
        return self.path / "last.safetensors"

    @property
    def weights(self) -> Path:
        """The best weights if a validation has chosen some, else the last."""
        return self.best if self.best.exists() else self.last

    def settings(self) -> _settings.Settings:
        """What it was trained with. Raises CnnError (E083, E084)."""
        return _settings.read(self.file)

    def history(self) -> list[dict[str, Any]]:
        """The measures of each epoch that is done. Raises CnnError (E514) if somebody has damaged the log."""
        log = self.path / "log.jsonl"
        if not log.exists():
            return []
        try:
            return [dict(json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]
        except (ValueError, TypeError) as error:
            raise DataCorrupt(NOWHERE, str(log), "JSON lines", str(error)).error() from None

    def keep(self, net: Net, settings: Mapping[str, Any]) -> None:
        """Writes down the source, what it imports and the settings. Raises CnnError (E058)."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for half in self.path.glob(".*.partial"):  # what a process that died has left half written
                half.unlink()
            texts = {self.path / IMPORTS / name: text for name, text in net.imports.items()}
            for path, text in {self.source: net.source.text, self.file: _settings.text(settings), **texts}.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                with replaced(path) as beside:
                    beside.write_text(text, encoding="utf-8")
        except OSError as failure:
            said = failure.strerror or str(failure)
            raise NotWritten(NOWHERE, what=f"`{self.path}`", reason=said).error() from failure

    def callbacks(self, settings: Mapping[str, Any], chooses: bool) -> list[Callback]:
        """What writes the rest of it; the best weights only where a validation can choose them."""
        from cnndsl.train.callbacks import BestModel, CsvLog, Curves, EarlyStopping, JsonLog, LastModel, TensorBoard

        made: list[Callback] = [LastModel(self.last), *([BestModel(self.best)] if chooses else [])]
        made += [CsvLog(self.path / "log.csv"), JsonLog(self.path / "log.jsonl"), Curves(self.path / "curves.svg")]
        if settings["stop-early"]:
            made.append(EarlyStopping(settings["stop-early"]))
        return [*made, *([TensorBoard(self.path / "events")] if settings["tensorboard"] else [])]


def declare(parser: Parser) -> None:
    """`--runs`."""
    parser.add_argument("--runs", metavar="FOLDER", default=FOLDER, help=f"where runs are kept ({FOLDER})")


def every(folder: str) -> list[Run]:
    """All runs in a folder, the oldest first."""
    files = Path(folder).glob("*/settings.toml")
    return [Run(file.parent) for file in sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.parent.name))]


def at(folder: Path) -> Run | None:
    """The run whose folder this is, None if it is no run's."""
    run = Run(folder)
    return run if run.file.is_file() else None


def new(folder: str, name: str | None, net: str) -> Run:
    """A run that is not there yet: of that name, or NET-1, NET-2, … Raises CnnError (E069)."""
    if name is not None:
        run = Run(Path(folder) / name)
        if run.path.exists():
            raise RunExists(NOWHERE, path=str(run.path), name=name).error()
        return run
    number = 1
    while (Path(folder) / f"{net}-{number}").exists():
        number += 1
    return Run(Path(folder) / f"{net}-{number}")


def find(folder: str, name: str = "") -> Run:
    """The run of that name or path, or the newest. Raises CnnError (E068)."""
    known = every(folder)
    if not name and known:
        return known[-1]
    for path in (Path(folder) / name, Path(name)) if name else ():
        if run := at(path):
            return run
    raise NoRun(NOWHERE, name=f"`{name}`" if name else "yet", folder=folder, known=tuple(r.name for r in known)).error()
