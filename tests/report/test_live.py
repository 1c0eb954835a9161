"""`cnnc serve` in a browser."""

from __future__ import annotations

import pytest

from tests.cli.cnnc import GOOD, write
from tests.cli.test_report import free, serving

__all__ = ["free"]


@pytest.mark.slow
def test_the_browser_loads_again_when_the_file_is_saved(browser, tmp_path, free):
    write(tmp_path, net=GOOD)
    with serving(tmp_path, "--port", free) as port:
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"http://127.0.0.1:{port}/")
        assert page.inner_text("h1") == "Digits"
        write(tmp_path, net=GOOD.replace("conv(4, 5)", "conv(4, 55)"))
        page.wait_for_selector(".message.error", timeout=20_000)
        assert "E301" in page.inner_text(".message.error")
        write(tmp_path, net=GOOD.replace("Digits", "Again"))
        page.wait_for_selector("h1:text-is('Again')", timeout=20_000)
        page.close()
        assert not complaints
