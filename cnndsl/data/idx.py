"""IDX, the format of MNIST: two zero bytes, a type, the number of axes, the extents, the values (big-endian).

Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, 1998, which
describes it. Plain or gzip; told apart by the first bytes, not by the name.
"""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from cnndsl.data.files import corrupt, reading
from cnndsl.diagnostic import CnnError

if TYPE_CHECKING:
    from numpy.typing import NDArray

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
PART = 1 << 24


def read(path: str | Path) -> NDArray[Any]:
    """The array of an IDX file, in the machine's byte order. Raises CnnError (E513, E514)."""
    path = Path(path)
    with reading(path), path.open("rb") as plain:
        zipped = plain.read(2) == GZIP
        plain.seek(0)
        try:
            return _parse(path, gzip.GzipFile(fileobj=plain) if zipped else plain)
        except (EOFError, zlib.error, gzip.BadGzipFile) as reason:
            raise corrupt(path, "gzip", str(reason)) from None


def _parse(path: Path, file: IO[bytes] | gzip.GzipFile) -> NDArray[Any]:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES:
        raise _wrong(path, f"it starts with {head.hex(' ') or 'nothing'}, not with 00 00, a type and a number of axes")
    extents = file.read(4 * head[3])
    if len(extents) < 4 * head[3]:
        raise _wrong(path, f"it ends within the extents of its {head[3]} axes")
    shape = tuple(int(extent) for extent in np.frombuffer(extents, ">u4"))
    dtype = np.dtype(TYPES[head[2]])
    wanted = prod(shape) * dtype.itemsize
    values = _exactly(file, wanted)
    if len(values) != wanted:
        more = "more" if len(values) > wanted else f"{len(values):,}"
        there = "x".join(map(str, shape))
        raise _wrong(path, f"its head promises {there} values, {wanted:,} bytes, and there are {more}")
    return np.frombuffer(values, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _exactly(file: IO[bytes] | gzip.GzipFile, wanted: int) -> bytes:
    """Up to one byte more than is wanted, in parts: a false promise reserves no memory."""
    parts, left = [], wanted + 1
    while left > 0 and (part := file.read(min(PART, left))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _wrong(path: Path, reason: str) -> CnnError:
    return corrupt(path, "IDX", reason)


def write(path: str | Path, array: NDArray[Any]) -> None:
    """Writes an array of bytes as IDX, gzip if the name ends in `.gz`: the same bytes for the same array."""
    head = bytes((0, 0, 0x08, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    content = head + np.ascontiguousarray(array, np.uint8).tobytes()
    path = Path(path)
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)
