"""What PyTorch calls each layer: functions of the layer, its arrays, an input (N, C, …) and its volume."""

from __future__ import annotations

from typing import Any

import pytest

from cnndsl.layers.window import per_axis

torch = pytest.importorskip("torch")
F = torch.nn.functional


class Refuses(Exception):
    """PyTorch's layer does not take such arguments."""


def by_rank(name: str, rank: int) -> Any:
    return getattr(F, f"{name}{rank}d")


def both_ends(margins: Any) -> list[int]:
    """(low, high) pairs as F.pad wants them: the last axis first."""
    return [cells for pair in reversed(margins) for cells in pair]


def conv(layer, w, x, volume):
    found = layer.windows(volume)
    weight = w["weight"]
    if layer.connect:
        whole = torch.zeros(layer.filters, *weight.shape[1:], volume.channels, dtype=x.dtype)
        places = [(number, channel) for number, row in enumerate(layer.connect) for channel in row]
        for one, (number, channel) in zip(weight, places, strict=True):
            whole[number, ..., channel] = one
        weight = whole
    x = F.pad(x, both_ends([(window.low, window.high) for window in found]))
    steps = {"stride": [window.stride for window in found], "dilation": [window.dilation for window in found]}
    return by_rank("conv", volume.rank)(x, weight.movedim(-1, 1), w.get("bias"), groups=layer.groups, **steps)


def deconv(layer, w, x, volume):
    found = layer.spreads(volume)
    weight = w["weight"].movedim(-1, 1)  # (K, C/groups, *kernel) -> (C, K/groups, *kernel)
    groups = weight.unflatten(0, (layer.groups, -1)).transpose(1, 2).flatten(0, 1)
    steps = {"stride": [spread.stride for spread in found], "dilation": [spread.dilation for spread in found]}
    extras = [spread.extra for spread in found]
    if any(extra >= max(spread.stride, spread.dilation) for extra, spread in zip(extras, found)):
        raise Refuses("output_padding is smaller than the stride or the dilation")
    y = by_rank("conv_transpose", volume.rank)(
        x, groups, w.get("bias"), groups=layer.groups, output_padding=extras, **steps
    )
    for axis, spread in enumerate(found):
        y = y.narrow(axis + 2, spread.low, y.shape[axis + 2] - spread.low - spread.high)
    return y


def symmetric(found) -> list[int]:
    if any(window.low != window.high for window in found):
        raise Refuses("the same padding at both ends")
    if any(2 * window.low > window.kernel for window in found):
        raise Refuses("padding of at most half the kernel")
    return [window.low for window in found]


def maxpool(layer, w, x, volume):
    found = layer.windows(volume)
    settings = {
        "kernel_size": [window.kernel for window in found],
        "stride": [window.stride for window in found],
        "dilation": [window.dilation for window in found],
    }
    pool = by_rank("max_pool", volume.rank)
    if layer.ceil and layer.pad != "same":
        return pool(x, padding=symmetric(found), ceil_mode=True, **settings)
    margins = both_ends([(window.low, window.high) for window in found])
    return pool(F.pad(x, margins, value=-float("inf")), **settings)


def avgpool(layer, w, x, volume):
    found = layer.windows(volume)
    if any(window.dilation != 1 for window in found):
        raise Refuses("no dilation")
    settings = {"count_include_pad": layer.count_pad, "ceil_mode": layer.ceil and layer.pad != "same"}
    kernel, stride = [window.kernel for window in found], [window.stride for window in found]
    return by_rank("avg_pool", volume.rank)(x, kernel, stride, symmetric(found), **settings)


def lppool(layer, w, x, volume):
    found = layer.windows(volume)
    if any(window.low or window.high or window.dilation != 1 for window in found):
        raise Refuses("neither padding nor dilation")
    if any(window.overhang for window in found):
        raise Refuses("a window that overhangs is taken for a mean of fewer cells")
    if layer.p % 2:
        raise Refuses("powers of x, not of |x|")
    kernel, stride = tuple(window.kernel for window in found), tuple(window.stride for window in found)
    if volume.rank == 1:
        (kernel,), (stride,) = kernel, stride
    return by_rank("lp_pool", volume.rank)(x, layer.p, kernel, stride)


def adaptive(name: str):
    def pool(layer, w, x, volume):
        return by_rank(name, volume.rank)(x, per_axis(layer.kind, "size", layer.size, volume))

    return pool


def whole(name: str):
    return lambda layer, w, x, volume: by_rank(name, volume.rank)(x, [1] * volume.rank)


def lrn(layer, w, x, volume):
    wide = x if volume.rank else x.unsqueeze(-1)
    y = F.local_response_norm(wide, layer.size, layer.alpha * layer.size, layer.beta, layer.k)
    return y if volume.rank else y.squeeze(-1)


def layernorm(layer, w, x, volume):
    last = F.layer_norm(x.movedim(1, -1), [volume.channels], w.get("weight"), w.get("bias"), layer.eps)
    return last.movedim(-1, 1)


def batchnorm(layer, w, x, volume):
    return F.batch_norm(x, None, None, w.get("weight"), w.get("bias"), training=True, eps=layer.eps)


def normalize(layer, w, x, volume):
    mean, std = (torch.as_tensor(value, dtype=x.dtype) for value in (layer.mean, layer.std))
    return (x - per_channel(mean, x)) / per_channel(std, x)


def pad(layer, w, x, volume):
    margins = both_ends(layer.margins(volume))
    if isinstance(layer.value, str):
        return F.pad(x, margins, mode={"reflect": "reflect", "edge": "replicate"}[layer.value])
    return F.pad(x, margins, value=layer.value)


def crop(layer, w, x, volume):
    for axis, (low, high) in enumerate(layer.margins(volume)):
        x = x.narrow(axis + 2, low, x.shape[axis + 2] - low - high)
    return x


def upsample(layer, w, x, volume):
    mode = layer.mode if layer.mode == "nearest" else {1: "linear", 2: "bilinear", 3: "trilinear"}[volume.rank]
    size = layer.output(volume).shape[:-1]
    return F.interpolate(x, size=size, mode=mode, **({} if mode == "nearest" else {"align_corners": False}))


def only_images(function):
    def apply(layer, w, x, volume):
        if volume.rank != 2:
            raise Refuses("only for images")
        return function(x, layer.factor)

    return apply


def channel_shuffle(layer, w, x, volume):
    if not volume.rank:
        raise Refuses("only with spatial axes")
    return F.channel_shuffle(x, layer.groups)


def per_channel(values, x):
    return values.reshape(-1, *[1] * (x.dim() - 2))


def scale(layer, w, x, volume):
    y = x * per_channel(w["weight"], x)
    return y + per_channel(w["bias"], x) if "bias" in w else y


def last(function):
    """For what works on the axes as the language has them, channels last; its result is left so."""

    def apply(layer, w, x, volume):
        return function(layer, w, x.movedim(1, -1))

    apply.channels_last = True  # type: ignore[attr-defined]
    return apply


PRESENT = {
    "conv": conv,
    "deconv": deconv,
    "fc": last(lambda layer, w, x: F.linear(x.flatten(1), w["weight"], w.get("bias"))),
    "scale": scale,
    "maxpool": maxpool,
    "minpool": lambda layer, w, x, volume: -maxpool(layer, w, -x, volume),
    "avgpool": avgpool,
    "lppool": lppool,
    "global_avgpool": whole("adaptive_avg_pool"),
    "global_maxpool": whole("adaptive_max_pool"),
    "adaptive_avgpool": adaptive("adaptive_avg_pool"),
    "adaptive_maxpool": adaptive("adaptive_max_pool"),
    "batchnorm": batchnorm,
    "layernorm": layernorm,
    "groupnorm": lambda layer, w, x, _: F.group_norm(x, layer.groups, w.get("weight"), w.get("bias"), layer.eps),
    "instancenorm": lambda layer, w, x, _: F.instance_norm(
        x, weight=w.get("weight"), bias=w.get("bias"), eps=layer.eps
    ),
    "lrn": lrn,
    "normalize": normalize,
    "relu": lambda layer, w, x, _: F.relu(x),
    "relu6": lambda layer, w, x, _: F.relu6(x),
    "leaky_relu": lambda layer, w, x, _: F.leaky_relu(x, layer.slope),
    "prelu": lambda layer, w, x, _: F.prelu(x, w["weight"]),
    "elu": lambda layer, w, x, _: F.elu(x, layer.alpha),
    "selu": lambda layer, w, x, _: F.selu(x),
    "celu": lambda layer, w, x, _: F.celu(x, layer.alpha),
    "gelu": lambda layer, w, x, _: F.gelu(x, approximate="tanh" if layer.approximate else "none"),
    "silu": lambda layer, w, x, _: F.silu(x),
    "mish": lambda layer, w, x, _: F.mish(x),
    "softplus": lambda layer, w, x, _: F.softplus(x),
    "sigmoid": lambda layer, w, x, _: torch.sigmoid(x),
    "hardsigmoid": lambda layer, w, x, _: F.hardsigmoid(x),
    "hardswish": lambda layer, w, x, _: F.hardswish(x),
    "tanh": lambda layer, w, x, _: torch.tanh(x),
    "softmax": lambda layer, w, x, _: F.softmax(x, dim=1),
    "log_softmax": lambda layer, w, x, _: F.log_softmax(x, dim=1),
    "flatten": last(lambda layer, w, x: x.flatten(1)),
    "id": lambda layer, w, x, _: x,
    "reshape": last(lambda layer, w, x: x.reshape(len(x), *(-1 if e is None else e for e in layer.size))),
    "permute": last(lambda layer, w, x: x.permute(0, *(axis + 1 for axis in layer.order))),
    "pad": pad,
    "crop": crop,
    "upsample": upsample,
    "slice": lambda layer, w, x, _: x[:, layer.start : layer.stop],
    "channel_shuffle": channel_shuffle,
    "pixel_shuffle": only_images(F.pixel_shuffle),
    "space_to_depth": only_images(F.pixel_unshuffle),
    # a join is given the input and its tanh
    "add": lambda layer, w, x, _: x + torch.tanh(x),
    "mul": lambda layer, w, x, _: x * torch.tanh(x),
    "sub": lambda layer, w, x, _: x - torch.tanh(x),
    "maximum": lambda layer, w, x, _: torch.maximum(x, torch.tanh(x)),
    "average": lambda layer, w, x, _: torch.stack([x, torch.tanh(x)]).mean(0),
    "concat": lambda layer, w, x, _: torch.cat([x, torch.tanh(x)], dim=1),
}

#: kinds that PyTorch does not have
ABSENT = {
    "local": "no locally connected layer",
    "rbf": "no layer; its distance is compared below",
    "medianpool": "no median pooling",
    "modepool": "no mode pooling",
    "maxout": "no maxout",
    "lecun_tanh": "no stretched tanh",
    "dropout": "another generator of random numbers",
    "spatial_dropout": "another generator of random numbers",
    "drop_path": "in torchvision, with another generator of random numbers",
    "noise": "no layer",
}
