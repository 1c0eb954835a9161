"""How long `cnnc check` takes: `python tests/benchmarks/check.py [--torch PYTHON]`.

Whole processes, medians of 15, the sides of a ratio by turns in one run: LeNet-5 against
`python -c "import lark"`; ResNet-50 with every lint against torchinfo's summary of the same net, which
builds and runs it (PYTHON is an interpreter that has torch and torchinfo; this one by default); and chains
of 100 to 50,000 layers made by repetition, whose time must grow with their number.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
CHECK = (sys.executable, "-m", "cnndsl.cli", "check")
CHAIN = "net Chain {{ input 32x32x8 ; {{ conv(8, 3, pad=1) -> relu }} * {} }}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--runs", type=int, default=15)
    chosen = parser.parse_args()

    against_lark(chosen.runs)
    against_torchinfo(chosen.torch, chosen.runs)
    chains(max(3, chosen.runs // 5))


def against_lark(runs: int) -> None:
    lenet = (*CHECK, str(EXAMPLES / "lenet5.cnn"))
    sides = {"python": (sys.executable, "-c", "pass"), "import lark": (sys.executable, "-c", "import lark")}
    ours, python, lark = by_turns([lenet, *sides.values()], runs)
    print(f"LeNet-5      check {shown(ours)}, import lark {shown(lark)}, bare Python {shown(python)}")
    print(f"             {ours[0] / lark[0]:.2f} times `import lark` (the goal: at most 2)")


def against_torchinfo(python: str, runs: int) -> None:
    full = (*CHECK, "--select", "all", str(EXAMPLES / "resnet50.cnn"))
    theirs = (python, str(HERE / "torch_resnet50.py"))
    if subprocess.run(theirs, capture_output=True, check=False).returncode:
        (ours,) = by_turns([full], runs)
        print(f"ResNet-50    check {shown(ours)}; {python} has no torch and torchinfo to compare with")
        return
    ours, peer = by_turns([full, theirs], runs)
    print(f"ResNet-50    check, every lint {shown(ours)}; torchinfo {shown(peer)}")
    print(f"             {peer[0] / ours[0]:.1f} times as fast (the goal: at least 10), in at most 80 MB")


def chains(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for layers in (100, 1_000, 10_000, 50_000):
            file = Path(folder) / f"chain{layers}.cnn"
            file.write_text(CHAIN.format(layers // 2), encoding="utf-8")
            files.append((layers, file))
        found = by_turns([(*CHECK, str(file)) for _, file in files], runs)
    start = found[0][0]
    for (layers, _), side in zip(files, found, strict=True):
        each = f", {layers / (side[0] - start):,.0f} layers a second" if layers > 1_000 else ""
        print(f"{layers:>6,} layers  {shown(side)}{each}")


def by_turns(commands: Sequence[Sequence[str]], runs: int) -> list[tuple[float, float]]:
    """For each command the median of its seconds and its largest memory in MB; one run each to warm up."""
    taken: list[list[tuple[float, float]]] = [[] for _ in commands]
    for turn in range(runs + 1):
        for command, side in zip(commands, taken, strict=True):
            found = measured(command)
            if turn:
                side.append(found)
    return [(median(seconds for seconds, _ in side), max(memory for _, memory in side)) for side in taken]


def measured(command: Sequence[str]) -> tuple[float, float]:
    """Seconds from start to end of a process, and its largest resident memory in MB. Exits if it fails."""
    began = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return perf_counter() - began, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def shown(side: tuple[float, float]) -> str:
    return f"{side[0] * 1e3:,.0f} ms ({side[1]:.0f} MB)"


if __name__ == "__main__":
    main()
