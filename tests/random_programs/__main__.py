"""`python -m tests.random_programs 10000`: many random programs through every check, and what they contained."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from cnndsl import backends
from tests.random_programs import checks, coverage
from tests.random_programs.mutants import mutated
from tests.random_programs.programs import program

#: programs between two lines of progress
STEP = 500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="the first program's seed; the others count on")
    parser.add_argument("--mlx", type=int, default=10, help="run every so many programs on MLX, too; 0 for none")
    parser.add_argument("--slips", type=int, default=1, help="nearly valid programs for each valid one")
    options = parser.parse_args()
    mlx = options.mlx if backends.available()["mlx"] is None else 0
    counts: Counter[str] = Counter()
    said: Counter[str] = Counter()
    failed, began = [], time.monotonic()
    for done, seed in enumerate(range(options.seed, options.seed + options.count)):
        if done and done % STEP == 0:
            print(f"{done:,} programs in {time.monotonic() - began:.0f} s, {len(failed)} disagreements", flush=True)
        made = None
        try:
            made = program(Random(seed))
            counts.update(coverage.contents(made))
            with tempfile.TemporaryDirectory() as folder:
                checks.everything(made, Path(folder), mlx=bool(mlx) and seed % mlx == 0)
                for slip in range(options.slips):
                    text = mutated(Random(f"{seed}.{slip}"), made.text)
                    said.update(checks.refused_with_a_place(made, text, Path(folder)) or ["-"])
        except Exception as error:  # whatever it is, it is told and the next program runs
            failed.append(seed)
            print(
                f"---- program {seed}: {type(error).__name__}: {error}\n{made or traceback.format_exc()}\n", flush=True
            )
    print(coverage.table(counts, options.count))
    print("what is said of nearly valid programs (- is nothing):")
    print(coverage.table(said, options.count * options.slips, said))
    rare = [name for name in coverage.wanted() if counts[name] < options.count / 100]
    print(f"{options.count:,} programs in {time.monotonic() - began:.0f} s, {len(failed)} disagreements {failed[:20]}")
    print(f"in less than 1 %: {', '.join(sorted(rare)) or 'nothing'}")
    return 1 if failed or rare else 0


if __name__ == "__main__":
    sys.exit(main())
