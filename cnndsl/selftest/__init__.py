"""Whether what runs networks on this machine computes what it should: every primitive on every device found.

The reference is the NumPy backend in float64, whose own gradients are held against slopes of its losses.
`cases.cnn` holds what is run, one net a case.
"""

from __future__ import annotations

from cnndsl.selftest.report import SelfTest, selftest

__all__ = ["SelfTest", "selftest"]
