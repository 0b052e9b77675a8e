"""Fixtures of the house's tests."""

from pathlib import Path

import pytest

from ..support.projects import render

DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the default answers."""
    return render(tmp_path_factory.mktemp("house") / "project")


@pytest.fixture(scope="session", params=DRIVERS)
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of each driver."""
    driver = str(request.param)
    return render(tmp_path_factory.mktemp(driver) / "project", driver=driver)
