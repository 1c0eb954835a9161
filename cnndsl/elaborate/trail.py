"""The trail: the sizes that led to a place, `28 -conv 5-> 24 -maxpool 2-> 12`."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.graph import Node
from cnndsl.volume import Volume

LONGEST = 8


def trail(nodes: Sequence[Node], number: int) -> str:
    """The sizes from the input (or the last few that changed) to the output of a node."""
    steps: list[str] = []
    node = nodes[number]
    target = _size(node.volume)
    while node.inputs:
        before = nodes[node.inputs[0]]
        if _size(before.volume) != _size(node.volume):
            steps.append(f" -{node.layer.brief()}-> {_size(node.volume)}")
            if len(steps) == LONGEST:
                return f"… {_size(before.volume)}{''.join(reversed(steps))}"
        node = before
    return _size(node.volume) + "".join(reversed(steps)) if steps else target


def _size(volume: Volume) -> str:
    """The spatial extents, one number where they agree; a vector's length."""
    extents = volume.spatial or volume.extents
    shown = ["?" if extent is None else str(extent) for extent in extents]
    return shown[0] if len(set(shown)) == 1 else "x".join(shown)
