"""Runs a variant on a real database: migrates up, down and up, calls it over HTTP, runs its tests."""

import sys
from pathlib import Path

from ..support.endings import assert_clean_end
from ..support.projects import Project, Service
from ..support.servers import Server
from .oracle import Answers
from .rendering import tree, write

SERVERS = {"aiosqlite": ("sqlite",), "asyncpg": ("postgresql",), "aiomysql": ("mariadb", "mysql")}
POST = {"title": "On numbers", "body": "They are many."}
PRODUCT = {"title": "A crate", "price": "9.90"}


def boot(answers: Answers, server: Server, folder: Path, python: Path) -> None:
    """Assert that a variant works, from its first migration to its own tests.

    A variant without the example has nothing to migrate, so `startapp` adds an app.

    Args:
        answers: one for each of `OFFERED`.
        server: a server for its driver.
        folder: the folder to write the project to.
        python: a Python with its dependencies.
    """
    project = Project(write(tree(answers), folder / "project"), server.create_database(), python)
    assert project.database is not None
    try:
        if not answers["example"]:
            app = ("shop", "Product", "title:str", "price:decimal=10,2")
            project.run(sys.executable, "-m", "groundplan", "startapp", *app)
        for target in ("head", "base", "head"):
            project.manage("migrate", target)
        project.manage("makemigrations", "--check")
        with project.serve() as service:
            if answers["auth"]:
                project.log_in(service.client)
            _ask(service, *(("posts", POST) if answers["example"] else ("products", PRODUCT)))
            assert_clean_end(service)
        project.settings = {"SECRET_KEY": ""}  # as in CI, which has no .env
        project.manage("test")
    finally:
        server.drop_database(project.database)


def _ask(service: Service, name: str, body: dict[str, str]) -> None:
    assert service.client.get("/health/ready").status_code == 200
    assert f"/api/{name}" in service.client.get("/openapi.json").json()["paths"]
    answer = service.client.post(f"/api/{name}", json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert created.items() >= body.items()
    assert service.client.get(f"/api/{name}/{created['id']}").json() == created
