"""The pictures beside the examples, which the README shows, are what these commands make of the examples today."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from cnndsl.cli import main
from cnndsl.draw.renderers import find

EXAMPLES = Path(__file__).parents[2] / "examples"
#: to make them again: run these in examples/, with any Graphviz
COMMANDS = (
    "draw lenet5.cnn -o lenet5.svg --style sizes",
    "draw resnet50.cnn -o resnet50.svg",
)
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def said(path: Path) -> dict[str, list[str]]:
    """All that a picture says, whatever release of Graphviz placed it: texts, ids and links, in order."""
    items = list(ElementTree.parse(path).getroot().iter())
    texts = [(item.text or "").strip() for item in items if item.tag == f"{SVG}text"]
    ids = [item.get("id", "") for item in items if item.get("id", "").startswith(("layer-", "scope-", "edge-"))]
    return {"texts": sorted(texts), "ids": sorted(ids), "links": sorted(item.get(LINK, "") for item in items)}


@pytest.mark.skipif(find() is None, reason="no Graphviz here")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_picture_is_what_its_command_makes(command, tmp_path, monkeypatch):
    _, source, _, made, *_ = command.split()
    shutil.copy(EXAMPLES / source, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 0
    assert said(tmp_path / made) == said(EXAMPLES / made)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_picture_has_the_boxes_that_its_net_has_today(command, tmp_path, monkeypatch):
    """Without Graphviz as well: the text that it draws from names every box and arrow of the picture."""
    _, source, _, made, *options = command.split()
    shutil.copy(EXAMPLES / source, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["draw", source, "-o", "net.dot", *options]) == 0
    text = (tmp_path / "net.dot").read_text(encoding="utf-8")
    for own in said(EXAMPLES / made)["ids"]:
        assert f'id="{own}"' in text


def test_pictures_in_the_repository_are_small():
    for path in EXAMPLES.glob("*.svg"):
        assert path.stat().st_size < 60_000
        assert any(path.name in command.split() for command in COMMANDS)
