"""What asks for the names of a file, and what hides them: one walk that all lints about names share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, ClassVar

from cnndsl import syntax


class Declared:
    """A name where it is given: an import, let, parameter, loop variable or label.

    `node` declares it, `owner` is the name of the item of the file that it stands in.
    """

    def __init__(self, what: str, name: syntax.Name, node: syntax.Node, frame: Frame) -> None:
        self.what = what
        self.name = name
        self.node: Any = node
        self.frame = frame
        #: how often the value is asked for, as far as the walk has come
        self.uses = 0
        #: the value of the same definition that it hides, from here to the end of its braces
        self.hides: Declared | None = None
        if frame.parent and what in ("let", "variable") and name.text not in frame.values:
            self.hides = frame.parent.find(name.text)

    @property
    def owner(self) -> str:
        return self.frame.owner


class Frame:
    """A pair of braces and the values in it."""

    def __init__(self, owner: str, parent: Frame | None = None, repeated: bool = False) -> None:
        self.owner = owner
        self.parent = parent
        self.repeated = repeated
        self.values: dict[str, Declared] = {}

    def find(self, name: str) -> Declared | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.values:
                return frame.values[name]
            frame = frame.parent
        return None

    def inner(self, repeated: bool = False) -> Frame:
        return Frame(self.owner, self, repeated)


#: what the walk has still to do: a part of the tree, or a name that is given once its value was walked
Step = tuple[Any, Frame]


class Names:
    """The names of a file, found in its text alone, so that what is said holds for every call and size."""

    def __init__(self, file: syntax.File) -> None:
        self.file = file
        self.declared: list[Declared] = []
        #: by definition the names that it asks for and that are none of its own values
        self.asked: dict[str, set[str]] = {}
        #: names that stand as values, so that something else decides how they are called
        self.handed: set[str] = set()
        #: names that are given some arguments and then stand as values
        self.started: set[str] = set()
        self._nodes: dict[type, list[Any]] = {}
        for item in file.items:
            owner = "" if isinstance(item, syntax.Import) else item.name.text
            self._walk(item, Frame(owner))

    def of(self, what: str) -> list[Declared]:
        """The names that were given so."""
        return [declared for declared in self.declared if declared.what == what]

    def labels(self) -> Iterator[tuple[Declared, bool]]:
        """Every label, and whether anything of the file refers to it, by its name alone or with an ordinal."""
        asked = self._asked
        stems = {name.rstrip("0123456789") for name in asked}
        for declared in self.of("label"):
            yield declared, declared.name.text in asked or declared.name.text in stems

    def at_top(self, declared: Declared) -> bool:
        """Whether a name is given at the top of the file, where others can import it."""
        return id(declared.node) in self._tops

    @cached_property
    def _tops(self) -> set[int]:
        return set(map(id, self.file.items))

    def nodes(self, kind: type[syntax.Node]) -> list[Any]:
        """The statements or stages of a kind, in the order of the text."""
        return self._nodes.get(kind, [])

    @cached_property
    def nets(self) -> bool:
        """Whether the file has a net; one without is there for others, and what it defines is for them."""
        return any(isinstance(item, syntax.Net | syntax.NetAlias) for item in self.file.items)

    def comes_to(self, name: str) -> bool:
        """Whether a net comes to a definition, or another file may."""
        return not self.nets or name in self._reached or self.exported(name)

    @cached_property
    def _asked(self) -> set[str]:
        """The names that anything asks for."""
        return set().union(*self.asked.values())

    @cached_property
    def _reached(self) -> set[str]:
        """The names that the nets ask for, and what those ask for in turn; documented things are for others too."""
        found: set[str] = set()
        waiting = [
            item.name.text
            for item in self.file.items
            if isinstance(item, syntax.Net | syntax.NetAlias) or (isinstance(item, syntax.Definition) and item.doc)
        ]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.asked.get(name, ())
        return found

    def asked_for(self, name: str) -> bool:
        """Whether anything asks for a name of the file's top, or may."""
        return not self.nets or name in self._asked or self.exported(name)

    def shaped_by_others(self, name: str) -> bool:
        """Whether others decide what a definition is given: whoever it is handed to, or another file."""
        if not self.nets or name in self.handed:
            return True
        item = self._definitions[name]
        if isinstance(item, syntax.Net | syntax.NetAlias):
            return name in self.started
        started = name in self.started and isinstance(item, syntax.Block)
        return started or bool(item.doc) or self.exported(name)

    @cached_property
    def _definitions(self) -> dict[str, syntax.Definition]:
        """The definitions at the top of the file by their names, of several the first."""
        found = [item for item in self.file.items if isinstance(item, syntax.Definition)]
        return {item.name.text: item for item in reversed(found)}

    def exported(self, name: str) -> bool:
        """Whether a file of the same folder imports a name from this one."""
        from cnndsl.lints._beside import imports_beside

        return name in imports_beside(self.file.span.source.name)

    # ---- the walk: no recursion, since else-if and sums may be nested deeper than Python goes --------

    def _walk(self, item: syntax.Node, frame: Frame) -> None:
        steps: list[Step] = [(item, frame)]
        while steps:
            node, frame = steps.pop()
            kind = type(node)
            if kind is Declared:
                frame.values[node.name.text] = node  # from here on the name means this
            elif kind in self.RULES:
                self._nodes.setdefault(kind, []).append(node)
                steps.extend(reversed(self.RULES[kind](self, node, frame)))
            else:
                steps.extend((part, frame) for part in parts(node))

    def _declare(self, what: str, name: syntax.Name | None, node: syntax.Node, frame: Frame) -> list[Step]:
        if name is None:
            return []
        declared = Declared(what, name, node, frame)
        self.declared.append(declared)
        return [] if what in ("label", "import") else [(declared, frame)]

    def _name(self, name: syntax.Name, frame: Frame) -> list[Step]:
        found = frame.find(name.text)
        if found is not None:
            found.uses += 1
        else:
            self.asked.setdefault(frame.owner, set()).add(name.text)
        return []

    def _handed(self, name: syntax.Name, frame: Frame) -> list[Step]:
        self.handed.add(name.text)
        return self._name(name, frame)

    def _call(self, call: syntax.Call, frame: Frame) -> list[Step]:
        callee = call.callee
        if not isinstance(callee, syntax.Name):
            return [(callee, frame), *_arguments(call, frame)]
        self.started.add(callee.text)
        return [*self._name(callee, frame), *_arguments(call, frame)]

    def _apply(self, stage: syntax.Apply, frame: Frame) -> list[Step]:
        """What stands as a layer is called right here."""
        value = stage.value
        if isinstance(value, syntax.Name):
            return self._name(value, frame)
        if isinstance(value, syntax.Call) and isinstance(value.callee, syntax.Name):
            return [*self._name(value.callee, frame), *_arguments(value, frame)]
        return [(value, frame)]

    def _attribute(self, attribute: syntax.Attribute, frame: Frame) -> list[Step]:
        self.asked.setdefault(frame.owner, set()).add(attribute.name.text)
        return [(attribute.value, frame)]

    def _let(self, let: syntax.Let, frame: Frame) -> list[Step]:
        return [(let.value, frame), *self._declare("let", let.name, let, frame)]

    def _for(self, loop: syntax.For, frame: Frame) -> list[Step]:
        inner = frame.inner(repeated=True)
        names = [step for name in loop.names for step in self._declare("variable", name, loop, inner)]
        return [(loop.values, frame), *names, *_in(loop.body, inner)]

    def _group(self, group: syntax.Group, frame: Frame) -> list[Step]:
        count = [(group.count, frame)] if group.count else []
        return [*count, *_in(group.body, frame.inner(repeated=group.count is not None))]

    def _choice(self, choice: syntax.Choice, frame: Frame) -> list[Step]:
        otherwise = _in(choice.otherwise, frame.inner()) if choice.otherwise else []
        return [(choice.condition, frame), *_in(choice.then, frame.inner()), *otherwise]

    def _join(self, join: syntax.Join, frame: Frame) -> list[Step]:
        branches = [step for branch in join.branches for step in _in(branch, frame.inner())]
        return [*self._name(join.name, frame), *branches]

    def _pipeline(self, line: syntax.Input | syntax.Pipeline, frame: Frame) -> list[Step]:
        size = [(line.size, frame)] if isinstance(line, syntax.Input) else []
        return [*self._declare("label", line.label, line, frame), *size, *((stage, frame) for stage in line.stages)]

    def _output(self, output: syntax.Output, frame: Frame) -> list[Step]:
        self._name(output.name, frame)
        return [(stage, frame) for stage in output.stages]

    def _import(self, item: syntax.Import, frame: Frame) -> list[Step]:
        return [step for name in item.names for step in self._declare("import", name, item, frame)]

    def _parameters(self, item: Any, frame: Frame) -> list[Step]:
        found: list[Step] = []
        for parameter in item.parameters:
            found += [(parameter.default, frame)] if parameter.default else []
            found += self._declare("parameter", parameter.name, parameter, frame)
        return found

    def _body(self, item: syntax.Net | syntax.Block, frame: Frame) -> list[Step]:
        return [*self._parameters(item, frame), *_in(item.body, frame)]

    def _function(self, item: syntax.Function, frame: Frame) -> list[Step]:
        return [*self._parameters(item, frame), (item.value, frame)]

    def _alias(self, item: syntax.NetAlias, frame: Frame) -> list[Step]:
        return [*self._parameters(item, frame), (syntax.Apply(item.value.span, item.value), frame)]

    RULES: ClassVar[dict[type, Callable[[Names, Any, Frame], list[Step]]]] = {
        syntax.Name: _handed,
        syntax.Call: _call,
        syntax.Apply: _apply,
        syntax.Attribute: _attribute,
        syntax.Let: _let,
        syntax.For: _for,
        syntax.Group: _group,
        syntax.Choice: _choice,
        syntax.Join: _join,
        syntax.Input: _pipeline,
        syntax.Pipeline: _pipeline,
        syntax.Output: _output,
        syntax.Import: _import,
        syntax.Net: _body,
        syntax.Block: _body,
        syntax.NetAlias: _alias,
        syntax.Function: _function,
    }


def _in(body: syntax.Body, frame: Frame) -> list[Step]:
    return [(statement, frame) for statement in body.statements]


def _arguments(call: syntax.Call, frame: Frame) -> list[Step]:
    """The values of a call's arguments: their names are the callee's."""
    return [(argument.value, frame) for argument in call.arguments]


def parts(node: syntax.Node) -> Iterator[syntax.Node]:
    """The parts that a construct directly has."""
    for field in type(node).fields:
        value = getattr(node, field)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, syntax.Node):
                yield part
