"""`destroy` removes what `startapp` created, and nothing that a person wrote."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from groundplan.changes import records
from groundplan.changes.plan import Action, FileChange
from groundplan.cli import run

from .support import commit_all, groundplan, on_terminal, status

pytestmark = pytest.mark.full


@pytest.mark.parametrize("order", [("one", "two", "three"), ("three", "one", "two")])
def test_apps_are_removed_in_any_order(project: Path, order: tuple[str, ...]) -> None:
    for app in ("one", "two", "three"):
        groundplan("startapp", app, cwd=project)
    for app in order:
        groundplan("destroy", app, "--yes", cwd=project)
    assert status(project) == ""


def test_bytecode_is_removed_with_its_files(project: Path) -> None:
    """Without its files, a folder of bytecode would still be importable as a package."""
    groundplan("startapp", "shop", "Product", "title:str=200:unique", cwd=project)
    subprocess.run((sys.executable, "-m", "compileall", "-q", project), check=True)
    groundplan("destroy", "shop", "--yes", cwd=project)
    assert [file for file in project.rglob("*") if "shop" in file.name] == []
    assert [*project.glob("my_service/apps/blog/**/*.pyc")] != []


def test_asking_the_database_leaves_no_bytecode(project: Path) -> None:
    for bytecode in project.rglob("*.pyc"):
        bytecode.unlink()
    groundplan("startapp", "shop", "Product", "title:str=200:unique", cwd=project)
    groundplan("destroy", "shop", "--yes", cwd=project)
    assert [*project.rglob("*.pyc")] == []


def test_an_edited_file_is_named_and_never_deleted(project: Path) -> None:
    groundplan("startapp", "shop", "Product", "title:str", cwd=project)
    models = project / "my_service/apps/shop/models.py"
    models.write_text(models.read_text() + "# mine\n")
    before = status(project)
    done = groundplan("destroy", "shop", "--yes", cwd=project, code=1)
    assert done.stderr == (
        "Error: my_service/apps/shop/models.py: edited since startapp created it; nothing was "
        "changed. Undo the edit, or keep edited files with --keep-edited.\n"
    )
    assert status(project) == before
    kept = groundplan("destroy", "shop", "--yes", "--keep-edited", cwd=project)
    assert "        skip  my_service/apps/shop/models.py" in kept.stdout
    assert status(project) == "?? my_service/apps/shop/models.py\n"
    assert models.read_text().endswith("# mine\n")


def test_an_already_deleted_file_is_ignored(project: Path) -> None:
    groundplan("startapp", "shop", "Product", "title:str", cwd=project)
    (project / "my_service/apps/shop/models.py").unlink()
    groundplan("destroy", "shop", "--yes", cwd=project)
    assert status(project) == ""


def test_edited_settings_lose_only_the_app(project: Path) -> None:
    file = project / "my_service/settings.py"
    original = file.read_text()
    groundplan("startapp", "shop", cwd=project)
    file.write_text(
        file.read_text().replace('"blog",', '"blog",  # the first').replace("\n\n\n", "\n\n\n# é\n")
    )
    groundplan("destroy", "shop", "--yes", cwd=project)
    expected = original.replace('"blog",', '"blog",  # the first').replace("\n\n\n", "\n\n\n# é\n")
    assert file.read_text() == expected


def test_an_overwritten_file_is_restored(project: Path) -> None:
    file = project / "tests/shop/test_shop.py"
    mine = project / "my_service/apps/shop/models.py"
    groundplan("startapp", "shop", cwd=project)
    groundplan("destroy", "shop", "--yes", cwd=project)
    mine.parent.mkdir()
    mine.write_bytes(b"mine\xff\r\n")
    commit_all(project)
    groundplan("startapp", "shop", "--force", cwd=project)
    groundplan("destroy", "shop", "--yes", cwd=project)
    assert status(project) == ""
    assert mine.read_bytes() == b"mine\xff\r\n"
    assert not file.exists()


def test_without_a_terminal_destroy_needs_yes(project: Path) -> None:
    groundplan("startapp", "shop", cwd=project)
    done = groundplan("destroy", "shop", cwd=project, code=3)
    assert done.stderr == "Error: Destroying shop needs a confirmation. Pass --yes.\n"
    assert (project / "my_service/apps/shop").is_dir()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shp", "'shp': no such app. Did you mean 'shop'?"),
        ("qqqq", "'qqqq': no such app. It created shop."),
        (
            "blog",
            "'blog': startapp did not create this app, or its record was deleted. "
            "Delete it by hand. It created shop.",
        ),
    ],
)
def test_an_app_that_startapp_did_not_create_is_refused(
    project: Path, name: str, said: str
) -> None:
    groundplan("startapp", "shop", cwd=project)
    assert groundplan("destroy", name, "--yes", cwd=project, code=1).stderr == f"Error: {said}\n"


def test_a_dry_run_prints_what_the_real_run_prints(project: Path) -> None:
    groundplan("startapp", "shop", "Product", "title:str", cwd=project)
    before = status(project)
    for option in ("--diff", "--json"):
        dry = groundplan("destroy", "shop", "--yes", "--dry-run", option, cwd=project)
        assert status(project) == before
        assert groundplan("destroy", "shop", "--yes", option, cwd=project).stdout == dry.stdout
        groundplan("startapp", "shop", "Product", "title:str", cwd=project)


def test_a_record_that_is_not_json_is_refused(project: Path) -> None:
    record = project / ".groundplan/apps/shop.json"
    record.parent.mkdir(parents=True)
    record.write_text("{")
    done = groundplan("destroy", "shop", "--yes", cwd=project, code=1)
    assert done.stderr.startswith(f"Error: '{record}' cannot be read: ")
    assert done.stderr.endswith(
        "Restore it from git: git checkout -- .groundplan/apps/shop.json.\n"
    )


def test_an_app_whose_migration_another_follows_is_refused(project: Path) -> None:
    first = with_revision(project, "shop", "0002", "0001")
    with_revision(project, "store", "0003", "0002")
    done = groundplan("destroy", "shop", "--yes", cwd=project, code=1)
    assert done.stderr == (
        "Error: '0003_store.py' follows a revision that would be removed. "
        "Remove both: groundplan destroy shop store. "
        "If they are applied elsewhere, delete the code alone and run makemigrations.\n"
    )
    assert first.exists()
    groundplan("destroy", "store", "--yes", cwd=project)
    groundplan("destroy", "shop", "--yes", cwd=project)
    assert status(project) == ""


def test_apps_with_interleaved_migrations_are_removed_together(project: Path) -> None:
    """Each app has a revision that follows one of the other's, so neither can be removed alone."""
    groundplan("startapp", "shop", "Product", "title:str", cwd=project)
    groundplan("startapp", "store", "Order", "product:ref=shop.Product", cwd=project)
    groundplan("addfield", "shop.Product", "stock:int:default=0", cwd=project)
    manage(project, "migrate")
    assert {"products", "orders"} <= tables(project)
    for name, other in (("shop", "store"), ("store", "shop")):
        done = groundplan("destroy", name, "--yes", cwd=project, code=1)
        assert f"Remove both: groundplan destroy {name} {other}. " in done.stderr
    dry = groundplan("destroy", "shop", "store", "--yes", "--dry-run", cwd=project)
    done = groundplan("destroy", "shop", "store", "--yes", cwd=project)
    assert done.stdout == dry.stdout
    assert done.stderr.startswith("The database has revision ")
    assert tables(project).isdisjoint({"products", "orders"})
    assert "users" in tables(project)
    assert status(project) == ""


def test_a_handwritten_revision_that_follows_is_named(project: Path) -> None:
    with_revision(project, "shop", "0002", "0001")
    (project / "migrations/versions/0003_mine.py").write_text(
        'revision = "0003"\ndown_revision = "0002"\n'
    )
    done = groundplan("destroy", "shop", "--yes", cwd=project, code=1)
    assert done.stderr == (
        "Error: '0003_mine.py' follows a revision that would be removed. "
        "Delete 0003_mine.py by hand if it is not applied anywhere. "
        "If they are applied elsewhere, delete the code alone and run makemigrations.\n"
    )


def test_the_database_is_reverted_first(project: Path) -> None:
    with_revision(project, "shop", "0002", "0001")
    manage(project, "migrate")
    assert "shelves" in tables(project)
    done = groundplan("destroy", "shop", "--yes", cwd=project)
    said = "The database has revision 0002. Its tables and their rows are dropped first.\n"
    assert done.stderr == said
    assert "shelves" not in tables(project)
    assert "users" in tables(project)
    assert status(project) == ""


def test_a_failed_revert_removes_nothing(project: Path) -> None:
    file = with_revision(project, "shop", "0002", "0001", down="op.drop_table('nowhere')")
    manage(project, "migrate")
    before = status(project)
    done = groundplan("destroy", "shop", "--yes", cwd=project, code=1)
    assert "`manage.py migrate 0001` failed" in done.stderr
    assert done.stderr.endswith(". Nothing was removed. Correct that, and run the command again.\n")
    assert status(project) == before
    assert file.exists()


def test_an_unreachable_database_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_revision(project, "shop", "0002", "0001")
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:////nowhere/at/all.db")
    before = status(project)
    done = groundplan("destroy", "shop", "--yes", cwd=project, code=1)
    assert "Error: Cannot tell whether the database has revision 0002: " in done.stderr
    assert done.stderr.endswith(
        "; nothing was changed. Correct that, or remove only the files with --keep-database.\n"
    )
    assert status(project) == before
    groundplan("destroy", "shop", "--yes", "--keep-database", cwd=project)
    assert status(project) == ""


def test_destroy_needs_an_environment_to_ask_the_database(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise `migrate` would refuse an applied revision that no file defines any more."""
    with_revision(project, "shop", "0002", "0001")
    before = status(project)

    def nothing(name: str) -> None:
        assert name in ("sqlalchemy", "fastapi")

    monkeypatch.chdir(project)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr("groundplan.projects.management.find_spec", nothing)
    assert run(["destroy", "shop", "--yes"]) == 1
    assert status(project) == before


def test_on_a_terminal_destroy_asks_and_enter_means_no(project: Path) -> None:
    groundplan("startapp", "shop", cwd=project)
    before = status(project)
    assert on_terminal("destroy", "shop", cwd=project, typed="\n") == 1
    assert status(project) == before
    assert on_terminal("destroy", "shop", cwd=project, typed="y\n") == 0
    assert status(project) == ""


def manage(root: Path, *arguments: str) -> None:
    subprocess.run(
        (sys.executable, "manage.py", *arguments), cwd=root, capture_output=True, check=True
    )


def tables(root: Path) -> set[str]:
    with closing(sqlite3.connect(next(root.glob("*.db")))) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


def with_revision(
    root: Path, app: str, revision: str, parent: str, *, down: str = "op.drop_table('shelves')"
) -> Path:
    """Create an app with a handwritten revision, and add the revision to the app's record."""
    groundplan("startapp", app, cwd=root)
    file = root / f"migrations/versions/{revision}_{app}.py"
    file.write_text(
        f'''"""create shelves"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{parent}"


def upgrade() -> None:
    op.create_table("shelves", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    {down}
'''
    )
    record = records.load(root, app)
    assert record is not None
    change = FileChange(
        PurePosixPath(file.relative_to(root)), Action.CREATE, None, file.read_bytes()
    )
    steps = (*record.steps, records.step("groundplan startapp", [change]))
    (root / record.path).write_text(replace(record, steps=steps).text())
    return file
