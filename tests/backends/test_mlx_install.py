"""What MLX needs on a machine: that it can be imported, and on Linux a fast BLAS. Each case is its own process."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
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


@linux
@needed
def test_an_mlx_that_came_first_keeps_its_own():
    assert "imported before" in said("import mlx.core; " + NOTE, CNNDSL_BLAS="")
