"""The templates of all messages: what they name in braces exists."""

from __future__ import annotations

from string import Formatter

import pytest

from cnndsl.cli import _topics


@pytest.mark.parametrize("code", _topics.problems())
def test_templates_name_fields_or_properties(code: str) -> None:
    problem = _topics.problems()[code]
    for template in (problem.title, problem.label, problem.note, problem.help):
        for _, name, _, _ in Formatter().parse(template):
            if name is not None:
                root = name.partition(".")[0].partition("[")[0]
                assert root in problem.fields or hasattr(problem, root), f"{template!r} names {name!r}"
