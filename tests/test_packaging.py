"""The wheel holds what the tree holds: an unlisted package works in an editable install and vanishes from a wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = PROJECT["tool"]["setuptools"]["package-dir"]


def name_of(folder: Path, root: Path = ROOT) -> str:
    """The package that a folder becomes: `backends/numpy` is `cnndsl.backends.numpy`."""
    top, *rest = folder.relative_to(root).parts
    (package,) = [name for name, place in FOLDERS.items() if place == top]
    return ".".join([package, *rest])


def test_the_list_of_packages_is_what_is_on_the_disk():
    places = [ROOT / place for place in FOLDERS.values()]
    found = {path.parent for place in places for path in place.rglob("*.py") if "__pycache__" not in path.parts}
    assert sorted(map(name_of, found)) == sorted(PROJECT["tool"]["setuptools"]["packages"])
    assert all((folder / "__init__.py").exists() for folder in found)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the tree, so that nothing is left behind in it."""
    copy = tmp_path_factory.mktemp("tree")
    for place in FOLDERS.values():
        shutil.copytree(ROOT / place, copy / place, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(copy):
    if int(version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools >= 77 is needed to build")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", "out", "."]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = (copy / "out").glob("*.whl")
    return ZipFile(path)


def test_the_wheel_holds_every_file_of_the_packages(wheel, copy):
    held = sorted(name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info"))
    found = [path for place in FOLDERS.values() for path in (copy / place).rglob("*") if path.is_file()]
    assert held == sorted(f"{name_of(path.parent, copy).replace('.', '/')}/{path.name}" for path in found)
    zoo = {f"cnndsl/zoo/{path.name}" for path in (ROOT / "cnndsl" / "zoo").glob("*.cnn")}
    assert len(zoo) > 10 and {"cnndsl/grammar/cnn.lark", "cnndsl/py.typed", *zoo} <= set(held)


def test_the_wheel_has_its_licence_and_its_command(wheel):
    (folder,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    assert "the cnndsl authors" in wheel.read(f"{folder}/licenses/LICENSE").decode()
    assert "cnnc = cnndsl.cli:main" in wheel.read(f"{folder}/entry_points.txt").decode()
    assert "License-Expression: MIT" in wheel.read(f"{folder}/METADATA").decode()


def test_the_wheel_works_where_it_is_unpacked(wheel, tmp_path):
    wheel.extractall(tmp_path)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import cnndsl; from cnndsl.cli import main; main()"
    examples = [str(ROOT / "examples" / name) for name in ("lenet5.cnn", "resnet18.cnn")]  # the second is of the zoo
    command = [sys.executable, "-P", "-c", program, "check", *examples]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_extras_name_what_is_needed_on_each_platform():
    extras = PROJECT["project"]["optional-dependencies"]
    assert extras["draw"][0].startswith("pygraphviz>=2"), "the wheels that carry Graphviz"
    assert any(need.startswith("mlx[cpu]") and "linux" in need for need in extras["mlx"]), "plain mlx has no backend"
    assert extras["all"] == ["cnndsl[draw,images,mlx,tensorboard,tsne]"]
