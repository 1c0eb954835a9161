"""Arguments for a layer on a volume: from what its class declares, and from the volume where they depend on it."""

from __future__ import annotations

from math import prod
from random import Random
from typing import Any

from cnndsl.layers import kinds
from cnndsl.layers.scalars import Count
from tests.random_programs.model import Env, Volume
from tests.random_programs.unfit import Unfit, need
from tests.random_programs.values import Expression, Numbers, literal, shown

KINDS = kinds()
BANKS = {"sobel_x": "sobel_x", "sobel_y": "sobel_y", "laplacian": "laplacian", "edge": "edge"}
Given = dict[str, Expression]


class Arguments:
    """Draws the arguments of calls; whether they fit together is for the model to say."""

    def __init__(self, rng: Random, numbers: Numbers) -> None:
        self.rng, self.numbers = rng, numbers

    def draw(self, kind: str, env: Env, volume: Volume) -> Given:
        """A value for each required argument, and for some of the others."""
        rng, declared = self.rng, KINDS[kind].arguments
        need((len(volume.shape) - 1) in KINDS[kind].ranks, "a rank that it takes")
        given: Given = {}
        for name, item in declared.items():
            if item.required or rng.random() < (0.7 if kind == "rbf" else 0.4):
                given[name] = self._value(kind, name, item, env, volume)
        if kind in ("conv", "deconv") and "groups" in given:
            given["filters"] = self._whole(env, given["groups"].value(env) * rng.choice([1, 2]))
        if kind == "rbf" and ("stride" in given or "pad" in given):
            given["kernel"] = self._value(kind, "kernel", declared["kernel"], env, volume)
        if kind == "conv":
            self._given_filters(given, volume)
        if kind == "rbf" and "weights" in given:
            self._prototypes(given, volume)
        if kind in ("crop", "upsample"):
            size = "amount" if kind == "crop" else "factor"
            choice = rng.choice([size, "to"])
            given = {name: value for name, value in given.items() if name not in (size, "to")}
            given[choice] = self._value(kind, choice, declared[choice], env, volume)
        return {name: given[name] for name in declared if name in given}

    def _value(self, kind: str, name: str, item: Any, env: Env, volume: Volume) -> Expression:
        rng, rank, channels = self.rng, len(volume.shape) - 1, volume.shape[-1]
        if kind == "slice":
            low = rng.randrange(channels)
            return self._whole(env, low if name == "start" else rng.randint(low + 1, channels))
        if name in ("filters", "units"):
            return self._whole(env, rng.choice([1, 2, 2, 3, 4, 4, 6]))
        if name in ("kernel", "stride", "dilation", "size", "factor", "output_pad") and kind not in ("reshape", "lrn"):
            most = {"kernel": 3, "output_pad": 1, "size": 4}.get(name, 2)
            if kind in ("pixel_shuffle", "space_to_depth"):
                return literal(2)
            return self._extents(env, rank, 0 if name == "output_pad" else 1, most)
        if name in ("pad", "amount"):
            return self._amount(env, rank, name == "pad")
        if name in ("groups", "pieces"):
            divisors = [count for count in range(2, channels + 1) if channels % count == 0]
            return self._whole(env, rng.choice(divisors or [1]))
        if kind == "normalize":
            low = 0.5 if name == "std" else -0.5
            one = rng.random() < 0.5
            return literal(low + 0.25) if one else literal(tuple(low + place / 4 for place in range(channels)))
        if kind == "permute":
            order = list(range(rank + 1))
            rng.shuffle(order)
            return literal(tuple(order))
        if kind == "reshape":
            return self._size(prod(volume.shape))
        if name == "to":
            return self._target(env, rank)
        if name in ("weights", "connect"):
            return literal(None)
        values = [value for value in item.kind.samples(rank) if not isinstance(value, tuple)]
        value = rng.choice(values)
        if isinstance(value, str) and rng.random() < 0.4:
            return literal(value, f'"{value}"')
        if isinstance(item.kind, Count):
            return self._whole(env, value)
        return literal(value)

    def _whole(self, env: Env, value: int) -> Expression:
        return self.numbers.whole(env, value) if self.rng.random() < 0.35 else literal(value)

    def _extents(self, env: Env, rank: int, least: int, most: int) -> Expression:
        rng = self.rng
        if rng.random() < 0.65 or rank == 0:
            return self._whole(env, rng.randint(least, most))
        value = tuple(rng.randint(least, most) for _ in range(rank))
        if rank > 1 and rng.random() < 0.5:
            return literal(value, "x".join(map(str, value)))
        return literal(value)

    def _amount(self, env: Env, rank: int, words: bool) -> Expression:
        rng = self.rng
        way = rng.randrange(5 if words else 3)
        if way == 0:
            return self._whole(env, rng.randint(0, 2))
        if way == 1 and rank > 1:
            return literal(tuple(rng.randint(0, 2) for _ in range(rank)))
        if way <= 2:
            pairs = tuple((rng.randint(0, 2), rng.randint(0, 2)) for _ in range(rank))
            return literal(pairs[0] if rank == 1 and rng.random() < 0.5 else pairs)
        word = "same" if way == 3 else "valid"
        return literal(word, word if rng.random() < 0.6 else f'"{word}"')

    def _size(self, total: int) -> Expression:
        rng = self.rng
        size: list[int | None] = []
        for _ in range(rng.randrange(3)):
            part = rng.choice([count for count in range(1, 13) if total % count == 0])
            size.append(part)
            total //= part
        size.append(total)
        if rng.random() < 0.4:
            size[rng.randrange(len(size))] = None if len(size) > 1 else size[0]
        value = tuple(size)
        if len(value) == 1:
            return Expression(str(value[0]), lambda env: value)
        if None in value or rng.random() < 0.6:
            return Expression("x".join("?" if part is None else str(part) for part in value), lambda env: value)
        return literal(value)

    def _target(self, env: Env, rank: int) -> Expression:
        names = {
            name: items[-1] for name, (items, _) in env.place.visible().items() if len(items[-1].shape) == rank + 1
        }
        names = {name: item for name, item in names.items() if item.outputs is None}
        if env.given is not None and self.rng.random() < 0.5:
            return Expression("in", lambda e: _shape(e.given))
        need(bool(names), "a label")
        name = self.rng.choice(sorted(names))
        return Expression(name, lambda e: _shape(e.place.find(name)[-1]))

    def _given_filters(self, given: Given, volume: Volume) -> None:
        """`weights=` and `connect=` with the filters, kernel and groups that go with them."""
        rng, rank = self.rng, len(volume.shape) - 1
        if "connect" in given:
            rows = tuple(
                tuple(sorted(rng.sample(range(volume.shape[-1]), rng.randint(1, volume.shape[-1])))) for _ in range(3)
            )
            given["connect"] = literal(rows, f"[{', '.join(str(list(row)) for row in rows)}]")
            given["filters"] = literal(3)
            given.pop("groups", None)
            given.pop("weights", None)
        if "weights" not in given:
            return
        table = tuple(rng.choice([-2.0, -1.0, 0.0, 0.5, 1.0]) for _ in range(3**rank))
        choices = ["table", "gaussian"] + (["gabor", *BANKS] if rank == 2 else [])
        way = rng.choice(choices)
        given["kernel"] = literal(3)
        if way == "table":
            given["weights"] = literal(("table", table), _nested(table, (3,) * rank))
        elif way == "gaussian":
            given["weights"] = literal(("gaussian",), "gaussian(1.5)")
        elif way == "gabor":
            given["filters"] = literal(2)
            given["weights"] = literal(("gabor",), "gabor(2, 3, sigma=1)")
        else:
            given["weights"] = literal((way,), way)

    def _prototypes(self, given: Given, volume: Volume) -> None:
        count = prod(volume.shape)
        given = given if count <= 24 else {}
        if not given:
            raise Unfit("few prototypes")
        for name in ("kernel", "stride", "pad"):
            given.pop(name, None)
        given["units"] = literal(2)
        table = tuple(self.rng.choice([-1.0, 0.0, 0.5, 1.0]) for _ in range(2 * count))
        given["weights"] = literal(("table", table), _nested(table, (2, count)))


def _shape(volume: Volume | None) -> tuple[int, ...]:
    need(volume is not None and volume.outputs is None, "a volume")
    assert volume is not None
    return volume.shape


def _nested(numbers: tuple[float, ...], extents: tuple[int, ...]) -> str:
    if not extents:
        return shown(numbers[0])
    part = len(numbers) // extents[0]
    rows = (_nested(numbers[start : start + part], extents[1:]) for start in range(0, len(numbers), part))
    return f"[{', '.join(rows)}]"
