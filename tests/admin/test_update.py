"""An existing service keeps its answer, and gets the admin by an update that asks for it."""

import shutil
from pathlib import Path

import pytest

from groundplan.cli import run

from ..conftest import each_driver
from ..support import inside
from ..support.projects import SECRET_KEY, Project
from ..support.servers import Server
from ..updates import services
from ..updates.history import NEWEST, commit
from ..updates.services import Answers, update
from .test_admin import HERE
from .test_custom import OWN

pytestmark = [pytest.mark.full, pytest.mark.usefixtures("quickly")]

USERS: Answers = {"auth": True, "jobs": True, "example": False}
EXISTING: dict[str, tuple[str, Answers, bool]] = {
    "0.2.0": ("v0.2.0", {}, False),
    "0.3.0": ("v0.3.0", {}, False),
    "without users": (NEWEST, {"example": False}, False),
    "no": (NEWEST, {**USERS, "admin": False}, False),
    "yes": (NEWEST, {**USERS, "admin": True}, True),
    "not asked": (NEWEST, {**USERS, "admin": False}, False),
}


@pytest.mark.parametrize("name", EXISTING)
def test_updates_keep_an_existing_service_with_or_without_the_admin(
    tmp_path: Path, name: str
) -> None:
    release, given, has_admin = EXISTING[name]
    root = services.service(release, tmp_path / "service", given)
    recorded = root / ".copier-answers.yml"
    if name == "not asked":
        recorded.write_text(recorded.read_text().replace("admin: false\n", ""))
        commit(root)
    update(root, NEWEST, {"ci": "none"})  # by plain Copier
    commit(root)
    assert (root / "my_service/core/admin").is_dir() is has_admin
    assert run(["update", str(root), "--set=ci=gitlab"]) == 0
    assert (root / "my_service/core/admin").is_dir() is has_admin
    answer = [line for line in recorded.read_text().splitlines() if line.startswith("admin:")]
    asked = [f"admin: {str(has_admin).lower()}"] if given.get("auth") else []
    assert answer == asked


@each_driver
@pytest.mark.long
def test_an_update_and_makemigrations_bring_the_pages_of_users(
    database: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: Answers = {"driver": database.driver, "auth": True, "jobs": True}
    root = services.service(NEWEST, tmp_path / "service", given)
    assert run(["update", str(root), "--set=admin=yes"]) == 0
    said = capsys.readouterr().out
    assert "create    my_service/core/admin/site.py" in said
    assert not (root / "my_service/apps/users/admin.py").exists()
    commit(root)
    own = root / "my_service/apps/blog/admin.py"
    own.write_text(OWN)
    commit(root)
    assert run(["update", str(root), "--set=ci=none"]) == 0
    assert own.read_text() == OWN
    shutil.copytree(HERE / "cases", root / "tests/admin", ignore=shutil.ignore_patterns("test_*"))
    for name in ("test_after_update.py", "test_custom_views.py"):
        shutil.copy(HERE / "inside" / name, root / "tests/admin")
    url = database.create_database()
    project = Project(root, database=url, settings={"SECRET_KEY": SECRET_KEY})
    try:
        project.manage("migrate")
        said = project.manage("makemigrations", "-m", "add the admin").stdout
        assert "+ Create table admin_audit\n" in said
        report = inside.run(
            project, "tests/admin", ["test_after_update.py", "test_custom_views.py"]
        )
    finally:
        database.drop_database(url)
    assert report
    assert {name: found for name, found in report.items() if found} == {}
