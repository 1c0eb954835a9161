"""What the programs contain: every kind, option, join and construct, and in how many programs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from cnndsl.layers import kinds
from tests.random_programs.programs import Program

#: what is seen in the text alone
WRITTEN = {
    **{f"word {word}": rf"\b{word}\b" for word in ("let", "fn", "for", "if", "else", "not", "and", "or", "output")},
    **{f"function {name}": rf"\b{name}\(" for name in ("min", "max", "int", "ceil", "floor", "round", "sqrt", "len")},
    **{f"function {name}": rf"\b{name}\(" for name in ("abs", "sum")},
    **{f"operator {sign}": rf" {re.escape(sign)} " for sign in ("+", "-", "*", "/", "//", "%", "**", "==", "<", ">=")},
    "comment": r"# a note",
    "documentation": r"^## ",
    "import": r'^from "(?!zoo)',
    "import from the zoo": r'^from "zoo',
    "open extent": r"input [\w: ]*\?",
    "statements behind ;": r" ; ",
    "in.extent": r"\bin\.\w+",
    "textbook letter": r"\b[KFSPDG]=",
    "until=": r"\buntil=",
}
NOTED = (
    "share=", "freeze=", "init=", "share= of a block", "freeze= of a block", "freeze= of a net", "partial call",
    "layer as a value", "block call", "block of another file", "block called in two steps", "block of the zoo",
    "net as a layer", "net with two inputs as a layer", "one of several outputs", "net = net", "output of a label",
    "output with a pipeline", "label", "indexed label", "label[-n]", "label by ordinal", "repeated label by name",
    "label behind a dot", "cut of a repeated label as branches", "cut of no branch",
    "join of what is left of a list", "until= with an index", "in", "let", "group", "repeated group", "group * 0",
    "if (plain)", "if (else)", "if (else if)", "for over a list", "for over a range", "for over pairs",
    "assert", "assert of the whole net",
)  # fmt: skip


def wanted() -> set[str]:
    """What must be in one program of a hundred."""
    found = {f"kind {kind}" for kind in kinds()}
    found |= {f"option {kind}.{name}" for kind, cls in kinds().items() for name in cls.arguments}
    return found | set(WRITTEN) | set(NOTED) | {f"join {kind}" for kind, cls in kinds().items() if cls.joins}


def contents(program: Program) -> set[str]:
    """What one program contains."""
    text = "\n".join(program.files.values())
    found = {name for name, pattern in WRITTEN.items() if re.search(pattern, text, re.MULTILINE)} | program.notes
    for node in program.nodes:
        found.add(f"kind {node.kind}")
        found |= {f"option {node.kind}.{name}" for name in node.args}
    return found


def table(counts: Counter[str], programs: int, names: Iterable[str] | None = None) -> str:
    """The share of the programs that have each thing, of those that are wanted or of others, rarest first."""
    rows = sorted((counts[name] / max(1, programs), name) for name in (wanted() if names is None else names))
    return "\n".join(f"{share:7.2%}  {name}" for share, name in rows)
