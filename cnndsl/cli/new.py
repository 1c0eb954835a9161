"""Write a small working file to start from.

Examples:
  cnnc new mynet
  cnnc new nets/digits
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnndsl.cli._exit import CLEAN
from cnndsl.cli._options import Parser
from cnndsl.cli._terminal import Terminal
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.usage import BadFileName, FileExists, NotWritten
from cnndsl.replaced import replaced
from cnndsl.source import Source

TEMPLATE = """\
# Check it:  cnnc check {file}
# Draw it:   cnnc draw {file} -o {stem}.svg
# Train it:  cnnc train {file} --data sample --epochs 3 -o {stem}.safetensors

## A small network for images of handwritten digits.
net {name}(classes = 10) {{
    input 28x28x1                  # height x width x channels

    # A convolution has filters and a kernel size; pad=2 keeps the 28x28.
    conv(8, 5, pad=2) -> relu -> maxpool(2)
    conv(16, 3, pad=1) -> relu -> maxpool(2)

    flatten                        # 7x7x16 becomes a vector of 784
    fc(64) -> relu
    fc(classes) -> softmax         # one probability for each class
}}
"""


def arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name of the net; the file is NAME.cnn")


def run(options: Any, terminal: Terminal) -> int:
    path = Path(options.name if options.name.endswith(".cnn") else f"{options.name}.cnn")
    name = path.stem
    _refuse(name)
    text = TEMPLATE.format(file=path.as_posix(), stem=path.with_suffix("").as_posix(), name=name)
    _create(path, text)
    terminal.print(f"wrote {path}; try `cnnc check {path}`")
    return CLEAN


def _refuse(name: str) -> None:
    """Raises CnnError (E056) for a name that a net cannot have."""
    from cnndsl.layers import kinds
    from cnndsl.parse import parse

    example = "".join(c if c.isascii() and c.isalnum() else "_" for c in name).strip("_").lstrip("0123456789_")
    reason = ""
    if not (name.isidentifier() and name.isascii()):
        reason = "a name has letters, digits and _, and does not begin with a digit"
    elif parse(Source(name, f"net {name} {{ input 1 }}"))[1]:
        reason, example = "it is a word of the language", f"my_{name}"
    elif name in kinds():
        reason, example = "it is the name of a layer", f"my_{name}"
    if reason:
        raise BadFileName(NOWHERE, name=name, reason=reason, example=example or "mynet").error()


def _create(path: Path, text: str) -> None:
    if path.exists() or path.is_symlink():
        raise FileExists(NOWHERE, path=str(path)).error()
    try:
        with replaced(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as failure:
        raise NotWritten(NOWHERE, what=f"`{path}`", reason=failure.strerror or str(failure)).error() from failure
