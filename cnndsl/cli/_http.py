"""A server for one page, to this machine only: `/` is the page, `/version` the number of its latest change.

No file is ever read by the name that a request gives. A request whose Host is not this machine is refused, so that no
page of another site can read the answers by a name that it lets point here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cnndsl.cli._internal import report
from cnndsl.cli._served import Served
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.reports import PortTaken

HOST = "127.0.0.1"
#: the port that is tried first where none is asked for
USUAL = 8000


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for the two addresses, and says 404 to everything else."""

    served: ClassVar[Served]

    @property
    def port(self) -> int:
        assert isinstance(self.server, Server)
        return self.server.server_port

    def do_GET(self) -> None:
        answers: dict[str, tuple[str, Callable[[], bytes]]] = {
            "/": ("text/html; charset=utf-8", self.served.page),
            "/version": ("text/plain; charset=utf-8", lambda: str(self.served.version()).encode()),
        }
        port = self.port
        if self.headers.get("Host") not in (f"{HOST}:{port}", f"localhost:{port}"):
            self.answer(403, "text/plain; charset=utf-8", b"this server answers to this machine only\n")
        elif self.path not in answers:
            self.answer(404, "text/plain; charset=utf-8", b"there is one page here, /\n")
        else:
            kind, make = answers[self.path]
            self.answer(200, kind, make())

    do_HEAD = do_GET

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing of single requests."""


class Server(ThreadingHTTPServer):
    """The server; a browser that goes away in the middle of an answer is no error."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            report(error, Terminal(sys.stderr))


def server(served: Served, port: int | None) -> Server:
    """A server on that port, or on 8000 or any free one. Raises CnnError (E096) if the system refuses the port."""
    handler = type("Handler", (Handler,), {"served": served})
    if port is None:
        try:
            return Server((HOST, USUAL), handler)
        except OSError:
            return Server((HOST, 0), handler)
    try:
        return Server((HOST, port), handler)
    except OSError as failure:
        raise PortTaken(NOWHERE, port, (failure.strerror or str(failure)).lower()).error() from failure
