"""The numbers that are told of a sweep over sizes, and its picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.benchmarks.sizes import compared, crossings, line, main


def test_a_fixed_part_and_a_slope_are_found_again():
    assert line([(x, 3 + 0.5 * x) for x in (1, 2, 8, 256)]) == pytest.approx((3, 0.5))
    assert line([(x, 2 * x) for x in (1, 4)]) == pytest.approx((0, 2), abs=1e-9)
    assert line([(1, 1), (10, 30)])[0] == 0, "time that grows faster than the size has no fixed part"


def test_where_lines_cross():
    """x and x^2 / 8 meet at 8, halfway between 4 and 16 on a logarithmic axis."""
    ours, peer = tuple((x, float(x)) for x in (1, 4, 16)), tuple((x, x**2 / 8) for x in (1, 4, 16))
    assert crossings(ours, peer) == pytest.approx([8])
    assert compared(ours, peer) == "takes more time up to 8, less from 8 than"
    assert compared(peer, ours) == "takes less time up to 8, more from 8 than"
    assert compared(((1, 1), (2, 1)), ((1, 2), (2, 2))) == "takes less time at every size than"


def test_what_differs_less_than_measurements_repeat_is_no_crossing():
    ones, noise = ((1, 1.0), (2, 1.0), (4, 1.0), (8, 1.0)), ((1, 1.05), (2, 0.95), (4, 1.02), (8, 2.0))
    assert crossings(ones, noise) == []
    assert compared(ones, noise) == "takes less time at most sizes than"
    assert compared(ones, ((1, 1.05), (2, 0.95), (4, 1.02), (8, 1.0))) == "takes at every size about as much time as"


def test_a_sweep_draws_its_picture_and_tells_where_it_breaks_even(tmp_path, capsys):
    main(["depth", "--sizes", "1,2", "--seconds", "0", "--to", str(tmp_path)])
    root = ElementTree.parse(tmp_path / "cost_depth.svg").getroot()
    words = {item.text for item in root.iter() if item.tag.endswith("text")}
    assert {"training", "inference", "cnndsl", "1", "2"} <= words
    said = capsys.readouterr().out.splitlines()
    assert [each.split(",")[0] for each in said if "cnndsl:" in each] == ["training", "inference"]
    assert all("even at" in each or "beyond" in each for each in said if "cnndsl:" in each)
