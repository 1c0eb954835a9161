"""A Chromium to look at pages with; without it, or without playwright, these tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason='pip install "cnndsl[pages]"')
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on the PATH")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def show(browser, tmp_path):
    """A function that opens a page; what it logs, and whatever it asks of the network, fails the test."""

    @contextmanager
    def shown(text: str, *, width: int = 1440, height: int = 900, scheme: str = "light", at: str = "") -> Iterator:
        file = tmp_path / "net.html"
        file.write_text(text, encoding="utf-8")
        complaints: list[str] = []
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda asked: None if asked.url.startswith(("file:", "data:")) else complaints.append(asked.url)
        )
        page.goto(f"{file.as_uri()}{f'#{at}' if at else ''}")
        yield page
        page.close()
        assert not complaints

    return shown
