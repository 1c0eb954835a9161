"""The whole run and what is shown of it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING, Any

from cnndsl.analysis.shown import Fact, Facts, Heading, Page, Shown, Table
from cnndsl.record import Record
from cnndsl.selftest.cases import Case, cases
from cnndsl.selftest.measure import Result, allowed, compared, made, slopes

if TYPE_CHECKING:
    from cnndsl.engine import Backend
    from cnndsl.selftest.measure import Made

REFERENCE = "numpy"
#: failures that are told in full; the JSON has all
MOST = 20


class Device(Record):
    """A device of a backend: `mlx gpu`, and its name in words."""

    name: str
    words: str
    backend: Backend


class SelfTest(Shown):
    """What came out: a result for each part of each case on each device, and what could not be looked at."""

    devices: tuple[Device, ...]
    absent: tuple[tuple[str, str], ...]
    results: tuple[Result, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    @property
    def failures(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if not result.passed)

    def page(self) -> Page:
        count, wrong = len({result.case for result in self.results}), len(self.failures)
        verdict = "everything agrees" if self.passed else f"{wrong} of {len(self.results)} comparisons failed"
        title = f"self-test: {verdict} ({count} nets, {self.seconds:.0f} s)"
        blocks: list[Table | Facts] = [Facts(tuple(self._found())), *self._tables()]
        if not self.passed:
            blocks.append(Facts(tuple(self._failed()), "what differs"))
        return Page(title, tuple(blocks))

    def _found(self) -> Iterator[Fact]:
        for device in self.devices:
            yield Fact(device.name, device.words)
        for name, reason in self.absent:
            yield Fact(name, f"not here: {reason}")
        yield Fact("reference", "NumPy in float64, whose gradients are held against slopes of its losses")
        yield Fact("numbers", "the largest difference, relative to the largest number of its array")

    def _tables(self) -> Iterator[Table]:
        """A table for each part with a row for each group: the worst of its cases on each device."""
        parts: dict[str, dict[str, list[Result]]] = {}
        for result in self.results:
            groups = parts.setdefault(result.part, {})
            groups.setdefault(result.case.partition("_")[0], []).append(result)
        for part, groups in parts.items():
            names = [name for name in (each.name for each in self.devices) if _of(groups, name)]
            headings = Heading(part), *(Heading(name, "right") for name in ("allowed", *names))
            yield Table(headings, tuple(_row(group, found, names) for group, found in groups.items()))

    def _failed(self) -> Iterator[Fact]:
        for result in self.failures[:MOST]:
            yield Fact(f"{result.case}", f"{result.device}, {result.part}: {result.problem}")
        if len(self.failures) > MOST:
            yield Fact("…", f"and {len(self.failures) - MOST} more")

    def to_dict(self) -> dict[str, Any]:
        """All errors with the versions and the devices, short enough for an issue."""
        errors: dict[str, dict[str, dict[str, float | None]]] = {}
        for result in self.results:
            errors.setdefault(result.case, {}).setdefault(result.device, {})[result.part] = result.told
        return {
            "schema": 1,
            "passed": self.passed,
            "seconds": round(self.seconds, 1),
            "versions": versions(),
            "devices": {device.name: device.words for device in self.devices},
            "absent": dict(self.absent),
            "failures": [f"{each.case}, {each.device}, {each.part}: {each.problem}" for each in self.failures],
            "errors": errors,
        }


def _of(groups: Mapping[str, list[Result]], device: str) -> bool:
    return any(result.device == device for found in groups.values() for result in found)


def _row(name: str, found: list[Result], devices: Iterable[str]) -> tuple[str, ...]:
    cells = []
    for device in devices:
        errors = [result for result in found if result.device == device]
        worst = max((result.error for result in errors), default=None)
        failed = " differs" if any(not result.passed for result in errors) else ""
        cells.append("" if worst is None else f"{_short(worst)}{failed}")
    return (name, _short(found[0].allowed), *cells)


def _short(number: float) -> str:
    """`2e-6`; the numbers here have one digit that counts."""
    return f"{number:.0e}".replace("e-0", "e-")


def versions() -> dict[str, str]:
    """What is installed, for whoever reads a report elsewhere."""
    from importlib import metadata

    found = {"python": platform.python_version(), "system": f"{platform.platform()} {platform.machine()}"}
    known = ("cnndsl", *import_module("cnndsl.backends").names())  # mlx, mlx-metal, mlx-cuda-13, …
    for package in metadata.distributions():
        name = package.metadata["Name"]
        if name.lower().startswith(known):
            found[name] = package.version
    return dict(sorted(found.items()))


def selftest(chosen: Iterable[Case] | None = None, *, say: Callable[[str], object] = lambda _: None) -> SelfTest:
    """Runs every case, or those chosen, on every device found; `say` is told each case's name, at the end nothing."""
    start = perf_counter()
    backends = import_module("cnndsl.backends")
    missing = {name: reason for name, reason in backends.available().items() if reason}
    works = {name: backends.load(name) for name in backends.names() if name not in missing}
    found = tuple(_devices(works.values()))
    results: list[Result] = []
    for case in cases() if chosen is None else chosen:
        say(case.name)
        results += _run(case, works[REFERENCE], found)
    say("")
    return SelfTest(found, tuple(missing.items()), tuple(results), perf_counter() - start)


def _devices(backends: Iterable[Backend]) -> Iterator[Device]:
    for backend in backends:
        for each in backend.exact_devices():
            yield Device(f"{each.name} {each.kind}", each.device(), each)


def _run(case: Case, reference: Backend, devices: Iterable[Device]) -> Iterator[Result]:
    """The reference against slopes, then each device against the reference."""
    name = f"{reference.name} {reference.kind}"
    yield from _guarded(case, name, ("slopes",), lambda: [slopes(reference, case, name)])
    wanted: Made = made(reference, case, "float64")
    for device in devices:
        yield from _guarded(case, device.name, tuple(wanted), partial(_compared, case, device, wanted))


def _compared(case: Case, device: Device, wanted: Made) -> list[Result]:
    return compared(case, device.name, wanted, made(device.backend, case))


def _guarded(case: Case, device: str, parts: Iterable[str], run: Callable[[], list[Result]]) -> list[Result]:
    """Its results; a framework that raises, of whatever kind, has failed in all parts."""
    try:
        return run()
    except Exception as error:
        line = (str(error).strip().splitlines() or [""])[0]
        problem = f"{type(error).__name__}: {line}"
        return [Result(case.name, device, part, float("inf"), allowed(case, part), problem) for part in parts]
