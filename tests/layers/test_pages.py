"""A layer's page is its docstring: every kind has the whole of it, and its example is true."""

from __future__ import annotations

import re
import textwrap

import pytest

import cnndsl
from cnndsl.layers import Called, foreign_names, kinds, pages
from cnndsl.layers.arguments import show_value
from cnndsl.layers.base import Layer
from cnndsl.layers.input import Input
from tests.layers.build import layer

SECTIONS = ("Equation", "Shapes", "Goes wrong", "Example", "Source")
PAGES = pages()


def section(cls: type[Called], name: str) -> str:
    text = textwrap.dedent(f"    {cls.__doc__}")
    found = re.search(rf"^{name}:\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    return textwrap.dedent(found[1]).strip() if found else ""


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_complete(kind):
    cls = PAGES[kind]
    summary = cls.__doc__.splitlines()[0]
    assert summary.endswith(".") and len(summary) > 20
    for name in SECTIONS:
        assert section(cls, name), f"{kind} has no section {name}"
    assert re.search(r"\b(1[89]|20)\d\d\b", section(cls, "Source")) or kind in ("flatten", "input")
    assert getattr(cls, "family", "value")


@pytest.mark.parametrize("kind", PAGES)
def test_the_example_checks_and_uses_the_layer(kind):
    net = cnndsl.loads(section(PAGES[kind], "Example"))
    if issubclass(PAGES[kind], Layer):
        assert kind in {node.layer.kind for node in net.layers}
    else:
        assert kind in {getattr(getattr(node.layer, "weights", None), "kind", "") for node in net.layers}


@pytest.mark.parametrize("kind", PAGES)
def test_the_codes_that_a_page_names_exist(kind):
    from importlib import import_module
    from pkgutil import iter_modules

    import cnndsl.errors

    modules = [import_module(f"cnndsl.errors.{item.name}") for item in iter_modules(cnndsl.errors.__path__)]
    codes = {getattr(item, "code", "") for module in modules for item in vars(module).values()}
    assert set(re.findall(r"E\d{3}", PAGES[kind].__doc__)) <= codes


def test_a_foreign_name_belongs_to_one_kind_and_hides_none():
    names = [name.lower() for cls in kinds().values() for name in set(cls.known_as)]
    ours = {name for kind, cls in kinds().items() for name in cls.known_as if name.lower() == kind}
    assert sorted(set(names)) == sorted(foreign_names())
    for kind, cls in kinds().items():
        for name in cls.known_as:
            assert foreign_names()[name.lower()] == kind, f"{name} is told to be two kinds"
            assert name not in kinds() or name in ours


@pytest.mark.parametrize("kind", sorted(PAGES.keys() - {"input"}))
def test_a_signature_has_every_argument_in_order(kind):
    cls = PAGES[kind]
    signature = cls.signature()
    assert signature.startswith(kind)
    found = [signature.find(f"{name}") for name in cls.arguments]
    assert -1 not in found


def test_signatures_and_calls_as_they_are_written():
    assert kinds()["conv"].signature() == (
        "conv(filters, kernel, stride=1, pad=0, dilation=1, groups=1, bias=true, weights=none, connect=none)"
    )
    assert kinds()["maxpool"].signature() == "maxpool(kernel, stride=kernel, pad=0, dilation=1, ceil=false)"
    assert kinds()["relu"].signature() == "relu"
    assert layer("conv", 64, (3, 5), stride=2, bias=False).written() == "conv(64, (3, 5), stride=2, bias=false)"
    assert layer("relu").written() == "relu"
    assert Input((28, None, 1)).written() == "input 28x?x1"


def test_values_as_they_are_written():
    values = [True, None, (1, 2), (1,), 0.5, 3, "same", 1e-5]
    assert [show_value(value) for value in values] == [
        "true", "none", "(1, 2)", "(1,)", "0.5", "3", "same", "1e-05",
    ]  # fmt: skip


def test_input_is_no_layer_that_can_be_called():
    assert "input" not in kinds()
