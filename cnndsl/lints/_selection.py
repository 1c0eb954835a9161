"""Which lints run and how bad they are: what was selected, ignored and made an error."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostic import Severity
from cnndsl.errors.base import Site
from cnndsl.errors.settings import UnknownLint
from cnndsl.lints import GROUPS, Lint, every_lint, group_of
from cnndsl.lints.base import Rules
from cnndsl.record import Record
from cnndsl.suggest import closest


class Wish(Record):
    """One word of `select`, `ignore` or `error`: a code or its beginning, a name, a group, or `all`.

    `option` is how the user said it (`--select`), `where` its place in a file of settings.
    """

    verb: str
    word: str
    option: str
    where: Site = Site()


def rules_of(*levels: Iterable[Wish]) -> Rules:
    """The lints that run, with their severities; a later level has its way against an earlier one.

    Within a level the more exact word counts: a code or name before the beginning of a code, a longer
    beginning before a shorter one, that before a group, and `all` last; of equal words `ignore`.
    `error` selects too. Raises CnnError (E080) for a word that means no lint.
    """
    found = {rule: rule.severity if group_of(rule.code) == "defects" else None for rule in every_lint()}
    for level in levels:
        wishes = list(level)
        for wish in wishes:
            _known(wish)
        for rule in found:
            found[rule] = _decided(rule, wishes, found[rule])
    return {rule: severity for rule, severity in found.items() if severity is not None}


def _decided(rule: type[Lint], wishes: list[Wish], before: Severity | None) -> Severity | None:
    """The severity of a lint after a level of wishes; None if it does not run."""
    asked = [(_exactness(wish.word, rule), wish.verb == "ignore", wish) for wish in wishes]
    asked = [item for item in asked if item[0]]
    if not asked:
        return before
    if max(asked, key=lambda item: item[:2])[1]:
        return None
    if any(wish.verb == "error" for _, _, wish in asked):
        return Severity.ERROR
    return before or rule.severity


def _exactness(word: str, rule: type[Lint]) -> int:
    """How exactly a word means a lint; 0 if it does not."""
    if word == "all":
        return 1
    if word == group_of(rule.code):
        return 2
    if word == rule.name:
        return 1 + len(rule.code)
    return 1 + len(word) if word.startswith("W") and rule.code.startswith(word) else 0


def _known(wish: Wish) -> None:
    if any(_exactness(wish.word, rule) for rule in every_lint()):
        return
    words = ("all", *GROUPS.values(), *(word for rule in every_lint() for word in (rule.name, rule.code)))
    meant = closest(wish.word, words)
    problem = UnknownLint(wish.where, word=wish.word, option=wish.option, suggestion=meant)
    raise (problem.replace(suggestion=None) if problem.elsewhere else problem).error()
