"""The name that was probably meant, for every "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable


def closest(name: str, candidates: Iterable[str], slips: int | None = None) -> str | None:
    """The candidate that `name` is most likely a slip of; None if nothing is near.

    Letter case, `_` and `-` weigh little; a swap of neighbouring letters is one slip; about one
    slip in three letters is forgiven, or `slips` in all. Failing that, the only candidate that `name` begins.
    """
    pool = list(dict.fromkeys(candidates))
    if name in pool:
        return name
    plain = _plain(name)
    limit = max(1, (len(plain) + 1) // 3) if slips is None else slips
    best, found = limit + 1, None
    for candidate in pool:
        distance = _distance(plain, _plain(candidate), best)
        if distance < best and distance < max(len(plain), len(_plain(candidate))):
            best, found = distance, candidate
    if found is not None:
        return found
    longer = [candidate for candidate in pool if len(plain) >= 3 and _plain(candidate).startswith(plain)]
    return longer[0] if len(longer) == 1 else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _distance(one: str, other: str, bound: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words; at most `bound`.

    The optimal string alignment distance, row by row, given up as soon as it cannot stay below the
    bound.
    """
    if abs(len(one) - len(other)) >= bound:
        return bound
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) >= bound:
            return bound
    return min(row[-1], bound)
