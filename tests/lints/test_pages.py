"""Every lint says on its page what it finds, why that matters, shows it, and what to write instead."""

from __future__ import annotations

import re
from inspect import cleandoc
from textwrap import dedent

import pytest

from cnndsl.diagnostic import Severity
from cnndsl.lints import GROUPS, Lint, defaults, every_lint, group_of
from cnndsl.pipeline import check
from cnndsl.source import Source

RULES = pytest.mark.parametrize("rule", every_lint(), ids=lambda rule: rule.name)


@RULES
def test_the_page_has_what_why_example_and_instead(rule: type[Lint]) -> None:
    page = cleandoc(rule.__doc__ or "")
    headings = re.findall(r"^(Why|Example|Instead):", page, re.MULTILINE)
    assert headings == ["Why", "Example", "Instead"]
    assert page.partition("\n\n")[0].endswith("."), "what it finds, in a sentence"


@RULES
def test_it_lies_where_its_code_and_name_say(rule: type[Lint]) -> None:
    group = group_of(rule.code)
    package = "cnndsl.lints" if group == "defects" else f"cnndsl.lints.{group}"
    assert group in GROUPS.values() and rule.__module__ == f"{package}.{rule.name}"
    assert rule.severity is (Severity.ADVICE if group == "advice" else Severity.WARNING)


@pytest.mark.parametrize(
    "rule", [rule for rule in every_lint() if group_of(rule.code) != "training"], ids=lambda rule: rule.name
)
def test_the_example_compiles_and_is_flagged(rule: type[Lint]) -> None:
    example = re.search(r"^Example:\n((?:    .*\n|\n)+)", cleandoc(rule.__doc__ or "") + "\n", re.MULTILINE)
    assert example
    checked = check(Source("example", dedent(example[1])), rules={**defaults(), rule: rule.severity})
    assert not checked.failed
    assert rule.code in {diagnostic.code for diagnostic in checked.diagnostics}


def test_names_and_codes_are_unique() -> None:
    rules = every_lint()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
