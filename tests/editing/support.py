"""A project on a database, whose apps a test alters."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from ..generator.support import commit_all
from ..support.projects import Project, render
from ..support.servers import Server

GROUNDPLAN = (sys.executable, "-m", "groundplan")


@contextmanager
def started(database: Server, folder: Path) -> Generator[tuple[Project, Callable[..., None]]]:
    """Yield a committed project without apps of its own, and a function that runs a command and migrates."""
    key = "bigint" if database.name == "mariadb" else "uuid7"
    root = render(folder / "project", driver=database.driver, primary_key=key, example=False)
    commit_all(root)
    project = Project(root, database=database.create_database())

    def alter(*words: str) -> None:
        project.run(*GROUNDPLAN, *words)
        project.manage("migrate")

    try:
        yield project, alter
    finally:
        assert project.database is not None
        database.drop_database(project.database)
