"""Write a page that shows a net: diagram, formulas, receptive fields, memory, source.

Examples:
  cnnc report lenet5.cnn -o lenet5.html
  cnnc report unet.cnn --input 572x572x1 -o unet.html
  cnnc report lenet5.cnn --weights lenet5.safetensors --data sample -o lenet5.html
  cnnc report lenet5.cnn --weights LeNet5-1 -o lenet5.html

With trained weights it shows the filters, and steps through them; with data, too, the scores of its test examples
(2,000 of them at most), the confusion matrix and the worst mistakes. A run of `cnnc train` brings its best weights and
its data; beside weights that lie in a run's folder its learning curves are shown. The page is one file: it fetches
nothing, so that it can be mailed, put on a server or shown in a lecture hall. `cnnc serve` shows it, and again
whenever the file is saved.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _net, _runs
from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage

if TYPE_CHECKING:
    from cnndsl.data.dataset import Dataset
    from cnndsl.net import Net


def arguments(parser: Parser) -> None:
    _net.declare(parser)
    about = "show what was learned: a .safetensors file, or a run with its curves and its data"
    parser.add_argument("-w", "--weights", metavar="WEIGHTS", help=about)
    parser.add_argument("--data", metavar="DATA", help="with --weights: data to show scores of, a name or a path")
    _runs.declare(parser)
    parser.add_argument("-o", "--output", metavar="PAGE", required=True, help="the page to write, an .html file")


def run(options: Any, terminal: Terminal) -> int:
    from cnndsl.report import write

    if options.data is not None and options.weights is None:
        wrong = "--data shows what trained weights make of it, and there are none"
        raise BadUsage(NOWHERE, "cnnc report", wrong, "cnnc report FILE --weights WEIGHTS --data DATA -o PAGE").error()
    net = _net.load(options)
    _net.warn(net, Terminal(sys.stderr, color=not options.no_color))
    more = {} if options.weights is None else _learned(options, net)
    path = write(net.graph, options.output, net.diagnostics, more)
    terminal.print(f"wrote {path} ({path.stat().st_size / 1000:,.0f} kB)")
    return CLEAN


def _learned(options: Any, net: Net) -> dict[str, Any]:
    """What the page shows of weights: what they have learned, and the curves of the run that they are of."""
    from cnndsl.cli import _weights
    from cnndsl.report.curves import curves
    from cnndsl.report.learned import learned

    path, run = _weights.find(options)
    near = run or _runs.at(Path(path).parent)
    drawn = {"curves": curves(near.name, near.history())} if near else {}
    return {**drawn, **learned(net, path, _shown(options, net, run))}


def _shown(options: Any, net: Net, run: _runs.Run | None) -> Dataset | None:
    """The data that is asked for, else that of the run, if one was named."""
    from cnndsl.cli import _data, _settings

    if options.data is not None:
        return _data.opened(_settings.effective({"data": options.data}), net)
    return None if run is None else _data.opened(_settings.effective(run.settings()), net)
