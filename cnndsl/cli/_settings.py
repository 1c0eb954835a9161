"""The settings of a training: options of `cnnc train`, keys of a TOML file, and what they are if nobody says."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cnndsl.cli import _toml
from cnndsl.cli._options import Parser, count, positive
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.settings import BadConfig, UnreadableConfig
from cnndsl.record import Record
from cnndsl.source import Source
from cnndsl.suggest import closest

Settings = dict[str, Any]


class Setting(Record):
    """An option with a value, or a switch (`metavar` is empty); `usual` is its value if nobody gives one."""

    name: str
    metavar: str
    kind: Callable[[str], Any]
    usual: Any
    help: str

    @property
    def takes(self) -> dict[str, Any]:
        """How argparse is told; None is its value where it is not given."""
        return (
            {"metavar": self.metavar, "type": self.kind} if self.metavar else {"action": "store_const", "const": True}
        )

    def fits(self, value: Any) -> bool:
        """Whether a value of a file has the type that the option wants."""
        if not self.metavar or isinstance(value, bool):
            return isinstance(value, bool) and not self.metavar
        return isinstance(value, str) or (self.kind is not str and isinstance(value, int | float))

    @property
    def wanted(self) -> str:
        if not self.metavar:
            return "write `true` or `false`"
        return "write a text in double quotes" if self.kind is str else "write a number"


def part(text: str) -> float:
    """The type of an option that takes a part of the whole, from 0 to below 1."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"takes a number from 0 to below 1, not `{text}`")
    return number


SETTINGS = (
    Setting("data", "DATA", str, None, "what to train on: a name, or a path"),
    Setting("epochs", "N", count(1), 1, "times to go through it (1)"),
    Setting("batch-size", "N", count(1), 64, "examples in a step (64)"),
    Setting("optimizer", "NAME", str, "adam", 'how the weights are updated (adam), or "sgd(momentum=0.9)"'),
    Setting("rate", "RATE", positive, None, "the learning rate; else the optimizer's own"),
    Setting("l1", "AMOUNT", positive, None, "a penalty on the weights: this times the sum of |w|"),
    Setting("l2", "AMOUNT", positive, None, "a penalty on the weights: this times half the sum of w^2"),
    Setting("clip-norm", "NORM", positive, None, "hold the norm of all gradients together below this"),
    Setting("clip-value", "VALUE", positive, None, "hold each number of the gradients within this"),
    Setting("accumulate", "N", count(1), None, "average the gradients of N steps into one update"),
    Setting("ema", "PART", part, None, "keep a running mean of the weights, measure and save it: 0.999"),
    Setting("schedule", "NAME", str, "constant", "how the rate changes as it goes (constant)"),
    Setting("loss", "NAME", str, "cross_entropy", "what is minimized (cross_entropy)"),
    Setting("backend", "NAME", str, "auto", "what computes (auto)"),
    Setting("precision", "TYPE", str, "", "compute in bfloat16 or float16, where the backend can (float32)"),
    Setting("seed", "N", count(0), 0, "fixes every random number (0)"),
    Setting("validation", "PART", part, 0.0, "set this part of the training examples aside to watch: 0.1"),
    Setting("augment", "LIST", str, "", 'change the training examples as they come: "flip,crop:4"'),
    Setting("adversarial", "NAME", str, "", 'train against attacks on the inputs: "fgsm(epsilon=0.1)"'),
    Setting("corrupt", "WHAT", str, "fatal", "what unreadable images are: fatal, or skip (fatal)"),
    Setting("stop-early", "N", count(1), None, "stop after N epochs in a row without a lower validation loss"),
    Setting("save-steps", "N", count(0), 0, "leave a checkpoint every N steps too, not only every epoch"),
    Setting("deterministic", "", str, False, "the same bits whatever the number of threads (NumPy)"),
    Setting("memory-limit", "SIZE", str, None, 'compute results again rather than take more memory: "2GB" (NumPy)'),
    Setting("recompute", "PATHS", str, "", 'layers or blocks whose results are not kept: "stage1,stage2" (NumPy)'),
    Setting("tensorboard", "", str, False, "write events for TensorBoard (extra `tensorboard`)"),
)
KNOWN = {setting.name: setting for setting in SETTINGS}
#: those that `compile` takes by these names
COMPILED = (
    *("l1", "l2", "clip-norm", "clip-value", "accumulate", "ema"),
    *("deterministic", "memory-limit", "recompute", "precision"),
)
NET, CHANGES = "net", ("set", "input")
FILE = Setting(NET, "FILE", str, None, "a .cnn file; FILE:NET picks one of its nets")


def declare(parser: Parser) -> None:
    """The options; one that is not given is None, so that a file or what is usual can speak."""
    for item in SETTINGS:
        parser.add_argument(f"--{item.name}", **item.takes, help=item.help)


def given(options: Any) -> Settings:
    """What the command line says."""
    named = {item.name: getattr(options, item.name.replace("-", "_")) for item in SETTINGS}
    named |= {NET: options.file, **{name: getattr(options, name) or None for name in CHANGES}}
    return {name: value for name, value in named.items() if value is not None}


def effective(*layers: Mapping[str, Any]) -> Settings:
    """What counts: what is usual, then each layer over those before it."""
    found: Settings = {item.name: item.usual for item in SETTINGS}
    for layer in layers:
        found |= layer
    return found


def text(settings: Mapping[str, Any]) -> str:
    """The settings as TOML that `read` takes; those that are None are left out."""
    order = [NET, *KNOWN, *CHANGES]
    lines = [f"{name} = {json.dumps(settings[name], ensure_ascii=False)}" for name in order if _said(settings, name)]
    return "\n".join([*lines, ""])


def _said(settings: Mapping[str, Any], name: str) -> bool:
    return settings.get(name) not in (None, [])


def read(path: str | Path) -> Settings:
    """The settings in a TOML file. Raises CnnError (E083, E084)."""
    try:
        source = Source(str(path), Path(path).read_text(encoding="utf-8"))
        return {_name(key): _checked(key, value, source) for key, value in _toml.tables(source).items()}
    except (OSError, UnicodeDecodeError) as failure:
        reason = getattr(failure, "strerror", None) or "it is no text in UTF-8"
        raise UnreadableConfig(NOWHERE, file=str(path), reason=reason.lower()).error() from None
    except _toml.Unreadable as error:
        raise UnreadableConfig(error.where, file=str(path), reason=error.reason).error() from None


def _name(key: str) -> str:
    return key.replace("_", "-")


def _checked(key: str, value: Any, source: Source) -> Any:
    """A value as the option of that name would take it. Raises CnnError (E084)."""
    name = _name(key)
    if name in CHANGES:
        return _changes(key, value, source)
    item = FILE if name == NET else KNOWN.get(name)
    if item is None:
        known = (NET, *KNOWN, *CHANGES)
        meant = closest(name, known)
        advice = f"did you mean `{meant}`?" if meant else f"it may have {', '.join(known)}"
        raise BadConfig(_toml.key(key, source), source.name, f"there is no `{key}`", advice, meant).error()
    if not item.fits(value):
        raise BadConfig(_toml.key(key, source), source.name, f"`{key}` cannot be {value!r}", item.wanted).error()
    try:
        return item.kind(str(value)) if item.metavar else value
    except argparse.ArgumentTypeError as error:
        raise BadConfig(_toml.key(key, source), source.name, f"`{key}` {error}", "change it").error() from None


def _changes(key: str, value: Any, source: Source) -> list[str]:
    """`set` and `input` as the options give them: a list of `NAME=VALUE`, made of a table too."""
    if isinstance(value, dict):
        return [f"{name}={item if isinstance(item, str) else json.dumps(item)}" for name, item in value.items()]
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(item, str) for item in texts):
        advice = f"write a table: `{key} = {{ NAME = VALUE }}`"
        raise BadConfig(_toml.key(key, source), source.name, f"`{key}` cannot be {value!r}", advice).error()
    return texts
