"""A little of every run of `python -m tests.fuzz`, and that a run notices what it looks for."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cnndsl.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from cnndsl.source import Source, Span
from tests.fuzz import guided, invariants, seeds
from tests.fuzz.campaign import Campaign
from tests.fuzz.mutations import MUTATIONS

GOOD = b"net A { input 8x8x3 -> conv(4, 3) -> relu -> fc(2) }\n"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test says nothing about time: only what never ends is ended."""
    monkeypatch.setattr(invariants, "LIMIT", 60.0)


@pytest.mark.parametrize("what", MUTATIONS)
@pytest.mark.usefixtures("patient")
def test_some_small_inputs(what: str, tmp_path: Path) -> None:
    campaign = Campaign(what, 60, 10, tmp_path)
    assert guided.unguided(campaign, [MUTATIONS[what]], seeds.small(), seed=7) == 0
    assert campaign.tried == 60


@pytest.mark.usefixtures("patient")
def test_some_mutations_of_the_zoo(tmp_path: Path) -> None:
    campaign = Campaign("zoo", 20, 10, tmp_path)
    assert guided.unguided(campaign, list(MUTATIONS.values()), seeds.zoo(), seed=7) == 0
    assert len(campaign.outcomes) > 1


def test_every_net_of_the_zoo_is_a_seed() -> None:
    files = {path.name for path in seeds.ZOO.glob("*.cnn")}
    assert {seed.name.partition(":")[0] for seed in seeds.zoo()} == files
    assert invariants.examine(min((seed.text for seed in seeds.zoo()), key=len).encode()) == "checked"


@pytest.mark.parametrize(
    ("data", "outcome"),
    [(GOOD, "checked"), (GOOD[:-4], "broken"), (GOOD.replace(b"relu", b"reul"), "refused"), (b"\0", "unreadable")],
)
def test_the_words_for_how_far_an_input_came(data: bytes, outcome: str) -> None:
    assert invariants.examine(data) == outcome


@pytest.mark.parametrize("what", MUTATIONS)
def test_a_seed_means_the_same_mutations_again(what: str) -> None:
    texts = [[MUTATIONS[what](rng, GOOD.decode()) for _ in range(9)] for rng in (Random(3), Random(3))]
    assert texts[0] == texts[1]
    assert len(set(texts[0])) > 4


def test_a_crash_is_kept_once_and_the_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise KeyError("planted")

    monkeypatch.setattr(invariants, "check", crash)
    campaign = Campaign("bytes", 2, 1, tmp_path)
    campaign.take(GOOD)
    campaign.take(GOOD + b"#\n")
    assert campaign.over
    assert guided.ended(campaign) == 1
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [GOOD]


@pytest.mark.skipif(not hasattr(signal, "setitimer") or os.name == "nt", reason="no timer of CPU time")
def test_a_hang_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(*_: Any, **__: Any) -> None:
        while True:
            pass

    monkeypatch.setattr(invariants, "check", forever)
    monkeypatch.setattr(invariants, "LIMIT", 0.02)
    with pytest.raises(invariants.Hang):
        invariants.examine(GOOD)


@pytest.mark.parametrize(
    "diagnostic",
    [
        Diagnostic("E999", Severity.ERROR, "without a place"),
        Diagnostic("E999", Severity.ERROR, "behind the end", (Label(Span(Source("a", "x"), 1, 3), primary=True),)),
        Diagnostic(
            "E999",
            Severity.ERROR,
            "a repair of nothing",
            (Label(Span(Source("a", "x"), 0, 1), primary=True),),
            fixes=(Fix("repair", (Edit(Span(Source("a", "x"), 5, 6), "y"),)),),
        ),
    ],
    ids=lambda diagnostic: diagnostic.title,
)
def test_messages_must_point_into_the_text(diagnostic: Diagnostic, monkeypatch: pytest.MonkeyPatch) -> None:
    class Said:
        diagnostics = (diagnostic,)

    monkeypatch.setattr(invariants, "check", lambda *_, **__: Said)
    with pytest.raises(invariants.Violation, match="E999"):
        invariants.examine(GOOD)
