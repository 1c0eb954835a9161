"""`net.sizes()` against the program elaborated again for each size, and windows laid down one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import reduce
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnndsl
from cnndsl import CnnError
from cnndsl.analysis import sizes
from cnndsl.analysis.extents import Extents
from cnndsl.analysis.sizes import AxisSizes
from cnndsl.cli import main
from cnndsl.graph import Graph, Node
from cnndsl.layers import kinds
from cnndsl.layers.base import SAMPLE_INPUTS
from cnndsl.net import Net
from cnndsl.pipeline import rebuilding
from cnndsl.volume import Volume, axis_names
from tests.random_programs.programs import program

ZOO = Path(cnndsl.__file__).parent / "zoo"


def graph_at(net: Net, axes: tuple[int, ...], names: Iterable[str], extent: int) -> Graph | None:
    """The graph of the program, elaborated again with that extent; None with a shape error."""
    given = {name: list(volume.extents) for name, volume in net.inputs.items()}
    for name in names:
        for axis in axes:
            given[name][axis] = extent
    made = rebuilding(net.source, net.name, net.settings)({name: Volume(tuple(size)) for name, size in given.items()})
    return made if isinstance(made, Graph) else None


def read_cells(node: Node, feed: Volume, axis: int) -> set[int]:
    """The cells of an axis that a layer reads, position by position."""
    extent = feed.extents[axis]
    assert extent is not None
    windows = node.layer.windows(feed) if len(node.inputs) == 1 else ()
    if node.layer.kind == "crop":
        kept = node.volume.extents[axis]
        low = (extent - kept) // 2 if node.layer.to else node.layer.margins(feed)[axis][0]
        return set(range(low, low + kept))
    if not windows:
        return set(range(extent))
    window = windows[axis]
    starts = [position * window.stride - window.low for position in range(window.output)]
    cells = {start + tap * window.dilation for start in starts for tap in range(window.kernel)}
    return cells & set(range(extent))


def loses(graph: Graph, moving: dict[int, set[int]]) -> bool:
    for node in graph:
        readers = [other for other in graph if node.number in other.inputs]
        windowed = any(len(reader.inputs) == 1 and reader.layer.windows(node.volume) for reader in readers)
        if node.number in graph.outputs.values() or not windowed:
            continue
        for axis in moving[node.number] - {node.volume.rank}:
            cells = set().union(*(read_cells(reader, node.volume, axis) for reader in readers))
            if cells != set(range(node.volume.extents[axis])):
                return True
    return False


def inexact(graph: Graph, moving: dict[int, set[int]]) -> bool:
    for node in graph:
        windows = node.layer.windows(graph.nodes[node.inputs[0]].volume) if len(node.inputs) == 1 else ()
        for axis, window in enumerate(windows):
            padded = window.extent + window.low + window.high - window.dilation * (window.kernel - 1) - 1
            if axis in moving[node.inputs[0]] and padded % window.stride and not window.ceil:
                return True
    return False


def shapes(graph: Graph) -> dict[str, list[tuple[int, ...]]]:
    found = {node.path: [array.shape for array in graph.arrays(node)] for node in graph}
    return {path: arrays for path, arrays in found.items() if arrays}


def agree(net: Net, found: AxisSizes, last: int) -> None:
    """All four sets from 1 to `last`, from graphs that were made again."""
    names = axis_names(next(iter(net.inputs.values())).rank)
    axes = tuple(names.index(axis) for axis in found.axes)
    graphs = {n: graph_at(net, axes, found.inputs or net.inputs, n) for n in range(1, last + 1)}
    good = {n: graph for n, graph in graphs.items() if graph is not None}
    assert [n for n in found.fits if n <= last] == list(good)
    assert found.fits.last >= last
    if len(good) < 2:
        return  # nothing tells which axes follow
    if any(note.startswith("the program computes") for note in found.notes):
        moving = {number: set(axes) for graph in good.values() for number in range(len(graph.nodes))}
    else:
        volumes = [[graph.nodes[n].volume.extents for graph in good.values()] for n in range(len(net.layers))]
        # further out an axis may move that stands still at the first extents
        far = next(
            (graph for n in (2000, 1023, 601) if (graph := graph_at(net, axes, found.inputs or net.inputs, n))), None
        )
        if far:
            volumes = [[*known, far.nodes[n].volume.extents] for n, known in enumerate(volumes)]
        moving = {n: {a for a, each in enumerate(zip(*known)) if len(set(each)) > 1} for n, known in enumerate(volumes)}
    assert [n for n in found.whole if n <= last] == [n for n, graph in good.items() if not loses(graph, moving)]
    assert [n for n in found.exact if n <= last] == [n for n, graph in good.items() if not inexact(graph, moving)]
    declared = shapes(net.graph)
    fitting = [n for n, graph in good.items() if shapes(graph) == declared]
    assert [n for n in found.trained or found.fits if n <= last] == fitting


@pytest.mark.parametrize(
    ("file", "last"),
    [
        ("lenet.cnn:LeNet5", 34),
        ("vgg.cnn:VGG11", 40),
        ("resnet.cnn:ResNet18", 34),
        ("squeezenet.cnn:SqueezeNet1_1", 34),
        ("unet.cnn", 206),
        ("siamese.cnn", 30),
    ],
)
def test_published_nets_at_every_size(file: str, last: int) -> None:
    try:
        net = cnndsl.load(ZOO / file)
    except CnnError:
        pytest.skip("not in this zoo")
    for found in net.sizes().axes:
        agree(net, found, last)


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_random_programs_at_every_size(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("LAST", 48), ("LEAST", 14), ("REBUILT", 0)):
        monkeypatch.setattr(sizes, name, number)
    looked = 0
    for seed in range(first, first + 20):
        made = program(Random(seed))
        for name, text in made.files.items():
            path = tmp_path / str(seed) / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text, encoding="utf-8")
        given = {name or next(iter(made.inputs)): size for name, size in made.sizes.items()}
        net = cnndsl.load(tmp_path / str(seed) / "main.cnn", set=made.settings, input=given or None)
        for found in net.sizes().axes:
            agree(net, found, 14)
            looked += 1
    assert looked > 15


def sizes_of(text: str) -> AxisSizes:
    (found,) = cnndsl.loads(text).sizes().axes
    return found


def test_the_numbers_of_the_published_nets() -> None:
    resnet = cnndsl.load(ZOO / "resnet.cnn:ResNet50").sizes().axes[0]
    assert resnet.axes == ("height", "width")
    assert resnet.fits.words() == resnet.whole.words() == "any from 1"
    assert resnet.exact.words() == "1, 33, 65, …: 1 mod 32"
    assert 225 in resnet.exact and 224 not in resnet.exact
    vgg = cnndsl.load(ZOO / "vgg.cnn:VGG16").sizes().axes[0]
    assert vgg.trained is not None and vgg.trained.words() == "224 to 255"
    assert vgg.whole.words() == "32, 64, 96, …: multiples of 32"
    # SqueezeNet 1.0 rounds 108.5 down at 224 and loses row 223
    squeeze = cnndsl.load(ZOO / "squeezenet.cnn:SqueezeNet1_0").sizes().axes[0]
    assert 224 not in squeeze.whole and 223 in squeeze.whole


def test_the_layer_that_asks_for_it_is_named() -> None:
    found = sizes_of("net N { input 28x28x1 ; c: conv(6, 5) ; p: maxpool(2) ; f: fc(10) }")
    assert [each.path for each in found.conditions["fits"]] == ["c", "p"]
    assert "covers 5 cells, its input has 4" in found.conditions["fits"][0].why
    assert [each.path for each in found.conditions["trained"]] == ["f"]
    assert [(each.path, each.left.words()) for each in found.conditions["exact"]] == [
        ("p", "6, 8, 10, …: multiples of 2")
    ]


def test_a_program_that_computes_with_its_size_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "net N { input 12x12x3 ; if in.height % 3 == 0 { maxpool(3) } else { conv(4, 5) } }"
    monkeypatch.setattr(sizes, "REBUILT", 400)
    (found,) = cnndsl.loads(text).sizes().axes
    assert "made again for each: looked at up to 200" in found.notes[0] and found.fits.last == 200
    assert [n for n in range(1, 13) if n in found.fits] == [3, 5, 6, 7, 8, 9, 10, 11, 12]


def test_axes_that_differ_are_told_apart() -> None:
    net = cnndsl.loads("net N { input 32x32x1 ; maxpool((2, 3)) }")
    assert [(each.axes, each.whole.words()) for each in net.sizes().axes] == [
        (("height",), "2, 4, 6, …: multiples of 2"),
        (("width",), "3, 6, 9, …: multiples of 3"),
    ]


def test_inputs_that_meet_change_together() -> None:
    text = "net N { input a: 8x8x2 ; b1: maxpool(2) ; input b: 8x8x2 -> maxpool(2) ; add { b1 | id } }"
    (found,) = cnndsl.loads(text.replace("; add { b1 | id }", "\n x: relu\n add { b1 | x }")).sizes().axes
    assert found.inputs == ("a", "b") and found.exact.words() == "2, 4, 6, …: multiples of 2"


def test_an_open_size_has_sizes_too() -> None:
    found = sizes_of("net N { input ?x?x3 ; conv(8, 7, stride=2) ; global_avgpool ; fc(10) }")
    assert (found.declared, found.fits.words(), found.exact.words()) == (None, "any from 7", "7, 9, 11, …: 1 mod 2")


def test_a_vector_has_none() -> None:
    found = cnndsl.loads("net N { input 9 ; fc(3) }").sizes()
    assert found.axes == () and "no spatial axis" in str(found)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_layers_whose_arrays_follow_the_extents_say_so(kind: str) -> None:
    """`sized` is true exactly where another spatial extent gives other arrays."""
    layer = kinds()[kind]
    if layer.joins or not any(rank in layer.ranks for rank in (1, 2)):
        return
    rank = 2 if 2 in layer.ranks else 1
    for call in layer.sample_calls(rank):
        one = layer.sample_input(rank)
        other = Volume((*(2 * (extent or 0) for extent in one.spatial), one.channels))
        made = layer(**call)
        assert len(SAMPLE_INPUTS) > rank
        try:
            differ = [a.shape for a in made.arrays(one)] != [a.shape for a in made.arrays(other)]
        except Exception:
            continue
        assert not differ or layer.sized, kind


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), st.sets(st.integers(1, 300), max_size=6), st.integers(1, 200))
def test_sets_keep_their_members_in_rule_and_words(period: int, rests: set[int], odd: set[int], start: int) -> None:
    last = 1000
    members = {n for n in range(1, last + 1) if (n >= start and n % period in rests) or n in odd}
    found = Extents.of(members, last)
    assert list(found) == sorted(members)
    assert reduce(lambda seen, pair: seen | set(range(pair[0], pair[1] + 1)), found.ranges, set()) == members
    begin, step, residues = found.rule()
    assert step <= period or begin > last
    assert {n for n in range(begin, last + 1) if n % step in residues} == {n for n in members if n >= begin}
    kept = found.to_dict()
    before = {n for first, end in kept["before"] for n in range(first, end + 1)}
    rule = {n for n in range(kept["from"], last + 1) if n % kept["period"] in kept["residues"]} if residues else set()
    assert before | rule == members


def test_words() -> None:
    def words(*members: int) -> str:
        return Extents.of(members, 100).words()

    assert words() == "none up to 100"
    assert words(*range(5, 101)) == "any from 5"
    assert words(*range(7, 20)) == "7 to 19"
    assert words(2, *range(9, 101, 4)) == "2; then 1 mod 4 from 9"
    assert words(*(n for n in range(1, 101) if n % 8 in (0, 7))) == "0 or 7 mod 8"


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "net.cnn"
    file.write_text("net N { input 28x28x1 ; conv(6, 5) -> maxpool(2) -> fc(10) }", encoding="utf-8")
    assert main(["sizes", str(file), "--json"]) == 0
    (axis,) = json.loads(capsys.readouterr().out)["axes"]
    assert axis["axes"] == ["height", "width"] and axis["exact"]["period"] == 2 and axis["exact"]["residues"] == [0]
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["sizes", str(file)]) == 0
    out = capsys.readouterr().out
    assert "weights fit" in out and max(map(len, out.splitlines())) <= 40


def test_a_join_that_does_not_line_up_is_told() -> None:
    text = "net N { input 16x16x2 ; add { conv(2, 3, pad=((0, 2), (0, 2))) | id } }"
    found = cnndsl.loads(text).sizes()
    assert len(found.misaligned) == 2 and found.misaligned[0].startswith("add1, height:")
    assert "misaligned" in str(found)
    straight = cnndsl.loads(text.replace("((0, 2), (0, 2))", "1")).sizes()
    assert straight.misaligned == () and "misaligned" not in str(straight)
