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


def guided(campaign: Campaign, mutations: Sequence[Mutation], seeds: Sequence[Seed], seed: int) -> NoReturn:
    """The run that atheris steers; it ends the process, since libFuzzer never returns.

    An input grows to twice the longest seed at most; what is quick to examine is mutated more often. One in three
    starts at a seed again, because in what is kept the mistakes of syntax pile up, and behind them nothing is tried.
    """
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
        text = rng.choices(seeds, weights)[0].text if rng.random() < 1 / 3 else data.decode("utf-8", "replace")
        text = rng.choice(mutations)(rng, text)
        return text.encode("utf-8", "surrogatepass")[:most]

    weights = [one_seed.weight for one_seed in seeds]
    corpus = tempfile.TemporaryDirectory(prefix="cnndsl-corpus-")
    texts = [one_seed.text.encode("utf-8", "surrogatepass") for one_seed in seeds]
    for number, text in enumerate(texts):
        (Path(corpus.name) / str(number)).write_bytes(text)
    arguments = [sys.argv[0], corpus.name, f"-seed={seed or 1}", f"-max_len={2 * max(map(len, texts))}"]
    arguments += [
        "-entropic_scale_per_exec_time=1",
        "-verbosity=0",
        "-timeout=86400",  # a hang is the campaign's to end: libFuzzer would count the hours that a run lies stopped
        "-report_slow_units=3600",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup(arguments, one, custom_mutator=mutate)
    atheris.Fuzz()
    raise AssertionError("libFuzzer has come back")


def ended(campaign: Campaign) -> int:
    """Prints what the run was, and gives its exit code."""
    print(campaign)
    for kind, path in campaign.findings.items():
        print(f"  {path}: {kind}")
    return 1 if campaign.findings else 0
