"""The tree: one class for each construct of `grammar/cnn.lark`, with its place in the source.

Trees are compared by `same_tree`, which leaves places out: a formatted file has an equal tree.
"""

from __future__ import annotations

from cnndsl.record import Record
from cnndsl.source import Span


class Node(Record):
    """Base of the tree: `span` is the text that the construct covers."""

    span: Span


# ---- expressions ---------------------------------------------------------------------------------


class Expression(Node):
    """Something with a value."""


class Number(Expression):
    """`3`, `0.5`, `1e-4`, `5M`: `text` as written, so that a formatter keeps it."""

    value: int | float
    text: str


class String(Expression):
    """`"…"`, without its quotes."""

    value: str


class Boolean(Expression):
    """`true` or `false`."""

    value: bool


class NoneValue(Expression):
    """`none`."""


class Size(Expression):
    """`28x28x1`, `3x5`, `?x?x3`, `?`: None is an extent that is not fixed yet."""

    extents: tuple[int | None, ...]


class Name(Expression):
    """A name: a value, label, definition, layer or option word, in this order of looking it up."""

    text: str


class In(Expression):
    """`in`: the volume that a block was given."""


class Tuple(Expression):
    """`(1, 2)`."""

    items: tuple[Expression, ...]


class List(Expression):
    """`[1, 2]`."""

    items: tuple[Expression, ...]


class Unary(Expression):
    """`-x`, `+x`, `not x`."""

    operator: str
    operand: Expression


class Binary(Expression):
    """`a + b` and its like: arithmetic, comparison (one at a time), `and`, `or`."""

    operator: str
    left: Expression
    right: Expression


class Conditional(Expression):
    """`a if condition else b`."""

    then: Expression
    condition: Expression
    otherwise: Expression


class Range(Expression):
    """`0..4`."""

    start: Expression
    stop: Expression


class Attribute(Expression):
    """`in.channels`, `backbone.c4`."""

    value: Expression
    name: Name


class Index(Expression):
    """`depths[i]`, `c[0..n]`."""

    value: Expression
    index: Expression


class Argument(Node):
    """One argument of a call; `name` is none for a positional one."""

    name: Name | None
    value: Expression


class Call(Expression):
    """`conv(96, 11, stride=4)`: a layer, block, net or function with its arguments.

    `close` is the empty place before the closing parenthesis, where an argument can be added.
    """

    callee: Expression
    arguments: tuple[Argument, ...]
    close: Span


# ---- stages --------------------------------------------------------------------------------------


class Stage(Node):
    """What stands between arrows."""


class Apply(Stage):
    """A layer, block, net or volume: `conv(64, 3)`, `relu`, `c4`, `in`."""

    value: Expression


class Group(Stage):
    """`{ … } * count`; without a count it happens once."""

    body: Body
    count: Expression | None


class Join(Stage):
    """`add { | a | b }`; `name` is the join's name."""

    name: Name
    branches: tuple[Body, ...]


class Choice(Stage):
    """`if condition { … } else { … }`; an `else if` is a body with that one choice."""

    condition: Expression
    then: Body
    otherwise: Body | None


# ---- statements ----------------------------------------------------------------------------------


class Statement(Node):
    """A line of a body."""


class Body(Node):
    """Statements in braces, or a branch of a join."""

    statements: tuple[Statement, ...]


class Input(Statement):
    """`input left: 64x64x1 -> …`; the stages may be none."""

    label: Name | None
    size: Expression
    stages: tuple[Stage, ...]


class Pipeline(Statement):
    """`NAME: a -> b`."""

    label: Name | None
    stages: tuple[Stage, ...]


class Let(Statement):
    """`let k = 64`, also at the top of a file."""

    name: Name
    value: Expression


class For(Statement):
    """`for (k, n) in values { … }`."""

    names: tuple[Name, ...]
    values: Expression
    body: Body


class Assert(Statement):
    """`assert condition, "message"`; the message may be left out."""

    condition: Expression
    message: String | None


class Output(Statement):
    """`output NAME` (no stages) or `output NAME: x -> …`."""

    name: Name
    stages: tuple[Stage, ...]


# ---- files ---------------------------------------------------------------------------------------


class Parameter(Node):
    """A parameter of a net, block or fn."""

    name: Name
    default: Expression | None


class Definition(Node):
    """Something named at the top of a file; `doc` is the text of the `##` lines above it."""

    name: Name
    doc: str


class Net(Definition):
    """`net NAME(parameters) { … }`."""

    parameters: tuple[Parameter, ...]
    body: Body


class NetAlias(Definition):
    """`net NAME(parameters) = Base(arguments)`."""

    parameters: tuple[Parameter, ...]
    value: Expression


class Block(Definition):
    """`block NAME(parameters) { … }`."""

    parameters: tuple[Parameter, ...]
    body: Body


class Function(Definition):
    """`fn NAME(parameters) = value`."""

    parameters: tuple[Parameter, ...]
    value: Expression


class Import(Node):
    """`from "file.cnn" import a, b`."""

    path: String
    names: tuple[Name, ...]


class File(Node):
    """A whole file: imports, lets and definitions in source order."""

    items: tuple[Import | Let | Definition, ...]


def same_tree(one: object, other: object) -> bool:
    """Whether two trees say the same, wherever they stand."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same_tree, one, other))
    if isinstance(one, Node) and type(one) is type(other):
        places = ("span", "close")
        return all(same_tree(getattr(one, f), getattr(other, f)) for f in type(one).fields if f not in places)
    return one == other and type(one) is type(other)
