"""The transfer experiment in `examples/`, on a few images."""

from __future__ import annotations

import numpy as np

import cnndsl

from .small import EXAMPLES, images, percents, script


def test_stages_are_moved_to_a_near_and_a_far_task(tmp_path):
    file = images(tmp_path, train=6)
    few = ["--epochs", "1", "--few", "2", "--few-epochs", "1", "--draws", "1", "--out", str(tmp_path)]
    script("transfer/transfer.py").main(["--data", file, "--far", file, *few])
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    heads = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    assert heads[:6] == ["stages moved", "none: from scratch", "1", "2", "3", "4"]
    assert heads[6:9] == ["one layer on", "the pixels", "`at1.conv1`, 28x28x6"]
    assert heads[-1] == "`at4.relu1`, 84"
    assert len(percents(text)) == 2 + 4 * 4 + 2 * (len(heads) - 7)


def test_frozen_stages_are_those_that_were_moved(tmp_path):
    """What the table speaks of: a moved stage that is frozen stays what it was, one that is not is trained on."""
    nets = EXAMPLES / "transfer" / "digits.cnn"
    source = cnndsl.load(f"{nets}:Digits").compile(backend="numpy", seed=0)
    x, y = np.random.default_rng(0).random((20, 28, 28, 1), np.float32), np.arange(20) % 5
    for frozen in (True, False):
        net = cnndsl.load(f"{nets}:Moved", set={"moved": 2, "frozen": frozen})
        model = net.compile(backend="numpy", seed=1)
        assert model.load(source, into="backbone", strict=False).arrays == 4
        model.fit(x, y, epochs=1, verbose=0)
        after, before = model.engine.arrays(), source.engine.arrays()
        same = np.array_equal(after["backbone.at2.conv1.weight"], before["at2.conv1.weight"])
        assert same == frozen
