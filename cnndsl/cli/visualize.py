"""Show what a trained net has learned, as a picture.

Examples:
  cnnc visualize net.cnn filters conv1 -w net.safetensors -o filters.png
  cnnc visualize net.cnn activations conv2 --image digit.png -o maps.png
  cnnc visualize net.cnn top conv2:5 --data sample -o top.png
  cnnc visualize net.cnn maximize softmax1 -o classes.png
  cnnc visualize net.cnn saliency --image digit.png --method integrated -o why.png
  cnnc visualize net.cnn saliency conv2:5@3,4 --data sample --example 7 -o why.png
  cnnc visualize net.cnn occlusion --image digit.png --class 3 -o occlusion.png
  cnnc visualize net.cnn embedding --data sample --method tsne -o plane.png
  cnnc visualize net.cnn equivariance conv1 --data sample --transform rotate --amounts 15,90 -o turned.png
  cnnc visualize net.cnn invariance maxpool1 --data sample -o pooled.png

filters: the weights of a layer. activations: its maps for images. top: the images of data that activate a unit most,
cut to what it sees. maximize: an image made to activate it. saliency, occlusion: which pixels a class or a unit
depends on. embedding: examples in a plane. equivariance: whether maps move along with the image. invariance:
how little layers change with it. responses: a maximum beside the detectors it chooses among.

A unit is LAYER:CHANNEL, or LAYER:CHANNEL@ROW,COLUMN for one position, counted from 0. Without `--weights` the newest
run is taken, and of `--data` the first four test examples.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _chosen, _looked, _net, _weights
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, count, word
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage
from cnndsl.record import Record

if TYPE_CHECKING:
    from cnndsl.cli._looked import Looked
    from cnndsl.visualize.result import Result


class Look(Record):
    """One way to look: what makes the result, and which options it heeds."""

    make: Callable[[Looked], Result]
    heeds: tuple[str, ...]


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument("what", metavar="WHAT", type=word("WHAT", LOOKS), help="how to look")
    parser.add_argument("unit", metavar="UNIT", nargs="?", help="a layer, or a unit of it: conv2, conv2:5, conv2:5@3,4")
    parser.add_argument("-o", "--output", metavar="PICTURE", required=True, help="the picture to write, a .png file")
    _weights.declare(parser)
    parser.add_argument("--image", metavar="IMAGE", action="append", default=[], help="an image file; may be repeated")
    parser.add_argument("--data", metavar="DATA", help="a name, or the path of a folder or file")
    about = "look at this example of the data, counted from 0; may be repeated"
    parser.add_argument("--example", metavar="N", type=count(0), action="append", default=[], help=about)
    parser.add_argument("--class", dest="target", metavar="CLASS", help="a class's number or name; else the likeliest")
    about = "of saliency, embedding and maximize, with its settings: smoothgrad(samples=50)"
    parser.add_argument("--method", metavar="METHOD", help=about)
    parser.add_argument("--transform", metavar="NAME", help="what is done to the images")
    parser.add_argument("--amounts", metavar="A,B,…", type=numbers, help="by how much: pixels, degrees, factors")
    parser.add_argument("--count", metavar="K", type=count(1), help="of top: images for each unit (9)")


def choices() -> dict[str, tuple[str, ...]]:
    """What can be chosen, for the help."""
    from cnndsl.train.choices import choices
    from cnndsl.visualize import Method, Transform
    from cnndsl.visualize.embedding import METHODS

    methods = (*choices(Method), *METHODS, "ascent")
    return {"WHAT": tuple(LOOKS), "--method": methods, "--transform": tuple(choices(Transform))}


def numbers(text: str) -> tuple[float, ...]:
    """The type of an option that takes numbers with commas between them."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(map(isfinite, found)):
        raise ArgumentTypeError(f"takes numbers such as 15,30,90, not `{text}`")
    return found


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.visualize.result import png_file

    _refuse(options)
    png_file(options.output)
    errors = Terminal(sys.stderr, color=not options.no_color)
    with _net.warnings_to(errors):
        result = LOOKS[options.what].make(_looked.load(options, errors))
    path = result.save(options.output)
    if options.json:
        found = {"schema": 1, "what": options.what, "picture": str(path), **result.to_dict()}
        terminal.print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for line in result.lines():
            terminal.print(line)
        terminal.print(f"wrote {path} ({path.stat().st_size / 1000:,.0f} kB)")
    return CLEAN


def _refuse(options: Any) -> None:
    """Raises CnnError (E053) for an option that this way to look does not heed."""
    named = {"image": "--image", "data": "--data", "example": "--example", "target": "--class", "method": "--method"}
    named |= {"transform": "--transform", "amounts": "--amounts", "count": "--count", "unit": "a layer or unit"}
    heeds = LOOKS[options.what].heeds
    for name, spoken in named.items():
        if getattr(options, name) not in (None, []) and name not in heeds:
            known = ", ".join(named[each] for each in heeds)
            wrong = f"`{options.what}` does not take {spoken}; it takes {known}"
            usage = f"cnnc visualize FILE {options.what} … -o picture.png"
            raise BadUsage(NOWHERE, "cnnc visualize", wrong, usage).error()


# ---- the ways to look ----------------------------------------------------------------------------


def _filters(seen: Looked) -> Result:
    from cnndsl.visualize import filters

    return filters(seen.model, seen.unit)


def _activations(seen: Looked) -> Result:
    from cnndsl.visualize import activations

    return activations(seen.model, seen.images(), seen.unit)


def _top(seen: Looked) -> Result:
    from cnndsl.visualize import top

    return top(seen.model, seen.data(), seen.unit, seen.options.count or 9)


def _maximize(seen: Looked) -> Result:
    from cnndsl.visualize import Ascent, maximize

    given = seen.options.method
    how = None if given is None else _chosen.chosen(Ascent, given)
    target = seen.target
    return maximize(seen.model, seen.unit if target is None else target, how)


def _saliency(seen: Looked) -> Result:
    from cnndsl.visualize import Method, saliency

    method = _chosen.chosen(Method, seen.options.method or "gradient")
    return saliency(seen.model, seen.images(), method, seen.target)


def _occlusion(seen: Looked) -> Result:
    from cnndsl.visualize import occlusion

    return occlusion(seen.model, seen.images(), seen.target)


def _embedding(seen: Looked) -> Result:
    from cnndsl.visualize import embedding

    return embedding(seen.model, seen.data(), seen.options.unit or "", seen.options.method or "pca")


def _equivariance(seen: Looked) -> Result:
    from cnndsl.visualize import equivariance

    return equivariance(seen.model, seen.images(), seen.unit, seen.options.transform or "shift", seen.amounts)


def _invariance(seen: Looked) -> Result:
    from cnndsl.visualize import invariance

    paths = seen.unit.split(",")
    at = paths[0] if len(paths) == 1 else paths
    return invariance(seen.model, seen.images(), at, seen.options.transform or "shift", seen.amounts)


def _responses(seen: Looked) -> Result:
    from cnndsl.visualize import responses

    return responses(seen.model, seen.images(), seen.unit, seen.options.transform or "rotate", seen.amounts)


IMAGES, MOVED = ("image", "data", "example"), ("transform", "amounts")
LOOKS = {
    "filters": Look(_filters, ("unit",)),
    "activations": Look(_activations, ("unit", *IMAGES)),
    "top": Look(_top, ("unit", "data", "count")),
    "maximize": Look(_maximize, ("unit", "target", "method")),
    "saliency": Look(_saliency, ("unit", "target", "method", *IMAGES)),
    "occlusion": Look(_occlusion, ("unit", "target", *IMAGES)),
    "embedding": Look(_embedding, ("unit", "data", "method")),
    "equivariance": Look(_equivariance, ("unit", *IMAGES, *MOVED)),
    "invariance": Look(_invariance, ("unit", *IMAGES, *MOVED)),
    "responses": Look(_responses, ("unit", *IMAGES, *MOVED)),
}
