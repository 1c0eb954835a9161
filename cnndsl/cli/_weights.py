"""Which weights a command is to use: a file, a run by its name or folder, or the newest run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _runs
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.runs import RunUntrained

if TYPE_CHECKING:
    from cnndsl.cli._options import Parser
    from cnndsl.train.model import Model


def declare(parser: Parser) -> None:
    """`--weights`, `--runs`, `--backend` and `--json`."""
    about = "a .safetensors file, or a run; else the newest run, its best weights before its last"
    parser.add_argument("-w", "--weights", metavar="WEIGHTS", default="", help=about)
    _runs.declare(parser)
    parser.add_argument("--backend", metavar="NAME", default="auto", help="what computes (auto)")
    parser.add_argument("--json", action="store_true", help="print JSON (schema 1)")


def find(options: Any) -> tuple[Path, _runs.Run | None]:
    """The file, and the run that it is of. Raises CnnError (E068, E074)."""
    path = Path(options.weights)
    if options.weights and (path.is_file() or path.suffix == ".safetensors"):
        return path, None
    run = _runs.find(options.runs, options.weights)
    if not run.weights.exists():
        raise RunUntrained(NOWHERE, path=str(run.path), name=run.name).error()
    return run.weights, run


def load(path: Path, options: Any) -> Model:
    """The model in a file of weights, built from the source that the file holds. Raises CnnError."""
    from cnndsl.train.build import load_model

    return load_model(path, backend=options.backend)
