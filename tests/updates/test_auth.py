"""The answer `auth` in existing services: it comes with the app `users`, or says what is missing."""

import os
import shutil
from itertools import cycle, product
from pathlib import Path

import pytest
import yaml

from groundplan.cli import run

from ..support.deep import DEEP
from ..support.projects import Project
from ..support.servers import Server, names
from . import services
from .history import BEFORE_USERS, NEWEST, commit, git
from .services import Answers, copy, files, is_users, update

WITHOUT: Answers = {"example": False, "jobs": False}
OLDER = list(zip(BEFORE_USERS, cycle(["aiosqlite", "asyncpg", "aiomysql"])))
ENDS = OLDER if DEEP else [OLDER[0], OLDER[-1]]  # test_law.py has every release
FEW = [("sqlite", "uuid7"), ("postgresql", "bigint"), ("mariadb", "uuid7")]
KEYS = list(product(names(), ("uuid7", "bigint"))) if DEEP else FEW
SECRET = {"SECRET_KEY": "the key of a test"}


def templates(found: dict[str, bytes]) -> dict[str, bytes]:
    return {
        path: text
        for path, text in found.items()
        if not is_users(path) and not path.endswith(".pyc") and ".ruff_cache" not in path
    }


def answers(folder: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    return found


@pytest.mark.full
@pytest.mark.parametrize(("release", "driver"), ENDS)
def test_an_update_adds_no_users_to_an_older_service(
    tmp_path: Path, release: str, driver: str
) -> None:
    """The example of those releases stays, although a new project with it needs auth."""
    folder = services.service(release, tmp_path / "service", {"driver": driver})
    before = {path: text for path, text in files(folder).items() if is_users(path)}
    update(folder, NEWEST)
    commit(folder)
    assert run(["update", str(folder), "--set=ci=none"]) == 0
    assert answers(folder)["auth"] is False
    assert answers(folder)["example"] is True
    assert {path: text for path, text in files(folder).items() if is_users(path)} == before


@pytest.mark.full
@pytest.mark.parametrize(("database", "primary_key"), KEYS, indirect=["database"])
@pytest.mark.long
def test_users_come_by_an_update_and_makemigrations(
    tmp_path: Path, database: Server, primary_key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The revision asks nothing: `manage.py` runs without a terminal."""
    given = {**WITHOUT, "driver": database.driver, "primary_key": primary_key}
    folder = services.service(NEWEST, tmp_path / "service", given)
    before = files(folder)
    assert run(["update", str(folder), "--set=auth=yes", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "create    my_service/apps/users/models.py" in said
    assert "update    my_service/settings.py" in said
    assert files(folder) == before
    assert run(["update", str(folder), "--set=auth=yes"]) == 0
    fresh = copy(NEWEST, tmp_path / "fresh", {**given, "auth": True, "jobs": True})
    wanted = files(fresh)
    revision = "migrations/versions/0001_create_users.py"
    for path in (revision, "README.md", "my_service/settings.py"):
        del wanted[path]
    found = files(folder)
    assert wanted == {path: found[path] for path in wanted}
    commit(folder)
    url = database.create_database()
    service = Project(folder, url, settings=SECRET)
    assert "+ Create table users\n" in service.manage("makemigrations", "-m", "add users").stdout
    service.manage("migrate")
    service.manage("makemigrations", "--check")
    assert "no issues" in service.manage("check").stdout
    service.manage("migrate", "base")
    database.drop_database(url)
    commit(folder)
    assert run(["update", str(folder), "--set=auth=yes"]) == 0
    assert git(folder, "status", "--porcelain") == ""


@pytest.mark.full
def test_settings_that_the_owner_made_executable_stay_so(tmp_path: Path) -> None:
    folder = services.service(NEWEST, tmp_path / "service", WITHOUT)
    settings = folder / "my_service/settings.py"
    settings.chmod(0o755)
    commit(folder)
    assert run(["update", str(folder), "--set=auth=yes"]) == 0
    assert '"users"' in settings.read_text()
    assert os.access(settings, os.X_OK)
    assert not git(folder, "diff", "--name-only")


@pytest.mark.full
def test_plain_copier_brings_core_auth_and_check_says_what_is_missing(tmp_path: Path) -> None:
    folder = services.service(NEWEST, tmp_path / "service", WITHOUT)
    update(folder, NEWEST, {"auth": True})
    commit(folder)
    assert answers(folder)["jobs"] is True
    assert (folder / "my_service/core/auth").is_dir()
    service = Project(folder, settings=SECRET)
    for command in (("check",), ("makemigrations", "-m", "add users")):
        done = service.manage(*command, expect=1)
        said = done.stdout + done.stderr
        assert "AUTH_USER is 'users.User', but INSTALLED_APPS does not list 'users'." in said
        assert "Traceback" not in said
    commit(folder)
    assert run(["update", str(folder), "--set=auth=yes"]) == 0
    done = service.manage("check", expect=1)  # the tables need a revision
    assert "AUTH_USER" not in done.stdout + done.stderr


@pytest.mark.full
@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (
            "my_service/apps/users/__init__.py",
            '"""Mine."""\n',
            "my_service/apps/users exists: this service has its own app of that name",
        ),
        (
            "my_service/apps/people/models.py",
            'class Person(Base):\n    __tablename__ = "users"\n',
            "my_service/apps/people/models.py defines a table users, the name of auth's table",
        ),
        (
            "tests/users/conftest.py",
            "# mine\n",
            "tests/users exists, and the tests of the app 'users' would overwrite it. "
            "Move your tests to another folder, and commit.",
        ),
        (
            "my_service/settings.py",
            "INSTALLED_APPS = tuple()\n",
            "INSTALLED_APPS in my_service/settings.py is not a literal list of names, so 'users' "
            "cannot be added",
        ),
        (
            "my_service/settings.py",
            "INSTALLED_APPS = [\n",
            "my_service/settings.py is not valid Python, line 1, so its INSTALLED_APPS cannot be read. "
            "Correct the file, and commit.",
        ),
    ],
    ids=["app", "table", "tests", "settings", "syntax"],
)
def test_a_service_with_users_of_its_own_is_refused_unchanged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, text: str, reason: str
) -> None:
    folder = services.service(NEWEST, tmp_path / "service", WITHOUT)
    folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
    folder.joinpath(path).write_text(text)
    commit(folder)
    before = files(folder)
    assert run(["update", str(folder), "--set=auth=yes"]) == 1
    assert reason in capsys.readouterr().err
    assert files(folder) == before


@pytest.mark.full
def test_an_older_example_with_its_own_users_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service("v0.3.0", tmp_path / "service")
    assert run(["update", str(folder), "--set=auth=yes"]) == 1
    assert "defines a table users" in capsys.readouterr().err
    assert git(folder, "status", "--porcelain") == ""


@pytest.mark.full
def test_jobs_stay_when_auth_is_switched_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(
        NEWEST, tmp_path / "service", {"auth": True, "example": False, "jobs": True}
    )
    assert run(["update", str(folder), "--set=auth=no"]) == 1
    told = capsys.readouterr().err
    assert "the app 'users', which is yours, needs core/auth, which auth=no removes" in told
    assert (
        "First remove the app and what uses it, with its name in INSTALLED_APPS, and commit" in told
    )
    assert git(folder, "status", "--porcelain") == ""
    settings = folder / "my_service/settings.py"
    settings.write_text(settings.read_text().replace('"users",', ""))
    shutil.rmtree(folder / "my_service/apps/users")
    commit(folder)
    assert run(["update", str(folder), "--set=auth=no"]) == 0
    assert answers(folder)["jobs"] is True
    assert (folder / "my_service/core/jobs").is_dir()
    assert not (folder / "my_service/core/auth").exists()
