"""The repairs of lints about names and structure change nothing but what is wrong: the nets stay the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl.diagnostic import Diagnostic, Fix
from cnndsl.files import read_source
from cnndsl.format import formatted
from cnndsl.graph import Graph
from cnndsl.lints import Lint, every_lint
from cnndsl.pipeline import Checked, check
from cnndsl.source import Source

GOLDEN = Path(__file__).parents[1] / "golden" / "lints"
NAMES = [rule for rule in every_lint() if "check_names" in vars(rule)]
RULES = {rule: rule.severity for rule in NAMES}


def checked(source: Source) -> Checked:
    found = check(source, folder=str(Path(source.name).parent), rules=RULES)
    assert not found.failed, str(found.diagnostics)
    return found


def repaired(source: Source, fix: Fix) -> Source:
    text = source.text
    for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return source.replace(text=text)


def counted(graph: Graph) -> list[tuple[str, str, int]]:
    """What a net computes: its layers that do something, with their volumes and the numbers they keep."""
    return [
        (node.layer.brief(), str(node.volume), sum(len(array.shape) for array in graph.arrays(node)))
        for node in graph.nodes
        if not node.layer.does_nothing
    ]


def own(found: Checked, rule: type[Lint]) -> tuple[Diagnostic, ...]:
    return tuple(diagnostic for diagnostic in found.diagnostics if diagnostic.code == rule.code)


def fixes(diagnostics: tuple[Diagnostic, ...]) -> list[Fix]:
    return [fix for diagnostic in diagnostics for fix in diagnostic.fixes]


@pytest.mark.parametrize("rule", NAMES, ids=lambda rule: rule.name)
def test_each_repair_alone_and_one_after_the_other(rule: type[Lint]) -> None:
    source = read_source(str(GOLDEN / rule.__module__.rpartition(".")[2] / "flagged.cnn"))
    before = checked(source)
    nets = [counted(net.graph) for net in before.nets if net.graph]
    said = len(own(before, rule))
    for fix in fixes(own(before, rule)):
        after = checked(repaired(source, fix))
        assert [counted(net.graph) for net in after.nets if net.graph] == nets
        assert len(own(after, rule)) < said
    for _ in range(2 * len(before.diagnostics)):
        left = fixes(checked(source).diagnostics)
        if not left:
            break
        source = repaired(source, left[0])
    assert [counted(net.graph) for net in checked(source).nets if net.graph] == nets
    assert formatted(source)
