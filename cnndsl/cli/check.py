"""Check files: say everything that is wrong, or what each net takes, gives and costs.

Examples:
  cnnc check lenet5.cnn
  cnnc check nets/ "more/*.cnn" --error-on-warning
  cnnc check resnet.cnn:ResNet50 --input 128x128x3 --set classes=10
  cnnc check net.cnn --select advice --ignore W202
  cnnc check net.cnn --fix
  cnnc check net.cnn --watch
  cnnc check - --stdin-filename net.cnn --format json < net.cnn

Lints are chosen by code (W201), beginning of codes (W2), name (unused_output), group (defects,
advice, training) or `all`, several with commas; the more exact word counts. A comment
`# cnnc: allow(W201) reason` allows one line. The table [tool.cnnc] of pyproject.toml may set
select, ignore, error, strict and error-on-warning for every check.

--fix applies the repairs that change nothing but what is wrong, --unsafe-fixes also the first of
the others (a padding, a kernel, a size), --diff shows what they would do and changes nothing.

Exit code: 0 clean or warnings only, 1 errors, 2 a wrong command line or an unreadable file; with
--diff 1 if there is something to mend.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING, Any

from cnndsl.cli import _net
from cnndsl.cli._exit import CLEAN, ERRORS, worst
from cnndsl.cli._options import Parser, word
from cnndsl.cli._terminal import Terminal
from cnndsl.diagnostic import CnnError
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadUsage
from cnndsl.files import read_source, standard_input

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnndsl.cli._project import Project
    from cnndsl.diagnostic import Diagnostic
    from cnndsl.lints import Rules
    from cnndsl.pipeline import Checked
    from cnndsl.source import Source

USAGE = "usage: cnnc check FILE ... [--fix | --diff] [--unsafe-fixes] [--watch], or - [--stdin-filename NAME] [--diff]"
#: what can be done with lints
VERBS = {
    "select": "also look for these",
    "ignore": "do not look for these",
    "error": "look for these, and what they find are errors",
}


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="files, folders, patterns, FILE:NET for one net of a file, or - for stdin",
    )
    _net.declare_changes(parser)
    parser.add_argument("--format", metavar="FORMAT", type=_format, help="how to print messages (text)")
    for verb, what in VERBS.items():
        parser.add_argument(f"--{verb}", metavar="LINTS", action="append", default=[], help=what)
    parser.add_argument("--fix", action="store_true", help="mend what can be mended safely")
    parser.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: the first repair of all else, too"
    )
    parser.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    parser.add_argument("--statistics", action="store_true", help="print how often each code occurs, not the messages")
    parser.add_argument("--watch", action="store_true", help="check again whenever a file changes, until Ctrl-C")
    parser.add_argument(
        "--stdin-filename", metavar="NAME", help="what `-` is called, and where its imports are looked for"
    )
    parser.add_argument("--error-on-warning", action="store_true", help="exit with 1 if there are warnings")
    parser.add_argument("--strict", action="store_true", help="divisions that are not exact are errors")


def choices() -> dict[str, list[str]]:
    """What options can be, for the help."""
    from cnndsl import render

    return {"--format": render.formats()}


def _format(text: str) -> str:
    return word("--format", choices()["--format"])(text)


def run(options: Any, terminal: Terminal) -> int:
    _consistent(options)
    # Graphs are large and hold no cycles: looking for some after every 700 new objects takes a fifth of the time.
    gc.set_threshold(100_000, 50)
    if not options.watch:
        return _Run(options).once(terminal)
    from cnndsl.cli._project import forget
    from cnndsl.cli._watch import watch

    latest = _Run(options)

    def again() -> None:
        nonlocal latest
        forget()
        latest = _Run(options)
        try:
            latest.once(terminal)
        except CnnError as error:
            terminal.show(error.diagnostics)

    return watch(again, lambda: latest.files(), terminal)


def _consistent(options: Any) -> None:
    """Raises CnnError (E052) for options that do not go together."""
    stdin = "-" in options.files
    machine = options.format not in (None, "text", "concise")
    clashes = (
        (stdin and options.fix, "--fix cannot write to standard input: use --diff"),
        (stdin and options.watch, "--watch cannot watch standard input: name a file"),
        (options.stdin_filename is not None and not stdin, "--stdin-filename is for `-`, standard input"),
        (options.unsafe_fixes and not (options.fix or options.diff), "--unsafe-fixes goes with --fix or --diff"),
        (options.fix and options.diff, "--fix and --diff: one of them"),
        (options.statistics and options.diff, "--statistics and --diff: one of them"),
        (machine and options.statistics, f"--statistics prints a table, not {options.format}: leave out --format"),
        (machine and options.diff, f"--diff prints a diff, not {options.format}: leave out --format"),
    )
    for clash, message in clashes:
        if clash:
            raise BadUsage(NOWHERE, command="cnnc check", message=message, usage=USAGE).error()


class _Run:
    """One check of all files: what was found, and what it means for the exit code."""

    def __init__(self, options: Any) -> None:
        from cnndsl.asked import sizes_of

        self.options = options
        self.settings, self.sizes = _net.settings(options.set), sizes_of(_net.sizes(options.input))
        self.checked: list[Checked] = []
        self.unread: list[Diagnostic] = []
        self.codes = [CLEAN]
        #: what was mended, or would be, a line or a diff each
        self.changes: list[str] = []

    def once(self, terminal: Terminal) -> int:
        from cnndsl.asked import split_name
        from cnndsl.cli._files import expand

        options = self.options
        for file in expand(options.files):
            path, net = split_name(file)
            try:
                self._file(path, net)
            except CnnError as error:
                self.unread += error.diagnostics
        said = [*self.unread, *(diagnostic for file in self.checked for diagnostic in file.diagnostics)]
        if options.diff:
            for change in self.changes:
                terminal.print(change)
            return max(worst(self.unread), ERRORS if self.changes else CLEAN)
        self._report(said, terminal)
        return max(*self.codes, worst(self.unread))

    def _file(self, path: str, net: str | None) -> None:
        """Checks one file, and mends it if that is wanted. Raises CnnError."""
        from cnndsl.cli._project import project_of
        from cnndsl.pipeline import check

        options = self.options
        source = standard_input(options.stdin_filename) if path == "-" else read_source(path)
        project = project_of(source.name)
        check_source = partial(
            check,
            net=net,
            settings=self.settings,
            sizes=self.sizes,
            strict=options.strict or project.strict,
            rules=_rules(options, project),
        )
        found = check_source(source)
        if options.fix or options.diff:
            found = self._mended(found, check_source)
        self.checked.append(found)
        counts = options.error_on_warning or project.error_on_warning
        self.codes.append(worst(found.diagnostics, warnings_count=counts))

    def _mended(self, found: Checked, check: Callable[[Source], Checked]) -> Checked:
        from cnndsl.cli._mend import Mended

        mended = Mended(found, check, unsafe=self.options.unsafe_fixes)
        if mended.changed and self.options.diff:
            self.changes.append(mended.diff())
        elif mended.changed:
            from cnndsl.cli._files import rewrite

            rewrite(found.source.name, mended.checked.source.text, marked=True)
            self.changes.append(mended.summary())
        return mended.checked

    def _report(self, said: list[Diagnostic], terminal: Terminal) -> None:
        from cnndsl.cli._report import report, statistics

        for change in self.changes if self.options.format in (None, "text") else ():
            terminal.print(change)
        if self.options.statistics:
            statistics(said, terminal)
        else:
            report(self.options.format or "text", self.checked, said, terminal)

    def files(self) -> list[str]:
        """The files that the check depends on: those that were named, and what they import."""
        from cnndsl.asked import split_name
        from cnndsl.cli._files import expand, imported

        try:
            named = [split_name(file)[0] for file in expand(self.options.files)]
        except CnnError:
            named = [split_name(file)[0] for file in self.options.files]
        return list(dict.fromkeys([*named, *(file for checked in self.checked for file in imported(checked))]))


def _rules(options: Any, project: Project) -> Rules | None:
    """The lints that the project and the command line choose; None for the usual ones. Raises CnnError (E080)."""
    given = [(verb, text) for verb in VERBS for text in getattr(options, verb)]
    if not given and not project.wishes:
        return None
    from cnndsl.lints._selection import Wish, rules_of

    words = [(verb, word.strip()) for verb, text in given for word in text.rstrip(", ").split(",")]
    return rules_of(project.wishes, [Wish(verb, word, f"--{verb}") for verb, word in words])
