"""`python -m tests.fuzz tokens --count 300000`: many inputs, and everything that must hold for each."""

from __future__ import annotations

import argparse
import gc
import resource
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

#: their loops run thousands of times for each input, and say by their branches nothing that those around them do not:
#: watching them would make an input cost twice as much
UNWATCHED = ("record", "suggest", "parse.automaton", "parse.lexer", "parse.newlines", "parse.tree", "render._cells")
#: bytes of address space that a run may have, with everything that it has loaded
MEMORY = 3 << 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("what", choices=("bytes", "tokens", "trees", "zoo", "replay"))
    parser.add_argument("files", type=Path, nargs="*", help="inputs to replay")
    parser.add_argument("--count", type=int, default=10_000, help="how many inputs")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="the time after which it ends anyway")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unguided", action="store_true", help="without atheris, even if it is installed")
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"), help="where inputs that break are kept")
    options = parser.parse_args()
    # an input that asks for more is a finding, not the end of the run
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # small inputs: looking for cycles after every 700 objects would take a fifth of the time
    gc.set_threshold(100_000, 50)
    guide = options.what != "replay" and not options.unguided and find_spec("atheris") is not None
    with instrumented() if guide else nullcontext():
        from tests.fuzz import guided, seeds
        from tests.fuzz.campaign import Campaign
        from tests.fuzz.invariants import examine
        from tests.fuzz.mutations import MUTATIONS
    if options.what == "replay":
        for path in options.files:
            print(f"{path}: {examine(path.read_bytes())}")
        return 0
    campaign = Campaign(options.what, options.count, options.minutes, options.findings / options.what)
    # whole nets of the zoo are mutated by all three kinds
    mutations = list(MUTATIONS.values()) if options.what == "zoo" else [MUTATIONS[options.what]]
    start = seeds.zoo() if options.what == "zoo" else seeds.small()
    if guide:
        guided.guided(campaign, mutations, start, options.seed)
    return guided.unguided(campaign, mutations, start, options.seed)


def instrumented():  # type: ignore[no-untyped-def]  # atheris has no types
    import atheris

    return atheris.instrument_imports(include=["cnndsl"], exclude=[f"cnndsl.{module}" for module in UNWATCHED])


if __name__ == "__main__":
    sys.exit(main())
