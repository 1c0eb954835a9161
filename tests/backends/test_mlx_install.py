"""What MLX needs on a machine: that it can be imported, and on Linux a fast BLAS. Each case is its own process."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from cnndsl import backends
from tests.backends.agreement import needed

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere MLX uses the system's BLAS")


def said(program: str, path: Path | None = None, **environment: str) -> str:
    """What a program prints that starts anew, with a folder to be searched first for packages."""
    variables = {**os.environ, **environment}
    setup = f"import sys; sys.path.insert(0, {str(path)!r}); " if path else ""
    done = subprocess.run([sys.executable, "-c", setup + program], env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


MISSING = "from cnndsl.backends import mlx; print(mlx.backend().missing())"
NOTE = "from cnndsl.backends.mlx import blas; print(blas.note())"
WORKS = """
from cnndsl.backends import load
from tests.backends.build import lenet5
import numpy as np
mlx = load("mlx")
print(mlx.device(), mlx.build(lenet5()).predict({"x": np.ones((2, 28, 28, 1))})["y"].sum(), sep="\\n")
"""


def test_without_mlx_the_command_is_told(monkeypatch):
    backend = backends._look("mlx")[0]
    monkeypatch.setattr("cnndsl.backends.mlx.find_spec", lambda name: None)
    assert "not installed" in backend.missing()
    assert "pip install" in backend.missing()


@linux
def test_mlx_alone_does_not_run_under_linux(tmp_path):
    """`pip install mlx` there gives a package whose library is missing."""
    (tmp_path / "mlx").mkdir()
    (tmp_path / "mlx" / "__init__.py").touch()
    (tmp_path / "mlx" / "core.py").write_text("raise ImportError('libmlx.so: cannot open shared object file')")
    reason = said(MISSING, tmp_path)
    assert "libmlx.so" in reason
    assert 'pip install "mlx[cpu]"' in reason


def test_nothing_is_loaded_by_importing_the_backend():
    assert said("import sys, cnndsl.backends.mlx; print({'mlx', 'numpy'} & sys.modules.keys())") == "set()"


@linux
@needed
def test_mlx_works_with_its_own_blas():
    device, total = said(WORKS, CNNDSL_BLAS="none").splitlines()
    assert device == "CPU" or device.endswith("GPU")
    assert float(total) == pytest.approx(2, abs=1e-3)


@linux
@needed
def test_an_openblas_is_found_and_used():
    try:
        ctypes.CDLL("libopenblas.so.0")
    except OSError:
        pytest.skip("no OpenBLAS is installed")
    variables = {name: value for name, value in os.environ.items() if name != "CNNDSL_BLAS"}
    done = subprocess.run([sys.executable, "-c", NOTE + WORKS], env=variables, capture_output=True, text=True)
    note, device, total = done.stdout.splitlines()
    assert "OpenBLAS" in note
    assert "OpenBLAS" in device or device.endswith("GPU")
    assert float(total) == pytest.approx(2, abs=1e-3)


@linux
def test_a_library_that_cannot_serve_is_told(tmp_path):
    absent = str(tmp_path / "absent.so")
    assert absent in said(NOTE, CNNDSL_BLAS=absent)
    assert "has no cblas_sgemm" in said(NOTE, CNNDSL_BLAS="libc.so.6")


@linux
@needed
def test_the_library_that_was_asked_for_is_no_suggestion():
    reason = said("from cnndsl import backends; print(backends.available()['mlx'])", CNNDSL_BLAS="libc.so.6")
    assert "CNNDSL_BLAS" in reason
    assert "cblas_sgemm" in reason


GAIN = "from cnndsl.backends.mlx import gain; print(gain.note())"


@linux
@needed
def test_the_slow_blas_is_measured_and_what_to_install_is_said():
    said_of_it = said(GAIN, CNNDSL_BLAS="none")
    assert "the slow BLAS of MLX's wheel" in said_of_it
    assert 0 < float(re.search(r": ([\d.,e+]+) GFLOP/s$", said_of_it)[1].replace(",", "")) < 1e5
    absent = said("from cnndsl.backends.mlx import blas; blas._candidates = lambda: []; " + GAIN, CNNDSL_BLAS="")
    assert "apt-get install libopenblas0-pthread" in absent


@needed
def test_the_gain_of_a_fast_blas_is_the_ratio_of_two_measurements(monkeypatch):
    gain, blas = (import_module(f"cnndsl.backends.mlx.{name}") for name in ("gain", "blas"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(blas, "prepare", lambda: blas.Choice("OpenBLAS 0.3.21 (libopenblas.so.0)"))
    monkeypatch.setattr(gain, "rate", lambda: 90.0)
    monkeypatch.setattr(gain, "without", lambda: 3.0)
    products = "matrix products on the CPU: OpenBLAS 0.3.21 (libopenblas.so.0), 90 GFLOP/s"
    assert gain.note() == f"{products}, 30 times the 3 of MLX's own"
    monkeypatch.setattr(gain, "without", lambda: None)
    assert gain.note() == products


@linux
@needed
def test_the_other_process_measures_the_slow_one():
    gain = import_module("cnndsl.backends.mlx.gain")
    assert 0 < gain.without() < 1e5


@linux
@needed
def test_what_is_slow_is_known_before_a_training():
    words = "from cnndsl import backends; print(backends.load('mlx').slow())"
    on_cpu = said("from cnndsl import backends; print(backends.load('mlx').device())").startswith("CPU")
    assert ("slow BLAS" in said(words, CNNDSL_BLAS="none")) == on_cpu
    fast = "from cnndsl.backends.mlx import blas; blas.prepare = lambda: blas.Choice('fast'); "
    assert said(fast + words) == "None"


@linux
@needed
def test_an_mlx_that_came_first_keeps_its_own():
    assert "imported before" in said("import mlx.core; " + NOTE, CNNDSL_BLAS="")
