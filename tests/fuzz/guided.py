"""Where the next input comes from: atheris, which keeps what reaches new code, or seeded mutations of the seeds."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NoReturn

from tests.fuzz.campaign import Campaign
from tests.fuzz.mutations import Mutation
from tests.fuzz.seeds import Seed


def unguided(campaign: Campaign, mutations: Sequence[Mutation], seeds: Sequence[Seed], seed: int) -> int:
    """Seeded mutations of seeds, each seed as often as its weight says; one in eight is mutated twice."""
    rng = Random(seed)
    weights = [seed.weight for seed in seeds]
    while not campaign.over:
        text = rng.choices(seeds, weights)[0].text
        for _ in range(2 if rng.random() < 1 / 8 else 1):
            text = rng.choice(mutations)(rng, text)
        campaign.take(text.encode("utf-8", "surrogatepass"))
    return ended(campaign)


def guided(
    campaign: Campaign, mutations: Sequence[Mutation], seeds: Sequence[Seed], seed: int, longest: int
) -> NoReturn:
    """The run that atheris steers; it ends the process, since libFuzzer never returns."""
    import atheris

    def one(data: bytes) -> None:
        campaign.take(data)
        if campaign.over:
            code = ended(campaign)
            sys.stdout.flush()
            corpus.cleanup()
            os._exit(code)

    def mutate(data: bytes, most: int, number: int) -> bytes:
        rng = Random(number)
        if rng.random() < 1 / 8:
            return bytes(atheris.Mutate(data, most))
        text = rng.choice(mutations)(rng, data.decode("utf-8", "replace"))
        return text.encode("utf-8", "surrogatepass")[:most]

    corpus = tempfile.TemporaryDirectory(prefix="cnndsl-corpus-")
    for number, one_seed in enumerate(seeds):
        (Path(corpus.name) / str(number)).write_bytes(one_seed.text.encode("utf-8", "surrogatepass"))
    arguments = [sys.argv[0], corpus.name, f"-seed={seed or 1}", f"-max_len={longest}", "-verbosity=0"]
    atheris.Setup([*arguments, "-timeout=300", "-rss_limit_mb=4096"], one, custom_mutator=mutate)
    atheris.Fuzz()
    raise AssertionError("libFuzzer has come back")


def ended(campaign: Campaign) -> int:
    """Prints what the run was, and gives its exit code."""
    print(campaign)
    for kind, path in campaign.findings.items():
        print(f"  {path}: {kind}")
    return 1 if campaign.findings else 0
