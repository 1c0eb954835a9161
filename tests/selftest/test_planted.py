"""Every trap that MLX has, planted in the backend, makes the self-test fail: here on whatever MLX runs on."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from cnndsl.primitives import ConvolveTransposed, Standardize
from cnndsl.program import Dense, MaxPool
from cnndsl.selftest import selftest
from cnndsl.selftest.cases import cases
from tests.backends.agreement import needed

pytestmark = needed

Plant = Callable[[pytest.MonkeyPatch], None]


def part(name: str) -> Any:
    return import_module(f"cnndsl.backends.mlx.{name}")


def plant_rule(patch: pytest.MonkeyPatch, primitive: type, rule: Callable[..., Any]) -> None:
    patch.setitem(part("rules.base").TABLE, (primitive, ""), rule)


def padding_with_a_wrong_gradient(patch: pytest.MonkeyPatch) -> None:
    """What MLX's convolutions did before 0.32.4: where borders differ the gradient is cut out at the wrong place."""
    import mlx.core as mx

    def padded(x, pads, value=0.0):
        @mx.custom_function
        def pad(x):
            return mx.pad(x, [(0, 0), *pads, (0, 0)])

        @pad.vjp
        def back(x, cotangent, output):
            (x,) = x if isinstance(x, (list, tuple)) else (x,)
            places = (slice(high, high + extent) for (_, high), extent in zip(pads, x.shape[1:-1]))
            return cotangent[(slice(None), *places)]

        return pad(x)

    for name in ("convolution", "products"):
        patch.setattr(part(f"rules.{name}"), "padded", padded)
    by_kernel = part("rules.products").by_kernel
    patch.setattr(
        part("rules.products"),
        "by_kernel",
        lambda *given: by_kernel(*given[:-1], tuple(ends[::-1] for ends in given[-1])),
    )


def mlxs_own_transposed_convolution(patch: pytest.MonkeyPatch) -> None:
    """Symmetric padding and the output's padding as MLX takes them."""
    import mlx.core as mx

    def rule(p, run, x):
        weight, low = run.parameters[p.weight], [low for low, _ in p.pads]
        dense = [
            (extent - 1) * stride + dilation * (cells - 1) + 1 - 2 * pad
            for extent, stride, dilation, cells, pad in zip(
                x.shape[1:-1], p.stride, p.dilation, weight.shape[1:-1], low, strict=True
            )
        ]
        added = tuple(wanted - extent for wanted, extent in zip(run.shape[:-1], dense, strict=True))
        convolve = {1: mx.conv_transpose1d, 2: mx.conv_transpose2d, 3: mx.conv_transpose3d}[len(low)]
        sizes = (p.stride, tuple(low), p.dilation, added)
        if len(low) == 1:
            sizes = tuple(size[0] for size in sizes)
        y = convolve(x, weight, *sizes, groups=p.groups)
        return y if p.bias is None else y + run.parameters[p.bias]

    plant_rule(patch, ConvolveTransposed, rule)


def groups_in_three_dimensions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(part("rules.convolution"), "way", lambda case: part("rules.convolution").native)


def pools_without_an_overhang(patch: pytest.MonkeyPatch) -> None:
    """MLX's own pool has no ceil mode, and no dilation."""
    from mlx.nn import MaxPool1d, MaxPool2d, MaxPool3d

    def rule(p, run, x):
        return (MaxPool1d, MaxPool2d, MaxPool3d)[len(p.kernel) - 1](
            *((size if len(size) > 1 else size[0]) for size in (p.kernel, p.stride, tuple(low for low, _ in p.pads)))
        )(x)

    plant_rule(patch, MaxPool, rule)


def ties_to_the_last(patch: pytest.MonkeyPatch) -> None:
    import mlx.core as mx

    patch.setattr(part("rules.pooling"), "larger", mx.maximum)


def groups_of_every_nth_channel(patch: pytest.MonkeyPatch) -> None:
    """`nn.GroupNorm` without `pytorch_compatible`."""
    from mlx.nn import GroupNorm

    def rule(p, run, x):
        if not p.spatial:
            return right(p, run, x)
        return GroupNorm(p.groups, x.shape[-1], p.eps, affine=False, pytorch_compatible=False)(x)

    right = part("rules.base").TABLE[Standardize, ""]
    plant_rule(patch, Standardize, rule)


def a_mask_that_repeats(patch: pytest.MonkeyPatch) -> None:
    """The random state neither goes into a compiled step nor comes out of it."""
    import mlx.core as mx

    words = part("rules.regularizers").words
    once = mx.array(0, mx.uint32)
    patch.setattr(part("rules.regularizers"), "words", lambda key, past, *sizes: words(key, once, *sizes))


def evaluation_as_in_training(patch: pytest.MonkeyPatch) -> None:
    """One function for both."""
    import mlx.core as mx

    start = part("rules.base").Run.__init__

    def as_ever(self, *arrays, past=None, **settings):
        start(self, *arrays, past=mx.array(0, mx.uint32) if past is None else past, **settings)

    patch.setattr(part("rules.base").Run, "__init__", as_ever)


def wrong_where(patch: pytest.MonkeyPatch, aligned: bool) -> None:
    """A kernel that is wrong for channels of one alignment: Metal's Winograd, or its way for all others."""
    way = part("rules.convolution").way

    def chosen(case):
        def convolve(case, x, weight):
            filters, *kernel, depth = weight.shape
            is_aligned = filters % 32 == depth % 32 == 0 and filters + depth >= 256 and kernel == [3, 3]
            return way(case)(case, x, weight) * (1.01 if is_aligned == aligned else 1.0)

        return convolve

    patch.setattr(part("rules.convolution"), "way", chosen)


def ten_bits(patch: pytest.MonkeyPatch) -> None:
    """TF32: what is multiplied is rounded to 10 bits, as some GPUs do unless they are told not to."""
    import mlx.core as mx

    def short(x):
        bits = (x.view(mx.uint32) + 0x1000) & 0xFFFFE000
        return x + mx.stop_gradient(bits.view(mx.float32) - x)

    def rule(p, run, x):
        return part("rules.convolution").offset(p.bias, run, short(x) @ short(run.parameters[p.weight]).T)

    plant_rule(patch, Dense, rule)


def a_rate_that_is_frozen(patch: pytest.MonkeyPatch) -> None:
    """As it is in a compiled step that is given a number and not an array."""
    engine = part("engine").MlxEngine
    step = engine.step
    patch.setattr(engine, "step", lambda self, inputs, targets, rate=None: step(self, inputs, targets, 0.05))


def statistics_that_stay(patch: pytest.MonkeyPatch) -> None:
    """Running statistics that are not given back by the step."""
    start = part("rules.base").Run.__init__

    class Nowhere(dict):
        def __setitem__(self, name, value):
            pass

    def forgetful(self, *arrays, **settings):
        start(self, *arrays, **settings)
        self.statistics = Nowhere()

    patch.setattr(part("rules.base").Run, "__init__", forgetful)


#: the trap, the cases that are run with it, and the part that is to fail
PLANTS: list[tuple[Plant, str, str]] = [
    (padding_with_a_wrong_gradient, "conv_asymmetric_pads conv_1d_causal", "gradients"),
    (padding_with_a_wrong_gradient, "conv_large_pads", "gradients"),
    (mlxs_own_transposed_convolution, "deconv_output_pad_alone", "gradients"),
    (mlxs_own_transposed_convolution, "deconv_large_pads", "values"),
    (groups_in_three_dimensions, "conv_3d_groups", "values"),
    (pools_without_an_overhang, "pool_max_ceil pool_max_ceil_disjoint pool_max_dilated", "values"),
    (ties_to_the_last, "pool_max pool_max_overlapping pool_max_1d pool_max_3d", "gradients"),
    (groups_of_every_nth_channel, "norm_group norm_group_3d", "values"),
    (a_mask_that_repeats, "random_dropout random_spatial_dropout random_drop_path random_noise", "training"),
    (evaluation_as_in_training, "norm_batch random_dropout random_noise train_small", "values"),
    (lambda patch: wrong_where(patch, aligned=True), "winograd_aligned winograd_valid", "values"),
    (lambda patch: wrong_where(patch, aligned=False), "winograd_not_quite conv_unaligned conv_one_channel", "values"),
    (ten_bits, "dense_aligned dense_unaligned dense_of_volume", "values"),
    (a_rate_that_is_frozen, "norm_batch train_small", "training"),
    (statistics_that_stay, "norm_batch norm_batch_plain train_small", "training"),
]


@pytest.mark.parametrize(("plant", "names", "failing"), PLANTS)
def test_a_planted_trap_is_found(plant: Plant, names: str, failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each of the cases, on MLX's devices alone."""
    chosen = [case for case in cases() if case.name in names.split()]
    assert len(chosen) == len(names.split())
    assert selftest(chosen).passed
    plant(monkeypatch)
    found = selftest(chosen)
    assert not found.passed
    assert {result.device.split()[0] for result in found.failures} == {"mlx"}
    assert {result.case for result in found.failures if result.part == failing} == {case.name for case in chosen}


def test_a_rule_that_raises_fails_all_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(p, run, x):
        raise RuntimeError("no kernel\nat line 3")

    plant_rule(monkeypatch, Dense, broken)
    found = selftest([case for case in cases() if case.name == "train_small"])
    failed = [result for result in found.failures if result.device == found.devices[0].name]
    assert {result.part for result in failed} == {"values", "gradients", "training"}
    assert {result.problem for result in failed} == {"RuntimeError: no kernel"}
    assert "no kernel" in str(found)
    assert "RuntimeError: no kernel" in found.to_dict()["failures"][0]
