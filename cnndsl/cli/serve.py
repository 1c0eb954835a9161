"""Show the page of a net in the browser, and again whenever its file is saved.

Examples:
  cnnc serve lenet5.cnn
  cnnc serve resnet.cnn:ResNet50 --input 160x160x3 --open

The page is that of `cnnc report`. While the file has errors it shows these, each below its line. It is served to this
machine only (127.0.0.1), and nothing but it; Ctrl-C ends it.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from typing import Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser, count
from cnndsl.cli._terminal import Terminal
from cnndsl.pipeline import Checked


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    parser.add_argument("--port", metavar="N", type=count(1), help="the port to listen on (8000, or any that is free)")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.asked import sizes_of
    from cnndsl.cli._http import server
    from cnndsl.cli._served import Served
    from cnndsl.files import read_source

    read_source(_file(options))  # a name that is wrong is said here, not in the browser
    settings, sizes = _net.settings(options.set), sizes_of(_net.sizes(options.input))
    served = Served(options.file, partial(_check, options, settings, sizes))
    with suppress(KeyboardInterrupt), server(served, options.port) as serving:
        _announce(serving.server_port, options, terminal)
        serving.serve_forever(poll_interval=0.2)
    return CLEAN


def _announce(port: int, options: Any, terminal: Terminal) -> None:
    """Prints the address, and opens it if that is wanted."""
    from cnndsl.cli._http import HOST

    address = f"http://{HOST}:{port}/"
    terminal.print(f"{options.file} at {address}; Ctrl-C ends it")
    terminal.flush()
    if options.open:
        import webbrowser

        if not webbrowser.open(address):
            Terminal(sys.stderr).print(f"no browser was found to open {address}")


def _file(options: Any) -> str:
    from cnndsl.asked import split_name

    return split_name(options.file)[0]


def _check(options: Any, settings: Any, sizes: Any) -> Checked:
    from cnndsl.asked import split_name
    from cnndsl.files import read_source
    from cnndsl.pipeline import check

    path, net = split_name(options.file)
    return check(read_source(path), net=net, settings=settings, sizes=sizes, all_nets=False)
