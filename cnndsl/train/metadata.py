"""What a file of weights says about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cnndsl.data.normalization import Normalization
from cnndsl.record import Record

FORMAT = 1


class Metadata(Record):
    """What a file of weights says about itself; its JSON is the value of `cnndsl` in the file's metadata.

    `settings` are the net's parameters, `inputs` the shapes of its inputs, `losses` what each output
    was trained with (names, or dicts of a name and settings): enough to build the model again. `engine` is how an
    engine that plans ahead ran: its settings, and for each batch how it was cut and how convolutions were computed.
    `imports` are the texts of the files beside the source that it imports (not of those of the zoo).
    """

    net: str
    source: str
    source_name: str = ""
    settings: Mapping[str, Any] = {}
    inputs: Mapping[str, tuple[int, ...]] = {}
    losses: Mapping[str, Any] = {}
    class_names: tuple[str, ...] = ()
    normalization: Normalization = Normalization()
    version: str = ""
    engine: Mapping[str, Any] = {}
    imports: Mapping[str, str] = {}
    format: int = FORMAT

    @property
    def source_sha256(self) -> str:
        """The hash of the source's text, and of those that it imports, in hexadecimal."""
        others = (f"\0{name}\0{text}" for name, text in sorted(self.imports.items()))
        return sha256("".join([self.source, *others]).encode()).hexdigest()

    def to_json(self) -> str:
        """All fields and the source's hash, in a fixed order."""
        fields = {name: getattr(self, name) for name in self.fields}
        fields |= {"normalization": self.normalization.to_dict(), "source_sha256": self.source_sha256}
        return json.dumps(fields, sort_keys=True, ensure_ascii=False, default=str)

    @classmethod
    def from_json(cls, text: str) -> Metadata:
        """From what `to_json` gave. Raises ValueError, KeyError or TypeError for anything else."""
        given = json.loads(text)
        if int(given["format"]) > FORMAT:
            raise ValueError(f"its format is {given['format']}, this version of cnndsl reads up to {FORMAT}")
        found = cls(
            str(given["net"]),
            str(given["source"]),
            str(given["source_name"]),
            dict(given["settings"]),
            {name: tuple(map(int, shape)) for name, shape in given["inputs"].items()},
            dict(given["losses"]),
            tuple(map(str, given["class_names"])),
            Normalization.from_dict(given["normalization"]),
            str(given["version"]),
            dict(given.get("engine", {})),
            {str(name): str(text) for name, text in given.get("imports", {}).items()},
        )
        if found.source_sha256 != given["source_sha256"]:
            raise ValueError("its source does not have the hash that it names")
        return found


@cache
def installed() -> str:
    """The version of this package."""
    try:
        return version("cnndsl")
    except PackageNotFoundError:
        return "unknown"
