"""Two branches add revisions after the same one, and git merges them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from ..conftest import each_driver
from ..support.servers import Server
from .lab import Lab

pytestmark = pytest.mark.full

POST = (
    'class Post(Row):\n    __tablename__ = "posts"\n\n'
    "    {name}: Mapped[str] = mapped_column(String(40){index})\n"
)
BASE = POST.format(name="title", index="")
RENAMED = POST.format(name="headline", index="")
VIEWS = '    views: Mapped[int] = mapped_column(server_default="0")\n'
TAG = 'class Tag(Row):\n    __tablename__ = "tags"\n\n    n: Mapped[int]\n'
RENAME = ("--rename", "posts.title:posts.headline")


class Branches(NamedTuple):
    """The models of two branches, the options of their revisions, and the merged models.

    `rest` are the options of the revision that replaces theirs.
    """

    ours: tuple[str, Sequence[str]]
    theirs: tuple[str, Sequence[str]]
    merged: str
    rest: Sequence[str] = ()


SEPARATE = {
    "different tables": Branches((f"{BASE}\n\n{TAG}", ()), (BASE + VIEWS, ()), f"{BASE}{VIEWS}\n\n{TAG}"),
    "one column is renamed, another one is new": Branches(
        (RENAMED, RENAME), (BASE + VIEWS, ()), RENAMED + VIEWS
    ),
}  # fmt: skip
COLLIDING = {
    "the same table": Branches(
        (f"{BASE}\n\n{TAG}", ()), (f"{BASE}\n\n{TAG}", ()), f"{BASE}\n\n{TAG}"
    ),
    "the same column": Branches((BASE + VIEWS, ()), (BASE + VIEWS, ()), BASE + VIEWS),
    "a column gets the name of a new one": Branches(
        (RENAMED, RENAME),
        (BASE + RENAMED.splitlines()[-1].replace("str", "str | None") + "\n", ()),
        RENAMED,
    ),
    "a column is dropped and renamed": Branches(
        (f"{BASE.partition('    title')[0]}    pass\n", ()),
        (RENAMED, RENAME),
        RENAMED,
        ("--default", "posts.headline=none"),
    ),
    "an index on a renamed column": Branches(
        (POST.format(name="title", index=", index=True"), ()),
        (RENAMED, RENAME),
        POST.format(name="headline", index=", index=True"),
        RENAME,
    ),
}


def develop(project: Lab, models: str, words: Sequence[str]) -> Path:
    """Write and apply the revision of a branch, and return its file."""
    known = set(project.versions)
    project.models(models)
    project.manage("makemigrations", *words)
    project.manage("migrate")
    (file,) = set(project.versions) - known
    return file


def merge(project: Lab, database: Server, branches: Branches) -> Path:
    """Develop both branches, each on its database, and merge them; return the revision of theirs."""
    project.begin(BASE)
    project.sql("INSERT INTO posts (id, title) VALUES (1, 'one')")
    ours = develop(project, *branches.ours)
    text = ours.read_text()
    ours.unlink()
    project.models(BASE)
    project.database = database.create_database()
    project.manage("migrate")
    project.sql("INSERT INTO posts (id, title) VALUES (1, 'one')")
    theirs = develop(project, *branches.theirs)
    ours.with_stem(f"{ours.stem}_ours").write_text(text)
    project.models(branches.merged)
    return theirs


@each_driver
@pytest.mark.parametrize("case", SEPARATE)
def test_branches_that_change_different_things_are_joined(
    project: Lab, database: Server, case: str
) -> None:
    mine = project.database
    merge(project, database, SEPARATE[case])
    for words in (["migrate"], ["makemigrations"], ["squash"], ["check"]):
        told = project.manage(*words, expect=1).stderr
        assert "everal heads: " in told
        assert "Join them with `manage.py makemigrations --merge`." in told
    assert project.manage("showmigrations").stdout.count("[X]") == 2
    project.manage("makemigrations", "--merge")
    theirs = project.database
    assert mine is not None
    assert theirs is not None
    for project.database in (theirs, mine):
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        name = "headline" if "headline" in SEPARATE[case].merged else "title"
        assert project.sql(f"SELECT id, {name} FROM posts") == [(1, "one")]
    assert project.manage("migrate", "-2").stdout.count("Revert") == 2
    for words in (["+1"], ["head"], ["base"], ["head"]):
        project.manage("migrate", *words)
    project.manage("squash")
    assert "Nothing to migrate" in project.manage("migrate").stdout
    assert project.manage("migrate", "-2", expect=1).stderr == (
        "Error: cannot migrate to '-2': steps in that direction: 1. Use an id that "
        "`manage.py showmigrations` lists, its beginning, head, base, +1 or -1.\n"
    )
    database.drop_database(theirs)


@each_driver
@pytest.mark.parametrize("case", COLLIDING)
def test_of_branches_that_collide_one_is_made_again(
    project: Lab, database: Server, case: str
) -> None:
    """Whoever has not released the branch reverts it, deletes its file, and makes the rest again."""
    branches = COLLIDING[case]
    ours = project.database
    file = merge(project, database, branches)
    theirs = project.database
    assert ours is not None
    assert theirs is not None
    project.manage("makemigrations", "--merge")
    told = project.manage("migrate", expect=1).stderr
    assert re.fullmatch(r"Error: revision .* failed: .*run `migrate` again.*\n", told, re.DOTALL)
    base, *_, joined = project.versions
    joined.unlink()
    (common,) = re.findall(r'(?m)^revision = "(\w+)"', base.read_text())
    assert "Revert" in project.manage("migrate", common).stdout
    file.unlink()
    project.manage("migrate")
    project.manage("makemigrations", *branches.rest)
    for project.database in (theirs, ours):
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        assert project.sql("SELECT id FROM posts") == [(1,)]
    database.drop_database(theirs)
