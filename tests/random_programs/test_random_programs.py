"""200 random programs a run: what they mean is what the compiler says and what NumPy and MLX compute."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.backends import agreement
from tests.random_programs import checks, coverage
from tests.random_programs.mutants import mutated
from tests.random_programs.programs import Program, program, programs

STABLE = settings(
    max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@STABLE
@given(programs())
def test_a_program_means_what_it_says(made: Program) -> None:
    with TemporaryDirectory() as folder:
        checks.everything(made, Path(folder))


@pytest.mark.parametrize("first", range(0, 140, 20))
def test_seeded_programs_mean_what_they_say(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 20):
        checks.everything(program(Random(seed)), tmp_path / str(seed))


@agreement.needed
@pytest.mark.parametrize("first", range(0, 20, 5))
def test_mlx_agrees(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 5):
        checks.backends_agree(checks.graph_of(program(Random(seed)), tmp_path / str(seed)))


@settings(STABLE, max_examples=40)
@given(programs(), st.integers(0, 10**6))
def test_nearly_valid_programs_end_in_diagnostics_with_a_place(made: Program, seed: int) -> None:
    with TemporaryDirectory() as folder:
        checks.refused_with_a_place(made, mutated(Random(seed), made.text), Path(folder))


def test_the_programs_hold_the_whole_language() -> None:
    counts: Counter[str] = Counter()
    for seed in range(200):
        counts.update(coverage.contents(program(Random(seed))))
    # 1 % of 10,000 is for the long run; of 200 programs a few rare things may be missed by chance
    missing = sorted(name for name in coverage.wanted() if not counts[name])
    assert len(missing) <= 12, missing
