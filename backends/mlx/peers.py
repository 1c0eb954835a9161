"""Whether all ranks are there, before MLX joins them: its own call waits without end for one that is missing.

The ranks stand in a ring, each calling the next one, as MLX will have them do. Once a rank has called and was called
a token goes round, which comes back when that is so of all of them; a second one when none listens any more at the
ports that MLX is going to listen at.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from select import select
from time import monotonic, sleep

from cnndsl.errors.base import NOWHERE
from cnndsl.errors.ranks import NoRanks, PeerMissing
from cnndsl.record import Record

RANK, HOSTS = "MLX_RANK", "MLX_HOSTFILE"
HELLO = "cnndsl rank {} of {}\n"
TOKEN = b"."
#: seconds of one try to reach the next rank, and of one wait for the rank before; and for the hello of who called
TRY, SPEAK = 0.1, 1.0

Address = tuple[str, int]


class Ring(Record):
    """This rank, and the addresses that each rank listens at; no addresses where a rank is alone."""

    rank: int
    addresses: tuple[Address, ...]

    @property
    def size(self) -> int:
        return len(self.addresses)

    @property
    def next(self) -> int:
        return (self.rank + 1) % self.size

    @property
    def before(self) -> int:
        return (self.rank - 1) % self.size

    def hello(self, rank: int) -> str:
        return HELLO.format(rank, self.size)


def ring() -> Ring:
    """What the environment says. Raises CnnError (E605) if that is nothing, or nothing that can be used."""
    rank, path = os.environ.get(RANK, ""), os.environ.get(HOSTS, "")
    if not rank.isdecimal() or not path:
        raise _unknown(f"{HOSTS if rank.isdecimal() else RANK} is not set")
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        addresses = tuple(_address(hosts[0]) for hosts in json.loads(text)) if text.strip() else ()
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise _unknown(f"`{path}` is no file of hosts: {error}") from None
    if int(rank) >= max(len(addresses), 1):
        raise _unknown(f"{RANK} is {rank}, `{path}` has {len(addresses)} ranks, counted from 0")
    return Ring(int(rank), addresses)


def _unknown(reason: str) -> Exception:
    return NoRanks(NOWHERE, reason).error()


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValueError(f"`{text}` is no HOST:PORT")
    return host, int(port)


def meet(ring: Ring, seconds: float) -> None:
    """Returns when all ranks are there and ready for MLX's own call. Raises CnnError (E605, E606)."""
    end = monotonic() + seconds
    while True:
        with suppress(OSError):  # a rank that called has ended, and may be started again
            _gather(ring, end, seconds)
            return
        if monotonic() > end:
            raise _absent(ring, set(), seconds)
        sleep(TRY)


def _gather(ring: Ring, end: float, seconds: float) -> None:
    """One try. Raises OSError if a rank that was there went away, CnnError (E605, E606)."""
    with ExitStack() as lines:
        door = lines.enter_context(closing(_listening(ring, end, seconds)))
        called = heard = None
        while called is None or heard is None:
            if monotonic() > end:
                raise _absent(ring, {ring.next} if called is None else {ring.before}, seconds)
            if called is None and (called := _called(ring)) is not None:
                lines.enter_context(called)
            if heard is None and (heard := _heard(ring, door)) is not None:
                lines.enter_context(heard)
            _check(line for line in (called, heard) if line is not None)
        _round(ring, called, heard, end, (called,))
        door.close()
        _round(ring, called, heard, end)  # a rank through which the token came hangs up


def _round(
    ring: Ring, called: socket.socket, heard: socket.socket, end: float, needed: tuple[socket.socket, ...] = ()
) -> None:
    """A token from rank 0 to rank 0. Raises OSError if it does not come, or a line that is needed has ended."""
    if ring.rank == 0:
        called.sendall(TOKEN)
    while not select([heard], [], [], TRY)[0]:
        _check(needed)
        if monotonic() > end:
            raise TimeoutError
    if heard.recv(1) != TOKEN:
        raise ConnectionError
    if ring.rank != 0:
        called.sendall(TOKEN)


def _check(lines: Iterable[socket.socket]) -> None:
    """Raises OSError if a line has ended."""
    for line in lines:
        if select([line], [], [], 0)[0] and not line.recv(1, socket.MSG_PEEK):
            raise ConnectionError


def _listening(ring: Ring, end: float, seconds: float) -> socket.socket:
    """The socket at this rank's address; waits for a port that is still taken. Raises CnnError (E605, E606)."""
    host, port = ring.addresses[ring.rank]
    while True:
        try:
            door = socket.create_server((host, port), backlog=ring.size + 1)
        except OSError as error:
            said = f"{host}:{port} is the address of this rank, and it cannot listen there: {error.strerror or error}"
            if error.errno != errno.EADDRINUSE:
                raise _unknown(said) from None
            if monotonic() > end:
                raise PeerMissing(NOWHERE, ring.rank, seconds, f"its port ({said})").error() from None
            sleep(TRY)
        else:
            door.settimeout(TRY)
            return door


def _called(ring: Ring) -> socket.socket | None:
    """A line to the next rank, if it listens already."""
    try:
        line = socket.create_connection(ring.addresses[ring.next], timeout=TRY)
        line.sendall(ring.hello(ring.rank).encode())
        return line
    except OSError:
        sleep(TRY)
        return None


def _heard(ring: Ring, door: socket.socket) -> socket.socket | None:
    """A line from the rank before, if it calls. Raises CnnError (E605) for a rank of another ring."""
    try:
        line, _ = door.accept()
        line.settimeout(SPEAK)
        said = bytearray()
        while not said.endswith(b"\n") and len(said) < 64 and (more := line.recv(1)):
            said += more
    except OSError:
        return None
    text, wanted = said.decode("ascii", "replace"), ring.hello(ring.before)
    if text == wanted:
        return line
    line.close()
    if text.startswith(HELLO.partition("{")[0]):
        raise _unknown(f"`{text.strip()}` called where `{wanted.strip()}` should: the files of hosts differ")
    return None


def _absent(ring: Ring, missing: set[int], seconds: float) -> Exception:
    """Names those that are known to be missing and those that nothing answers for."""
    missing |= set(_silent(ring))
    told = [f"rank {rank} at {':'.join(map(str, ring.addresses[rank]))}" for rank in sorted(missing)]
    return PeerMissing(NOWHERE, ring.rank, seconds, ", ".join(told) or "the others to be ready").error()


def _silent(ring: Ring) -> Iterator[int]:
    for rank, address in enumerate(ring.addresses):
        if rank != ring.rank:
            try:
                socket.create_connection(address, timeout=SPEAK).close()
            except OSError:
                yield rank
