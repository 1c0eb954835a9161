"""`cnnc roofline` and `cnnc calibrate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cnndsl.cli import main
from tests.cli.cnnc import GOOD, cnnc, single_line, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "settings"))
    write(tmp_path, digits=GOOD, open="net Open { input ?x?x1 ; conv(4, 3) }\n")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["roofline", *arguments]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def test_a_row_for_each_layer_and_totals(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "digits.cnn", "--device", "a100", "--batch", "32", "--dtype", "float16")
    assert out.startswith("Digits on NVIDIA A100 SXM4, 40 GB\n")
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line}
    # 32 images of 28x28, 24x24x4 outputs, 104 parameters, in two bytes: (32 * 3088 + 104) * 2
    assert rows["conv1"] == ["conv1", f"{2 * 57_600 * 32:,}", "193.2", "KiB", "18.6", "memory", "127", "ns"]
    assert rows["relu1"][1:4] == ["288.0", "KiB", "memory"]
    assert "at most" in out and "a bound and not a measurement" in single_line(out)


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "digits.cnn", "--device", "t4", "--json"))
    conv = found["layers"][1]
    assert (conv["operations"], conv["bytes"], conv["bound"]) == (115_200, 4 * (784 + 2304 + 104), "memory")
    assert found["device"]["key"] == "t4" and found["seconds"] > 0
    listed = json.loads(run(capsys, "--devices", "--json"))["devices"]
    assert {"m1", "a100", "raspberry-pi-5"} <= {item["key"] for item in listed}


def test_the_devices_are_listed_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "--devices")
    assert "float32 8.1 TFLOP/s, float16 65 TFLOP/s" in out and "NVIDIA T4 data sheet" in out


@pytest.mark.parametrize("width", ["40", "60", "80"])
@pytest.mark.parametrize("arguments", [["digits.cnn", "--device", "h100"], ["--devices"]])
def test_it_fits_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str, arguments: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert max(map(len, run(capsys, *arguments).splitlines())) <= int(width)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (
            ("digits.cnn", "--device", "a10"),
            "there is no device called `a10` = help: did you mean `a100`?",
        ),
        (("digits.cnn", "--device", "this"), "error[E093]: this machine has not been measured"),
        (("digits.cnn", "--device", "t4", "--dtype", "bfloat16"), "has no peak rate for bfloat16"),
        (("digits.cnn", "--device", "t4", "--dtype", "float23"), "error[E521]"),
        (("digits.cnn",), "give a file and --device NAME, or --devices"),
        (("--device", "t4"), "give a file and --device NAME, or --devices"),
    ],
)
def test_what_is_refused(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str) -> None:
    assert main(["roofline", *arguments]) == 2
    assert words in single_line(capsys.readouterr().err)


def test_an_open_extent_is_to_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roofline", "open.cnn", "--device", "m2"]) == 1
    assert "--input" in capsys.readouterr().err
    assert "Open on Apple M2" in run(capsys, "open.cnn", "--device", "m2", "--input", "9x9x1")


@pytest.mark.slow
def test_this_machine_is_measured_and_is_then_a_device(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["calibrate", "--backend", "numpy"]) == 0
    said = capsys.readouterr()
    assert said.err == "" and "numpy on CPU, " in said.out and " thread" in said.out
    rows = {line.split()[0]: line.split() for line in said.out.splitlines()}
    assert rows["float32"][-1].endswith("FLOP/s") and rows["memory"][-1] == "GB/s"
    (kept,) = (folder / "settings").rglob("device.json")
    made = json.loads(kept.read_text(encoding="utf-8"))
    assert made["peaks"]["float32"] > 1e7 and made["bandwidth"] > 1e7
    assert "Digits on numpy on CPU" in run(capsys, "digits.cnn", "--device", "this")
    kept.write_text(kept.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    assert main(["roofline", "digits.cnn", "--device", "this"]) == 2
    assert "error[E094]" in capsys.readouterr().err


def test_calibrate_names_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--backend", "nunpy"]) != 0
    assert "did you mean `numpy`?" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a folder of settings is named otherwise")
def test_a_roofline_needs_no_framework(folder: Path) -> None:
    code = (
        "import sys\nfrom cnndsl.cli import main\nmain()\n"
        "sys.exit(' '.join({'numpy', 'mlx'} & sys.modules.keys()) or 0)"
    )
    done = cnnc("roofline", "digits.cnn", "--device", "m1", folder=folder, code=code)
    assert done.returncode == 0, done.stderr
