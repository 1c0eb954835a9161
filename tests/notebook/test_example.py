"""The notebook in `examples/` runs from its first cell to its last, and every cell shows what its text says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"


@pytest.mark.slow
def test_the_notebook_runs(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "kept without outputs"
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.create_kernel_manager()
    client.km.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    client.execute()
    shown = [str(cell.get("outputs", "")) for cell in notebook.cells]
    wanted = {
        2: "61,706",
        4: "5 x 5 x 6 x 16",
        5: "14x14",
        6: "training",
        7: "image/svg+xml",
        9: "error[E301]",
        11: "val_accuracy",
        12: "61,706",
    }
    assert {cell: words for cell, words in wanted.items() if words not in shown[cell]} == {}
    assert "Traceback" not in "".join(shown)
