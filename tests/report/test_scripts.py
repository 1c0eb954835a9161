"""The scripts of the page are one script: a name at the top of one is there in all of them."""

from __future__ import annotations

import re
from importlib.resources import files

SCRIPTS = sorted(
    (item for item in files("cnndsl.report").joinpath("page").iterdir() if item.name.endswith(".js")),
    key=lambda item: item.name,
)
DECLARED = re.compile(
    r"^(?:async )?(?:function\*?|const|let|var|class) +(?:([\w$]+)|[{\[]([^=]*)[}\]] *=)", re.MULTILINE
)


def declared(script: str) -> list[str]:
    """The names that a script declares at its top, where lines are not indented."""
    return [
        name
        for match in DECLARED.finditer(script)
        for name in ([match[1]] if match[1] else re.findall(r"(?:\w+ *: *)?([\w$]+)", match[2]))
    ]


def test_what_counts_as_declared():
    script = (
        "function a() {\n  const inner = 1;\n}\nconst b = 1, {} = 2;\nasync function c() {}\nconst { d, e: f } = a();\n"
    )
    assert declared(script) == ["a", "b", "c", "d", "f"]


def test_no_two_scripts_declare_one_name():
    owners: dict[str, str] = {}
    assert len(SCRIPTS) > 20
    for script in SCRIPTS:
        for name in declared(script.read_text(encoding="utf-8")):
            assert owners.setdefault(name, script.name) == script.name, f"`{name}` in {owners[name]} and {script.name}"
    assert len(owners) > 100


def test_no_script_declares_a_name_twice():
    for script in SCRIPTS:
        names = declared(script.read_text(encoding="utf-8"))
        assert len(set(names)) == len(names), script.name
