"""`pytest tests/golden --update-golden` writes the expected texts anew; read the difference before committing it."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/**/*.out")


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    """Whether to write what is expected instead of comparing with it; also by UPDATE_GOLDEN=1."""
    return bool(request.config.getoption("--update-golden", default=False)) or os.environ.get("UPDATE_GOLDEN") == "1"
