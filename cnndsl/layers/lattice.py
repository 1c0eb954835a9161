"""Counting the points of a window's lattice, so that a window of any size is counted at once."""

from __future__ import annotations


def meetings(positions: int, stride: int, taps: int, dilation: int, low: int, extent: int) -> int:
    """How many pairs of a position o and a tap f meet a cell: low <= o S + f D < low + extent.

    o counts from 0 to `positions` - 1, f from 0 to `taps` - 1.
    """
    return _below(positions, stride, taps, dilation, low + extent) - _below(positions, stride, taps, dilation, low)


def _below(positions: int, stride: int, taps: int, dilation: int, limit: int) -> int:
    """The pairs with o S + f D < limit: for each tap, ceil((limit - f D) / S) positions, at least 0 and at most all."""
    none = min(max(-(-limit // dilation), 0), taps)  # from here on no position is below
    full = min(max((limit - (positions - 1) * stride - 1) // dilation + 1, 0), none)  # up to here all are
    last = limit - (none - 1) * dilation  # counted from the last tap back, the terms grow by the dilation
    return positions * full + floors(none - full, stride, dilation, last + stride - 1)


def floors(count: int, divisor: int, factor: int, offset: int) -> int:
    """The sum of floor((factor i + offset) / divisor) over i from 0 to `count` - 1, by Euclid's algorithm.

    None of the numbers is negative, the divisor is above 0. R. Graham, D. Knuth and O. Patashnik, Concrete
    mathematics, 1994, section 3.5.
    """
    total, sign = 0, 1
    while count > 0:
        total += sign * ((factor // divisor) * (count * (count - 1) // 2) + (offset // divisor) * count)
        factor, offset = factor % divisor, offset % divisor
        top = (factor * (count - 1) + offset) // divisor
        if not top:
            break
        # The points under the line, counted along the other axis: all of count*top less those left of it.
        total += sign * count * top
        sign = -sign
        count, divisor, factor, offset = top, factor, divisor, divisor - offset - 1 + factor
    return total
