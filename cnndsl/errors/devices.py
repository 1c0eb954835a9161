"""E092 to E095: the devices that a roofline is drawn for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cnndsl.errors.base import Problem, among


class UnknownDevice(Problem):
    """There is no profile of a device of that name: its peak rates and its memory's bandwidth.

    `cnnc roofline --devices` lists them. `cnnc calibrate` measures this machine, whose profile is then
    called `this`.
    """

    code: ClassVar[str] = "E092"
    title: ClassVar[str] = "there is no device called `{name}`"

    name: str
    known: tuple[str, ...]
    meant: str = ""

    def helps(self) -> Iterable[str]:
        return among(self.known, self.meant, "; `this` once `cnnc calibrate` has measured this machine")


class NoProfile(Problem):
    """`--device this` is the profile that `cnnc calibrate` writes, and it is not there yet."""

    code: ClassVar[str] = "E093"
    title: ClassVar[str] = "this machine has not been measured: {reason}"
    help: ClassVar[str] = "`cnnc calibrate` measures it in a few seconds; `cnnc roofline --devices` lists other devices"

    reason: str


class BadProfile(Problem):
    """The profile of this machine cannot be read: it was changed by hand, cut off, or is of another version."""

    code: ClassVar[str] = "E094"
    title: ClassVar[str] = "the profile `{path}` cannot be used: {reason}"
    help: ClassVar[str] = "`cnnc calibrate` measures this machine again and replaces it"

    path: str
    reason: str


class NoPeak(Problem):
    """A device's profile has no peak rate for that type of numbers: none is published, or it cannot do it.

    A bound of another type would be a wrong one, so none is taken in its place.
    """

    code: ClassVar[str] = "E095"
    title: ClassVar[str] = "the profile of `{device}` has no peak rate for {dtype}"
    help: ClassVar[str] = "it has one for {known}: give `--dtype {first}`"

    device: str
    dtype: str
    types: tuple[str, ...]

    @property
    def known(self) -> str:
        return ", ".join(self.types)

    @property
    def first(self) -> str:
        return self.types[0]
