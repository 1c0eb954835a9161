"""What is said of a net takes work in proportion to its layers, whatever they are: calls are counted, not seconds."""

from __future__ import annotations

from collections.abc import Callable
from cProfile import Profile
from functools import partial

import pytest

from cnndsl.analysis.cost import cost
from cnndsl.analysis.memory import memory
from cnndsl.analysis.receptive_field import receptive_field
from cnndsl.lints import every_lint
from cnndsl.pipeline import check
from cnndsl.source import Source
from cnndsl.train.optimizers import optimizer

RULES = {rule: rule.severity for rule in every_lint()}
#: bodies of nets, and how many layers a round of each adds
BODIES = {
    "chain": "input 32x32x16 ; { conv(16, 3, pad=1) -> batchnorm -> relu } * N",
    "residual": "input 32x32x16 ; { add { conv(16, 3, pad=1) -> relu | id } -> relu } * N",
    "dense": "input 16x16x8 ; { concat { id | conv(4, 3, pad=1) -> relu } } * N",
    "shrinking": "input 3000x3000x3 ; { conv(4, 3) } * N",
    "widening": "input 32x32x16 ; for i in 0..N { conv(16 + i, 3, pad=1) -> tanh }",
    "skips": "input 32x32x8 ; c: conv(8, 1) ; { add { conv(8, 3, pad=1) | c } -> relu } * N",
    "labels": "input 32x32x8 ; for i in 0..N { c: conv(8, 3, pad=1) -> relu } ; add { c[0] | c }",
    "shared": "input 32x32x8 ; a: conv(8, 3, pad=1) ; { relu -> conv(8, 3, pad=1, share=a) } * N",
    "frozen": "input 32x32x8 ; { conv(8, 3, pad=1, freeze=true) -> relu -> conv(8, 3, pad=1) } * N",
    "vectors": "input 100 ; { fc(100) -> relu -> dropout(0.5) } * N ; fc(10) -> softmax",
    "down and up": "input 16x16x8 ; { conv(8, 2, stride=2) -> deconv(8, 2, stride=2) } * N",
    "open": "input ?x?x8 ; { conv(8, 3, pad=1) -> relu } * N ; global_avgpool -> fc(10)",
    "chain of joins": "input 32x32x8 ; c: id ; { concat { c -> crop(to=in) -> slice(0, 4) | slice(0, 4) } } * N",
    "labels of a loop": "input 32x32x8 ; for i in 0..N { c: conv(8, 3, pad=1) -> relu ; add { c[i // 2] | id } }",
    "shared in joins": "input 32x32x8 ; a: conv(8, 3, pad=1) ; { add { conv(8, 3, pad=1, share=a) | id } } * N",
    "late unknown": "input 32x32x8 ; { conv(8, 3, pad=1) -> cnov(8, 3) } * N",
    "early error": "input 28x28 ; { conv(6, 5 * 2) } * N",  # found by the fuzz
    "late error": "input 32x32x16 ; { conv(16, 3, pad=1) -> relu } * N ; conv(16, 40)",
    "late join": "input 32x32x16 ; c: conv(16, 1) ; { conv(16, 3, pad=1) -> relu } * N ; conv(16, 3) ; add { id | c }",
}


def calls(work: Callable[..., object], *arguments: object) -> int:
    """How many functions of Python are called."""
    profile = Profile(builtins=False)
    profile.runcall(work, *arguments)
    return sum(entry.callcount for entry in profile.getstats())


def program(body: str, rounds: int) -> Source:
    text = body.replace("0..N", f"0..{rounds}").replace("* N", f"* {rounds}").replace(" ; ", "\n    ")
    return Source("net.cnn", f"net Long {{\n    {text}\n}}\n")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_twice_the_layers_are_twice_the_work(body: str) -> None:
    check(program(body, 4), rules=RULES)
    once, twice = (calls(partial(check, rules=RULES), program(body, rounds)) for rounds in (60, 120))
    assert once > 1000 and twice < 2.2 * once


@pytest.mark.parametrize("body", [BODIES[name] for name in ("chain", "residual", "dense", "shared", "down and up")])
@pytest.mark.parametrize(
    "analysis", [cost, receptive_field, lambda graph: memory(graph, optimizer("adam"))], ids=["cost", "field", "memory"]
)
def test_so_are_the_analyses(body: str, analysis: Callable[[object], object]) -> None:
    graphs = [check(program(body, rounds)).nets[0].graph for rounds in (4, 60, 120)]
    _, once, twice = (calls(analysis, graph) for graph in graphs)
    assert once > 100 and twice < 2.2 * once


def test_layers_of_a_loop_that_are_alike_are_worked_out_once() -> None:
    (net,) = check(program(BODIES["chain"], 50)).nets
    assert net.graph is not None
    assert len(net.graph.nodes) == 151 and len(set(net.graph.cases)) == 4


#: whole files of so many parts
FILES = {
    "nets": lambda n: "".join(f"net N{i} {{ input 8x8x4 ; conv(4, 3, pad=1) }}\n" for i in range(n)),
    "blocks": lambda n: (
        "".join(f"block b{i}(k) {{ conv(k, 3, pad=1) -> relu }}\n" for i in range(n))
        + f"net A {{ input 8x8x4 ; {' ; '.join(f'b{i}(4)' for i in range(n))} }}\n"
    ),
    "unused blocks": lambda n: "".join(f"block b{i}(k) {{ conv(k, 3) }}\n" for i in range(n)) + "net A { input 9 }\n",
    "outputs": lambda n: f"net A {{ input 8x8x4 ; for i in 0..{n} {{ output o: conv(4, 3, pad=1) -> relu }} }}\n",
    "inputs": lambda n: (
        f"net A {{ {' ; '.join(f'input x{i}: 8x8x4 -> relu' for i in range(n))}\n"
        f"add {{ {' | '.join(f'x{i}' for i in range(n))} }} }}\n"
    ),
    "inputs joined one by one": lambda n: (
        f"net A {{ {' ; '.join(f'input x{i}: 8x8x4' for i in range(n))}\nx0\n"
        + "\n".join(f"add {{ id | x{i} }}" for i in range(1, n))
        + "\n}\n"
    ),
    "inputs in a loop of joins": lambda n: (
        f"net A {{ {' ; '.join(f'input x{i}: {i + 9}x{i + 9}x1 -> fc(9)' for i in range(n))}\n"
        f"add {{ {' | '.join(f'x{i}' for i in range(n))} }} ; {{ add {{ fc(9) -> relu | id }} }} * 50 }}\n"
    ),
    "budgets": lambda n: (
        f"net A {{ input 8x8x4 ; {{ conv(4, 3, pad=1) }} * {n}\n"
        + "\n".join(f"assert memory(batch={i + 1}) < 1G" for i in range(n))
        + "\n}\n"
    ),
    "wrong arguments": lambda n: f"net A {{ input 8x8x4 {'-> conv(4, 3, pda=1)' * n} }}\n",
    "unknown names": lambda n: f"net A {{ input 8x8x4\n{chr(10).join(['cnov(4, 3)'] * n)} }}\n",
    "unknown values": lambda n: f"net A {{ input 8x8x4\n{chr(10).join(f'conv(k{i}, 3)' for i in range(n))} }}\n",
    "wrong nets": lambda n: "".join(f"net A{i} {{ input 8x8x3 -> conv(8, 3, pda={i}) }}\n" for i in range(n)),
    "joins": lambda n: (
        f"net A {{ input 8x8x4 ; c: relu ; {' ; '.join(['add { id | conv(4, 3, pad=1) | c }'] * n)} }}\n"
    ),
}


def test_a_list_of_all_volumes_before_is_worked_out_volume_by_volume() -> None:
    """Thirty rounds join 465 volumes, sixty 1,830."""
    body = "input 8x8x4 ; for i in 0..N { c: conv(4, 3, pad=1) ; concat { c[0..i + 1] | id } ; conv(4, 1) }"
    check(program(body, 4), rules=RULES)
    once, twice = (calls(partial(check, rules=RULES), program(body, rounds)) for rounds in (30, 60))
    assert once > 1000 and twice < 4.2 * once


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_so_are_files_of_many_parts(text: Callable[[int], str]) -> None:
    check(Source("net.cnn", text(4)), rules=RULES)
    once, twice = (calls(partial(check, rules=RULES), Source("net.cnn", text(parts))) for parts in (50, 100))
    assert once > 1000 and twice < 2.2 * once
