"""A migration that is killed after each of its statements, on servers whose DDL commits at once."""

import re
import signal

import pytest

from ..support import forking
from .lab import Lab
from .test_migrate import schema

pytestmark = pytest.mark.full

BEFORE = """
class Old(Row):
    n: Mapped[int]


class Post(Row):
    __tablename__ = "posts"
    __table_args__ = (CheckConstraint("n > 0", name="n"), {"comment": "Old words"})

    title: Mapped[str] = mapped_column(String(40), index=True)
    n: Mapped[int]
    m: Mapped[int | None]
    price: Mapped[int]
    twice: Mapped[int | None] = mapped_column(Computed("n * 2", persisted=True))


class Comment(Row):
    __tablename__ = "comments"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))


class Pair(Base):
    __tablename__ = "pairs"

    a: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    b: Mapped[int]
"""
AFTER = """
class Tag(Row):
    __tablename__ = "tags"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class Post(Row):
    __tablename__ = "posts"
    __table_args__ = (CheckConstraint("n > -5", name="n"), {"comment": "New words"})

    headline: Mapped[str] = mapped_column(String(60), index=True)
    n: Mapped[int] = mapped_column(BigInteger, unique=True)
    m: Mapped[int] = mapped_column(server_default="7")
    slug: Mapped[str] = mapped_column(String(20))
    twice: Mapped[int | None] = mapped_column(Computed("n * 3", persisted=True))


class Comment(Row):
    __tablename__ = "comments"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))


class Pair(Base):
    __tablename__ = "pairs"

    a: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    b: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
"""
ANSWERS = (
    *("--rename", "posts.title:posts.headline", "--rename", "posts.price:", "--rename", "olds:"),
    *("--default", "posts.slug=sql:lower(headline)", "--default", "posts.m=3"),
)
# No operation of Alembic makes these, so the revision has them as SQL.
HAND = {
    "up": (
        "CREATE VIEW names AS SELECT headline FROM posts",
        "CREATE TRIGGER counts BEFORE INSERT ON tags FOR EACH ROW SET NEW.name = lower(NEW.name)",
        "CREATE PROCEDURE nothing() SELECT 1",
    ),
    "down": ("DROP VIEW names", "DROP TRIGGER counts", "DROP PROCEDURE nothing"),
}
KILL = """
    import os
    import re

    from sqlalchemy import event

    @event.listens_for(op.get_bind(), "after_cursor_execute", insert=True)
    def kill(connection, cursor, statement, *rest):
        if re.match("(ALTER|CREATE|DROP) (?!TABLE migration_progress)", statement):
            os.kill(os.getpid(), 9)
"""
MOST = 60  # statements


@pytest.mark.parametrize("database", ["mariadb", "mysql"], indirect=True)
def test_a_migration_killed_after_each_statement_is_completed(project: Lab) -> None:
    project.begin(BEFORE)
    project.sql("INSERT INTO posts (id, title, n, m, price) VALUES (1, 'One', 1, NULL, 5)")
    project.sql("INSERT INTO comments (id, post_id) VALUES (1, 1)")
    project.sql("INSERT INTO pairs (a, b) VALUES (1, 2)")
    project.models(AFTER)
    project.manage("makemigrations", *ANSWERS)
    revision = project.versions[-1]
    text = by_hand(revision.read_text())
    revision.write_text(text)
    schemas = {target: migrated(project, target) for target in ("head", "-1", "head")}
    for target in ("-1", "head"):
        revision.write_text(re.sub(r"def (up|down)grade.*:\n", rf"\g<0>{KILL}", text))
        assert any(ends(project, target) for _ in range(MOST))
        revision.write_text(text)
        assert schema(project) == schemas[target]
    assert project.sql("SELECT id, headline, n, slug, twice FROM posts") == [
        (1, "One", 1, "one", 3)
    ]
    assert project.sql("SELECT post_id FROM comments") == [(1,)]
    assert project.sql("SELECT a, b FROM pairs") == [(1, 2)]
    project.manage("makemigrations", "--check")
    project.sql(
        "CREATE TABLE migration_progress (step INTEGER)"
    )  # killed before the last statement
    project.manage("makemigrations", "--check")


def ends(project: Lab, target: str) -> bool:
    """Migrate until a statement kills the process; return whether none did."""
    done = forking.run(
        [project.python, "manage.py", "migrate", target],
        cwd=project.root,
        env=project.environment(),
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == 0


def migrated(project: Lab, target: str) -> str:
    """Migrate without an interruption, and return the schema."""
    project.manage("migrate", target)
    return schema(project)


def by_hand(text: str) -> str:
    """Add statements to a revision: the last ones of its upgrade, the first ones of its downgrade."""
    up, down = ("".join(f"    op.execute({sql!r})\n" for sql in HAND[way]) for way in HAND)
    start = "def downgrade() -> None:\n"
    return text.replace(f"\n\n\n{start}", f"\n{up}\n\n{start}{down}")
