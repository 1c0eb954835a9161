"""That training is slow, and need not be, is said once on a machine, to somebody at a terminal."""

from __future__ import annotations

import io
import sys
import warnings

import pytest

from cnndsl import backends, loads, once
from tests.cli.cnnc import bars

NET = "net Bars { input 6x6x1 -> conv(4, 3) -> relu -> flatten -> fc(2) -> softmax }"


class Screen(io.StringIO):
    def isatty(self):
        return True


class Slow:
    """NumPy's backend, with something to say."""

    reason = "it multiplies with one hand"

    def __init__(self):
        self.real = backends.load("numpy")

    def __getattr__(self, name):
        return getattr(self.real, name)

    def slow(self):
        return self.reason


@pytest.fixture(autouse=True)
def anew(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNDSL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    bars(tmp_path)


def said(backend):
    """What a training warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loads(NET).compile(backend=backend).fit("bars.npz", epochs=0, verbose=0)
    return [str(warning.message) for warning in caught if "E631" in str(warning.message)]


def test_once_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Screen())
    (text,) = said(Slow())
    assert "warning[E631]: training will be slow: it multiplies with one hand" in text
    assert 'backend="numpy"' in text and "cnnc doctor" in text
    assert said(Slow()) == []


def test_never_elsewhere_nor_of_a_fast_one(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert said(Slow()) == []
    monkeypatch.setattr(sys, "stderr", Screen())
    monkeypatch.setattr(Slow, "reason", None)
    assert said(Slow()) == []
    monkeypatch.setattr(Slow, "reason", "it is slow")
    assert len(said(Slow())) == 1, "what was not said before is said now"


def test_where_nothing_can_be_kept_it_is_said_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNNDSL_CACHE_DIR", str(tmp_path / "file"))
    assert once.first("this") and once.first("this")
    monkeypatch.setenv("CNNDSL_CACHE_DIR", str(tmp_path / "folder"))
    assert once.first("this") and not once.first("this") and once.first("that")
