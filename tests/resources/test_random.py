"""Random resources, several in a project, work on each database, and are undone."""

import shlex
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from groundplan import projects
from groundplan.fields import spelling

from ..conftest import ALL
from ..generator.support import commit_all, groundplan, status
from ..support.deep import DEEP
from ..support.projects import Project, render
from ..support.servers import Server
from ..support.specs import specs
from .support import assert_sound

pytestmark = pytest.mark.full

APPS = 10 if DEEP else 2  # for each project


@pytest.mark.parametrize("database", ALL if DEEP else ["sqlite", "mariadb"], indirect=True)
def test_random_resources(database: Server, tmp_path: Path) -> None:
    """Each app has new models, which may refer to those of earlier apps.

    A deep run has 320 apps. It checks types where the code differs: on SQLite and PostgreSQL.
    """
    root = tmp_path / "service"

    @settings(
        max_examples=8 if DEEP else 1,
        derandomize=not DEEP,  # other resources at each deep run
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(st.data())
    def law(data: st.DataObject) -> None:
        shutil.rmtree(root, ignore_errors=True)
        key = data.draw(st.sampled_from(("uuid7", "bigint")))
        commit_all(render(root, driver=database.driver, primary_key=key))
        for number in range(APPS):
            reading = projects.Project.open(root)
            spec = data.draw(specs(reading, f"app{number}", suffix=chr(ord("A") + number)))
            assume(number or sum(len(model.fields) for model in spec.models) > 3)
            groundplan(*shlex.split(spelling.command(spec))[1:], cwd=root)
        project = Project(root, database=database.create_database())
        try:
            folders = (f"tests/app{number}" for number in range(APPS))
            tests = [folder for folder in folders if (root / folder).exists()]
            typed = database.name == "sqlite" or (DEEP and database.name == "postgresql")
            assert_sound(project, *tests, typed=typed)
            apps = (f"app{number}" for number in range(APPS))
            project.run(sys.executable, "-m", "groundplan", "destroy", *apps, "--yes")
            assert status(root) == ""
        finally:
            assert project.database is not None
            database.drop_database(project.database)

    law()
