"""Files: what a file defines, and what it imports from its folder or the zoo."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from cnndsl import syntax
from cnndsl.diagnostic import CnnError, Diagnostic
from cnndsl.elaborate.values import Definition, Partial
from cnndsl.errors.base import Site
from cnndsl.errors.names import DefinedTwice, ImportNotFound, ImportRefused, NameOfLayer
from cnndsl.files import read_source, source_of
from cnndsl.layers import kinds
from cnndsl.parse import parse
from cnndsl.source import Source
from cnndsl.suggest import closest

ZOO = os.path.join(os.path.dirname(os.path.dirname(__file__)), "zoo")
#: nets that stand for each other, `net A = B`
MAX_ALIASES = 100
#: files that are being read at once, each for the one before
DEEPEST_IMPORT = 100


class Module:
    """A file after parsing: its definitions by name, its top-level values as they are needed."""

    def __init__(self, file: syntax.File, source: Source, imports: Mapping[str, str]) -> None:
        self.file = file
        self.source = source
        #: the texts of all files of the program's folder that are imported, by their paths from there
        self.imports = imports
        self.definitions: dict[str, Definition] = {}
        self.lets: dict[str, syntax.Let] = {}
        self.values: dict[str, Any] = {}
        self.imported: dict[str, tuple[Module, str]] = {}
        self.evaluating: list[str] = []
        #: which nets stand behind `net A = B`, and what it names in the end if it gives no arguments
        self.chains: dict[Definition, Chain] = {}
        self.resolved: dict[Definition, Partial] = {}

    @property
    def nets(self) -> list[Definition]:
        """The nets that the file defines itself, in source order."""
        return [d for d in self.definitions.values() if isinstance(d.syntax, syntax.Net | syntax.NetAlias)]

    def defines(self, name: str) -> bool:
        """Whether something of the file, or an import, has the name."""
        return name in self.definitions or name in self.lets or name in self.imported

    def names(self) -> list[str]:
        return [*self.definitions, *self.lets, *self.imported]

    def owner(self, name: str) -> tuple[Module, str] | None:
        """The module that really defines a name, through imports."""
        module, seen = self, {id(self)}
        while name in module.imported:
            module, name = module.imported[name]
            if id(module) in seen:
                return None
            seen.add(id(module))
        return (module, name) if name in module.definitions or name in module.lets else None


class Chain(NamedTuple):
    """How many nets stand behind an alias, and the alias among them with one too many, if there is one."""

    length: int = 0
    over: Definition | None = None


def chain_of(definition: Definition) -> Chain:
    """The nets behind `net A = B(…)`: B and what B names in turn; none behind what is no alias or leads to itself.

    Known by the names alone: nothing is evaluated.
    """
    passed: list[Definition] = []
    at: Definition | None = definition
    while at is not None and isinstance(at.syntax, syntax.NetAlias) and at not in at.module.chains:
        passed.append(at)
        at.module.chains[at] = Chain()
        at = _named_by(at)
    chain = at.module.chains.get(at, Chain()) if at is not None else Chain()
    for alias in reversed(passed):
        over = chain.over or (alias if chain.length == MAX_ALIASES else None)
        chain = alias.module.chains[alias] = Chain(chain.length + 1, over)
    return definition.module.chains.get(definition, Chain())


def _named_by(alias: Definition) -> Definition | None:
    """The definition whose name stands behind `=`."""
    assert isinstance(alias.syntax, syntax.NetAlias)
    value: syntax.Expression = alias.syntax.value
    while isinstance(value, syntax.Call):
        value = value.callee
    owner = alias.module.owner(value.text) if isinstance(value, syntax.Name) else None
    return owner[0].definitions.get(owner[1]) if owner else None


class Loader:
    """Reads a program: a file and what it imports, each file once.

    `replaced` are texts by the names shown, which go before those of files; the files need not be there.
    """

    def __init__(self, root: str, replaced: Mapping[str, str] | None = None) -> None:
        self.root = os.path.realpath(root)
        self.replaced = {_slashes(name): text for name, text in (replaced or {}).items()}
        self.imports: dict[str, str] = {}
        self.diagnostics: list[Diagnostic] = []
        self._modules: dict[str, Module | None] = {}
        self._reading: set[str] = set()
        #: the lines with errors of syntax, where nothing more is said of what is imported
        self._broken: set[tuple[str, int]] = set()

    def load(self, source: Source, path: str) -> Module | None:
        """A source with everything that it imports; None if it cannot be read as a program at all."""
        file, problems = parse(source)
        found = [problem.diagnostic() for problem in problems]
        self.diagnostics += found
        self._broken |= {(source.name, one.span.position[0]) for one in found if one.span}
        if file is None:
            return None
        module = Module(file, source, self.imports)
        self._reading.add(path)
        for item in file.items:
            if isinstance(item, syntax.Import):
                self._import(item, module, path)
        for item in file.items:
            if not isinstance(item, syntax.Import):
                self._define(item, module)
        self._reading.discard(path)
        self._modules[path] = module
        return module

    def _define(self, item: syntax.Let | syntax.Definition, module: Module) -> None:
        name = item.name.text
        where = Site(item.name.span)
        what = type(item).__name__.replace("Function", "fn").replace("NetAlias", "net").lower()
        if name in kinds() and not isinstance(item, syntax.Let):
            self.diagnostics.append(NameOfLayer(where, name=name, what=what).diagnostic())
        elif module.defines(name):
            first = module.definitions.get(name)
            span = first.syntax.name.span if first else module.lets[name].name.span if name in module.lets else None
            problem = DefinedTwice(where, name=name, what="something else in this file", first=span)
            self.diagnostics.append(problem.diagnostic())
        elif isinstance(item, syntax.Let):
            module.lets[name] = item
        else:
            module.definitions[name] = Definition(item, module)

    def _import(self, item: syntax.Import, module: Module, path: str) -> None:
        found = self._resolve(item, path)
        other = self._read(item, found) if found else None
        for name in item.names:
            if other is None:
                continue
            if name.text in module.imported:
                problem = DefinedTwice(Site(name.span), name=name.text, what="another import")
                self.diagnostics.append(problem.diagnostic())
            elif other.owner(name.text) is None and name.text not in other.imported:
                self._no_such_name(item, name, other)
            else:
                module.imported[name.text] = (other, name.text)

    def _no_such_name(self, item: syntax.Import, name: syntax.Name, other: Module) -> None:
        meant = closest(name.text, other.names())
        self._say(
            ImportNotFound(
                Site(name.span),
                what=f'"{item.path.value}" defines no `{name.text}`',
                advice=f"it defines: {', '.join(other.names()) or 'nothing'}",
                suggestion=meant,
            )
        )

    def _say(self, problem: ImportNotFound | ImportRefused) -> None:
        span = problem.where.span
        if span is None or (span.source.name, span.position[0]) not in self._broken:
            self.diagnostics.append(problem.diagnostic())

    def _resolve(self, item: syntax.Import, path: str) -> str | None:
        """The path of the imported file: beside the importing one, else in the zoo."""
        text, where = item.path.value, Site(item.path.span)
        beside = os.path.realpath(os.path.join(os.path.dirname(path), text))
        zoo = text.removeprefix("zoo/")
        shipped = os.path.realpath(os.path.join(ZOO, zoo))
        allowed = ZOO if os.path.realpath(path).startswith(os.path.realpath(ZOO) + os.sep) else self.root
        if os.path.isabs(text) or not _within(beside, allowed):
            advice = "import from this file's folder or below, or from the zoo (`zoo/resnet.cnn`)"
            self._say(ImportRefused(where, what=f'"{text}" is outside the folder of the program', advice=advice))
            return None
        if os.path.isfile(beside) or self._shown(beside, text) in self.replaced:
            return beside
        if text.startswith("zoo/") and _within(shipped, os.path.realpath(ZOO)) and os.path.isfile(shipped):
            return shipped
        there = _listing(os.path.dirname(beside)) + [f"zoo/{name}" for name in _listing(ZOO)]
        meant = f"zoo/{text}" if f"zoo/{text}" in there else closest(text, there)
        listed = "" if meant else f"; there is: {', '.join(there[:12]) or 'nothing'}"
        advice = f"it is looked for beside this file, then in the zoo{listed}"
        self._say(ImportNotFound(where, what=f'the file "{text}" does not exist', advice=advice, suggestion=meant))
        return None

    def _read(self, item: syntax.Import, path: str) -> Module | None:
        """A file that is imported: read once; one that is being read already leads back to itself."""
        if path in self._reading:
            advice = "move what both need into a third file"
            what = f'"{item.path.value}" is this file, or imports it in turn'
            self._say(ImportRefused(Site(item.path.span), what=what, advice=advice))
            return None
        if path in self._modules:
            return self._modules[path]
        if len(self._reading) >= DEEPEST_IMPORT:
            advice = "import from fewer files, or from the file that defines it"
            what = f"files import each other more than {DEEPEST_IMPORT} deep"
            self._say(ImportRefused(Site(item.path.span), what=what, advice=advice))
            return None
        shown = self._shown(path, item.path.value)
        try:
            source = source_of(self.replaced[shown], shown) if shown in self.replaced else read_source(path)
            source = source.replace(name=shown)
            if _within(path, self.root):
                self.imports[shown] = source.text
        except CnnError as error:
            self.diagnostics += error.diagnostics
            self._modules[path] = None
            return None
        return self.load(source, path)

    def _shown(self, path: str, text: str) -> str:
        """What messages call a file: its path from the program's folder, or as it is imported."""
        return _slashes(os.path.relpath(path, self.root)) if _within(path, self.root) else text


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _listing(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(".cnn"))
    except OSError:
        return []
