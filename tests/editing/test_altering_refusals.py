"""Removing and renaming fields: what is refused before a revision, and a revision that fails."""

from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.projects import management

from ..generator.support import commit_all, groundplan, status
from ..support.projects import Project, render

pytestmark = pytest.mark.full

MODELS = "Thing name:str=40 number:int Account login:str=40 word:password"
ADDED = """\
    double: Mapped[int] = column_property(number + number)
    above: Mapped[int | None] = mapped_column(ForeignKey("things.number"))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project with two generated apps; not to be changed."""
    root = render(tmp_path_factory.mktemp("altering") / "project", example=False)
    commit_all(root)
    groundplan("startapp", "shop", *MODELS.split(), cwd=root)
    groundplan("startapp", "notes", "Note:slug=text", "text:str=40", "--access", "owner", cwd=root)
    commit_all(root)
    return root


@pytest.fixture
def project(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    return made


def refusal(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(words.split()) == 1
    return capsys.readouterr().err


def test_an_owner_and_a_password_are_changed_by_hand(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal("removefield notes.Note owner", capsys) == (
        "Error: 'notes.Note.owner': owner_id is the user to whom a row belongs, and every statement "
        "filters by it (field-owner). Change the queries and routes by hand first.\n"
    )
    assert refusal("removefield shop.Account word", capsys) == (
        "Error: 'shop.Account.word': removefield does not edit services, and one hashes and checks "
        "the password (password-later). Remove it by hand.\n"
    )
    assert status(project) == ""


def test_a_field_that_another_one_needs_is_not_removed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = project / "my_service/apps/shop/models.py"
    text = models.read_text()
    column = "    number: Mapped[int]\n"
    double, above = ADDED.splitlines(keepends=True)
    try:
        models.write_text(text.replace(column, column + double))
        assert refusal("removefield shop.Thing number", capsys) == (
            "Error: 'shop.Thing.number': double is defined by it (field-used). Remove double first.\n"
        )
        models.write_text(text.replace(column, column + above))
        assert refusal("removefield shop.Thing number", capsys) == (
            "Error: 'shop.Thing.number': shop.Thing refers to it (field-referred). "
            "Remove that reference first.\n"
        )
    finally:
        models.write_text(text)
    assert refusal("removefield notes.Note text", capsys) == (
        "Error: 'notes.Note.text': slug is made from it (field-used). Remove slug first.\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        "renamefield shop.Thing name title",
        "removefield shop.Thing name",
        "renamemodel shop.Thing Item",
    ],
)
def test_models_in_another_encoding_are_named(
    project: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    models = project / "my_service/apps/shop/models.py"
    text = models.read_bytes()
    try:
        models.write_bytes(b"# coding: latin-1\n# caf\xe9\n" + text)
        assert refusal(words, capsys) == (
            "Error: my_service/apps/shop/models.py cannot be edited: it is not valid UTF-8. "
            "Nothing was changed. Correct that, and run the command again.\n"
        )
    finally:
        models.write_bytes(text)
    assert status(project) == ""


def test_without_an_environment_no_revision_is_written(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr(management, "find_spec", not_found)
    assert refusal("renamefield shop.Thing name title", capsys) == (
        "Error: Cannot write the revision: the project has no environment in .venv, and none is "
        "active. Run `uv sync` first.\n"
    )
    assert status(project) == ""


def not_found(name: str) -> None:
    """Find no package, as in an environment without them."""


def test_a_revision_that_cannot_be_written_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name in a text is not followed; the models cannot be imported after the renaming."""
    models = project / "my_service/apps/shop/models.py"
    with models.open("a") as file:
        file.write('\n\nNAME = getattr(Thing, "name")\n')
    commit_all(project)
    Project(project).manage("migrate")
    assert refusal("renamefield shop.Thing name title", capsys) == (
        "Error: `manage.py makemigrations` failed: AttributeError: type object 'Thing' has no "
        "attribute 'name'. Nothing was changed. Correct that, and run the command again.\n"
    )
    assert status(project) == ""
