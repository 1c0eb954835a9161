"""`cnnc selftest`: what it covers, what it prints, writes and answers."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from cnndsl import backends
from cnndsl.cli import main
from cnndsl.selftest import report, selftest
from cnndsl.selftest.cases import Case, cases
from cnndsl.selftest.measure import distance


def some(*names: str) -> list[Case]:
    return [case for case in cases() if case.name in names]


def test_every_rule_of_every_backend_is_run() -> None:
    run = {
        (type(step.primitive), getattr(step.primitive, "function", ""))
        for case in cases()
        for step in case.program.steps
    }
    for name, reason in backends.available().items():
        if not reason:
            table = import_module(f"cnndsl.backends.{name}.rules").TABLE
            assert table.keys() <= run, name


def test_inputs_lie_on_quarters_and_parameters_hide_nothing() -> None:
    for case in cases():
        for x in case.inputs().values():
            assert x.dtype == np.float32 and (4 * x == np.round(4 * x)).all()
        for name, array in case.parameters().items():
            assert not np.isin(array, (0, 1)).any(), name


def test_everything_passes_here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    """Also on a narrow terminal without colours or Unicode; the file has every result."""
    monkeypatch.setenv("COLUMNS", "40")
    path = tmp_path / "selftest.json"
    assert main(["selftest", "--json", str(path)]) == 0
    out = capsys.readouterr().out
    assert "everything agrees" in out and max(map(len, out.splitlines())) <= 40
    found = json.loads(path.read_text())
    assert found["passed"] and found["schema"] == 1 and "numpy cpu" in found["devices"]
    assert {"python", "system", "cnndsl", "numpy"} <= found["versions"].keys()
    errors = found["errors"]
    assert errors.keys() == {case.name for case in cases()} and not found["failures"]
    for case in cases():
        wanted = {"values", "gradients"} | ({"training"} if case.steps else set())
        assert all(errors[case.name][device].keys() >= wanted for device in found["devices"])
        assert errors[case.name]["numpy cpu"]["slopes"] < 1e-6
    assert path.stat().st_size < 65_536, "more than an issue takes"


def test_a_difference_is_told_and_answered_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gradient that is wrong in NumPy: the slope of its loss says so, nothing else is needed."""
    rules = import_module("cnndsl.backends.numpy.rules.dense")
    right = rules.Linear.backward

    def wrong(self):
        right(self)
        self.dbias.array *= 1.1

    monkeypatch.setattr(report, "cases", lambda: some("dense_aligned"))
    monkeypatch.setattr(rules.Linear, "backward", wrong)
    path = tmp_path / "selftest.json"
    assert main(["selftest", "--json", str(path)]) == 1
    out = capsys.readouterr().out
    assert "dense_aligned" in out and "differs" in out
    found = json.loads(path.read_text())
    assert not found["passed"]
    assert any(text.startswith("dense_aligned, numpy cpu, slopes: ") for text in found["failures"])


@pytest.mark.parametrize(
    ("found", "error"),
    [
        ([1.0, np.nan, np.inf, 4.0], 0),
        ([1.0, np.nan, np.inf, 4.4], 0.1),
        ([1.0, 2.0, np.inf, 4.0], np.inf),
        ([1.0, np.nan, -np.inf, 4.0], np.inf),
        ([1.0, np.nan, np.inf], np.inf),
    ],
)
def test_how_far_arrays_are_apart(found: list[float], error: float) -> None:
    wanted = np.array([1.0, np.nan, np.inf, 4.0])
    assert distance(wanted, np.array(found, np.float32)) == pytest.approx(error)


def test_another_type_is_a_difference() -> None:
    assert distance(np.ones(3), np.ones(3, np.float16)) == np.inf


def test_no_case_is_no_difference() -> None:
    assert selftest([]).passed
