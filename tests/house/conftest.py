"""Fixtures for the tests of the structure."""

from pathlib import Path

import pytest

from ..support.projects import render

DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the default answers."""
    return render(tmp_path_factory.mktemp("house") / "project", jobs=True)


@pytest.fixture(scope="session")
def without(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the default answers, but without jobs."""
    return render(tmp_path_factory.mktemp("house") / "without", jobs=False)


@pytest.fixture(scope="session", params=DRIVERS)
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for each driver."""
    driver = str(request.param)
    return render(tmp_path_factory.mktemp(driver) / "project", driver=driver, jobs=True)
