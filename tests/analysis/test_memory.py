"""Memory of networks against numbers worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnndsl
from cnndsl import CnnError
from cnndsl.analysis.bytes import read, written
from cnndsl.train.optimizers import SGD, optimizers

FOLDER = Path(cnndsl.__file__).parent / "zoo"
LENET = """
net LeNet5 {
    input 28x28x1
    conv(6, 5, pad=2) -> relu -> maxpool(2)
    conv(16, 5) -> relu -> maxpool(2)
    flatten
    fc(120) -> relu -> fc(84) -> relu -> fc(10) -> softmax
}
"""
#: values of LeNet-5: what is read again is the input, both relus (in the place of the convolutions), the pools
IMAGE, CONV1, POOL1, CONV2, POOL2 = 28 * 28, 28 * 28 * 6, 14 * 14 * 6, 10 * 10 * 16, 5 * 5 * 16
PARAMETERS = 61_706


def lenet(**options):
    return cnndsl.loads(LENET).memory(**options)


def zoo(name, **options):
    return cnndsl.load(str(FOLDER / name), **options)


def kept(found):
    return {layer.path: layer.kept for layer in found.layers if layer.kept}


# ---- by hand -------------------------------------------------------------------------------------


def test_lenet_5_keeps_its_layers_for_the_run_backward():
    found = lenet()
    assert kept(found) == {
        "input": 4 * IMAGE,
        "conv1": 4 * CONV1,  # relu1 stands there
        "maxpool1": 4 * POOL1 + POOL1,  # its values, and a byte for each winning cell
        "conv2": 4 * CONV2,
        "maxpool2": 4 * POOL2 + POOL2,
        "fc1": 4 * 120,
        "fc2": 4 * 84,
        "fc3": 4 * 10,
        "softmax1": 4 * 10 + 8,  # the loss's shares of the classes, the label; the output itself is not read again
    }
    assert found.kept == sum(kept(found).values())


def test_lenet_5_for_inference_is_largest_where_the_first_pool_reads_and_writes():
    peak = lenet().inference.peak
    assert peak.bytes == 4 * PARAMETERS + 4 * (CONV1 + POOL1)
    assert (peak.moment.phase, peak.moment.path) == ("forward", "maxpool1")
    assert [block.paths for block in peak.blocks] == [("conv1", "relu1"), ("maxpool1",)]


def test_lenet_5_for_training_is_largest_where_the_first_pool_runs_backward():
    found = lenet(batch=32)
    gradients = 4 * (CONV1 + POOL1)
    example = 4 * IMAGE + 4 * CONV1 + POOL1 + gradients  # the winning cells of pool 1, whose values have gone
    assert found.training.peak.bytes == 4 * 4 * PARAMETERS + 32 * example
    assert (found.training.peak.moment.phase, found.training.peak.moment.path) == ("backward", "maxpool1")


def test_vgg_16():
    """15,237,608 values of input, convolutions, pools and fully connected layers, 58.1 MiB an image."""
    found = zoo("vgg.cnn:VGG16").memory()
    values, pools, dropped = 15_237_608, 7**2 * (16**2 * 64 + 8**2 * 128 + 4**2 * 256 + 2**2 * 512 + 512), 2 * 4096
    assert written(4 * values) == "58.1 MiB"
    losses = 4 * 1000 + 8
    assert found.kept == 4 * values + pools + 5 * dropped + losses
    assert found.parameters == 4 * 138_357_544
    assert found.inference.peak.bytes == found.parameters + 2 * 4 * 224 * 224 * 64
    assert found.inference.peak.moment.path == "conv2"


@pytest.mark.parametrize("name, states", [("adam", 2), ("adamw", 2), ("sgd", 0), (SGD(momentum=0.9), 1)])
def test_the_optimizers_state(name, states):
    assert lenet(optimizer=name).state == states * 4 * PARAMETERS


def test_every_optimizer_is_known():
    for name, kind in optimizers().items():
        assert lenet(optimizer=name).state == len(kind().slots) * 4 * PARAMETERS


@pytest.mark.parametrize("dtype, width", [("float64", 8), ("float32", 4), ("float16", 2), ("bfloat16", 2)])
def test_the_type_of_the_numbers(dtype, width):
    found = lenet(dtype=dtype, batch=3)
    assert found.parameters == found.gradients == width * PARAMETERS
    assert kept(found)["maxpool1"] == 3 * (width * POOL1 + POOL1)
    assert found.inference.peak.bytes == width * (PARAMETERS + 3 * (CONV1 + POOL1))


# ---- kinds of networks -----------------------------------------------------------------------------


def test_shared_weights_are_held_once():
    text = "net Two { input 8x8x2 ; a: conv(2, 3, pad=1) ; conv(2, 3, pad=1, share=a) ; flatten ; fc(3) }"
    found = cnndsl.loads(text).memory()
    assert found.parameters == 4 * (3 * 3 * 2 * 2 + 2 + 128 * 3 + 3)
    assert [layer.parameters for layer in found.layers][1:3] == [4 * 38, 0]


def test_frozen_layers_have_no_gradient_no_state_and_keep_nothing():
    text = "net F { input 8x8x1 ; conv(4, 3, freeze=true) ; batchnorm(freeze=true) -> relu ; flatten ; fc(5) }"
    found = cnndsl.loads(text).memory()
    head = 4 * (144 * 5 + 5)
    assert found.gradients == head and found.state == 2 * head
    assert found.parameters == head + 4 * (9 * 4 + 4 + 8) and found.statistics == 4 * 8
    assert kept(found) == {"conv1": 4 * 144, "fc1": 4 * 5 + 4 * 5 + 8}
    assert not any(block.role == "gradient" and block.count == 144 for block in found.training.lives.blocks)


def test_layers_that_no_output_needs_are_left_out():
    found = cnndsl.loads("net D { input 8x8x1 ; a: conv(64, 3) ; in -> conv(4, 3) ; flatten -> fc(2) }").memory()
    assert found.layers[1].path == "a" and found.layers[1].parameters == found.layers[1].kept == 0
    assert found.parameters == 4 * (4 * 9 + 4 + 144 * 2 + 2)


def test_several_inputs_are_there_from_the_beginning():
    found = zoo("two_inputs.cnn").memory()
    given = [block for block in found.inference.lives.blocks if block.role == "input"]
    assert len(given) == 2 and all(block.first == 0 for block in given)


def test_every_output_is_trained_and_stays_to_the_end():
    text = "net T { input 4x4x1 ; s: conv(2, 3) ; output a: s -> flatten -> fc(3) ; output b: s -> flatten -> fc(5) }"
    found = cnndsl.loads(text).memory(loss={"a": "cross_entropy", "b": "mse"})
    read = {block.paths for block in found.inference.lives.alive(found.inference.lives.outputs)}
    assert len(read) == 2
    assert kept(found) == {"input": 4 * 16, "s": 4 * 8, "a.fc1": 4 * 3 + 4 * 3 + 8, "b.fc1": 4 * 5 + 4 * 5}
    assert found.loss == {"a": "cross_entropy", "b": "mse"}


def test_without_anything_to_train_there_is_nothing_to_run_backward():
    found = cnndsl.loads("net R { input 4x4x2 ; relu }").memory(loss="mse")
    assert found.gradients == found.state == found.parameters == found.kept == 0
    assert found.inference.peak.bytes == 4 * 32
    assert found.training.peak.bytes == 4 * (32 + 32 + 1)  # the target, and the loss


def test_an_open_extent_says_what_to_do():
    with pytest.raises(CnnError, match="--input"):
        cnndsl.loads("net O { input ?x?x3 ; conv(2, 3) }").memory()


@pytest.mark.parametrize(
    "options, code, words",
    [
        ({"dtype": "floot16"}, "E521", "did you mean `float16`"),
        ({"optimizer": "adan"}, "E521", "did you mean `adam`"),
        ({"loss": "mze"}, "E521", "did you mean `mse`"),
        ({"loss": {"y": "mse"}}, "E521", "`y`"),
        ({"batch": 0}, "E523", "at least 1"),
        ({"batch": 2.5}, "E523", "at least 1"),
    ],
)
def test_what_it_is_given_is_checked(options, code, words):
    with pytest.raises(CnnError) as caught:
        lenet(**options)
    assert caught.value.diagnostics[0].code == code and words in str(caught.value)


# ---- the largest batch -----------------------------------------------------------------------------


@pytest.mark.parametrize("room", [1_000_000, 1_200_000, 3_456_789, "64MB", "1GiB"])
def test_the_largest_batch_fits_and_one_more_does_not(room):
    found = lenet(dtype="float16")
    fits, size = found.fits(room), read(room) if isinstance(room, str) else room
    for purpose in ("inference", "training"):
        batch = getattr(fits, purpose)
        assert batch >= 1
        assert getattr(lenet(dtype="float16", batch=batch), purpose).peak.bytes <= size
        assert getattr(lenet(dtype="float16", batch=batch + 1), purpose).peak.bytes > size


@pytest.mark.parametrize("room", [0, -3, True, "0B"])
def test_a_room_that_is_none(room):
    with pytest.raises(CnnError, match="E091"):
        lenet().fits(room)


def test_where_nothing_fits_it_says_why():
    fits = lenet().fits("500kB")
    assert fits.inference == (500_000 - 246_824) // (4 * (CONV1 + POOL1))
    assert fits.training == 0
    assert "not even one example: it needs 964.2 KiB whatever the batch" in str(fits)


@pytest.mark.parametrize(
    "text, size",
    [
        ("16GB", 16 * 10**9),
        ("16 GiB", 16 * 2**30),
        ("1.5GiB", 3 * 2**29),
        ("0.1 kB", 100),
        ("7B", 7),
        (" 2TB ", 2 * 10**12),
        ("0.3KiB", 307),
    ],
)
def test_amounts_of_memory(text, size):
    assert read(text) == size


@pytest.mark.parametrize(
    "text, meant",
    [
        ("16gb", "`16GB`"),
        ("16G", "`16GB`"),
        ("16gib", "`16GiB`"),
        ("8KB", "`8kB`"),
        ("1.5 mb", "`1.5MB`"),
        ("3b", "`3B`"),
    ],
)
def test_a_unit_in_other_letters_is_not_guessed_but_named(text, meant):
    with pytest.raises(CnnError, match="E091") as caught:
        read(text)
    assert f"did you mean {meant}?" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "16", "GB", "-1GB", "1e3GB", "16 GB of it", "0GB", "0.0GB", "٣GB", "1,5GB", "16Gbit", "0.4B"]
)
def test_what_is_no_amount_of_memory(text):
    with pytest.raises(CnnError, match="E091") as caught:
        read(text)
    assert "did you mean" not in str(caught.value)


def test_bytes_are_written_in_the_largest_unit():
    assert [written(n) for n in (0, 1023, 1024, 61_706 * 4, 2**40)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "241.0 KiB",
        "1.0 TiB",
    ]


# ---- as data ---------------------------------------------------------------------------------------


def test_it_turns_into_a_dict_with_the_timeline():
    found = lenet(batch=2)
    whole = json.loads(json.dumps(found.to_dict()))
    assert whole["schema"] == 1 and whole["slots"] == ["mean", "square"]
    line = whole["training"]["timeline"]
    assert max(moment["bytes"] for moment in line) == whole["training"]["peak"] == found.training.peak.bytes
    assert [moment["path"] for moment in line[1:4]] == ["conv1", "relu1", "maxpool1"]
    assert line[-1]["phase"] == "backward" and line[-1]["path"] == "conv1"
    assert (
        sum(block["bytes"] for block in whole["training"]["blocks"]) + whole["training"]["fixed"]
        == whole["training"]["peak"]
    )
    assert json.loads(json.dumps(found.fits("1GB").to_dict()))["training"]["batch"] == found.fits("1GB").training


def test_it_shows_itself():
    text = str(lenet())
    assert ["conv1", "624", "B", "18.4", "KiB"] in [line.split() for line in text.splitlines()]
    assert "kept        37" not in text and "inference   264.0 KiB at maxpool1 (forward)" in text
    assert "<table>" in lenet()._repr_mimebundle_()["text/html"]
