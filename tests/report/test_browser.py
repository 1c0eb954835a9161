"""The page in a browser: nothing asked of the network, no error, and everything does what it says."""

from __future__ import annotations

import re

import pytest

import cnndsl
from tests.report.helpers import HOSTILE, ROOT, of_text, page

pytestmark = pytest.mark.slow


def picked(page) -> str:
    return page.inner_text("#title h2")


def view_box(page) -> list[float]:
    return [float(number) for number in page.get_attribute("#canvas > svg", "viewBox").split()]


def test_the_tabs_of_every_layer_can_be_looked_at(show):
    with show(page("lenet5")) as shown:
        for tab in ("source", "bars", "memory", "volumes", "table"):
            shown.click(f"#tab-{tab}")
            assert shown.inner_text(f"#panel-{tab}").strip()
        for tab in ("formulas", "field", "slide", "units"):
            shown.click(f"#tab-{tab}")
            for row in (0, 1, 3, 7, 8):  # an input, a convolution, a pool, a shape, a fully connected layer
                shown.click(f"#rows tr[data-layer='{row}']")
                assert shown.inner_text(f"#panel-{tab}").strip()


@pytest.mark.parametrize(
    "text",
    [
        "net V { input 10 ; fc(3) }",
        "net S { input 64x2 ; conv(4, 5, pad=same) -> relu }",
        "net C { input 8x16x16x3 ; conv(4, 3) -> relu }",
        "net O { input ?x?x3 ; conv(8, 3) -> relu }",
        "net T { input left: 8x8x1 ; conv(2, 3) -> flatten ; l: id ; input right: 4 ; concat { l | right } ; fc(2) }",
    ],
)
def test_other_ranks_and_open_extents_are_shown_too(show, text):
    with show(of_text(text)) as shown:
        for row in range(shown.locator("#rows tr").count()):
            shown.click(f"#rows tr[data-layer='{row}']")
            for tab in ("formulas", "field", "slide", "units"):
                shown.click(f"#tab-{tab}")


def test_a_hostile_program_stays_text(show):
    with show(of_text(HOSTILE)) as shown:
        shown.click("#tab-source")
        for line in HOSTILE.strip().split("\n"):
            assert re.sub(r"\s+", "", line.split("\u2028")[0]) in re.sub(r"\s+", "", shown.inner_text("#panel-source"))


def test_a_click_in_the_diagram_chooses_the_row_and_the_other_way_round(show):
    with show(page("lenet5")) as shown:
        shown.click("#canvas .card:has-text('conv(16, 5)')")
        assert picked(shown) == "conv2"
        assert shown.inner_text("#rows tr.picked td:first-child") == "conv2"
        shown.click("#rows tr[data-layer='8']")
        assert picked(shown) == "fc1" and "fc(120)" in shown.text_content("#canvas .picked")


def test_the_table_is_sorted_by_any_column(show):
    with show(page("lenet5")) as shown:
        shown.click("#table th:nth-child(3) button")
        assert shown.locator("#rows tr td:first-child").first.inner_text() == "fc1", "48,120 parameters"
        assert shown.get_attribute("#table th:nth-child(3)", "aria-sort") == "descending"
        shown.click("#table th:nth-child(4) button")
        assert shown.locator("#rows tr td:first-child").first.inner_text() == "conv2", "240,000 MACs"
        shown.click("#table th:nth-child(1) button")
        assert shown.locator("#rows tr td:first-child").first.inner_text() == "input"


def test_zoom_by_wheel_button_and_key_and_pan_by_dragging(show):
    with show(page("resnet50")) as shown:
        for _ in range(3):  # what is smaller than the pane is kept in its middle
            shown.click("[data-zoom=in]")
        before = view_box(shown)
        whole = shown.locator("#canvas .graph").evaluate("group => group.getBBox().height")
        box = shown.locator("#canvas").bounding_box()
        shown.mouse.move(box["x"] + 100, box["y"] + 100)
        shown.mouse.wheel(0, -300)
        for _ in range(100):  # a browser answers a wheel when it likes to
            if view_box(shown)[2] < before[2] * 0.95:
                break
            shown.wait_for_timeout(20)
        after = view_box(shown)
        assert after[2] < before[2]
        for index, size in ((0, 2), (1, 3)):  # what is under the pointer stays there
            share = 100 / box["width" if index == 0 else "height"]
            assert before[index] + share * before[size] == pytest.approx(after[index] + share * after[size], abs=0.5)
        shown.click("[data-zoom=fit]")
        assert view_box(shown)[3] >= whole
        shown.click("[data-zoom=in]")
        closer = view_box(shown)
        shown.keyboard.press("+")
        assert view_box(shown)[2] < closer[2]
        shown.mouse.move(box["x"] + 200, box["y"] + 200)
        shown.mouse.down()
        shown.mouse.move(box["x"] + 200, box["y"] + 120)
        shown.mouse.up()
        assert view_box(shown)[1] > closer[1]


def test_search_marks_and_walks(show):
    with show(page("googlenet")) as shown:
        shown.keyboard.press("/")
        shown.keyboard.type("inception4 maxpool")
        assert shown.input_value("#search") == "inception4 maxpool" and shown.inner_text("#found") == "1"
        shown.keyboard.press("Enter")
        assert picked(shown) == "inception4.maxpool1"
        assert shown.locator("#rows tr:not([hidden])").count() == 1
        shown.keyboard.press("Escape")
        assert shown.locator("#rows tr:not([hidden])").count() == 198


def test_the_keyboard_does_what_clicks_do(show):
    with show(page("lenet5"), at="conv1") as shown:
        assert picked(shown) == "conv1"
        shown.keyboard.press("j")
        assert picked(shown) == "relu1"
        shown.keyboard.press("k")
        shown.keyboard.press("r")
        assert shown.is_visible("#panel-field")
        shown.keyboard.press("3")
        assert shown.is_visible("#panel-bars")
        shown.focus("#canvas")
        shown.keyboard.press("ArrowDown")
        assert picked(shown) == "relu1"
        shown.keyboard.press("?")
        assert shown.is_visible("#help")
        shown.keyboard.press("Escape")
        assert not shown.is_visible("#help")


def test_dark_and_light(show):
    paper = "getComputedStyle(document.body).backgroundColor"
    with show(page("lenet5"), scheme="dark") as shown:
        dark = shown.evaluate(paper)
        shown.keyboard.press("t")
        light = shown.evaluate(paper)
        assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 120 < 600 < sum(map(int, re.findall(r"\d+", light)[:3]))


@pytest.mark.parametrize("width", [390, 1000, 1440])
def test_nothing_is_wider_than_the_window(show, width):
    with show(page("lenet5"), width=width) as shown:
        assert shown.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "name, path",
    [
        ("lenet5", "conv2"),
        ("googlenet", "inception2.normalized5.conv1"),
        ("zoo/unet", "conv1"),
        ("resnet50", "stage2.bottleneck1.conv2"),
    ],
)
def test_the_square_under_the_pointer_is_what_rf_says(show, name, path):
    file = ROOT / "cnndsl/zoo/unet.cnn" if name == "zoo/unet" else ROOT / "examples" / f"{name}.cnn"
    net = cnndsl.load(file)
    rows, columns = net.graph[path].volume.shape[:2]
    with show(page(name), at=path) as shown:
        shown.click("#tab-field")
        box = shown.locator("#field-output").bounding_box()
        for y, x in ((0.02, 0.03), (0.5, 0.5), (0.97, 0.6)):
            shown.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
            square = shown.locator("#panel-field .square")
            unit = tuple(map(int, square.get_attribute("data-unit").split(",")))
            assert 0 <= unit[0] < rows and 0 <= unit[1] < columns
            (seen,) = net.region(path, unit).seen
            field = [tuple(map(int, pair.split(".."))) for pair in square.get_attribute("data-field").split(",")]
            assert field == list(seen.field)
            drawn = [float(square.get_attribute(each)) for each in ("y", "height", "x", "width")]
            assert drawn == [
                seen.field[0][0],
                seen.field[0][1] - seen.field[0][0] + 1,
                seen.field[1][0],
                seen.field[1][1] - seen.field[1][0] + 1,
            ]


def test_the_square_follows_the_pointer_and_lights_what_the_cell_feeds(show):
    net = cnndsl.load(ROOT / "examples/lenet5.cnn")
    with show(page("lenet5"), at="conv2") as shown:
        shown.click("#tab-field")
        sheet = shown.locator("[data-input=input] .sheet").bounding_box()
        for y, x in ((3, 4), (14, 14), (27, 0)):
            shown.mouse.move(
                sheet["x"] + (x + 0.5) * sheet["width"] / 28, sheet["y"] + (y + 0.5) * sheet["height"] / 28
            )
            fed = [
                range(int(a), int(b) + 1)
                for a, b in (pair.split("..") for pair in shown.get_attribute("#field-fed", "data-units").split(","))
            ]
            reached = net.influence("input", (y, x)).reached["conv2"]
            assert [sum(1 << place for place in axis) for axis in fed] == [reached.along(axis) for axis in (0, 1)]


def test_the_lectures_convolution_is_computed_step_by_step(show):
    """Every value of the output is the sum over the window that Python finds with the numbers on the page."""
    with show(of_text("net Lecture { input 5x5x3 ; conv(2, 3, stride=2, pad=1) }"), at="conv1") as shown:
        shown.click("#tab-slide")
        grids = [[read(grid) for grid in block.locator("svg.grid").all()] for block in shown.locator(".grids").all()]
        bias = int(re.search(r"bias (\d)", shown.inner_text("#panel-slide"))[1])
        assert [len(block[0]) for block in grids] == [7, 7, 7], "5 cells and the padding"
        for step in range(9):
            row, column = 2 * (step // 3), 2 * (step % 3)
            total = bias + sum(
                block[0][row + i][column + j] * block[1][i][j] for block in grids for i in range(3) for j in range(3)
            )
            assert int(shown.inner_text("#slide-value").replace("−", "-")) == total
            shown.click("#slide-next")


def read(grid) -> list[list[int]]:
    texts = grid.locator("text").all_text_contents()
    places = [tuple(map(int, rect.get_attribute("data-at").split(","))) for rect in grid.locator("rect").all()]
    side = max(row for row, _ in places) + 1
    found = dict(zip(places, texts, strict=True))
    return [[int((found[row, column] or "0").replace("−", "-")) for column in range(side)] for row in range(side)]


def test_one_weights_uses_are_lit(show):
    with show(page("lenet5"), at="conv2") as shown:
        shown.click("#tab-units")
        line = shown.locator("#wires line.thick[data-tap='2']").first
        line.dispatch_event("pointerenter")
        uses = shown.locator("#wires line.lit").count()
        assert uses == 4 and shown.locator("#wires line.lit[data-tap='2']").count() == uses, "one for each unit"
        shown.click("[data-dense=true]")
        shown.locator("#wires line.thick").first.dispatch_event("pointerenter")
        assert shown.locator("#wires line.lit").count() == 1
