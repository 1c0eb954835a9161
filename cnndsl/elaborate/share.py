"""`share=`: whose arrays a layer uses."""

from __future__ import annotations

from collections.abc import Mapping

from cnndsl.elaborate.bind import Bound, latest
from cnndsl.elaborate.context import Context, State
from cnndsl.elaborate.values import Ref, Unknown, described
from cnndsl.errors.base import Site
from cnndsl.errors.names import CannotShare
from cnndsl.graph import Node
from cnndsl.layers.base import Layer
from cnndsl.source import Span


def owner(state: State, node: Node, bound: Bound, context: Context) -> str:
    """The path whose arrays a new node uses: its own, or the one it shares with.

    After a mistake, which is reported, it is its own.
    """
    target = None
    given = bound.common.get("share")
    if given is not None:
        other = latest(given)
        if isinstance(other, Ref) and other.single:
            target = state.nodes[other.number]
        elif not isinstance(other, Unknown):
            advice = "label one layer (`a: conv(…)`) and give that label: `share=a`"
            _refuse(state, node, f"{described(other)} is not one layer", advice)
    elif context.shared is not None:
        own, theirs = context.shared
        target = state.by_path.get(theirs + node.path[len(own) :])
        if target is None:
            why = f"`{theirs}` has no layer `{node.path[len(own) + 1 :]}`"
            _refuse(state, node, why, "share an earlier call of the same block, with the same arguments")
    if target is None or not _may_share(state, node, target, bound):
        return node.path
    return target.owner


def refuse_freeze(state: State, path: str, span: Span, owner: str) -> None:
    """Says that `freeze=` of a call with `share=` belongs to the call whose arrays are used."""
    state.report(CannotShare(Site(span), path=path, why=_OWNERS.format("freeze"), advice=_ASK.format("freeze", owner)))


#: ruling 8: what is asked of arrays is asked where they are kept
_OWNERS = "`{}=` is for the layer that keeps the arrays"
_ASK = "give `{}=` to `{}`, whose arrays they are"


def _may_share(state: State, node: Node, target: Node, bound: Bound) -> bool:
    """Whether the arrays agree and nothing is asked of them that only their owner may ask.

    A layer of a block that is called again asks what it asked in the first call.
    """
    again = "share" not in bound.common
    same = {"freeze": node.frozen <= target.frozen and node.thawed == target.thawed, "init": node.start == target.start}
    same |= dict.fromkeys(("l1", "l2", "lp"), node.penalties == target.penalties)
    for name, agreed in same.items():
        if name in bound.common and not (again and agreed):
            _refuse(state, node, _OWNERS.format(name), _ASK.format(name, target.path))
            return False
    if node.layer.given and not (again and node.layer == target.layer):
        advice = f"leave out `share=`, or its numbers: those of `{target.path}` would be used"
        _refuse(state, node, "it is given numbers of its own", advice)
        return False
    mine, theirs = _arrays(state, node, node.layer), _arrays(state, target, target.layer)
    if mine is not None and theirs is not None and mine != theirs:
        why = f"its arrays are {_shapes(mine)}, those of `{target.path}` are {_shapes(theirs)}"
        _refuse(state, node, why, "both need the same kind, filters, kernel and input channels")
        return False
    return True


def _arrays(state: State, node: Node, layer: Layer) -> Mapping[str, tuple[int, ...]] | None:
    """The shapes of a node's arrays by name; None while they depend on an open extent."""
    volumes = [state.nodes[number].volume for number in node.inputs]
    if not all(volume.fixed for volume in volumes):
        return None
    return {array.name: array.shape for array in layer.arrays(*volumes)}


def _refuse(state: State, node: Node, why: str, advice: str) -> None:
    state.report(CannotShare(node.site, path=node.path, why=why, advice=advice))


def _shapes(arrays: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in arrays.items()) or "none"
