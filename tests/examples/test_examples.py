"""Every example checks clean, draws, has its published numbers, and runs the same on both backends."""

from __future__ import annotations

from importlib import import_module

import numpy
import pytest

import cnndsl
from cnndsl.draw.renderers import find
from cnndsl.train.optimizers import SGD

from .published import FOLDER, NETS

every_net = pytest.mark.parametrize("name", NETS)


def path(name: str) -> str:
    return str(FOLDER / f"{name}.cnn")


def test_every_example_is_listed_here():
    assert sorted(file.stem for file in FOLDER.glob("*.cnn")) == sorted(NETS)


@every_net
def test_it_checks_without_a_word(name):
    assert cnndsl.load(path(name)).diagnostics == ()


@every_net
def test_it_says_what_it_is_and_which_paper_it_is_from(name):
    doc = cnndsl.load(path(name)).graph.doc
    assert doc and doc.splitlines()[-1].rstrip(".")[-4:].isdigit(), "the last line ends with the year"


@every_net
def test_it_has_the_published_numbers(name):
    net, published = cnndsl.load(path(name)), NETS[name]
    assert net.params == published.params, published.source
    if isinstance(published.macs, int):
        assert net.macs == published.macs, published.source
    else:
        digits = len(published.macs.partition(".")[2])
        assert f"{net.macs / 1e9:.{digits}f}" == published.macs, published.source


@every_net
@pytest.mark.parametrize("suffix", ["dot", "svg"])
def test_it_draws(name, suffix, tmp_path):
    if suffix == "svg" and find() is None:
        pytest.skip("no Graphviz here")
    net = cnndsl.load(path(name))
    text = net.draw(tmp_path / f"net.{suffix}", expand=net.graph.scopes).read_text(encoding="utf-8")
    for node in net.layers:
        assert node.path in text or node.layer.does_nothing


def far(found, wanted) -> float:
    """The length of the difference of two arrays, or sets of arrays by name, relative to the second."""
    if not isinstance(wanted, dict):
        found, wanted = {"": found}, {"": wanted}
    assert found.keys() == wanted.keys()
    assert all(numpy.shape(found[name]) == numpy.shape(wanted[name]) for name in wanted)
    apart = sum(numpy.square(numpy.subtract(found[name], wanted[name], dtype="float64")).sum() for name in wanted)
    length = sum(numpy.square(wanted[name], dtype="float64").sum() for name in wanted)
    return float(numpy.sqrt(apart / length)) if length else float(apart)


def by_layer(arrays) -> dict[str, dict[str, numpy.ndarray]]:
    layers: dict[str, dict[str, numpy.ndarray]] = {}
    for name, array in arrays.items():
        layers.setdefault(name.rpartition(".")[0] or name, {})[name] = array
    return layers


def unlike(found, wanted, exact) -> dict[str, float]:
    """The layers whose arrays, taken as one vector, differ by more than float32 explains.

    That is 1e-4, or where float32 itself has fewer digits (activations that a rounding takes over the kink of
    a relu or to another cell of a pool), 10 times what the NumPy backend's float32 lies from its own float64, and
    never more than 1e-2.
    """
    one, two, ideal = by_layer(found), by_layer(wanted), by_layer(exact)
    assert one.keys() == two.keys() == ideal.keys()
    apart = {layer: far(one[layer], two[layer]) for layer in two}
    noise = {layer: far(two[layer], ideal[layer]) for layer in two}
    return {layer: value for layer, value in apart.items() if not value <= min(max(1e-4, 10 * noise[layer]), 1e-2)}


def settled(program) -> dict[str, numpy.ndarray]:
    """Offsets of +4 and -4 by turns for the normalizations, so that rounding does not decide a relu.

    A normalization starts centred on the kink of the relu behind it: of a million values some lie
    within rounding of 0, and one that falls on the other side changes a deep net's gradients by
    percents (NumPy in float32 differs from itself in float64 by as much).
    """
    shapes = {parameter.name: parameter.shape for parameter in program.parameters}
    norms = [p.name.rpartition(".")[0] for p in program.parameters if p.role == "norm"]
    return {f"{norm}.bias": numpy.resize(numpy.float32([4, -4]), shapes[f"{norm}.bias"]) for norm in norms}


def engines(program) -> list:
    """The program on MLX, on NumPy, and on NumPy in float64, ready to take a step."""
    load = import_module("cnndsl.backends").load
    ways = [("mlx", {}), ("numpy", {}), ("numpy", {"dtype": "float64"})]
    return [load(name).build(program, optimizer=SGD(rate=0.01), seed=2, **more) for name, more in ways]


def differences(three, start, output, seed) -> set[str]:
    """What is not alike for random inputs: an output, a loss, the gradients of a layer, a layer after a step."""
    for engine in three:
        engine.load(start)
    random = numpy.random.default_rng(seed)
    inputs = {"input": random.normal(size=(4, *three[0].program.inputs["input"].shape)).astype("float32")}
    targets = {output: random.integers(0, 10, size=4)}
    losses, gradients = zip(*(engine.gradients(inputs, targets) for engine in three))
    learned = {p.name for p in three[0].program.parameters if p.trained and p.role != "statistic"}
    assert losses[1] > 0 and all(values.keys() == {"input:input", *learned} for values in gradients)
    found = {
        "output": unlike(*(engine.predict(inputs) for engine in three)),
        "gradient": unlike(*gradients),
        "loss": unlike(*({"loss": loss} for loss in losses)),
        "loss of the step": unlike(*({"loss": engine.step(inputs, targets)[0]} for engine in three)),
        "after the step": unlike(*(engine.arrays() for engine in three)),
    }
    assert unlike(three[1].arrays(), start, start), "the step has changed something"
    return {f"{what} of {layer}" for what, layers in found.items() for layer in layers}


@pytest.mark.slow
@every_net
def test_both_backends_agree(name):
    """Outputs, loss, gradients, and everything that one training step changes, as far as float32 goes.

    A maximum that two cells share to within rounding has its gradient at either, which changes the layers before
    it by percents. It does not happen there again with other inputs, as a wrong rule does: what differs for each
    of five inputs counts.
    """
    reason = import_module("cnndsl.backends").available()["mlx"]
    if reason:
        pytest.skip(reason)
    net = cnndsl.load(path(name), set={"classes": 10}, input=NETS[name].reduced)
    (output,) = net.outputs
    program = net.program({output: "cross_entropy"})
    three = engines(program)
    start = three[1].arrays() | settled(program)
    wrong = differences(three, start, output, 7)
    for seed in (8, 9, 10, 11):
        wrong = wrong and wrong & differences(three, start, output, seed)
    assert not wrong
