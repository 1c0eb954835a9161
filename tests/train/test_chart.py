"""The key of a chart stands beside the title, or where that is too narrow in a column beside the axes."""

from __future__ import annotations

from cnndsl.chart.panel import Line, Panel
from cnndsl.chart.sheet import RIGHT, WIDTH, Stroke, Words, sheet

POINTS = ((0.0, 0.0), (1.0, 1.0))


def test_many_names_stand_beside_the_axes() -> None:
    few = sheet([Panel("loss", "epochs", (Line("training", POINTS), Line("validation", POINTS)))])
    many = sheet([Panel("relative change", "degrees", tuple(Line(f"conv{k}:{k}", POINTS) for k in range(6)))])
    for drawn, end in ((few, WIDTH - RIGHT), (many, WIDTH - RIGHT - 36 - 5.6 * 7)):
        curves = [
            mark for mark in drawn.marks if isinstance(mark, Stroke) and mark.width == 2.0 and len(mark.points) == 2
        ]
        rising = [mark for mark in curves if mark.points[0][1] != mark.points[1][1]]
        assert max(mark.points[1][0] for mark in rising) == round(end, 2)
    names = [mark for mark in many.marks if isinstance(mark, Words) and mark.text.startswith("conv")]
    assert len({mark.at[1] for mark in names}) == 6 and {mark.at[0] for mark in names} == {WIDTH - RIGHT - 5.6 * 7 - 2}
