"""Plans that keep to a limit of memory: results are made again until they fit, the cheapest way first."""

from __future__ import annotations

from collections.abc import Callable

from cnndsl.errors.backends import MemoryLimit
from cnndsl.errors.base import NOWHERE

from .recompute import Policy, Together, candidates, work
from .shards import Shards

Make = Callable[[Policy, int], Shards]


def within(limit: int, plain: Shards, make: Make, peak: Callable[[Shards], int]) -> Shards:
    """Plans of at most `limit` bytes, `plain` ones if they fit; `make` gives those of a policy at a batch.

    Raises CnnError (E622) if none do, which names half the batch, a quarter and so on as the one that does.
    """
    best, least = plain, peak(plain)
    if least <= limit:
        return plain
    for policy in _by_cost(plain) if plain.mode.training else ():
        shards = make(policy, plain.batch)
        size = peak(shards)
        if size <= limit:
            return shards
        best, least = min((best, least), (shards, size), key=lambda found: found[1])
    batch = plain.batch // 2
    while batch and peak(make(best.policy, batch)) > limit:
        batch //= 2
    purpose = "a training step" if plain.mode.training else "inference"
    raise MemoryLimit(NOWHERE, plain.program.name, purpose, plain.batch, least, limit, batch).error()


def _by_cost(plain: Shards) -> list[Policy]:
    """What can be tried besides what the plain plans make again, the least work first."""
    plan = plain.plans[0]
    found = [Together((plain.policy, policy)) for policy in candidates()]
    steps = [work(plan.program, step) for step in plan.steps]
    return sorted(found, key=lambda policy: sum(steps[i] for i in policy.dropped(plan.program, plan.steps)))
