"""The experiments in `examples/` run from end to end, here on a few images; what is told of them is what was kept."""

from __future__ import annotations

import csv

import pytest

from cnndsl.cli import main as cnnc

from .small import EXAMPLES, images, percents, script

README = (EXAMPLES / "README.md").read_text(encoding="utf-8")


def last(path: str) -> dict[str, float]:
    """The last epoch of a log that was kept."""
    rows = csv.DictReader((EXAMPLES / path).read_text(encoding="utf-8").splitlines())
    return {name: float(value) for name, value in list(rows)[-1].items()}


def test_cifar10_is_told_as_it_was_measured():
    found = last("cifar10/log.csv")
    assert found["epoch"] == 6
    assert found["val_accuracy"] >= 0.8
    assert f"**{100 * found['val_accuracy']:.2f} %**" in README


@pytest.mark.parametrize(("name", "shape"), [("mnist", (28, 28, 1)), ("cifar10", (32, 32, 3))])
def test_the_settings_train(name, shape, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(EXAMPLES.parent)
    changes = ["--epochs", "1", "--batch-size", "8", "--runs", str(tmp_path), "--name", "tried"]
    command = ["train", "--config", f"examples/{name}/settings.toml", "--data", images(tmp_path, shape), *changes]
    assert cnnc(command) == 0
    assert "epoch 1/1" in capsys.readouterr().out
    assert (tmp_path / "tried" / "curves.svg").exists()


def test_an_attack_is_measured_before_and_after_training_against_it(tmp_path):
    few = ["--trainings", "usual", "fgsm", "pgd", "--epochs", "1", "--attacked", "4", "--out", str(tmp_path)]
    script("adversarial/attack.py").main(["--data", images(tmp_path), *few])
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert [line.split(" | ")[0] for line in text.splitlines()[2:]] == ["| usual", "| fgsm", "| pgd"]
    assert len(percents(text)) == 9
    for name in ("usual", "fgsm", "pgd"):
        assert "accuracy" in (tmp_path / f"{name}.csv").read_text(encoding="utf-8")
        assert (tmp_path / f"{name}.svg").exists()


def test_mnist_is_told_as_it_was_measured():
    found = last("mnist/validation.csv")
    assert found["epoch"] == 10
    assert f"{100 * found['val_accuracy']:.2f} %" in README


def test_attacks_are_told_as_they_were_measured():
    """FGSM at 0.3: under 20 % before, over 80 % after, clean at least 97 %."""
    table = (EXAMPLES / "adversarial" / "results.md").read_text(encoding="utf-8")
    usual, hardened = (percents(line) for line in table.splitlines()[2:])
    assert usual[1] < 20 and hardened[0] >= 97 and hardened[1] > 80
    assert table in README


def test_transfer_is_told_as_it_was_measured():
    found = (EXAMPLES / "transfer" / "results.md").read_text(encoding="utf-8")
    tables = [part for part in found.split("\n\n") if part.startswith("|")]
    assert len(tables) == 2
    assert all(table.strip() in README for table in tables)
    assert last("transfer/digits.csv")["val_accuracy"] > 0.99
