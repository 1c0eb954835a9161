"""`cnnc explain`: the page of every message and layer."""

from __future__ import annotations

import re

import pytest

from cnndsl.cli import _topics, main
from cnndsl.layers import pages
from cnndsl.lints import ABOUT, GROUPS, Lint, every_lint, group_of, lints


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
    codes = [rule.code for rule in every_lint()]
    assert listed == [*_topics.layers(), *(code for code in _topics.problems() if code not in codes), *codes]


def test_lints_are_listed_by_group_with_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    parts = explain(capsys).split("\n\n")
    for group in GROUPS.values():
        for rule in lints(group):
            (part,) = (part for part in parts if part.startswith(f"Lints: {ABOUT[group]}\n"))
            assert re.search(rf"^  {rule.code}  {rule.name}: \S", part, re.MULTILINE)


@pytest.mark.parametrize("rule", every_lint(), ids=lambda rule: rule.name)
def test_a_lint_is_explained_by_name_too_and_says_its_group(
    capsys: pytest.CaptureFixture[str], rule: type[Lint]
) -> None:
    page = explain(capsys, rule.name)
    assert page == explain(capsys, rule.code) and rule.name in page
    assert ABOUT[group_of(rule.code)] in " ".join(page.split())


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


def test_a_net_of_the_zoo_is_shown_by_another_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "resnet50"]) == 2
    assert "`cnnc zoo show ResNet50` prints its source" in capsys.readouterr().err
