"""cnnc zoo: every net on a line; the source of one."""

from __future__ import annotations

import re

import pytest

from cnndsl.cli import main


def test_every_net_is_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(re.fullmatch(r"ResNet50 +224x224x3 +25,557,032 +4,089,184,256 +zoo/resnet.cnn", line) for line in lines)
    assert len(lines) > 30


@pytest.mark.parametrize("name", ["ResNet50", "resnet.cnn", "zoo/resnet.cnn"])
def test_the_source_of_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", "show", name]) == 0
    assert "net ResNet50 = ResNet(bottleneck, [3, 4, 6, 3])" in capsys.readouterr().out


def test_an_unknown_net(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zoo", "show", "ResNet5"]) == 2
    assert "did you mean `ResNet50`?" in capsys.readouterr().err
