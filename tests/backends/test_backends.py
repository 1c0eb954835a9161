"""Backends are reached by name, and their absence is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cnndsl import CnnError, backends
from cnndsl.program import Primitive
from tests.backends.build import Build


class Pretended:
    """A backend for tests."""

    def __init__(self, name, device, reason=None):
        self.name, self.words, self.reason = name, device, reason

    def missing(self):
        return self.reason

    def device(self):
        return self.words


@pytest.fixture
def pretend(monkeypatch):
    """Makes up which backends there are."""

    def install(**found):
        monkeypatch.setattr(backends, "names", lambda: tuple(sorted({*found, "numpy"})))
        real = backends._look

        def look(name):
            return (found[name], found[name].missing()) if name in found else real(name)

        monkeypatch.setattr(backends, "_look", look)

    return install


def test_the_folders_are_the_names():
    assert {"mlx", "numpy"} <= set(backends.names())
    assert backends.load("numpy").name == "numpy"


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(CnnError) as caught:
        backends.load("nunpy")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E601"
    assert "`nunpy`" in diagnostic.title
    assert diagnostic.helps[0] == "did you mean `numpy`?"
    assert all(name in diagnostic.helps[1] for name in ("auto", "mlx", "numpy"))


def test_a_missing_framework_is_told_how_to_install(pretend):
    pretend(mlx=Pretended("mlx", "", "no module named mlx"))
    with pytest.raises(CnnError) as caught:
        backends.load("mlx")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E602"
    assert "no module named mlx" in diagnostic.title
    assert 'pip install "cnndsl[mlx]"' in diagnostic.helps
    assert backends.available() == {"mlx": "no module named mlx", "numpy": None}


class Joining(Pretended):
    """One whose engines train together."""

    ranks = None

    def joined(self, seconds):
        return self


@pytest.mark.parametrize("asked", ["auto", "mlx"])
def test_where_ranks_cannot_join_no_backend_is_named_that_cannot_either(pretend, asked):
    pretend(mlx=Joining("mlx", "", "no module named mlx"))
    with pytest.raises(CnnError) as caught:
        backends.joined(asked, 1.0)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E602"
    assert diagnostic.helps == ('pip install "cnndsl[mlx]"',)


def test_auto_takes_a_gpu_where_there_is_one(pretend):
    pretend(mlx=Pretended("mlx", "Apple M3 GPU"))
    assert backends.load("auto").name == "mlx"


@pytest.mark.parametrize("other", [Pretended("mlx", "CPU"), Pretended("mlx", "Apple M3 GPU", "it is broken")])
def test_auto_takes_numpy_elsewhere(pretend, other):
    pretend(mlx=other)
    assert backends.load().name == "numpy"


def test_auto_takes_no_mlx_that_has_only_a_cpu():
    """Really, not pretended: here."""
    reason = backends.available()["mlx"]
    fast = reason is None and not backends.load("mlx").device().startswith("CPU")
    assert backends.load("auto").name == ("mlx" if fast else "numpy")


def test_frameworks_are_imported_only_when_loaded():
    code = """
import sys, cnndsl.backends
assert not {"numpy", "mlx"} & set(sys.modules)
cnndsl.backends.load("numpy")
assert "mlx" not in sys.modules
"""

    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_device_is_said_in_words():
    words = backends.load("numpy").device()
    assert words.startswith("CPU, ")
    assert int(words.split()[1]) >= 1


def test_a_primitive_without_a_rule_is_named():
    class Unheard(Primitive):
        amount: int

    net = Build()
    x = net.input(3)
    net.output(net.apply(Unheard(7), x, shape=(3,)))
    with pytest.raises(CnnError) as caught:
        backends.load("numpy").build(net.program())
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E603"
    assert "Unheard(amount=7)" in diagnostic.title
    assert "`unheard1`" in diagnostic.title
