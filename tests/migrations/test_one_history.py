"""One history of revisions runs on MySQL and on MariaDB, whichever wrote it, and after a move."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from ..conftest import SERVERS
from ..support import servers
from .lab import Lab, lab

POST = (
    'class Post(Row):\n    __tablename__ = "posts"\n\n'
    "    title: Mapped[str] = mapped_column(String({size}), unique=True)\n"
    "    body: Mapped[{body}] = mapped_column(Text)\n"
    '    length: Mapped[int] = mapped_column(Computed("char_length(title) * {factor}", persisted=True))\n'
    "    key: Mapped[UUID]\n    price: Mapped[Decimal]\n    at: Mapped[datetime]\n"
    "    meta: Mapped[dict[str, Any]]\n"
)
BEFORE = POST.format(size=40, body="str | None", factor=1)
AFTER = POST.format(size=80, body="str", factor=2)
PARENT = 'class Author(Row):\n    __tablename__ = "authors"\n\n\nclass Note(Row):\n    __tablename__ = "notes"\n'
REFERENCE = '\n    author_id: Mapped[int | None] = mapped_column(ForeignKey("authors.id"))\n'
PLAIN = REFERENCE.replace('ForeignKey("authors.id")', "")
RENAMED = (PARENT + REFERENCE).replace("author_id", "writer_id")
RENAME = ("--rename", "notes.author_id:notes.writer_id")
NAMES = [name for name in ("mariadb", "mysql") if name in servers.names()]

pytestmark = pytest.mark.full


@pytest.mark.parametrize("name", NAMES)
def test_revisions_of_one_server_run_on_the_other(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    found = request.config.stash[SERVERS]
    with lab(found.get(name, folder=tmp_path), tmp_path) as project:
        project.begin(BEFORE)
        project.models(AFTER)
        project.manage("makemigrations", "--default", "posts.body=none")
        project.manage("migrate")
        for other in NAMES:
            server = found.get(other, folder=tmp_path)
            database = server.create_database()
            there = Lab(project.root, database=database)
            try:
                there.manage("migrate")
                there.manage("makemigrations", "--check")
                there.insert(
                    "posts (id, title, body, `key`, price, at, meta)",
                    [(1, "Ä", "b", "0" * 32, 1, "2024-01-01", "{}")],
                )
                assert there.sql("SELECT length FROM posts") == [(2,)]
                there.manage("migrate", "-1")
                assert there.sql("SELECT length FROM posts") == [(1,)]
                there.manage("migrate", "base")
            finally:
                server.drop_database(database)


@pytest.mark.parametrize("database", NAMES, indirect=True)
def test_the_index_of_a_reference_goes_with_its_column(project: Lab) -> None:
    """The server drops it. Databases to which a service moves never had it."""
    project.begin(PARENT)
    project.models(PARENT + REFERENCE)
    project.manage("makemigrations")
    assert "drop_index" not in project.versions[-1].read_text()
    for target in ("head", "-1", "head"):
        project.manage("migrate", target)
    project.manage("makemigrations", "--check")


@pytest.fixture
def services(
    request: pytest.FixtureRequest, tmp_path: Path, old: str, new: str
) -> Generator[tuple[Lab, Lab]]:
    """A service that has a foreign key, and one on another database, without models."""
    known = request.config.stash[SERVERS]
    source, target = (known.get(name, folder=tmp_path) for name in (old, new))
    with lab(source, tmp_path / "old") as before, lab(target, tmp_path / "new") as after:
        before.begin(PARENT + REFERENCE)
        yield before, after


@pytest.mark.parametrize("old", NAMES)
@pytest.mark.parametrize("new", ["sqlite", "postgresql"])
def test_a_dropped_foreign_key_moves(services: tuple[Lab, Lab]) -> None:
    """MySQL and MariaDB keep the index that they created for the key; others create none."""
    before, after = services
    for models in (PARENT + PLAIN, PARENT + REFERENCE, RENAMED):
        before.models(models)
        before.manage("makemigrations", *RENAME * (models == RENAMED))
        before.manage("migrate")
        before.manage("makemigrations", "--check")
    after.models(RENAMED)
    move(before, after)
    before.manage("migrate", "base")


@pytest.mark.parametrize("old", ["sqlite", "postgresql"])
@pytest.mark.parametrize("new", NAMES)
def test_a_foreign_key_dropped_elsewhere_leaves_nothing_to_do(services: tuple[Lab, Lab]) -> None:
    before, after = services
    before.models(PARENT + PLAIN)
    before.manage("makemigrations")
    after.models(PARENT + PLAIN)
    move(before, after)


def move(before: Lab, after: Lab) -> None:
    """Apply the revisions of one service in another, in both directions."""
    shutil.copytree(
        before.versions[0].parent, after.root / "migrations/versions", dirs_exist_ok=True
    )
    for target in ("head", "base", "head"):
        after.manage("migrate", target)
    after.manage("makemigrations", "--check")
