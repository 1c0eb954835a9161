"""Say what a trained net sees in images: the likeliest classes, with their probabilities.

Examples:
  cnnc predict digit.png
  cnnc predict photos/ more.jpg -w ResNet18-1 --top 3
  cnnc predict digit.png -w lenet5.safetensors --json

A folder stands for all images in it and below. Each image is scaled until it covers the net's input, cut around
its middle, and made grey or coloured as the input is; its pixels are prepared as those of the training were.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _weights
from cnndsl.cli._exit import CLEAN, worst
from cnndsl.cli._options import Parser, count
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError, Diagnostic
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.runs import NoImages, NotForImages

if TYPE_CHECKING:
    from cnndsl.train.model import Model
    from cnndsl.train.sights import Guess

TOGETHER = 64  # images that are looked at in one go


def arguments(parser: Parser) -> None:
    parser.add_argument("images", metavar="IMAGE", nargs="+", help="an image, or a folder of images")
    _weights.declare(parser)
    parser.add_argument("--top", metavar="K", type=count(1), default=5, help="classes to name for each image (5)")


def run(options: Any, terminal: Terminal) -> int:
    files = list(_files(options.images))
    model = _weights.load(_weights.find(options)[0], options)
    _refuse(model)
    broken: list[Diagnostic] = []
    shown = []
    for start in range(0, len(files), TOGETHER):
        for path, guesses in _seen(model, files[start : start + TOGETHER], options.top, broken):
            shown.append({"image": str(path), "guesses": [guess.to_dict() for guess in guesses]})
            if not options.json:
                terminal.print(f"{path}: {', '.join(map(str, guesses))}")
    if options.json:
        terminal.print(json.dumps({"schema": 1, "net": model.net.name, "images": shown}, indent=2, ensure_ascii=False))
    Terminal(sys.stderr, color=not options.no_color).show(broken) if broken else None
    return worst(broken) if broken else CLEAN


def _files(given: Iterable[str]) -> Iterator[Path]:
    """Every image that is meant, in order. Raises CnnError (E075) for a folder without any."""
    from cnndsl.data.decoded import ENDINGS

    for text in given:
        path = Path(text)
        if not path.is_dir():
            yield path
            continue
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())
        if not found:
            raise NoImages(NOWHERE, folder=text, endings=ENDINGS).error()
        yield from found


def _refuse(model: Model) -> None:
    """Raises CnnError (E076) for a net that does not take one image and tell classes."""
    shapes = tuple(model.task.inputs.values())
    if len(shapes) != 1 or len(shapes[0]) != 3 or shapes[0][2] not in (1, 3) or len(model.program.outputs) != 1:
        sizes = ", ".join("x".join(map(str, shape)) for shape in shapes)
        outputs = len(model.program.outputs)
        raise NotForImages(NOWHERE, net=model.net.name, inputs=sizes, outputs=outputs).error()


def _seen(
    model: Model, files: Iterable[Path], top: int, broken: list[Diagnostic]
) -> Iterator[tuple[Path, tuple[Guess, ...]]]:
    """The guesses for each image that can be read; what is wrong with the others is noted."""
    from cnndsl.train.sights import guesses, pixels

    (shape,) = model.task.inputs.values()
    images = []
    for path in files:
        try:
            images.append((path, pixels(path, (shape[0], shape[1], shape[2]), model.normalization)))
        except CnnError as error:
            broken += error.diagnostics
    if images:
        paths, inputs = zip(*images)
        yield from zip(paths, guesses(model, inputs, top), strict=True)
