"""Fixtures for the tests of the structure."""

from pathlib import Path

import pytest

from ..support.projects import render

DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with users and the admin, which are defaults."""
    return render(tmp_path_factory.mktemp("house") / "project", example=False)


@pytest.fixture(scope="session")
def without(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without users and jobs."""
    return render(tmp_path_factory.mktemp("house") / "without", auth=False, jobs=False)


@pytest.fixture(scope="session", params=DRIVERS)
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for each driver."""
    driver = str(request.param)
    project = tmp_path_factory.mktemp(driver) / "project"
    return render(project, driver=driver, example=False)
