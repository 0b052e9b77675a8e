"""A rendered project with one app, whose models a test writes and changes."""

import re
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..support.projects import Project, render
from ..support.servers import Server
from ..support.sql import Rows, execute
from .corpus import HEADER, Case

LIST = re.compile(r"(INSTALLED_APPS: ClassVar\[list\[str\]\] = )\[.*?\]", re.DOTALL)


class Lab(Project):
    """The project, and what is in its database."""

    @property
    def versions(self) -> list[Path]:
        """The revisions, the first one first."""
        return sorted((self.root / "migrations/versions").glob("*.py"), key=self.age)

    def age(self, path: Path) -> int:
        return path.stat().st_mtime_ns

    def models(self, source: str) -> None:
        """Write the models, and delete their bytecode: it is taken for new if size and second are the same."""
        folder = self.root / "my_service/apps/lab"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        whole = source if source.startswith(HEADER) else f"{HEADER}\n\n{source}"
        (folder / "models.py").write_text(whole)
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)

    def begin(self, source: str) -> None:
        """Write the first models, and migrate to them."""
        self.models(source)
        self.manage("makemigrations")
        self.manage("migrate")

    def sql(self, statement: str) -> Rows:
        assert self.database is not None
        return execute(self.database, statement)

    def fill(self, rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        """Write rows, by table and columns."""
        for table, values in rows.items():
            self.insert(table, values)

    def insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows into a table, named with its columns."""
        for row in rows:
            self.sql(f"INSERT INTO {table} VALUES ({', '.join(map(literal, row))})")


def literal(value: Any) -> str:
    """A value as SQL that every database reads."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


@contextmanager
def lab(server: Server, folder: Path) -> Generator[Lab]:
    """A project without examples, on a new, empty database."""
    root = render(folder / "project", driver=server.driver, auth=False, jobs=False)
    settings = root / "my_service/settings.py"
    settings.write_text(LIST.sub(r'\1["lab"]', settings.read_text()))
    project = Lab(root, database=server.create_database())
    project.models("")
    try:
        yield project
    finally:
        assert project.database is not None
        server.drop_database(project.database)


def differing(project: Lab, cases: Sequence[Case]) -> dict[str, Rows]:
    """What was answered in place of what should be, by case."""
    answers = {case.name: project.sql(case.query) for case in cases if case.query}
    return {
        case.name: answers[case.name]
        for case in cases
        if case.query and answers[case.name] != list(case.expect)
    }
