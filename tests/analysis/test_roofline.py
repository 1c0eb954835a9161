"""Rooflines worked out by hand, the published devices, and a machine measured by a clock that is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cnndsl
from cnndsl import CnnError
from cnndsl.analysis import devices
from cnndsl.analysis.bytes import WIDTHS
from cnndsl.analysis.devices import THIS, Device, device, published
from cnndsl.analysis.measure import COPIED, RUNS, SIZES, measure
from cnndsl.analysis.roofline import duration, roofline
from tests.analysis.test_memory import LENET

#: 10 operations a byte are the ridge
PLAIN = Device("plain", "a plain device", 1e9, {"float32": 1e10, "float16": 4e10}, "made up")
FLAT = Device("flat", "a device without a published peak", 1e9, {}, "made up")


def lenet(chosen=PLAIN, **options):
    return roofline(cnndsl.loads(LENET).graph, chosen, **options)


def layers(found):
    return {layer.path: layer for layer in found.layers}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder for this machine's profile."""
    monkeypatch.setattr(devices, "profile", lambda: tmp_path / "settings" / "device.json")
    return tmp_path / "settings" / "device.json"


# ---- by hand -------------------------------------------------------------------------------------


def test_a_convolution_by_hand():
    """5x5x1 to 6 channels at 28x28: 117,600 multiply-accumulates; image, output, 156 parameters."""
    for batch in (1, 32):
        conv = layers(lenet(batch=batch))["conv1"]
        assert conv.operations == 2 * 117_600 * batch
        assert conv.bytes == 4 * (batch * (28 * 28 + 28 * 28 * 6) + 156)
        assert conv.compute == pytest.approx(conv.operations / 1e10) and conv.memory == pytest.approx(conv.bytes / 1e9)
        assert conv.bound == "compute" and conv.seconds == conv.compute  # 10.4 operations a byte


def test_a_batch_reads_the_weights_once():
    """fc1 has 48,120 parameters for 400 inputs and 120 outputs: the batch makes up for them."""
    one, many = (layers(lenet(batch=batch))["fc1"] for batch in (1, 1000))
    assert one.bytes == 4 * (400 + 120 + 48_120) and one.bound == "memory"
    assert many.bytes == 4 * (1000 * 520 + 48_120) and many.bound == "compute"
    assert many.intensity == pytest.approx(2 * 48_000 * 1000 / many.bytes)


def test_half_precision_moves_half_as_much():
    whole, half = lenet(), lenet(dtype="float16")
    assert [layer.bytes for layer in half.layers] == [layer.bytes // 2 for layer in whole.layers]
    assert layers(half)["conv2"].compute == layers(whole)["conv2"].compute / 4


def test_what_changes_a_shape_or_nothing_takes_no_time():
    text = "net N { input 4x4x2 ; dropout(0.5) -> id -> flatten -> fc(3) }"
    found = layers(roofline(cnndsl.loads(text).graph, PLAIN))
    assert [path for path, layer in found.items() if layer.bytes] == ["fc1"]


def test_an_activation_moves_its_input_and_output():
    assert layers(lenet())["relu1"].bytes == 4 * 2 * 28 * 28 * 6
    assert layers(lenet())["relu1"].operations == 0


def test_the_total_is_the_sum_and_bounds_the_rate():
    found = lenet(batch=8)
    assert found.seconds == pytest.approx(sum(max(layer.compute, layer.memory) for layer in found.layers))
    assert found.rate == pytest.approx(8 / found.seconds)
    assert found.ridge == 10
    assert "a bound and not a measurement" in str(found)


def test_layers_that_no_output_needs_take_no_time():
    text = "net D { input 8x8x1 ; a: conv(64, 3) ; in -> conv(4, 3) }"
    assert not layers(roofline(cnndsl.loads(text).graph, PLAIN))["a"].bytes


def test_shared_weights_are_read_at_each_use():
    text = "net S { input 8x8x2 ; a: conv(2, 3, pad=1) ; conv(2, 3, pad=1, share=a) }"
    first, second = list(layers(roofline(cnndsl.loads(text).graph, PLAIN)).values())[1:]
    assert first.bytes == second.bytes == 4 * (2 * 128 + 38)


def test_without_a_published_peak_memory_alone_is_the_bound():
    found = lenet(FLAT, batch=1000)
    assert {layer.bound for layer in found.layers} == {"", "memory"}
    assert found.seconds == pytest.approx(sum(layer.bytes for layer in found.layers) / 1e9)
    assert "no peak is published" in str(found)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["ridge"] is None


@pytest.mark.parametrize(
    "options, code", [({"dtype": "bfloat16"}, "E095"), ({"dtype": "int8"}, "E521"), ({"batch": 0}, "E523")]
)
def test_what_it_is_given_is_checked(options, code):
    with pytest.raises(CnnError, match=code):
        lenet(**options)


def test_an_open_extent_says_what_to_do():
    with pytest.raises(CnnError, match="--input"):
        roofline(cnndsl.loads("net O { input ?x?x3 ; conv(2, 3) }").graph, PLAIN)


@pytest.mark.parametrize(
    "seconds, words", [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.56e-5, "45.6 µs"), (7e-9, "7 ns"), (0, "0 ns")]
)
def test_times_in_words(seconds, words):
    assert duration(seconds) == words


# ---- devices -------------------------------------------------------------------------------------


def test_every_published_device_is_whole_and_names_its_source():
    found = published()
    assert len(found) >= 15 and THIS not in found
    for key, item in found.items():
        assert key == key.lower() and item.name and len(item.source) > 15
        assert 1e9 < item.bandwidth < 1e13
        assert item.peaks.keys() <= WIDTHS.keys() and all(1e9 < peak < 1e16 for peak in item.peaks.values())
        assert item.peaks or "publishes no peak" in item.source


@pytest.mark.parametrize(
    "name, dtype, peak, bandwidth",
    [("a100", "float16", 312e12, 1555e9), ("A100", "float32", 19.5e12, 1555e9), ("t4", "float16", 65e12, 320e9)],
)
def test_some_figures_of_data_sheets(name, dtype, peak, bandwidth):
    assert device(name).peak(dtype) == peak and device(name).bandwidth == bandwidth


def test_an_unknown_device_is_told_the_known_ones():
    with pytest.raises(CnnError, match="did you mean `rtx-3060`"):
        device("rtx3060")


# ---- this machine --------------------------------------------------------------------------------


class Machine:
    """A machine of given rates, whose time passes only while it works. The first run of anything takes longer."""

    TYPES = ("float32", "float64")

    def __init__(self, peaks, bandwidth):
        self.peaks, self.bandwidth, self.now, self.runs = peaks, bandwidth, 0.0, 0

    def clock(self):
        return self.now

    def working(self, seconds):
        cold = [True]

        def run():
            self.runs += 1
            self.now += seconds * (50 if cold.pop() else 1)
            cold.append(False)

        return run

    def product(self, size, dtype):
        return self.working(2 * size**3 / self.peaks[dtype] + 1e-4)  # a call costs something as well

    def copy(self, size):
        return self.working(2 * size / self.bandwidth)


def test_a_machine_is_measured_by_its_best_products_and_its_copies():
    machine, said = Machine({"float32": 1e11, "float64": 5e10}, 2e10), []
    found = measure(machine, "made up", "2026-01-02", said.append, machine.clock)
    assert found.key == THIS and found.bandwidth == pytest.approx(2e10)
    assert found.peaks["float32"] == pytest.approx(1e11, rel=0.02) and found.peaks["float32"] < 1e11
    assert found.peaks["float64"] == pytest.approx(5e10, rel=0.02)
    assert "2026-01-02" in found.source and "float32 at 2048" in found.source
    assert said == ["products of float32", "products of float64", "copies", ""]


def test_a_slow_machine_is_not_kept_waiting():
    machine = Machine({"float32": 5e7, "float64": 5e7}, 1e9)
    measure(machine, "made up", "2026-01-02", str, machine.clock)
    assert machine.runs == 3 * (RUNS + 1)  # the smallest product of each type, and copies
    assert SIZES[0] <= 128 and COPIED >= 1 << 27


def test_the_profile_of_this_machine_is_kept_and_found(home):
    made = Device(THIS, "a machine", 1.5e9, {"float32": 2e10}, "measured")
    devices.write(home, made)
    assert device(THIS) == made
    assert list(home.parent.iterdir()) == [home]
    assert devices.known().devices[0] == made
    assert cnndsl.loads(LENET).roofline(THIS).device == made


def test_without_a_profile_it_says_how_to_make_one(home):
    with pytest.raises(CnnError, match="cnnc calibrate") as caught:
        device(THIS)
    assert caught.value.diagnostics[0].code == "E093"
    assert THIS not in {item.key for item in devices.known().devices}


WHOLE = {"name": "x", "bandwidth": 1e9, "peaks": {"float32": 1e9}, "source": "y"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "[" * 100_000,
        b"\xff\xfe",
        json.dumps({**WHOLE, "bandwidth": 0}),
        json.dumps({**WHOLE, "bandwidth": True}),
        json.dumps({**WHOLE, "bandwidth": "fast"}),
        json.dumps({**WHOLE, "bandwidth": float("nan")}),
        json.dumps({**WHOLE, "peaks": {}}),
        json.dumps({**WHOLE, "peaks": []}),
        json.dumps({**WHOLE, "peaks": {"int8": 1e9}}),
        json.dumps({**WHOLE, "peaks": {"float32": None}}),
        json.dumps({**WHOLE, "name": 3}),
        json.dumps({key: WHOLE[key] for key in ("name", "peaks", "source")}),
    ],
)
def test_a_corrupt_profile_is_told(home: Path, text):
    home.parent.mkdir()
    home.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CnnError, match="E094"):
        device(THIS)


def test_a_folder_in_its_place_is_told(home):
    home.mkdir(parents=True)
    with pytest.raises(CnnError, match="E094"):
        device(THIS)
