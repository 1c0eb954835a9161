"""The page as one file: text, style sheets and scripts of `page/`, the picture, and the numbers as one JSON text.

The file fetches nothing and may run nothing but its own script and style, which its content-security policy names by
their hashes. What comes from a program stands in the JSON or in the picture, and is escaped there.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from cnndsl.diagnostic import Diagnostic
from cnndsl.graph import Graph
from cnndsl.render._cells import visible
from cnndsl.report.colours import families
from cnndsl.report.document import document, failed
from cnndsl.report.picture import Drawn, drawn

#: the script that starts the others, and so comes last
START = "start.js"
#: the script of a page that `cnnc serve` shows
LIVE = "live.js"


def assemble(
    graph: Graph, diagnostics: Iterable[Diagnostic] = (), more: Mapping[str, Any] | None = None, *, version: int = 0
) -> str:
    """The page of a net; `more` are further keys of its document.

    A page with a version is a server's: it asks `/version` for the latest, and loads again when that is another.
    """
    shown = drawn(graph)
    found = [*diagnostics, *([shown.problem] if shown.problem else [])]
    diagram = {"boxes": shown.boxes, "links": shown.links}
    return _page(graph.name, {**document(graph, found), "diagram": diagram, **(more or {})}, shown, version)


def broken(name: str, diagnostics: Iterable[Diagnostic], *, version: int) -> str:
    """The page of a file that does not check; a server's, so it loads again."""
    return _page(name, failed(diagnostics), Drawn(), version)


def _page(title: str, data: Mapping[str, Any], shown: Drawn, version: int) -> str:
    from html import escape

    style = _joined("css") + families() + shown.style
    script = _script(version > 0)
    asks = "'self'" if version else "'none'"
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        f"connect-src {asks}; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "title": escape(visible(title)),
        "style": style,
        "picture": shown.svg,
        "data": island({**data, "version": version}),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("page.html"))


def island(data: Any) -> str:
    """JSON that may stand in a `script` element: no character of it means anything to HTML."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "replace").decode()


@cache
def _script(live: bool) -> str:
    """All scripts as one, in a strict scope of its own, in the order of their names, the one that starts last."""
    names = [name for name in _names("js") if name not in (START, LIVE)]
    bodies = "\n".join(plain(_read(name)) for name in [*names, *([LIVE] if live else []), START])
    return f'"use strict";\n(() => {{\n{bodies}}})();\n'


def plain(script: str) -> str:
    """A script without its comments, which stand on lines of their own, and without what lines begin with."""
    lines = (line.strip() for line in script.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith(("//", "/**")))


@cache
def _joined(suffix: str) -> str:
    return "\n".join(map(_read, _names(suffix)))


def _names(suffix: str) -> list[str]:
    return sorted(item.name for item in files("cnndsl.report").joinpath("page").iterdir() if item.name.endswith(suffix))


def _read(name: str) -> str:
    return files("cnndsl.report").joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
