"""The two nets that learn in turn in `examples/`, on a few images."""

from __future__ import annotations

import numpy as np
import pytest

from .small import images, percents, script


def test_two_nets_learn_in_turn_and_one_is_used_again(tmp_path):
    pytest.importorskip("PIL")
    gan = script("gan/gan.py")
    few = ["--steps", "4", "--every", "2", "--batch-size", "8", "--labels", "1", "--out", str(tmp_path)]
    gan.main(["--data", images(tmp_path), *few])
    assert (tmp_path / "samples.png").read_bytes().startswith(b"\x89PNG")
    assert len((tmp_path / "log.txt").read_text(encoding="utf-8").splitlines()) == 3
    assert len(percents((tmp_path / "results.md").read_text(encoding="utf-8"))) == 3


def test_the_generator_learns_and_the_discriminator_behind_it_is_the_other_net(tmp_path):
    gan = script("gan/gan.py")
    chosen = gan.options(["--data", images(tmp_path), "--steps", "2", "--batch-size", "4", "--every", "1"])
    discriminator = gan.compiled("Discriminator", chosen, loss="binary_cross_entropy", metrics=())
    adversary = gan.compiled("Adversary", chosen, loss={"verdict": "binary_cross_entropy"}, metrics=())
    before = adversary.engine.arrays()
    history = gan.play(discriminator, adversary, np.random.default_rng(0).random((9, 28, 28, 1), np.float32), chosen)
    assert len(history["generator_loss"]) == 2
    after = adversary.engine.arrays()
    assert not np.array_equal(before["image.fc1.weight"], after["image.fc1.weight"])
    for name, array in discriminator.engine.arrays().items():
        np.testing.assert_array_equal(after[f"discriminator.{name}"], array)
