"""Every argument of every layer refuses what it cannot be, and says its name, the value, and what is allowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnndsl.layers import kinds
from tests.elaborate.helpers import errors
from tests.layers.bad_input import VALUES, call, callable_names, program, size, takes

GOLDEN = Path(__file__).parents[1] / "golden" / "layers"
ARGUMENTS = [(item, name) for item in callable_names().values() for name in item.arguments]
IDS = [f"{item.kind}-{name}" for item, name in ARGUMENTS]


def nets(calls: list[str], of: str) -> str:
    """A file with a net for each call, one a line."""
    return "".join(f"net N{number} {{ input {of} ; image: id ; {made} }}\n" for number, made in enumerate(calls))


@pytest.mark.parametrize("item, name", ARGUMENTS, ids=IDS)
def test_a_value_is_taken_or_refused_with_words(item, name):
    said = {written: [] for written in VALUES}
    for found in errors(nets([call(item, name, written) for written in VALUES], size(item))):
        said[list(VALUES)[found.span.position[0] - 1]].append(found)
    declared = item.arguments[name]
    for written, (value, shown) in VALUES.items():
        refused = [found for found in said[written] if found.code == "E220"]
        assert bool(refused) is not takes(item, name, value), f"{name}={written}"
        for found in refused:
            assert said[written] == [found], "one mistake, one message"
            assert found.title == f"`{name}` of `{item.kind}` must be {declared.kind.allowed}; it is {shown}"
            assert found.span.text == written
            assert item.signature() in found.notes[0] and found.helps
    assert any(not takes(item, name, value) for value, _ in VALUES.values())


@pytest.mark.parametrize("item, name", ARGUMENTS, ids=IDS)
def test_the_example_in_the_help_is_taken(item, name):
    example = item.arguments[name].example
    found = errors(nets([call(item, name, example)], size(item)))
    assert "E220" not in {problem.code for problem in found}, example


@pytest.mark.parametrize("item", callable_names().values(), ids=callable_names())
def test_what_is_said_is_golden(item):
    """`UPDATE_GOLDEN=1` writes the program; then `pytest tests/golden --update-golden` what is said of it."""
    file = GOLDEN / f"{item.kind}.cnn"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_text(program(item), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == program(item)
    expected = file.with_suffix(".out").read_text(encoding="utf-8")
    for name, declared in item.arguments.items():
        assert f"error[E220]: `{name}` of `{item.kind}` must be {declared.kind.allowed}; it is " in expected


def test_a_layer_without_arguments_takes_none():
    for kind in kinds().keys() - callable_names().keys():
        branches = " { id | id }" if kinds()[kind].joins else ""
        if not branches:
            (found,) = errors(nets([f"{kind}(3)"], "8x7x4"))
            assert found.code == "E222" and found.title == f"`{kind}` takes no arguments, 1 is given", kind
