"""An existing service gets the admin by an update."""

import shutil
from pathlib import Path

import pytest

from groundplan.cli import run

from ..support import inside
from ..support.projects import SECRET_KEY, Project
from ..support.servers import Server
from ..updates import services
from ..updates.history import NEWEST, commit
from ..updates.services import Answers
from .test_admin import HERE
from .test_custom import OWN

pytestmark = pytest.mark.full


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
