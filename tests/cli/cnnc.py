"""Running `cnnc` as users do, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

START = "import sys; from cnndsl.cli import main; sys.exit(main())"
CHANGING = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "CNNDSL_DEBUG", "PYTHONDONTWRITEBYTECODE")
GOOD = (
    "net Digits(classes = 10) {\n    input 28x28x1\n    conv(4, 5) -> relu -> flatten\n    fc(classes) -> softmax\n}\n"
)
BAD = "net Small {\n    input 4x4x1\n    conv(8, 5)\n}\n"


def cnnc(
    *arguments: str, folder: Path | None = None, code: str = START, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs it and gives exit code, output and errors; `code` may do something first."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, env=environ(**environment), capture_output=True, text=True, timeout=60)


def environ(**changes: str) -> dict[str, str]:
    """The environment without what would change colours, widths, or keep compiled files from being kept."""
    kept = {k: v for k, v in os.environ.items() if k not in CHANGING}
    return {**kept, "PYTHONIOENCODING": "utf-8", **changes}


def write(folder: Path, **texts: str) -> None:
    """Writes `name.cnn` for each text."""
    for name, text in texts.items():
        (folder / f"{name}.cnn").write_text(text, encoding="utf-8")


def bars(folder: Path) -> str:
    """Writes `bars.cnn`, and bars, upright (class 1) and lying: 64 images of 6x6 in the file whose name it gives."""
    net = "net Bars {\n    input 6x6x1\n    conv(4, 3) -> relu -> maxpool(2) -> flatten\n    fc(2) -> softmax\n}\n"
    write(folder, bars=net)
    x, y = np.zeros((64, 6, 6, 1), np.float32), np.arange(64) % 2
    for example, (image, label) in enumerate(zip(x, y, strict=True)):
        image[:, example % 6] = label
        image[example % 6, :] += 1 - label
    np.savez(folder / "bars.npz", x=x, y=y)
    return "bars.npz"


def single_line(text: Any) -> str:
    return " ".join(str(text).split())
