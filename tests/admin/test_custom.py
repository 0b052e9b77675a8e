"""The `admin.py` that docs/admin.md shows: it type-checks, and its column, action and hidden model work."""

import shutil
from pathlib import Path

import pytest

from ..support import inside
from ..support.deep import DEEP
from ..support.documents import files
from ..support.projects import SECRET_KEY, Project
from ..support.servers import Server
from ..variants import judging
from .test_admin import HERE, furnish

pytestmark = pytest.mark.full

OWN = files("admin")["apps/blog/admin.py"]


def test_the_documented_views_work(sqlite: Server, tmp_path: Path) -> None:
    url = sqlite.create_database()
    root = furnish(tmp_path / "project", driver=sqlite.driver)
    (root / "my_service/apps/blog/admin.py").write_text(OWN)
    assert [*judging.ruff(root / "my_service/apps/blog"), *judging.mypy(root)] == []
    if DEEP:
        assert [*judging.pyright(root)] == []
    shutil.copy(HERE / "inside/test_custom_views.py", root / "tests/admin")
    project = Project(root, database=url, settings={"SECRET_KEY": SECRET_KEY})
    try:
        report = inside.run(project, "tests/admin", ["test_custom_views.py"])
    finally:
        sqlite.drop_database(url)
    assert report
    assert {name: found for name, found in report.items() if found} == {}
