"""Programs of someone who knew only the pages of the language: they check as written and have the published numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cnndsl

HERE = Path(__file__).parent / "strangers"
NETS: dict[str, dict[str, Any]] = json.loads((HERE / "numbers.json").read_text(encoding="utf-8"))["nets"]


def test_every_program_has_a_number() -> None:
    assert {name.partition(":")[0] for name in NETS} == {path.name for path in HERE.glob("*.cnn")}
    assert len(NETS) > 130


@pytest.mark.parametrize("name", NETS)
def test_a_stranger_meets_the_published_numbers(name: str) -> None:
    known, net = NETS[name], cnndsl.load(f"{HERE}/{name}")
    assert ", ".join(map(str, net.inputs.values())) == known["input"]
    assert net.params == known["params"], known["source"]
    if "statistics" in known:
        assert net.cost().statistics == known["statistics"]
    if "gmacs" in known:
        digits = len(str(known["gmacs"]).partition(".")[2])
        assert round(counted(net, known) / 1e9, digits) == known["gmacs"], known["source"]


def counted(net: cnndsl.Net, known: dict[str, Any]) -> int:
    """The multiply-accumulates as whoever published them counts, without what they left out."""
    cost = net.cost(count=known.get("count", "torchvision"))
    macs = cost.operations
    assert macs is not None
    if known.get("leaves_out") == "depthwise":
        depthwise = {node.path for node in net.layers if getattr(node.layer, "groups", 1) > 1}
        assert depthwise
        macs -= sum(layer.macs or 0 for layer in net.cost().layers if layer.path in depthwise)
    return macs
