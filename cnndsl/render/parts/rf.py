"""Receptive field and jump of every layer, in cells of the input.

`cnnc rf` shows the first centres, too; its JSON has the numbers that are text here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl.analysis.amounts import numbers, sizes
from cnndsl.analysis.receptive_field import receptive_field
from cnndsl.graph import Graph
from cnndsl.render.parts import Column, Part


def part(graph: Graph, _: Mapping[str, Any]) -> Part:
    found = receptive_field(graph)
    several = len(found.inputs) > 1
    fields, jumps = [], []
    for layer in found:
        prefixes = [f"{name} " if several else "" for name in layer.inputs]
        fields.append("; ".join(before + sizes(axes) for before, axes in zip(prefixes, layer.inputs.values())))
        texts = [numbers(axis.jump for axis in axes) for axes in layer.inputs.values()]
        jumps.append("; ".join(dict.fromkeys(filter(None, texts))))
    return Part((Column("field", tuple(fields), str), Column("jump", tuple(jumps), str)))
