"""What the tree says: one test for each form of the language."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl import syntax
from cnndsl.parse import parse, tokens
from cnndsl.source import Source, Span
from cnndsl.syntax import same_tree
from tests.parse.breakages import PROGRAMS


def read(text: str) -> syntax.File:
    file, problems = parse(Source("test.cnn", text))
    assert problems == []
    assert file is not None
    return file


def value(text: str) -> Any:
    (item,) = read(f"let v = {text}").items
    assert isinstance(item, syntax.Let)
    return item.value


def body(text: str) -> tuple[syntax.Statement, ...]:
    (item,) = read("net N {\n" + text + "\n}").items
    assert isinstance(item, syntax.Net)
    return item.body.statements


def stage(text: str) -> Any:
    (statement,) = body(text)
    assert isinstance(statement, syntax.Pipeline)
    assert statement.label is None
    (only,) = statement.stages
    return only


def shown(node: Any) -> Any:
    """An expression as nested tuples and plain values."""
    match node:
        case syntax.Number(value=number) | syntax.String(value=number) | syntax.Boolean(value=number):
            return number
        case syntax.NoneValue():
            return None
        case syntax.Name(text=text):
            return text
        case syntax.In():
            return "in"
        case syntax.Size(extents=extents):
            return ("size", *extents)
        case syntax.Tuple(items=items) | syntax.List(items=items):
            return (type(node).__name__.lower(), *map(shown, items))
        case syntax.Unary(operator=operator, operand=operand):
            return (operator, shown(operand))
        case syntax.Binary(operator=operator, left=left, right=right):
            return (operator, shown(left), shown(right))
        case syntax.Range(start=start, stop=stop):
            return ("..", shown(start), shown(stop))
        case syntax.Conditional(then=then, condition=condition, otherwise=otherwise):
            return ("if", shown(condition), shown(then), shown(otherwise))
        case syntax.Attribute(value=owner, name=name):
            return (".", shown(owner), name.text)
        case syntax.Index(value=owner, index=index):
            return ("[]", shown(owner), shown(index))
        case syntax.Call(callee=callee, arguments=arguments):
            given = [(a.name.text, shown(a.value)) if a.name else shown(a.value) for a in arguments]
            return ("call", shown(callee), *given)
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("1e-4", 1e-4),
        ("2.5E+3", 2500.0),
        ('"a b"', "a b"),
        ('""', ""),
        ("true", True),
        ("false", False),
        ("none", None),
        ("in.channels", (".", "in", "channels")),
        ("28x28x1", ("size", 28, 28, 1)),
        ("?x?x3", ("size", None, None, 3)),
        ("?", ("size", None)),
        ("(?, 3)", ("tuple", ("size", None), 3)),
        ("()", ("tuple",)),
        ("(1,)", ("tuple", 1)),
        ("(1, 2)", ("tuple", 1, 2)),
        ("(1, 2,)", ("tuple", 1, 2)),
        ("(1)", 1),
        ("[]", ("list",)),
        ("[1, 2,]", ("list", 1, 2)),
        ("0..4", ("..", 0, 4)),
        ("0.5..1.5", ("..", 0.5, 1.5)),
        ("0..n + 1", ("..", 0, ("+", "n", 1))),
        ("-2 ** 2", ("-", ("**", 2, 2))),
        ("2 ** -1", ("**", 2, ("-", 1))),
        ("2 ** 3 ** 2", ("**", 2, ("**", 3, 2))),
        ("1 - 2 - 3", ("-", ("-", 1, 2), 3)),
        ("1 + 2 * 3 // 4 % 5", ("+", 1, ("%", ("//", ("*", 2, 3), 4), 5))),
        ("64 * 2 ** i", ("*", 64, ("**", 2, "i"))),
        ("not a == b", ("not", ("==", "a", "b"))),
        ("a or b and not c", ("or", "a", ("and", "b", ("not", "c")))),
        ("a < b or c >= d", ("or", ("<", "a", "b"), (">=", "c", "d"))),
        ("a < -1", ("<", "a", ("-", 1))),
        ("1 if a else 2 if b else 3", ("if", "a", 1, ("if", "b", 2, 3))),
        ("c[-1]", ("[]", "c", ("-", 1))),
        ("c[0..n]", ("[]", "c", ("..", 0, "n"))),
        ("a.b.c", (".", (".", "a", "b"), "c")),
        ("f(1, k=2,)", ("call", "f", 1, ("k", 2))),
        ("f()(1)[0].x", (".", ("[]", ("call", ("call", "f"), 1), 0), "x")),
        ("s == 1 and in.channels == out", ("and", ("==", "s", 1), ("==", (".", "in", "channels"), "out"))),
        ("x28x28", "x28x28"),
        ("inner", "inner"),
        ("1if a else 2", ("if", "a", 1, 2)),
    ],
)
def test_values(text: str, meaning: Any):
    found = shown(value(text))
    assert found == meaning
    assert type(found) is type(meaning)


@given(
    st.recursive(
        st.integers(0, 9).map(str),
        lambda parts: st.one_of(
            st.tuples(parts, st.sampled_from(["+", "-", "*", "//", "%", "**", "<", "and", "or"]), parts).map(
                lambda p: f"({p[0]}) {p[1]} ({p[2]})"
            ),
            parts.map(lambda p: f"-({p})"),
            st.tuples(parts, parts, parts).map(lambda p: f"({p[0]}) if ({p[1]}) else ({p[2]})"),
        ),
        max_leaves=12,
    )
)
def test_operators_bind_as_in_python(text: str):
    assert shown(value(text)) == python(text)


@given(st.lists(st.tuples(st.sampled_from(["+", "-", "*", "/", "//", "%", "**"]), st.integers(0, 9)), max_size=6))
def test_operators_without_parentheses_bind_as_in_python(rest: list[tuple[str, int]]):
    text = "1" + "".join(f" {sign} {number}" for sign, number in rest)
    assert shown(value(text)) == python(text)


def python(text: str) -> Any:
    """What Python's own parser makes of an expression, in the form of `shown`."""
    import ast

    signs = {
        "Add": "+",
        "Sub": "-",
        "Mult": "*",
        "Div": "/",
        "FloorDiv": "//",
        "Mod": "%",
        "Pow": "**",
        "Lt": "<",
        "And": "and",
        "Or": "or",
        "USub": "-",
    }

    def walk(node: Any) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.BinOp():
                return (signs[type(node.op).__name__], walk(node.left), walk(node.right))
            case ast.UnaryOp():
                return (signs[type(node.op).__name__], walk(node.operand))
            case ast.Compare():
                return (signs[type(node.ops[0]).__name__], walk(node.left), walk(node.comparators[0]))
            case ast.BoolOp():
                return (signs[type(node.op).__name__], *map(walk, node.values))
            case ast.IfExp():
                return ("if", walk(node.test), walk(node.body), walk(node.orelse))
        raise AssertionError(node)

    return walk(ast.parse(text, mode="eval").body)


@given(st.integers(0, 10**30), st.integers(0, 10**30), st.sampled_from(["", "e5", "e-7", "E+2"]))
def test_decimals_have_the_nearest_value(whole: int, part: int, exponent: str):
    node = value(f"{whole}.{part}{exponent}")
    exact = Fraction(f"{whole}.{part}") * Fraction(10) ** int(exponent[1:] or 0)
    assert node.text == f"{whole}.{part}{exponent}"
    assert abs(Fraction(node.value) - exact) <= abs(exact) * Fraction(1, 2**52)


def test_stages():
    assert isinstance(stage("relu"), syntax.Apply)
    assert shown(stage("conv(64, 3)").value) == ("call", "conv", 64, 3)
    assert shown(stage("in").value) == "in"
    assert shown(stage("(relu if deep else tanh)").value) == ("if", "deep", "relu", "tanh")
    assert shown(stage("[a, b]").value) == ("list", "a", "b")
    group = stage("{ a -> b }")
    assert isinstance(group, syntax.Group)
    assert group.count is None
    assert len(group.body.statements[0].stages) == 2


@pytest.mark.parametrize(
    ("count", "meaning"),
    [("2", 2), ("n", "n"), ("d[i]", ("[]", "d", "i")), ("f(3)", ("call", "f", 3)), ("(n - 1)", ("-", "n", 1))],
)
def test_counts_of_groups(count: str, meaning: Any):
    assert shown(stage(f"{{ a }} * {count}").count) == meaning


@pytest.mark.parametrize(
    "text", ["add { | a | b }", "add { a | b }", "add {\n| a\n| b\n}", "add {\n  | a\n\n  | b }", "add { |\na |\nb\n}"]
)
def test_joins(text: str):
    join = stage(text)
    assert isinstance(join, syntax.Join)
    assert join.name.text == "add"
    assert [shown(branch.statements[0].stages[0].value) for branch in join.branches] == ["a", "b"]


def test_a_branch_is_written_like_a_body():
    one, other = stage("add {\n | let k = 3\n x: conv(k, 1) ; relu\n | for i in 0..2 { relu } }").branches
    assert [type(s).__name__ for s in one.statements] == ["Let", "Pipeline", "Pipeline"]
    assert [type(s).__name__ for s in other.statements] == ["For"]


def test_choices():
    choice = stage("if a { b } else if c { d } else { e }")
    assert isinstance(choice, syntax.Choice)
    (inner,) = choice.otherwise.statements[0].stages
    assert shown(inner.condition) == "c"
    assert shown(inner.otherwise.statements[0].stages[0].value) == "e"
    assert stage("if a { }").otherwise is None
    (pipeline,) = body("a -> if b { c } -> d")
    assert [type(s).__name__ for s in pipeline.stages] == ["Apply", "Choice", "Apply"]
    assert shown(stage("if x if c else y { d }").condition) == ("if", "c", "x", "y")


def test_statements():
    statements = body(
        """
        input 28x28x1
        input left: (res, res, 3) -> conv(3, 3)
        stem: a -> b
        let k = 64
        for i in 0..4 { a }
        for (k, n) in [(1, 2)] { a }
        for (k) in ks { }
        output mask
        output coarse: c2 -> fc(1)
        """
    )
    plain, left, stem, let, loop, pairs, single, output, coarse = statements
    assert (plain.label, shown(plain.size), plain.stages) == (None, ("size", 28, 28, 1), ())
    assert (left.label.text, shown(left.size), len(left.stages)) == ("left", ("tuple", "res", "res", 3), 1)
    assert (stem.label.text, len(stem.stages)) == ("stem", 2)
    assert (let.name.text, let.value.value) == ("k", 64)
    assert [name.text for name in loop.names] == ["i"]
    assert [name.text for name in pairs.names] == ["k", "n"]
    assert [name.text for name in single.names] == ["k"]
    assert (output.name.text, output.stages) == ("mask", ())
    assert (coarse.name.text, len(coarse.stages)) == ("coarse", 2)


def test_definitions():
    file = read(
        """
        from "vgg.cnn" import VGG16,
            VGG19
        net A(x, k = 8,) { input 3 }
        net B(k = 8) = A(x, k)
        block c { }
        fn d() = 3
        """
    )
    imported, a, b, c, d = file.items
    assert (imported.path.value, [name.text for name in imported.names]) == ("vgg.cnn", ["VGG16", "VGG19"])
    assert [(p.name.text, p.default and p.default.value) for p in a.parameters] == [("x", None), ("k", 8)]
    assert shown(b.value) == ("call", "A", "x", "k")
    assert (c.name.text, c.parameters, c.body.statements) == ("c", (), ())
    assert (d.name.text, d.parameters, d.value.value) == ("d", (), 3)
    assert read("").items == ()


def test_documentation_stands_directly_above():
    file = read(
        "## lost, since a line is empty\n\n"
        "## First line.\n##  Second, indented.\n  ##Third.\r\nnet A { }\n"
        "# no documentation\nblock b { }\n"
        "## Lost: a plain comment is between.\n#\nfn c() = 3\n"
        "### a rule\n## Kept.\nnet D = A()\n"
        "let e = 3 ## behind\nnet F { } ; net G { }\n"
    )
    docs = {item.name.text: item.doc for item in file.items if isinstance(item, syntax.Definition)}
    assert docs == {"A": "First line.\n Second, indented.\nThird.", "b": "", "c": "", "D": "Kept.", "F": "", "G": ""}


def test_an_argument_is_added_behind_the_last_one():
    def added(text: str) -> str:
        call = value(text)
        source = call.span.source.text
        extra = ", z=1" if call.arguments else "z=1"
        return source[: call.close.start] + extra + source[call.close.end :]

    assert added("f()") == "let v = f(z=1)"
    assert added("f(1, k=2)") == "let v = f(1, k=2, z=1)"
    assert added("f(\n  1,\n  2,\n)") == "let v = f(\n  1,\n  2, z=1,\n)"


def nodes(node: Any) -> Any:
    if isinstance(node, tuple):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, syntax.Node):
        yield node
        for field in type(node).fields:
            yield from nodes(getattr(node, field))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_place_covers_its_parts_and_no_space_around(path):
    for node in nodes(read(path.read_text(encoding="utf-8"))):
        assert node.span.text == node.span.text.strip()
        parts = [n.span for n in nodes(tuple(getattr(node, f) for f in type(node).fields))]
        assert all(node.span.start <= span.start <= span.end <= node.span.end for span in parts)


def test_places():
    (net,) = read("  net N(k = 3) { a -> b(1) }  ").items
    assert net.span.text == "net N(k = 3) { a -> b(1) }"
    assert net.body.span.text == "{ a -> b(1) }"
    assert net.body.statements[0].span.text == "a -> b(1)"
    assert net.body.statements[0].stages[1].span.text == "b(1)"
    assert net.parameters[0].span.text == "k = 3"
    assert value("(1 + 2) * 3").span.text == "(1 + 2) * 3"


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_program_parses_and_its_tokens_give_its_text_back(path):
    source = Source(path.name, path.read_text(encoding="utf-8"))
    _, problems = parse(source)
    assert problems == []
    end = 0
    for token in tokens(source):
        assert source.text[end : token.start].strip(" \t\r\f") == ""
        assert token.span(source) == Span(source, token.start, token.end)
        assert token.span(source).text == token.text
        end = token.end
    assert end == len(source.text)
    assert sum(token.kind == "COMMENT" for token in tokens(source)) == source.text.count("#") - source.text.count("##")


def test_line_ends_and_tabs_do_not_matter():
    text = PROGRAMS[0].read_text(encoding="utf-8")
    assert same_tree(read(text), read(text.replace("\n", "\r\n").replace("    ", "\t")))
