"""Hostile programs: each ends in a diagnostic within a second and within 300 MB, in a process of its own.

The second is one of the processor, start included, so that other work on the machine does not count;
the kernel ends a process that takes several, or more memory than it may.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

resource = pytest.importorskip("resource", reason="limits of processes are POSIX's")

#: what the kernel counts for a process begins with the memory of the one that started it, but for this line
START = """
import pathlib, resource, sys
from cnndsl.cli import main
code = main()
status = pathlib.Path("/proc/self/status")
if status.exists():
    peak = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
pathlib.Path("peak").write_text(str(peak))
sys.exit(code)
"""
SECONDS = 1.0
MEBIBYTES = 300
#: how much slower than usual a machine may be that also does other things
PATIENCE = 2.5
HUGE = "1" + "0" * 400


class Ended(NamedTuple):
    """How a process ended: its exit code, what it said, and what it took."""

    code: int
    text: str
    seconds: float
    mebibytes: float

    @property
    def codes(self) -> list[str]:
        return re.findall(r"^error\[(E\d{3})\]", self.text, re.MULTILINE)


def check(folder: Path, **files: str) -> Ended:
    """Checks `main` of the files under limits that the kernel keeps."""
    for name, text in files.items():
        (folder / f"{name}.cnn").write_text(text, encoding="utf-8")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
        if sys.platform == "linux":  # of addresses, which are more than what is used
            resource.setrlimit(resource.RLIMIT_AS, (2 * MEBIBYTES * 2**20,) * 2)

    command = [sys.executable, "-c", START, "check", "--no-color", "main.cnn"]
    with (folder / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, preexec_fn=limit)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        peak = folder / "peak"
        mebibytes = int(peak.read_text()) / 2**10 if peak.exists() else float("inf")
        return Ended(process.returncode, said.read(), used.ru_utime + used.ru_stime, mebibytes)


def refused(folder: Path, code: str, **files: str) -> None:
    found = check(folder, **files)
    assert found.code == 1, found.text[-600:]
    assert found.codes and found.codes[0] == code, found.text[:600]
    assert len(found.text) < 20_000
    assert found.seconds <= SECONDS * PATIENCE and found.mebibytes <= MEBIBYTES, found


def net(*lines: str) -> str:
    return "\n".join(["net N {", "    input 8x8x4", *lines, "}"])


def doubled(first: str, again: str, last: str, times: int = 60) -> str:
    """Definitions, each of which uses the one before twice."""
    lines = (again.format(new=number, old=number - 1) for number in range(1, times))
    return "\n".join([first, *lines, net(last.format(old=times - 1))])


def chained(first: str, again: str, last: str, times: int = 3000) -> str:
    """As many definitions that each use the one before once."""
    return doubled(first, again, last, times)


LISTS = ("let a0 = [1, 1]", "let a{new} = [a{old}, a{old}]")
TWICE = "fn f{new}(x) = f{old}(x) + f{old}(x + 2 ** {new})"
PAIR = "fn f{new}(x) = [f{old}(x), f{old}(x)]"
SIGNS = "fn f{new}(x) = " + "-" * 60 + "f{old}(x)"

BOMBS = {
    "blocks": ("E401", doubled("block b0 { relu }", "block b{new} {{ b{old} ; b{old} }}", "b{old}")),
    "joins": ("E401", doubled("block b0 { relu }", "block b{new} {{ add {{ b{old} | b{old} }} }}", "b{old}")),
    "joins of what depends on a volume": (
        "E401",
        doubled("block b0 { if in.channels == 1 { relu } }", "block b{new} {{ add {{ b{old} | b{old} }} }}", "b{old}"),
    ),
    "blocks with other arguments": (
        "E401",
        doubled("block b0(k) { conv(k, 1) }", "block b{new}(k) {{ b{old}(k + 1) ; b{old}(k + 2) }}", "b{old}(1)"),
    ),
    "blocks up to a label": (
        "E401",
        doubled("block b0 { x: relu }", "block b{new} {{ b{old} ; x: b{old}(until=x) }}", "b{old}"),
    ),
    "empty blocks": (
        "E405",
        doubled("block b0 { if in.channels == 1 { relu } }", "block b{new} {{ b{old} ; b{old} }}", "b{old}"),
    ),
    "nets of one file": (
        "E406",
        "\n".join(f"net N{i} {{ input 8x8x1 ; {{ relu }} * 90000 }}" for i in range(20)),
    ),
    "lines": ("E118", net(*["relu"] * 700_000)),
    "groups": ("E401", net("{ { { relu } * 1000 } * 1000 } * 1000")),
    "a group": ("E401", net("{ relu } * (2 ** 31)")),
    "a larger group": ("E403", net("{ relu } * (2 ** 31 + 1)")),
    "a loop": ("E401", net("for i in 0..2 ** 31 { relu }")),
    "an empty loop": ("E405", net("for i in 0..2 ** 31 { let a = i }")),
    "empty loops": ("E405", net("for i in 0..2000 { for j in 0..2000 { for k in 0..2000 { let a = i } } }")),
    "channels": ("E403", net("{ concat { id | id } } * 40")),
    "extents": ("E403", net("{ upsample(1000) } * 20")),
    "functions": ("E405", doubled("fn f0(x) = x", TWICE, "fc(f{old}(1))")),
    "powers": ("E403", net("fc(9 ** 9 ** 9)")),
    "squares": ("E403", doubled("let a0 = 10 ** 9", "let a{new} = a{old} * a{old}", "fc(a{old})")),
    "lists": ("E403", doubled(*LISTS, "fc(a{old})")),
    "lists to add up": ("E403", doubled(*LISTS, "fc(sum(a{old}))")),
    "lists to compare": ("E403", doubled(*LISTS, "fc(1 if a{old} == [a{old}] else 2)")),
    "lists of lists": ("E403", doubled(*LISTS, "conv(4, 3, weights=a{old})")),
    "lists from functions": ("E403", doubled("fn f0(x) = [x, x]", PAIR, "fc(f{old}(1))")),
    "sums in a loop": ("E405", net("for i in 0..100000 { let a = sum(0..1000000) }")),
    "a long range to add up": ("E403", net("fc(max(0..2 ** 31))")),
    "a long range for a layer": ("E403", net("normalize(0..2 ** 31, 1)")),
    "a long range in a table": ("E403", net("conv(1, 3, connect=[0..2 ** 31])")),
}

DEEP = {
    "braces": ("E112", net("{ " * 10_000 + "relu" + " }" * 10_000)),
    "open braces": ("E112", "net N " + "{ " * 100_000),
    "joins": ("E112", net("add { relu | " * 300 + "relu" + " }" * 300)),
    "parentheses": ("E112", net("fc(" + "(" * 10_000 + "1" + ")" * 10_000 + ")")),
    "brackets": ("E112", net("fc(" + "[" * 10_000 + "1" + "]" * 10_000 + ")")),
    "signs": ("E112", net("fc(" + "-" * 10_000 + "1)")),
    "sums": ("E112", net("fc(" + "1 + " * 10_000 + "1)")),
    "conditions": ("E112", net("fc(" + "1 if true else " * 5_000 + "1)")),
    "else": ("E112", net("if false { relu }" + " else if false { relu }" * 3_000)),
    "blocks": ("E402", chained("block b0 { relu }", "block b{new} {{ b{old} }}", "b{old}")),
    "functions": ("E402", chained("fn f0(x) = x", "fn f{new}(x) = f{old}(x)", "fc(f{old}(1))")),
    "functions behind signs": ("E402", chained("fn f0(x) = x", SIGNS, "fc(f{old}(1))", 190)),
    "lets": ("E402", chained("let a0 = 1", "let a{new} = a{old}", "fc(a{old})")),
    "other nets": (
        "E402",
        "\n".join(["net A0 { input 8x8x4 ; relu }", *(f"net A{i} = A{i - 1}" for i in range(1, 1000))]),
    ),
    "other nets with parameters": (
        "E402",
        "\n".join(["net A0(k) { input 8x8x4 ; fc(k) }", *(f"net A{i}(k = {i}) = A{i - 1}(k)" for i in range(1, 1000))]),
    ),
    "other nets in the other order": (
        "E402",
        "\n".join([*(f"net A{i} = A{i - 1}" for i in range(999, 0, -1)), "net A0 { input 8x8x4 ; relu }"]),
    ),
    "powers": ("E112", net("fc(" + "1 ** " * 50_000 + "1)")),
    "lists": ("E403", net("let a0 = 1", *(f"let a{i} = [a{i - 1}]" for i in range(1, 999)), "fc(a998)")),
}

ITSELF = {
    "a block": ("E404", "block b { relu -> b }\n" + net("b")),
    "two blocks": ("E404", "block a { b }\nblock b { a }\n" + net("a")),
    "a block given to itself": ("E404", "block b(u) { u(u) }\n" + net("b(b)")),
    "a block in its default": ("E404", "block b(k = b) { k }\n" + net("b")),
    "a net": ("E404", "net N { input 4 ; N }"),
    "an alias": ("E404", "net A = A(1)"),
    "a function": ("E404", "fn f(x) = 1 if x == 0 else f(x - 1)\n" + net("fc(f(3))")),
    "two functions": ("E404", "fn f(x) = g(x)\nfn g(x) = f(x)\n" + net("fc(f(1))")),
    "a value": ("E404", "let a = a + 1\n" + net("fc(a)")),
    "two values": ("E404", "let a = b\nlet b = a\n" + net("fc(a)")),
}

LITERALS = {
    "filters": net(f"fc({HUGE})"),
    "an input": f"net N {{ input {HUGE} ; relu }}",
    "a size": f"net N {{ input {HUGE}x1x1 ; relu }}",
    "a count": net(f"{{ relu }} * {HUGE}"),
    "a range": net(f"for i in 0..{HUGE} {{ relu }}"),
    "a decimal": net("leaky_relu(1e400)"),
    "an exponent": net(f"leaky_relu(1e{HUGE})"),
    "a divided one": net(f"fc({HUGE} / 3)"),
    "a million digits": net(f"fc({'9' * 1_000_000})"),
}

COMPUTED = {
    "filters": net("fc(10 ** 400)"),
    "an input": "net N { input (10 ** 400, 10 ** 400, 1) ; relu }",
    "a count": net("{ relu } * (10 ** 400)"),
    "a range": net("for i in 0..10 ** 400 { relu }"),
    "a decimal": net("batchnorm(eps=10 ** 400)"),
    "a root": net("fc(sqrt(10 ** 400))"),
    "a root of a negative one": net("fc(sqrt(-(10 ** 400)))"),
    "a sum with a decimal": net("fc(sum([10 ** 400, 0.5]))"),
    "a start": net("fc(4, init=10 ** 400)"),
    "a distribution": net("fc(4, init=normal(10 ** 400))"),
    "a reciprocal": net("fc((10 ** 400) ** -1)"),
    "a quotient": net("fc(10 ** 400 / 3)"),
    "an index": net("fc([1, 2][10 ** 400])"),
    "a power": net("fc(2 ** 10 ** 400)"),
    "a negative power": net("fc(2 ** -(10 ** 400))"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_grow_beyond_bounds(name: str, tmp_path: Path) -> None:
    code, text = BOMBS[name]
    refused(tmp_path, code, main=text)


@pytest.mark.parametrize("name", DEEP)
def test_what_is_nested_too_deep(name: str, tmp_path: Path) -> None:
    code, text = DEEP[name]
    refused(tmp_path, code, main=text)


@pytest.mark.parametrize("name", ITSELF)
def test_what_leads_back_to_itself(name: str, tmp_path: Path) -> None:
    code, text = ITSELF[name]
    refused(tmp_path, code, main=text)


@pytest.mark.parametrize("name", LITERALS)
def test_a_literal_of_400_digits_or_more(name: str, tmp_path: Path) -> None:
    refused(tmp_path, "E109", main=LITERALS[name])


@pytest.mark.parametrize("name", COMPUTED)
def test_a_computed_number_of_400_digits(name: str, tmp_path: Path) -> None:
    found = check(tmp_path, main=COMPUTED[name])
    assert found.code == 1 and found.codes, found.text[-600:]
    assert found.seconds <= SECONDS * PATIENCE and found.mebibytes <= MEBIBYTES


# ---- imports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["../outside.cnn", "/dev/zero", "inside/../../outside.cnn", "zoo/../../errors/limits.py", "link.cnn"],
)
def test_an_import_that_leaves_the_folder(path: str, tmp_path: Path) -> None:
    (tmp_path / "outside.cnn").write_text("block unit { relu }\n", encoding="utf-8")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "link.cnn").symlink_to(tmp_path / "outside.cnn")
    refused(tmp_path / "home", "E210", main=f'from "{path}" import unit\n{net("unit")}')


def test_an_imported_file_may_not_leave_it_either(tmp_path: Path) -> None:
    (tmp_path / "home" / "parts").mkdir(parents=True)
    (tmp_path / "outside.cnn").write_text("block unit { relu }\n", encoding="utf-8")
    (tmp_path / "home" / "parts" / "a.cnn").write_text('from "../../outside.cnn" import unit\n', encoding="utf-8")
    refused(tmp_path / "home", "E210", main=f'from "parts/a.cnn" import unit\n{net("unit")}')


def test_an_import_that_leads_back_to_itself(tmp_path: Path) -> None:
    refused(tmp_path, "E210", main=f'from "main.cnn" import N\n{net("relu")}')
    one, two = 'from "b.cnn" import x', 'from "a.cnn" import x'
    refused(tmp_path, "E210", main=f'from "a.cnn" import x\n{net("x")}', a=one, b=two)


def test_a_long_chain_of_imports(tmp_path: Path) -> None:
    chain = {f"f{number}": f'from "f{number + 1}.cnn" import unit\n' for number in range(600)}
    main = f'from "f0.cnn" import unit\n{net("unit")}'
    refused(tmp_path, "E210", main=main, f600="block unit { relu }\n", **chain)


def test_many_imports_of_the_same_files_are_read_once(tmp_path: Path) -> None:
    both = {
        f"{side}{number}": f'from "f{number + 1}.cnn" import f\nfrom "g{number + 1}.cnn" import g\n'
        for number in range(40)
        for side in "fg"
    }
    ends = {"f40": "block f { relu }\n", "g40": "block g { relu }\n"}
    found = check(tmp_path, main=f'from "f0.cnn" import f\n{net("f")}', **both, **ends)
    assert found.code == 0 and found.seconds <= SECONDS * PATIENCE, found


def test_a_label_is_inside_a_repetition_or_outside_of_it(tmp_path: Path) -> None:
    refused(tmp_path, "E204", main=net("a: relu", "{ a: relu } * 2", "add { a[0] | a }"))
