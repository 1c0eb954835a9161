"""Numbers that are far too large: no list, no set and no loop of the compiler is as long as a number in a program."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: bytes of address space for all of them, one after the other
MEMORY = 600 << 20
NUMBERS = (10**6, 2**31)
INPUTS = ("28x28x1", "?x?x3", "{v}x{v}x{v}")
CALLS = (
    "conv({v}, 3)", "conv(6, {v})", "conv(6, {v}, pad={v}, stride={v})", "conv(6, 3, stride={v}, pad={v})",
    "conv(6, 3, dilation={v}, pad={v}) -> conv(3, 3)", "conv(6, 3, pad=same, dilation={v})", "conv(6, 3, groups={v})",
    "conv(6, {v}, weights=gaussian(1))", "local({v}, 3)", "deconv(4, 2, stride={v})", "deconv(4, {v}, pad={v})",
    "deconv(4, 2, stride={v}, dilation={v})", "maxpool({v})", "maxpool(3, stride={v}, pad=1, ceil=true)",
    "adaptive_avgpool({v})", "upsample({v})", "upsample({v}, linear)", "pad({v})", "pad({v}, edge)",
    "pad({v}, reflect)", "crop({v})", "fc({v})", "maxout({v}, 2)", "maxout(3, {v})", "lrn({v})", "groupnorm({v})",
    "rbf({v})", "reshape({v}x?x1)", "space_to_depth({v})", "pixel_shuffle({v})", "{{ relu }} * {v}",
    "add {{ | id | conv({v}, 3, pad={v}) }}", "concat {{ | id | deconv(1, 3, stride={v}) }}", "slice(0, {v})",
)  # fmt: skip

SCRIPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
from tests.fuzz import invariants
invariants.LIMIT = 30.0
for text in sys.stdin.read().split("\\0"):
    try:
        invariants.examine(text.encode())
    except (Exception, invariants.Hang) as error:
        print(type(error).__name__, text)
"""


def test_numbers_that_are_too_large_cost_neither_memory_nor_time() -> None:
    texts = [
        f"net A {{ input {given.format(v=number)} -> {call.format(v=number)} }}\n"
        for number, given, call in product(NUMBERS, INPUTS, CALLS)
    ]
    command = [sys.executable, "-c", SCRIPT, str(MEMORY)]
    done = subprocess.run(command, input="\0".join(texts), capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
