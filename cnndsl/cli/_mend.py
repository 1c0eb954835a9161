"""`--fix` and `--diff`: a file with the repairs of its messages, written back or shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from cnndsl.repair import applied, chosen, edits_of
from cnndsl.source import Source

if TYPE_CHECKING:
    from cnndsl.pipeline import Checked

#: a repair may let the next mistake be seen, and so on; no more often than this
ROUNDS = 20


class Mended:
    """A file with as many repairs as can be made: `checked` is what there is to say then, `done` counts the codes."""

    def __init__(self, checked: Checked, check: Callable[[Source], Checked], *, unsafe: bool) -> None:
        self.before = checked.source
        self.checked = checked
        self.done: Counter[str] = Counter()
        seen = {checked.source.text}
        for _ in range(ROUNDS):
            fixes = chosen(self.checked.diagnostics, self.checked.source, unsafe=unsafe)
            text = applied(self.checked.source.text, edits_of(fixes))
            if text in seen:
                break
            seen.add(text)
            again = check(Source(self.before.name, text))
            if again.failed and not self.checked.failed:
                break  # a repair must not break what was whole
            self.checked = again
            self.done.update(diagnostic.code for diagnostic, _ in fixes)

    @property
    def changed(self) -> bool:
        return self.checked.source.text != self.before.text

    def diff(self) -> str:
        """The change as a unified diff."""
        from difflib import unified_diff

        old, new = (source.text.splitlines() for source in (self.before, self.checked.source))
        return "\n".join(unified_diff(old, new, self.before.name, f"{self.before.name} (mended)", lineterm=""))

    def summary(self) -> str:
        """`mended net.cnn: 2 E201, 1 W210`."""
        counts = ", ".join(f"{count} {code}" for code, count in sorted(self.done.items()))
        return f"mended {self.before.name}: {counts}"
