"""`cnnc explain`: the page of every message and layer."""

from __future__ import annotations

import re

import pytest

from cnndsl.cli import _topics, main
from cnndsl.layers import pages


def explain(capsys: pytest.CaptureFixture[str], *topic: str) -> str:
    assert main(["explain", *topic]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


@pytest.mark.parametrize("code", _topics.problems())
def test_every_message_has_a_page(capsys: pytest.CaptureFixture[str], code: str) -> None:
    page = explain(capsys, code)
    assert re.match(rf"(error|warning|advice)\[{code}\]: \S", page)
    assert _topics.problems()[code].__doc__ != _topics.problems()[code].__base__.__doc__
    assert explain(capsys, code.lower()) == page


@pytest.mark.parametrize("kind", pages())
def test_every_layer_has_a_page(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    page = explain(capsys, kind)
    assert page.startswith(pages()[kind].signature() + "\n\n")
    for name in pages()[kind].arguments:
        assert re.search(rf"\n    {name}\b.*: ", page.partition("Arguments:")[2])


def test_alone_it_lists_everything(capsys: pytest.CaptureFixture[str]) -> None:
    listed = re.findall(r"^  (\S+)  +\S", explain(capsys), re.MULTILINE)
    assert listed == [*_topics.layers(), *_topics.problems()]


def test_codes_are_unique() -> None:
    classes = [problem for problem in all_problems() if problem.code]
    assert len({problem.code for problem in classes}) == len(classes)


def all_problems() -> set[type[_topics.Problem]]:
    _topics.problems()
    found, waiting = set(), [_topics.Problem]
    while waiting:
        item = waiting.pop()
        found.add(item)
        waiting += [kind for kind in item.__subclasses__() if kind.__module__.startswith("cnndsl.")]
    return found


def test_a_name_from_elsewhere_leads_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "Conv2d"]) == 2
    assert "did you mean `cnnc explain conv`?" in capsys.readouterr().err


def test_pages_fit_a_narrow_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for topic in ("conv", "E301"):
        assert max(map(len, explain(capsys, topic).splitlines())) <= 60
