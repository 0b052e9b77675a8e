"""`manage.py createuser`, `changepassword`, `endsessions` and `cleartokens`, as an operator uses them."""

from collections.abc import Generator

import pytest

from ..support.projects import Project
from ..support.servers import Server
from ..support.sql import execute
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


def test_accounts_are_managed_from_standard_input(project: Project) -> None:
    assert project.database is not None
    hashes: set[str] = set()
    for command, answer in (
        (("createuser", "Ada@Example.org", "--staff"), "Created the user ada@example.org.\n"),
        (
            ("changepassword", "ada@example.org"),
            "Changed the password, and ended all sessions and tokens.\n",
        ),
    ):
        assert manage(project, *command, given=f"{PASSWORD}\n").endswith(answer)
        [[stored, staff]] = execute(project.database, "SELECT password_hash, is_staff FROM users")
        assert staff
        hashes.add(stored)
    assert len(hashes) == 2
    for command, answer in (
        (("endsessions", "ada@example.org"), "Ended the sessions.\n"),
        (("endsessions", "--all"), "Ended the sessions.\n"),
        (("cleartokens",), "Deleted rows: 0\n"),
    ):
        assert manage(project, *command).endswith(answer)


def test_a_password_is_neither_an_argument_nor_weak(project: Project) -> None:
    create = ("createuser", "eve@example.org")
    assert "unexpected extra argument" in manage(project, *create, PASSWORD, expect=2)
    refused = manage(project, *create, given="short\n", expect=1)
    assert refused == "Error: the password is refused. Use 12 to 256 characters.\n"
    for words in ((), ("eve@example.org", "--all")):
        refused = manage(project, "endsessions", *words, expect=2)
        assert refused.endswith("Error: Name a user by the address, or say --all.\n")
