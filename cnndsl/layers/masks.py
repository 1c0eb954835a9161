"""Sets of cells of an axis as the bits of a whole number: cell 0 is the lowest bit."""

from __future__ import annotations

from collections.abc import Iterator


def full(extent: int) -> int:
    """All cells of an axis."""
    return (1 << extent) - 1


def shifted(mask: int, by: int) -> int:
    """Every cell moved by so many, those that fall below 0 lost."""
    return mask << by if by >= 0 else mask >> -by


def spread(mask: int, stride: int) -> int:
    """Cell i becomes cell i * stride."""
    return mask if stride == 1 or mask < 2 else int(("0" * (stride - 1)).join(bin(mask)[2:]), 2)


def sampled(mask: int, stride: int) -> int:
    """Every stride-th cell: cell i * stride becomes cell i, the others are lost."""
    return mask if stride == 1 else int(bin(mask)[:1:-stride][::-1] or "0", 2)


def smeared(mask: int, count: int, step: int) -> int:
    """Every cell and the `count` - 1 that follow it, `step` apart (before it, if the step is negative)."""
    done = 1
    while done < count:
        more = min(done, count - done)
        mask |= shifted(mask, more * step)
        done += more
    return mask


def mirrored(mask: int, extent: int) -> int:
    """The cells of an axis of that extent in the opposite order."""
    return int(f"{mask:0{extent}b}"[::-1], 2) if mask else 0


def cells(mask: int) -> Iterator[int]:
    """The cells of a set, in order; by its digits, as taking bits off a long number costs its length each time."""
    digits = bin(mask)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def runs(mask: int) -> Iterator[tuple[int, int]]:
    """The stretches of neighbouring cells, as (first, last)."""
    start = 0
    while mask:
        gap = (mask & -mask).bit_length() - 1
        mask >>= gap
        length = (~mask & (mask + 1)).bit_length() - 1
        yield start + gap, start + gap + length - 1
        mask >>= length
        start += gap + length
