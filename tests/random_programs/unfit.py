"""What does not fit, said by raising: the writer then tries something else."""

from __future__ import annotations


class Unfit(Exception):
    """A piece of a program that would not be valid where it stands."""


class Full(Exception):
    """The program is as long as programs get: what is being written is given up as a whole."""


def need(condition: bool, why: str) -> None:
    if not condition:
        raise Unfit(why)
