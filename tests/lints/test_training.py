"""Lints that need the loss or the data: what `compile` and `fit` warn of, and what they do not."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl.cli import main
from cnndsl.diagnostic import CnnWarning


def compiled(layers: str, loss: str | dict[str, str]) -> list[str]:
    """The codes and titles of what `compile` warns of."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        cnndsl.loads(f"net N {{ input 12 ; {layers} }}").compile(backend="numpy", loss=loss)
    return [f"{item.message.diagnostic.code} {item.message.diagnostic.title}" for item in found]


def fitted(layers: str, x: np.ndarray, y: np.ndarray, loss: str) -> list[str]:
    """The same of `fit`."""
    net = cnndsl.loads(f"net N {{ input {'x'.join(map(str, x.shape[1:]))} ; {layers} }}")
    model = net.compile(backend="numpy", loss=loss)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        model.fit(x, y, epochs=0, verbose=0)
    return [f"{item.message.diagnostic.code} {item.message.diagnostic.title}" for item in found]


@pytest.mark.parametrize(
    ("layers", "loss", "culprit"),
    [
        ("fc(4) -> softmax", "mse", "softmax1"),
        ("fc(4) -> softmax -> dropout(0.1) -> reshape((2, 2))", "mse", "softmax1"),
        ("fc(4) -> log_softmax", "mse", "log_softmax1"),
        ("fc(4) -> sigmoid", "cross_entropy", "sigmoid1"),
        ("fc(4) -> relu", "cross_entropy", "relu1"),
        ("fc(4) -> tanh -> flatten", "cross_entropy", "tanh1"),
        ("fc(4) -> relu -> softmax", "cross_entropy", "relu1"),
        ("fc(4) -> softmax", "binary_cross_entropy", "softmax1"),
        ("fc(4) -> relu", "binary_cross_entropy", "relu1"),
        ("fc(4) -> hardsigmoid", "binary_cross_entropy", "hardsigmoid1"),
        ("fc(4) -> tanh -> sigmoid", "binary_cross_entropy", "tanh1"),
        ("fc(4) -> softmax", "hinge", "softmax1"),
        ("fc(4) -> sigmoid", "hinge", "sigmoid1"),
        ("fc(4) -> softmax", "mae", "softmax1"),
        ("fc(4) -> softmax", "huber", "softmax1"),
        ("fc(4) -> sigmoid -> softmax", "soft_cross_entropy", "sigmoid1"),
    ],
)
def test_a_last_activation_that_does_not_go_with_the_loss(layers, loss, culprit):
    assert compiled(layers, loss) == [f"W401 `{culprit}` does not go with the loss `{loss}` of the output `output`"]


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ("fc(4)", "cross_entropy"),
        ("fc(4) -> softmax", "cross_entropy"),
        ("fc(4) -> log_softmax", "cross_entropy"),
        ("fc(4) -> leaky_relu(0.2)", "cross_entropy"),
        # SqueezeNet: the mean of what relu leaves.
        ("reshape((2, 2, 3)) -> conv(4, 1) -> relu -> global_avgpool -> flatten -> softmax", "cross_entropy"),
        ("fc(4) -> softmax", "soft_cross_entropy"),
        ("fc(4)", "binary_cross_entropy"),
        ("fc(4) -> sigmoid", "binary_cross_entropy"),
        ("fc(4) -> sigmoid -> reshape((2, 2))", "binary_cross_entropy"),
        ("fc(4)", "hinge"),
        ("fc(4)", "mse"),
        ("fc(4) -> tanh", "mae"),
        ("fc(4) -> relu", "mse"),
        ("fc(4) -> sigmoid", "mse"),
    ],
)
def test_what_goes_with_the_loss(layers, loss):
    assert compiled(layers, loss) == []


def test_every_output_is_judged_by_its_own_loss():
    layers = "output kind: fc(3) -> softmax ; output size: fc(1) -> softmax"
    assert compiled(layers, {"kind": "cross_entropy", "size": "mse"}) == [
        "W401 `size.softmax1` does not go with the loss `mse` of the output `size`"
    ]
    assert compiled(layers, {"kind": "cross_entropy"}) == []


def test_the_warning_is_the_message_and_points_at_the_line_that_compiles():
    net = cnndsl.loads("net N { input 12 ; fc(4) -> sigmoid }")
    with pytest.warns(CnnWarning) as found:
        net.compile(backend="numpy")
    assert found[0].filename == __file__
    assert str(found[0].message).splitlines()[1].startswith("warning[W401]: `sigmoid1` does not go with")
    assert "the scores are never below 0 and never above 1" in str(found[0].message)


def test_it_can_be_allowed_where_it_stands():
    text = "net N {\n    input 12\n    fc(4) -> softmax  # cnnc: allow(W401) Brier's score is wanted\n}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = cnndsl.loads(text)
        net.compile(backend="numpy", loss="mse")
    assert net.diagnostics == ()


PIXELS = np.linspace(0, 255, 8 * 12, dtype=np.float32).reshape(8, 12)
LABELS = np.arange(8) % 4


def test_pixels_that_nothing_scales():
    told = "W402 `x` reaches 255, and nets train best on inputs of about 0 to 1"
    assert fitted("fc(4)", PIXELS, LABELS, "cross_entropy") == [told]
    assert fitted("dropout(0.1) -> scale -> fc(4)", PIXELS, LABELS, "cross_entropy") == [told]


@pytest.mark.parametrize(
    "layers",
    ["normalize(mean=127, std=64) -> fc(4)", "batchnorm -> fc(4)", "fc(8, bias=false) -> batchnorm -> relu -> fc(4)"],
)
def test_pixels_that_the_net_scales(layers):
    assert fitted(layers, PIXELS, LABELS, "cross_entropy") == []


def test_scaled_pixels_and_measurements():
    for x in (PIXELS / 255, PIXELS - 127, PIXELS * 100):
        assert fitted("fc(4)", x, LABELS, "cross_entropy") == []


def test_targets_that_the_net_cannot_give():
    x = PIXELS / 255
    degrees = np.linspace(-20, 40, 8, dtype=np.float32)[:, None]
    told = "W403 the targets of `output` go from -20 to 40, its values from"
    assert fitted("fc(1) -> sigmoid", x, degrees, "mse") == [f"{told} 0 to 1"]
    assert fitted("fc(1) -> relu", x, degrees, "mse") == [f"{told} 0 to inf"]
    assert fitted("fc(1) -> relu", x, degrees + 20, "mse") == fitted("fc(1)", x, degrees, "mse") == []
    assert fitted("fc(1) -> tanh", x, np.where(degrees > 0, 1.0, -1.0), "mse") == []


def test_cnnc_train_prints_them_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "digits.cnn"
    file.write_text("net Digits {\n    input 28x28x1\n    flatten -> fc(10) -> sigmoid\n}\n")
    assert main(["train", str(file), "--data", "sample", "--backend", "numpy"]) == 0
    said = capsys.readouterr()
    assert said.err.startswith("warning[W401]: `sigmoid1` does not go with the loss `cross_entropy`")
    assert "W401" not in said.out
