"""Words and signs of other languages, and what is written here instead."""

from __future__ import annotations

SIGNS = {
    "=>": ("ARROW",),
    ":=": ("EQUAL", "COLON"),
    "&&": ("AND",),
    "&": ("AND",),
    "||": ("OR", "VBAR"),
    "!": ("NOT",),
    "...": ("RANGE",),
    "=<": ("COMPARISON",),
    "^": ("POWER",),
    "-&gt;": ("ARROW",),
}
"""The kinds of token that a sign may stand for, the likelier first."""

TEXTS = {"COMPARISON": "<="}
"""What is written for a kind of which there are several."""

FENCE = "```"

BORDERS = {
    "/*": ("`/*`", "a comment begins with `#` and ends with its line"),
    '"""': ('a text in `"""`', "what stands above a `net`, `block` or `fn` behind `##` is its documentation"),
    FENCE: ("a line of backquotes", "a fence of the page that the program was copied from: leave it out"),
}
"""How what is left out begins, what it is called, and what is written here instead."""

_FUNCTION = "a function is written `fn name(x) = …`, a block of layers `block name(…) { … }`"
_NETWORK = "a network is written `net Name { … }`, a part of one `block name { … }`"
_VALUE = "a value is named with `let name = …`"
_IMPORT = 'names are imported with `from "file.cnn" import name`'
_TRAINING = "how a net is trained is said to `cnnc train`: `--loss`, `--optimizer`, `--epochs`"
_LOOP = "repeat with `for i in 0..n { … }` or `{ … } * n`"

Meanings = tuple[tuple[str, ...], ...]

BEGINNINGS: dict[str, tuple[Meanings, str]] = {
    "def": ((("FN",), ("BLOCK",)), _FUNCTION),
    "func": ((("FN",), ("BLOCK",)), _FUNCTION),
    "function": ((("FN",), ("BLOCK",)), _FUNCTION),
    "class": ((("NET",),), _NETWORK),
    "model": ((("NET",),), _NETWORK),
    "network": ((("NET",),), _NETWORK),
    "module": ((("BLOCK",),), _NETWORK),
    "layer": ((("BLOCK",),), _NETWORK),
    "var": ((("LET",),), _VALUE),
    "const": ((("LET",),), _VALUE),
    "set": ((("LET",),), _VALUE),
    "return": (((),), "nothing is returned: the last layer gives the output, or `output name`"),
    "while": ((), f"there is no `while`: {_LOOP}"),
    "repeat": ((), _LOOP),
    "import": ((), _IMPORT),
    "include": ((), _IMPORT),
    **dict.fromkeys(("loss", "optimizer", "epochs", "metrics", "compile", "fit"), ((), _TRAINING)),
    "end": (((),), "what is opened with `{` is closed with `}`"),
}
"""Words that begin a statement elsewhere: the kinds of token that may be meant, and what is written here."""

SUITES = ("class", "def")
"""Those behind which, in Python, come a colon and lines that stand deeper: none of these can be read."""

ELIFS = ("elif", "elseif")
"""Those that go on with an `if`."""

LIBRARIES = ("torch", "torchvision", "tensorflow", "keras", "numpy", "jax", "flax", "mlx", "os", "sys", "math")
"""What programs in Python import."""

CLAUSES: dict[str, tuple[Meanings, str]] = {
    "elif": ((("ELSE", "IF"),), "write `else if`"),
    "elseif": ((("ELSE", "IF"),), "write `else if`"),
    "then": (((),), "the braces follow the condition: `if condition { … }`"),
    "do": (((),), "the braces follow: `for i in 0..n { … }`"),
}
"""The same for words within a statement."""

CHARACTERS = {
    "\\": "no sign is needed to go on on the next line after `->`, a comma or an operator, or inside ( ) and [ ]",
    "@": "there are no decorators: a layer takes `freeze=`, `init=` and `share=`",
}
"""What to do without a character."""
