"""Devices by name: peak rates and memory bandwidth, published ones and those that were measured on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnndsl import folders
from cnndsl.analysis.bytes import WIDTHS
from cnndsl.analysis.shown import Heading, Page, Shown, Table
from cnndsl.errors.base import NOWHERE
from cnndsl.errors.devices import BadProfile, NoPeak, NoProfile, UnknownDevice
from cnndsl.record import Record
from cnndsl.suggest import closest

#: the name of this machine's own profile
THIS = "this"
PUBLISHED = Path(__file__).with_name("devices.toml")


class Device(Record):
    """What bounds a device: `peaks` are operations a second by type of numbers, `bandwidth` bytes a second.

    `peaks` is empty where none is published. `source` says where the figures are from.
    """

    key: str
    name: str
    bandwidth: float
    peaks: Mapping[str, float]
    source: str

    def peak(self, dtype: str) -> float:
        """The peak of a type of numbers; infinite where no peak at all is known. Raises CnnError (E095)."""
        if self.peaks and dtype not in self.peaks:
            raise NoPeak(NOWHERE, self.key, dtype, tuple(self.peaks)).error()
        return self.peaks.get(dtype, float("inf"))

    def to_dict(self) -> dict[str, Any]:
        return {**dict(zip(self.fields, self.as_tuple())), "peaks": dict(self.peaks)}


class Devices(Shown):
    """Several devices, for a list of them."""

    devices: tuple[Device, ...]

    def page(self) -> Page:
        headings = (
            Heading("device"),
            Heading("what it is"),
            Heading("GB/s", "right"),
            Heading("peak"),
            Heading("source"),
        )
        rows = ((d.key, d.name, f"{d.bandwidth / 1e9:,.4g}", _peaks(d), d.source) for d in self.devices)
        return Page("devices: memory bandwidth and peak rates", (Table(headings, tuple(rows)),))

    def to_dict(self) -> dict[str, Any]:
        return {"schema": 1, "devices": [device.to_dict() for device in self.devices]}


def _peaks(device: Device) -> str:
    found = ", ".join(f"{dtype} {rate(peak)}" for dtype, peak in device.peaks.items())
    return found or "none published"


def rate(peak: float) -> str:
    """Operations a second in words: `19.5 TFLOP/s`."""
    return f"{peak / 1e12:,.4g} TFLOP/s" if peak >= 1e12 else f"{peak / 1e9:,.4g} GFLOP/s"


def published() -> dict[str, Device]:
    """The devices whose figures come with the package, by name."""
    import tomllib

    found = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    return {
        key: Device(key, item["name"], item["bandwidth"], item.get("peaks", {}), item["source"])
        for key, item in found.items()
    }


def known() -> Devices:
    """The published devices, and this machine if it has been measured. Raises CnnError (E094)."""
    path = profile()
    own = (read(path),) if path and path.exists() else ()
    return Devices((*own, *published().values()))


def device(name: str) -> Device:
    """A device by name; `this` is the machine as `cnnc calibrate` measured it. Raises CnnError (E092 to E094)."""
    if name == THIS:
        path = profile()
        if path is None or not path.exists():
            reason = f"there is no `{path}`" if path else "there is no home folder to keep a profile in"
            raise NoProfile(NOWHERE, reason).error()
        return read(path)
    found = published()
    if name.lower() not in found:
        raise UnknownDevice(NOWHERE, name, tuple(found), closest(name.lower(), (*found, THIS)) or "").error()
    return found[name.lower()]


def profile() -> Path | None:
    """Where this machine's profile is kept: in cnndsl's folder of the user's settings; None without a home."""
    path = folders.settings("device.json")
    return None if path is None else Path(path)


def read(path: Path) -> Device:
    """This machine's profile. Raises CnnError (E094) for a file that is none."""
    import json

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        made = Device(THIS, found["name"], found["bandwidth"], found["peaks"], found["source"])
        numbers = [made.bandwidth, *made.peaks.values()]
    except (OSError, ValueError, RecursionError) as failure:
        raise BadProfile(
            NOWHERE, str(path), getattr(failure, "strerror", None) or "it is not JSON"
        ).error() from failure
    except (KeyError, TypeError, AttributeError) as failure:
        raise BadProfile(NOWHERE, str(path), "it lacks what a profile has").error() from failure
    if not made.peaks or not made.peaks.keys() <= WIDTHS.keys() or not all(map(_is_rate, numbers)):
        raise BadProfile(NOWHERE, str(path), "its rates are not numbers above 0, by types of numbers").error()
    if not isinstance(made.name, str) or not isinstance(made.source, str):
        raise BadProfile(NOWHERE, str(path), "its name and source are not texts").error()
    return made


def _is_rate(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and 0 < value < float("inf")


def write(path: Path, made: Device) -> None:
    """Keeps this machine's profile; the old one stays until the new one is whole. Raises OSError."""
    import json

    from cnndsl.replaced import replaced

    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as beside:
        beside.write_text(json.dumps(made.to_dict(), indent=2) + "\n", encoding="utf-8")
