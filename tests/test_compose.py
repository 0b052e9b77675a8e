"""The database user of compose.yaml: it can migrate and run the tests, and has no rights elsewhere."""

import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from .support.private import PRIVATE, PrivateServer
from .support.projects import Project, render
from .support.sql import execute

pytestmark = pytest.mark.full

NAME = "my_service"
# What the images run a script with: a client that is logged in as the administrator.
CLIENTS = {
    "postgresql": 'psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet "$@" "$ADMIN"',
    "mariadb": 'mariadb --host=127.0.0.1 --port="$PORT" --user="$ADMIN"',
}
# What the images do before it: of PostgreSQL's the administrator is `postgres`.
BEFORE = {
    "postgresql": ("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'x'", f"CREATE DATABASE {NAME}"),
    "mariadb": (
        f"CREATE DATABASE {NAME}",
        f"CREATE USER {NAME}@'%' IDENTIFIED BY '{NAME}'",
        rf"GRANT ALL ON `my\_service`.* TO {NAME}@'%'",
    ),
}
FOREIGN = {
    "postgresql": (
        "CREATE ROLE other",
        "SELECT pg_read_file('/etc/hostname')",
        "DROP DATABASE other",
        "ALTER SYSTEM SET fsync = 'off'",
    ),
    "mariadb": (
        "CREATE DATABASE elsewhere",
        "DROP DATABASE other",
        "SELECT * FROM mysql.global_priv",
        "SET GLOBAL read_only = 1",
    ),
}


class Composed(NamedTuple):
    """A project, and a server as its compose.yaml sets it up."""

    project: Project
    server: PrivateServer
    url: URL  # as the user


@pytest.fixture(scope="module", params=PRIVATE)
def composed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Composed]:
    with PRIVATE[request.param]() as private:
        server = private.server
        root = render(tmp_path_factory.mktemp("compose") / "project", driver=server.driver)
        for statement in (*BEFORE[server.name], "CREATE DATABASE other"):
            execute(server.url, statement)
        set_up(root, private)
        url = server.url.set(username=NAME, password=NAME, database=NAME)
        yield Composed(Project(root, database=url), private, url)


def set_up(root: Path, private: PrivateServer) -> None:
    """Run the script of compose.yaml as the image's entry point does: Bash reads it."""
    compose = yaml.safe_load((root / "compose.yaml").read_text())
    (config,) = compose["services"]["db"]["configs"]
    assert config["target"].startswith("/docker-entrypoint-initdb.d/")
    script = compose["configs"][config["source"]]["content"].replace("$$", "$")
    url = private.server.url
    assert url.username is not None
    is_postgresql = private.name == "postgresql"
    admin = url.set(drivername="postgresql", database=NAME) if is_postgresql else url.username
    environment = {
        "ADMIN": admin if isinstance(admin, str) else admin.render_as_string(hide_password=False),
        "PORT": str(url.port),
        "MYSQL_PWD": url.password or "",
        "APP_USER": NAME,
        "POSTGRES_PASSWORD": NAME,
        "POSTGRES_DB": NAME,
        "MARIADB_USER": NAME,
        "MARIADB_DATABASE": NAME,
    }
    bash = shutil.which("bash")
    assert bash is not None
    subprocess.run(
        [bash, "-euc", f"docker_process_sql() {{ {CLIENTS[private.name]}; }}\n{script}"],
        env=os.environ | environment,
        check=True,
    )


def test_the_user_migrates_and_runs_the_tests(composed: Composed) -> None:
    composed.project.manage("migrate")
    composed.project.manage("test", "tests/test_framework.py", "tests/test_migrations.py")


def test_the_user_has_no_rights_elsewhere(composed: Composed) -> None:
    for statement in FOREIGN[composed.server.name]:
        with pytest.raises(DBAPIError, match=r"denied|permission|must be owner"):
            execute(composed.url, statement)
