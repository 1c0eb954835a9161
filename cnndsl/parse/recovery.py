"""Tokens with mistakes -> tokens that can be read, and a message for each mistake."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.errors.base import Problem
from cnndsl.errors.syntax import ClosesNothing, Misplaced, Unclosed
from cnndsl.parse.automaton import Place
from cnndsl.parse.levels import level
from cnndsl.parse.lexer import Token
from cnndsl.parse.repairs import best
from cnndsl.parse.scene import DEFINITIONS, MAX_ERRORS, Repair, Scene, Step
from cnndsl.parse.skipping import skip
from cnndsl.parse.special import special
from cnndsl.source import Source

MAX_MISTAKES = 1000
"""The mistakes after which reading stops, those not reported among them."""


class Recovery:
    """Reads the tokens of a source; where one cannot stand it reports, changes as little as it can, and goes on.

    Of the lines in `unsure` nothing is said: what is wrong there may follow from what was said already.
    """

    def __init__(self, source: Source, raw: Sequence[Token], unsure: set[int]) -> None:
        self.source = source
        self.raw = raw
        self.steps: list[Step] = []
        self.problems: list[Problem] = []
        self._mistakes = 0
        self._skipped = -1
        self._unsure_lines = unsure
        self._unsure_levels = False

    def run(self) -> list[Token] | None:
        """The tokens as they were meant, which the grammar allows; None if there were too many mistakes."""
        place = Place.start()
        while True:
            place, index = self._read(place)
            if index < 0:
                return [step.token for step in self.steps]
            scene = Scene(self.source, self.raw, self.steps, place, index)
            self._mistakes += 1
            if len(self.problems) > MAX_ERRORS or self._mistakes > MAX_MISTAKES:
                return None
            place = self._apply(special(scene) or level(scene) or best(scene) or self._skip(scene))

    def _read(self, place: Place) -> tuple[Place, int]:
        """Reads on: the place before the next token that cannot stand and its position, or -1 at the end."""
        for index in place.following(self.raw):
            token = self.raw[index]
            after = place.feed(token, index + 1)
            if after is None:
                return place, index
            if token.kind in DEFINITIONS and not place.opened:
                self._unsure_levels = False
            self.steps.append(Step(place, token, index))
            place = after
        return place, -1

    def _skip(self, scene: Scene) -> Repair:
        """Gives up a statement, and one token more if that did not help before."""
        repair = skip(scene, scene.at + (scene.at == self._skipped))
        self._skipped = scene.at
        return repair

    def _apply(self, repair: Repair) -> Place:
        """Reports a mistake, unless it may only follow from one before, and changes what was read."""
        problem = repair.problem()
        assert problem.where.span is not None
        line = problem.where.span.position[0]
        echo = self._unsure_levels and isinstance(problem, Unclosed | ClosesNothing | Misplaced)
        if line not in self._unsure_lines and not echo:
            self.problems.append(problem)
        if not repair.sure:
            self._unsure_lines.add(line)
            self._unsure_levels = True
        del self.steps[repair.keep :]
        self.steps += repair.fed
        return repair.place
