"""Making pages and reading them back."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import cnndsl
from cnndsl.report import assemble

ROOT = Path(__file__).parents[2]

#: a net whose every name and text could end a script, a style, an attribute or a comment
HOSTILE = """
## </script><script>alert(1)</script> <!-- ]]> </style> "quoted" & \u2028 {{data}}
net Hostile {
    input 12x12x1
    first: conv(4, 3, pad=same)     # </script><img src=x onerror=alert(2)>
    relu
    output made: flatten -> fc(3)   # <svg onload=alert(3)>
}
"""


@cache
def page(name: str) -> str:
    """The page of an example or a net of the zoo: `lenet5`, `zoo/unet`."""
    folder, _, stem = name.rpartition("/")
    net = cnndsl.load(ROOT / ("cnndsl/zoo" if folder else "examples") / f"{stem}.cnn")
    return assemble(net.graph, net.diagnostics)


def of_text(text: str, more: dict[str, Any] | None = None) -> str:
    net = cnndsl.loads(text)
    return assemble(net.graph, net.diagnostics, more)


def part(text: str, tag: str) -> str:
    """What stands in the only element of that beginning: `style`, `script`, `script id="data"`."""
    (found,) = re.findall(rf"<{tag}[^>]*>(.*?)</{tag.split()[0]}>", text, re.DOTALL)
    return found


def data(text: str) -> dict[str, Any]:
    return json.loads(part(text, 'script id="data"'))


def layers(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The layers by path, each a dict of what there is to say of it."""
    columns = {name: spread(column) for name, column in found["layers"].items()}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return {row["path"]: row for row in rows}


def spread(column: Any) -> list[Any]:
    """A column as a list, if values that come again are held once in it."""
    return [column["of"][number] for number in column["at"]] if isinstance(column, dict) else column
