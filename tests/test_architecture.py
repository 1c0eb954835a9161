"""The house: imports point down, frameworks stay in their rooms, no layer is named outside its own."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from cnndsl.layers import kinds

ROOT = Path(__file__).parents[1]
ROOMS = {"cnndsl": ROOT / "cnndsl", "cnndsl.backends": ROOT / "backends", "cnndsl.grammar": ROOT / "grammar"}
#: from the ground up: what stands in a row may use its own row's modules and the rows before it
RANKS = [
    "record source diagnostic volume suggest discover replaced folders once random grammar needs",
    "errors",
    "program primitives objectives flow folding schedule planned engine files",
    "layers",
    "syntax claim graph",
    "parse format elaborate repair lints analysis lower render backends",
    "pipeline",
    "net pictured asked chart draw train data report selftest visualize",
    "cli jupyter",
]
RANK = {room: rank for rank, rooms in enumerate(RANKS) for room in rooms.split()}
#: third-party packages and the only rooms that may import them
FRAMEWORKS = {"mlx": "cnndsl.backends.mlx", "lark": "cnndsl.parse", "pygraphviz": "cnndsl.draw"}


def module_of(path: Path) -> str:
    package, folder = next((n, f) for n, f in reversed(ROOMS.items()) if path.is_relative_to(f))
    return ".".join([package, *path.relative_to(folder).with_suffix("").parts]).removesuffix(".__init__")


FILES = {module_of(path): path for folder in ROOMS.values() for path in sorted(folder.rglob("*.py"))}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in FILES.items()}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "cli"


def imports(module: str, *, top: bool) -> set[str]:
    """The project's modules that a module imports: when it is imported itself (`top`), or ever; types do not count."""

    package = module.split(".") if FILES[module].stem == "__init__" else module.split(".")[:-1]

    def walk(node: ast.AST) -> set[str]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return set()
        if isinstance(node, ast.FunctionDef) and top:
            return set()
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            inner = {f"{source}.{alias.name}" for alias in node.names}
            return {name if name in FILES else source for name in inner}
        if isinstance(node, ast.Import):
            return {alias.name for alias in node.names}
        return set().union(*map(walk, ast.iter_child_nodes(node)))

    return walk(TREES[module])


def strings(tree: ast.Module) -> set[str]:
    return {item.value for item in ast.walk(tree) if isinstance(item, ast.Constant) and isinstance(item.value, str)}


@pytest.mark.parametrize("module", FILES)
def test_imports_point_down(module):
    allowed = {"cnndsl.diagnostic": {"cnndsl.render.text"}}  # the text of an exception, made when it is shown
    above = {
        name
        for name in imports(module, top=False) - allowed.get(module, set())
        if name.startswith("cnndsl") and RANK[room(name)] > RANK[room(module)]
    }
    assert not above, f"{module} may not know {sorted(above)}"


def test_every_room_has_a_rank():
    assert {room(module) for module in FILES} <= RANK.keys()


def test_no_module_needs_itself():
    graph = {module: {name for name in imports(module, top=True) if name in FILES} - {module} for module in FILES}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError with the cycle
    assert sorted(order) == sorted(FILES)


@pytest.mark.parametrize("framework, owner", FRAMEWORKS.items())
def test_a_framework_is_imported_in_its_room_only(framework, owner):
    users = {module for module in FILES if any(i.split(".")[0] == framework for i in imports(module, top=False))}
    assert users and all(f"{user}.".startswith(f"{owner}.") for user in users), sorted(users)


@pytest.mark.parametrize("module", [module for module in FILES if room(module) == "backends"])
def test_a_backend_knows_the_program_and_no_other_backend(module):
    own = ".".join(module.split(".")[:3])
    known = (
        "cnndsl.program.",
        "cnndsl.primitives.",
        "cnndsl.objectives.",
        "cnndsl.needs.",
        "cnndsl.flow.",
        "cnndsl.folding.",
        "cnndsl.schedule.",
        "cnndsl.planned.",
        "cnndsl.engine.",
        "cnndsl.random.",
        "cnndsl.record.",
        "cnndsl.suggest.",
        "cnndsl.errors.",
        f"{own}.",
    )
    other = {name for name in imports(module, top=False) if name.startswith("cnndsl")}
    assert not {name for name in other if not f"{name}.".startswith(known)}


@pytest.mark.parametrize("module", [module for module in FILES if room(module) not in ("layers", "backends")])
def test_no_layer_is_named_outside_the_layers(module):
    """Neither its class nor its name as a string, unless a family of layers or an argument is called the same."""
    classes = {f"{cls.__module__}.{cls.__name__}" for cls in kinds().values()}
    nodes = [item for item in ast.walk(TREES[module]) if isinstance(item, ast.ImportFrom)]
    assert not classes & {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
    shared = {name for cls in kinds().values() for name in (cls.family, *cls.arguments)}
    named = strings(TREES[module]) & (kinds().keys() - shared)
    if module == "cnndsl.program":  # it names functions, and many a layer is called as its function
        named = set()
    if module == "cnndsl.data.augment.move":  # everyone knows this augmentation by the name of a layer
        named -= {"crop"}
    if module in ("cnndsl.render.sarif", "cnndsl.report.picture"):  # a field of their formats
        named -= {"id"}
    assert not named, f"{module} names {sorted(named)}"


@pytest.mark.parametrize("module", FILES)
def test_a_file_can_be_read_in_one_sitting(module):
    lines = FILES[module].read_text(encoding="utf-8").count("\n")
    assert lines <= 300


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the package as a wheel lays it out."""
    copy = tmp_path_factory.mktemp("house")
    for package, folder in ROOMS.items():
        shutil.copytree(folder, copy / package.replace(".", "/"), dirs_exist_ok=True)
    return copy


def run(house: Path, program: str, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


WITHOUT = """
import pkgutil, sys, cnndsl
from importlib import import_module
from cnndsl.layers import kinds
for item in pkgutil.walk_packages(cnndsl.__path__, "cnndsl."):
    if not item.name.startswith(("cnndsl.backends.mlx", "cnndsl.draw.carried")) and "__main__" not in item.name:
        import_module(item.name)
assert cnndsl.__file__.startswith(sys.argv[1]) and sys.argv[2] not in kinds() and len(kinds()) == int(sys.argv[3])
print(cnndsl.loads(sys.argv[4]).name)
"""


@pytest.mark.parametrize("kind", kinds())
def test_without_any_one_layer_everything_else_works(house, kind):
    cls = kinds()[kind]
    path = house.joinpath(*cls.__module__.split(".")).with_suffix(".py")
    whole = path.read_text(encoding="utf-8")
    tree = ast.parse(whole)
    tree.body = [item for item in tree.body if getattr(item, "name", "") != cls.__name__]
    other = "fc(3)" if kind == "conv" else "conv(3, 1)"
    try:
        path.write_text(ast.unparse(tree), encoding="utf-8")
        said = run(house, WITHOUT, str(house), kind, str(len(kinds()) - 1), f"net Rest {{ input 8x8x1 ; {other} }}")
    finally:
        path.write_text(whole, encoding="utf-8")
    assert said == "Rest\n"


def test_checking_a_file_loads_no_framework(house):
    program = """
import sys, cnndsl
assert not cnndsl.load(sys.argv[1]).diagnostics
print(*sorted({"numpy", "mlx", "rich", "graphviz", "safetensors", "threadpoolctl", "dataclasses"} & sys.modules.keys()))
"""
    assert run(house, program, str(ROOT / "examples" / "lenet5.cnn")).strip() == ""
