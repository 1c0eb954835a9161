"""A fix of an error is offered only if it has been tried: the program then checks, or has this error less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cnndsl.diagnostic import Diagnostic, Edit, Fix, Severity
from cnndsl.repair import applied
from cnndsl.source import Source

#: nodes that may be built to try the fixes of a file, or text read that takes as long: a second or so
MOST_NODES = 10_000
#: characters that are read in the time that a node takes
CHARACTERS_OF_A_NODE = 8
#: nodes that are built in the time that a message takes, with its repairs
NODES_OF_A_MESSAGE = 8
#: programs that may be tried, however small
MOST_TRIES = 60

#: what the program says after a change, and how many nodes that took
Said = tuple[Sequence[Diagnostic], int]
#: checks the program with other texts for some of its sources
Check = Callable[[Mapping[Source, str]], Said]
#: checks one of its nets, by name, with another size of its only input, which needs no reading
Resize = Callable[[str, tuple[int | None, ...]], Said]


class Trials:
    """Tries changed programs while there is room for it."""

    def __init__(
        self, check: Check, resize: Resize, found: Iterable[Diagnostic], may_change: Callable[[Source], bool]
    ) -> None:
        self.check, self.resize, self.may_change = check, resize, may_change
        self.before = errors(found)
        self.nodes = MOST_NODES
        self.latest = 0  # what the latest took
        self.tries = MOST_TRIES

    def helps(self, edits: Sequence[Edit]) -> bool:
        """Whether fewer errors are left with these edits, and none of another kind."""
        if not edits or not self.left:
            return False
        texts: dict[Source, list[Edit]] = {}
        for edit in edits:
            texts.setdefault(edit.span.source, []).append(edit)
        if not all(map(self.may_change, texts)):
            return False
        changed = {source: applied(source.text, mine) for source, mine in texts.items()}
        return self._after(*self.check(changed)) < self.before

    def fits(self, net: str, size: tuple[int | None, ...], before: Counter[str]) -> bool:
        """Whether a net has fewer errors than `before` with an input of that size, and none of another kind."""
        return self.left and self._after(*self.resize(net, size)) < before

    @property
    def left(self) -> bool:
        """Whether there is room for one more like the latest."""
        return self.nodes > self.latest and self.tries > 0

    def _after(self, found: Sequence[Diagnostic], nodes: int) -> Counter[str]:
        self.latest = nodes + NODES_OF_A_MESSAGE * len(found)
        self.nodes -= self.latest
        self.tries -= 1
        return errors(found)


def proven(diagnostics: Sequence[Diagnostic], trials: Trials) -> list[Diagnostic]:
    """The diagnostics with those fixes of errors that help; safe fixes and those of warnings are kept as they are."""
    return [
        diagnostic.replace(fixes=tuple(_helpful(diagnostic.fixes, trials)))
        if diagnostic.severity is Severity.ERROR and diagnostic.fixes
        else diagnostic
        for diagnostic in diagnostics
    ]


def _helpful(fixes: Iterable[Fix], trials: Trials) -> Iterator[Fix]:
    """The fixes that help, of those with one purpose (`use a smaller kernel: …`) the first that does."""
    met: set[str] = set()
    for fix in fixes:
        purpose = fix.title.partition(":")[0]
        if fix.safe or (purpose not in met and trials.helps(fix.edits)):
            met.add(purpose)
            yield fix


def errors(diagnostics: Iterable[Diagnostic]) -> Counter[str]:
    """How many errors there are of each code."""
    return Counter(diagnostic.code for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR)
