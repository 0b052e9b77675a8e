"""The README of a project: an app, a route, a command, a job and a test, as it describes them."""

import re
from pathlib import Path

import pytest

from ..support.projects import Project, render
from ..support.servers import Server
from .support import commit_all, groundplan

pytestmark = pytest.mark.full

APP = "my_service/apps/notes"
BLOCK = re.compile(r"^```(?:sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("auth", [True, False])
def test_the_readme_is_followed(sqlite: Server, tmp_path: Path, auth: bool) -> None:
    root = render(tmp_path / "project", auth=auth, jobs=True, example=False)
    commit_all(root)
    blocks = BLOCK.findall((root / "README.md").read_text())
    project = Project(root, database=sqlite.create_database())

    [startapp] = [line for block in blocks for line in block.splitlines() if "startapp" in line]
    groundplan(*startapp.split()[1:], cwd=root)
    project.manage("migrate")
    added = re.search(r"`groundplan (addfield notes[^`]*)`", (root / "README.md").read_text())
    assert added is not None
    groundplan(*added[1].split(), cwd=root)
    project.manage("migrate")

    with (root / APP / "routes.py").open("a") as routes:
        routes.write("\n\nfrom ...core.web import SessionDep\n")
        routes.write("from .models import Note\nfrom .repository import NoteRepository\n\n\n")
        routes.write(one(blocks, "async def finish_note"))
    write(root / APP / "commands/count_notes.py", one(blocks, "def command()"))
    write(root / APP / "tasks.py", one(blocks, "@task()"))
    write(root / "tests/notes/test_finish.py", one(blocks, "async def test_a_note_is_finished"))
    assert project.manage("count_notes").stdout == "0\n"
    project.manage("check")
    project.manage("test", "tests/notes")


def test_the_statements_of_the_readme_are_those_of_the_app(tmp_path: Path) -> None:
    root = render(tmp_path / "project")
    commit_all(root)
    groundplan("startapp", "notes", "Note", "title:str", "done:bool", cwd=root)
    blocks = BLOCK.findall((root / "README.md").read_text())
    queries, routes = ((root / APP / name).read_text() for name in ("queries.py", "routes.py"))
    for line in one(blocks, "note = prepare(").splitlines()[:1]:
        assert line in queries
    for line in one(blocks, "notes = Listing(").splitlines()[:4]:
        assert line in queries
    assert "async def read_note(id: Key) -> NoteRead:\n" in routes


def one(blocks: list[str], text: str) -> str:
    [block] = [block for block in blocks if text in block]
    return block


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
