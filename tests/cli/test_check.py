"""`cnnc check`: what it reads, prints and exits with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cnndsl.cli import main
from tests.cli.cnnc import BAD, GOOD, cnnc, write

WASTEFUL = "net Idle {\n    input 8x8x1\n    x: conv(4, 3)\n    conv(4, 3)\n    x -> relu\n}\n"
INEXACT = "net Odd {\n    input 8x8x1\n    conv(4, 3, stride=2)\n}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", *arguments])
    said = capsys.readouterr()
    assert said.err == ""
    return code, said.out


def test_a_clean_file_says_what_its_net_is(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, digits=GOOD)
    # conv: 5*5*4 + 4; fc: 24*24*4*10 + 10; MACs: 24*24*4*25 + 24*24*4*10
    assert check(capsys, "digits.cnn") == (0, "digits.cnn: Digits  28x28x1 -> 10  23,154 parameters  80,640 MACs\n")


def test_errors_are_1(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, small=BAD)
    code, out = check(capsys, "small.cnn")
    assert code == 1
    assert out.startswith("error[E301]: ") and " --> small.cnn:3:13\n" in out
    assert "parameters" not in out


def test_warnings_are_clean_unless_they_count(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, idle=WASTEFUL)
    code, out = check(capsys, "idle.cnn")
    assert code == 0
    assert out.startswith("warning[W201]: ") and "idle.cnn: Idle  8x8x1 -> 6x6x4" in out
    assert check(capsys, "idle.cnn", "--error-on-warning") == (1, out)


def test_strict_makes_inexact_divisions_errors(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, odd=INEXACT)
    assert check(capsys, "odd.cnn")[0] == 0
    code, out = check(capsys, "odd.cnn", "--strict")
    assert code == 1 and out.startswith("error[E308]: ")


def test_several_files_are_all_reported_with_one_sum(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, digits=GOOD, small=BAD, small2=BAD)
    code, out = check(capsys, "small.cnn", "digits.cnn", "small2.cnn", "small.cnn")
    assert code == 1
    assert out.count("error[E301]") == 2
    assert "\n\n2 errors\n\ndigits.cnn: Digits" in out


@pytest.mark.parametrize("pattern", ["nets", "nets/", "nets/**/*.cnn", "./nets", "nets/*.cnn nets/deep"])
def test_folders_and_patterns(capsys: pytest.CaptureFixture[str], folder: Path, pattern: str) -> None:
    deep = folder / "nets" / "deep"
    hidden = folder / "nets" / ".venv"
    for place in (deep, hidden):
        place.mkdir(parents=True)
        write(place, digits=GOOD)
    write(folder / "nets", b=GOOD, a=GOOD)
    (folder / "nets" / "notes.txt").write_text("no net")
    code, out = check(capsys, *pattern.split())
    assert code == 0
    names = [os.path.normpath(line.partition(": ")[0]) for line in out.splitlines()]
    assert sorted(names) == [
        os.path.join("nets", name) for name in ("a.cnn", "b.cnn", os.path.join("deep", "digits.cnn"))
    ]


def test_one_net_of_a_file(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, both=GOOD + BAD)
    assert check(capsys, "both.cnn")[0] == 1
    assert check(capsys, "both.cnn:Digits")[0] == 0
    code, out = check(capsys, "both.cnn:Digit")
    assert code == 2
    assert "Digits" in out


def test_settings_and_sizes(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, digits=GOOD)
    code, out = check(capsys, "digits.cnn", "--set", "classes=7", "--input", "32x32x3")
    assert (code, out.split("  ")[1]) == (0, "32x32x3 -> 7")
    code, out = check(capsys, "digits.cnn", "--set", "klasses=7")
    assert code == 2 and "did you mean `classes`?" in out


def test_a_size_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, digits=GOOD)
    code = main(["check", "digits.cnn", "--input", "32 by 32"])
    assert code == 2
    assert "`32 by 32`" in capsys.readouterr().err


def test_several_inputs_and_outputs_are_named(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(
        folder,
        pair="net Pair {\n  input left: 8x8x1\n  l: relu\n  input right: 8x8x1\n  r: relu\n"
        "  output both: add { l | r }\n  output one: l -> tanh\n}\n",
    )
    code, out = check(capsys, "pair.cnn")
    assert code == 0
    assert "  left 8x8x1, right 8x8x1 -> both 8x8x1, one 8x8x1  0 parameters  0 MACs" in out


# ---- files that cannot be read -------------------------------------------------------------------


def test_an_unreadable_file_is_2_and_the_others_are_checked(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, digits=GOOD, small=BAD)
    code, out = check(capsys, "digits.cn", "digits.cnn", "small.cnn")
    assert code == 2
    assert "error[E001]" in out and "digits.cnn?" in out
    assert "error[E301]" in out
    assert "digits.cnn: Digits  " in out


def test_a_huge_file_is_refused(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "huge.cnn").write_text("# " + "x" * (4 << 20))
    code, out = check(capsys, "huge.cnn")
    assert code == 2 and out.startswith("error[E004]: ") and "huge.cnn" in out


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, digits=GOOD)
    (folder / "digits.cnn").chmod(0)
    code, out = check(capsys, "digits.cnn")
    assert code == 2 and "permission denied" in out


# ---- formats -------------------------------------------------------------------------------------


def test_concise_is_a_line_a_message(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, small=BAD, digits=GOOD)
    code, out = check(capsys, "small.cnn", "digits.cnn", "--format", "concise")
    assert code == 1
    (line,) = out.splitlines()
    assert line.startswith("small.cnn:3:13: error[E301]: ")


def test_json_has_messages_and_nets(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    write(folder, small=BAD, digits=GOOD)
    code, out = check(capsys, "small.cnn", "digits.cnn", "missing.cnn", "--format=json")
    found: dict[str, Any] = json.loads(out)
    assert (code, found["schema"]) == (2, 1)
    assert found["nets"] == [
        {
            "file": "digits.cnn",
            "net": "Digits",
            "inputs": {"input": [28, 28, 1]},
            "outputs": {"output": [10]},
            "params": 23154,
            "macs": 80640,
        }
    ]
    assert [(item["code"], item["file"], item["line"]) for item in found["diagnostics"]] == [
        ("E001", None, None),
        ("E301", "small.cnn", 3),
    ]


def test_colours_are_for_terminals_and_those_who_ask(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, small=BAD)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b" not in check(capsys, "small.cnn")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31merror[E301]" in check(capsys, "small.cnn")[1]
    assert "\x1b" not in check(capsys, "small.cnn", "--no-color")[1]


# ---- the whole process ---------------------------------------------------------------------------

HEAVY = (
    "numpy", "mlx", "rich", "graphviz", "pygraphviz", "safetensors", "lark", "dataclasses", "inspect", "json",
    "threadpoolctl", "subprocess", "pkgutil", "cnndsl.backends", "cnndsl.train", "cnndsl.draw",
    "cnndsl.data", "cnndsl.cli.train",
)  # fmt: skip
LOADED = f"""
import sys
from cnndsl.cli import main
before = main(sys.argv[1:])
print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
sys.exit(before)
"""


def test_a_check_imports_nothing_heavy(folder: Path) -> None:
    write(folder, digits=GOOD, small=BAD)
    cnnc("check", "digits.cnn", folder=folder)  # keeps the parser's table, which needs lark to be made
    for file, code in (("digits.cnn", 0), ("small.cnn", 1)):
        done = cnnc("check", file, folder=folder, code=LOADED)
        assert (done.returncode, done.stderr) == (code, "\n")
    done = cnnc("check", "digits.cnn", folder=folder, code=LOADED.replace("numpy", "cnndsl.render"))
    assert done.stderr == "\n"


@pytest.mark.parametrize(("file", "code"), [("digits", 0), ("small", 1), ("missing", 2)])
def test_the_process_exits_with_the_code(folder: Path, file: str, code: int) -> None:
    write(folder, digits=GOOD, small=BAD)
    assert cnnc("check", f"{file}.cnn", folder=folder).returncode == code


def test_a_file_of_blocks_says_what_it_defines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "parts.cnn").write_text("let k = 3\nblock unit { conv(k, 1) }\n")
    assert main(["check", str(tmp_path / "parts.cnn")]) == 0
    assert "no net of its own; defines unit, k" in capsys.readouterr().out
