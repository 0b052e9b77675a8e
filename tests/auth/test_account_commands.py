"""`manage.py createuser` and `endsessions`: what they refuse."""

from collections.abc import Generator

import pytest

from ..support.projects import Project
from ..support.servers import Server
from .workshop import workshop

pytestmark = pytest.mark.full

PASSWORD = "violet canoe harbour 47"


@pytest.fixture(scope="module")
def project(sqlite: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with workshop(sqlite, tmp_path_factory.mktemp("accounts") / "project") as project:
        yield project


def manage(project: Project, *words: str, given: str = "", expect: int = 0) -> str:
    """Run a command with an input, and return what it prints."""
    done = project.run(project.python, "manage.py", *words, given=given, expect=expect)
    return done.stdout if expect == 0 else done.stderr


def test_a_password_is_neither_an_argument_nor_weak(project: Project) -> None:
    create = ("createuser", "eve@example.org")
    assert "unexpected extra argument" in manage(project, *create, PASSWORD, expect=2)
    refused = manage(project, *create, given="short\n", expect=1)
    assert refused == "Error: the password is refused. Use 12 to 256 characters.\n"
    for words in ((), ("eve@example.org", "--all")):
        refused = manage(project, "endsessions", *words, expect=2)
        assert refused.endswith("Error: Name a user by the address, or pass --all.\n")
