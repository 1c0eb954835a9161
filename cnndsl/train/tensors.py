"""Writing safetensors files: the same bytes for the same arrays, with a seal where every bit must count.

The safetensors package reads; what it writes has private permissions and its metadata in a random order, so the
few lines that write are here. The seal is a SHA-256 of the whole file, in the file's metadata, taken with zeros in
its own place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from cnndsl.data.arrays import Array

TYPES = {"f2": "F16", "f4": "F32", "f8": "F64", "i4": "I32", "i8": "I64", "u4": "U32", "u8": "U64", "b1": "BOOL"}
SEAL = "sha256"
BLANK = "0" * 64
CHUNK = 1 << 20  # bytes read at a time


def write(file: BinaryIO, arrays: Mapping[str, Array], metadata: Mapping[str, str], *, sealed: bool = False) -> None:
    """The format: the length of a JSON text (8 bytes, little-endian), the text, then the arrays' bytes in its order."""
    ordered = {name: np.asarray(array, array.dtype.newbyteorder("<"), order="C") for name, array in arrays.items()}
    head = _head(ordered, {**metadata, SEAL: BLANK} if sealed else metadata)
    if sealed:
        found = sha256(head)
        for array in ordered.values():
            found.update(array.data)
        head = head.replace(_line(BLANK), _line(found.hexdigest()), 1)
    file.write(head)
    for array in ordered.values():
        file.write(array.data)


def _head(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    head: dict[str, Any] = {"__metadata__": dict(metadata)}
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        head[name] = {"dtype": TYPES[array.dtype.str[1:]], "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(head, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _line(seal: str) -> bytes:
    """The seal as it stands in the JSON: quotes within other texts are escaped, so it stands there once."""
    return f'"{SEAL}": "{seal}"'.encode()


def broken(file: BinaryIO, size: int) -> str:
    """Why a sealed file of `size` bytes cannot be trusted; "" if every bit is as it was written."""
    start = file.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length > size - 8:
        return f"it is cut off or no safetensors file: {size:,} bytes"
    text = file.read(length)
    try:
        head = json.loads(text)
        seal = str(head["__metadata__"][SEAL])
        end = max([item["data_offsets"][1] for name, item in head.items() if name != "__metadata__"], default=0)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "its head is damaged, or it has no seal: another program wrote it"
    if size != 8 + length + end:
        return f"it is cut off: {size:,} bytes of {8 + length + end:,}"
    found = sha256(start + text.replace(_line(seal), _line(BLANK), 1))
    while chunk := file.read(CHUNK):
        found.update(chunk)
    return "" if found.hexdigest() == seal else "its checksum does not fit: some of its bits have changed"
