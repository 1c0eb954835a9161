"""The whole product on one page: check, diagnose, count, draw, lower, train, save."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnndsl

TINY = """
## A block with a shortcut, twice, on small images.
block residual(k) {
    add {
        | conv(k, 3, pad=1, bias=false) -> batchnorm -> relu -> conv(k, 3, pad=1)
        | if in.channels == k { id } else { conv(k, 1) }
    }
    relu
}

net Tiny(classes = 2, width = 4) {
    input 8x8x1
    for k in [width, 2 * width] { stage: residual(k) -> maxpool(2) }
    global_avgpool -> fc(classes) -> softmax
}
"""


def test_a_text_becomes_a_network_with_every_size_and_count_known() -> None:
    net = cnndsl.loads(TINY)
    assert str(net.inputs["input"]) == "8x8x1"
    assert str(net.outputs["output"]) == "2"
    assert [node.path for node in net.layers][:4] == [
        "input",
        "stage1.residual1.conv1",
        "stage1.residual1.batchnorm1",
        "stage1.residual1.relu1",
    ]
    first = (9 * 4) + (2 * 4) + (9 * 4 * 4 + 4) + (1 * 4 + 4)
    second = (9 * 4 * 8) + (2 * 8) + (9 * 8 * 8 + 8) + (4 * 8 + 8)
    assert net.params == first + second + (8 * 2 + 2)
    assert net.macs == 64 * (36 + 144 + 4) + 16 * (288 + 576 + 32) + 16


def test_a_parameter_and_the_input_can_be_set_from_outside() -> None:
    net = cnndsl.loads(TINY, set={"classes": 5}, input="16x16x3")
    assert (str(net.inputs["input"]), str(net.outputs["output"])) == ("16x16x3", "5")


def test_a_mistake_is_told_with_its_place_both_numbers_and_a_repair() -> None:
    broken = TINY.replace("maxpool(2)", "maxpool(9)").replace("softmax", "sofmax")
    with pytest.raises(cnndsl.CnnError) as caught:
        cnndsl.loads(broken, name="tiny.cnn")
    text = str(caught.value)
    assert "error[E301]" in text
    assert "--> tiny.cnn:13:65" in text
    assert "covers 9 cells" in text and "has 8" in text
    assert "did you mean `softmax`?" in text


def test_it_draws_the_same_bytes_every_time(tmp_path: Path) -> None:
    net = cnndsl.loads(TINY)
    one, other = (net.draw(tmp_path / name) for name in ("one.dot", "other.dot"))
    assert one.read_bytes() == other.read_bytes()
    assert "residual" in one.read_text()


def test_it_learns_and_keeps_what_it_learned(tmp_path: Path) -> None:
    # bright on the left half or on the right half
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 128)
    images = rng.normal(0, 0.3, (128, 8, 8, 1)).astype(np.float32)
    for image, label in zip(images, labels):
        image[:, 4 * label : 4 * label + 4] += 1
    model = cnndsl.loads(TINY).compile(backend="numpy", optimizer="adam", loss="cross_entropy", seed=0)
    history = model.fit(images, labels, epochs=6, batch_size=16, verbose=0)
    assert history["loss"][-1] < history["loss"][0]
    assert model.evaluate(images, labels)["accuracy"] > 0.95
    model.save(tmp_path / "tiny.safetensors")
    again = cnndsl.loads(TINY).compile(backend="numpy", seed=1)
    again.load(tmp_path / "tiny.safetensors")
    assert np.array_equal(model.predict(images), again.predict(images))


def test_one_seed_is_one_network_on_every_backend() -> None:
    pytest.importorskip("mlx.core", reason="MLX cannot be imported here")
    net = cnndsl.loads(TINY)
    images = np.linspace(0, 1, 4 * 64, dtype=np.float32).reshape(4, 8, 8, 1)
    one, other = (net.compile(backend=name, seed=7).predict(images) for name in ("numpy", "mlx"))
    assert np.allclose(one, other, rtol=1e-5, atol=1e-6)
