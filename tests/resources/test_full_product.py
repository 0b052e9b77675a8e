"""Every type with every modifier, on every database, is refused by a named rule or works."""

import json
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from groundplan import projects
from groundplan.fields import requests
from groundplan.fields.names import plural_of
from groundplan.fields.refusals import Broken
from groundplan.fields.words import TYPES

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan
from ..support.deep import DEEP
from ..support.projects import Project, render
from ..support.servers import Server
from ..support.specs import made
from .cases import KEY, Case, cases
from .sorting import assert_sorted
from .support import assert_sound

pytestmark = pytest.mark.full

# Rules that refuse a modifier of the type, on some database or with these arguments.
RULES = {
    "decimal-precision",
    "default-value",
    "key-length",
    "le-value",
    "made-field",
    "made-unknown",
    "postgresql-only",
    "text-index",
    "text-unique",
    "through-unknown",
    "unique-few",
}
TAKES: dict[str, frozenset[str]] = {name: type_.modifiers for name, type_ in TYPES.items()}
SAME: dict[str, TypeAdapter[Any]] = {
    "datetime": TypeAdapter(datetime),
    "duration": TypeAdapter(timedelta),
    "time": TypeAdapter(time),
    "list=datetime": TypeAdapter(list[datetime]),
    "list=time": TypeAdapter(list[time]),
    "array=datetime": TypeAdapter(list[datetime]),
    "array=time": TypeAdapter(list[time]),
}


def test_every_type_is_among_the_cases() -> None:
    assert {case.kind for case in cases()} == set(TYPES) - {"password"}  # needs users


@each_driver
@pytest.mark.long
def test_every_type_with_every_modifier(database: Server, tmp_path: Path) -> None:
    root = render(tmp_path / "product", driver=database.driver)
    commit_all(root)
    chosen = [case for case in cases() if is_made(case, projects.Project.open(root))]
    if not DEEP:  # a different part on each database
        chosen = chosen[["sqlite", "postgresql", "mariadb", "mysql"].index(database.name) :: 16]
    words = [word for case in chosen for word in (case.name, case.field)]
    groundplan("startapp", "full", "Target", "name:str=40", *words, cwd=root)
    project = Project(root, database=database.create_database())
    try:
        typed = DEEP or database.name == "sqlite"
        assert_sound(project, "tests/full", typed=typed, pyright=True)
        with project.serve() as service:
            service.log_in()
            target = service.client.post("/api/targets", json={"name": "x"}).json()["id"]
            for case in chosen:
                follow(case, service.client, target)
    finally:
        assert project.database is not None
        database.drop_database(project.database)


def is_made(case: Case, project: projects.Project) -> bool:
    """Whether a case is accepted; otherwise an expected rule must refuse it."""
    rule = broken(["Target", "name:str=40", case.name, case.field], project)
    if not case.modifier:
        assert rule in (None, "decimal-precision", "postgresql-only"), case
    elif case.modifier in TAKES[case.kind]:
        assert rule is None or rule in RULES, case
    else:
        assert str(rule).startswith("modifier-"), case
    return rule is None


def broken(words: list[str], project: projects.Project) -> str | None:
    """Return the name of the rule that refuses a spec, or None."""
    try:
        made(requests.from_words("full", words), project)
    except Broken as error:
        return error.rule
    return None


def follow(case: Case, client: httpx.Client, target: str) -> None:
    """Create a row, set each accepted value, check that each invalid one is refused, and delete it."""
    plural = plural_of(case.name)
    first, *others = (with_key(value, target) for value in case.taken)
    is_set = case.modifier not in ("made", "readonly")
    body = {case.key: first} if is_set else {}
    answer = client.post(f"/api/{plural}", json=body)
    assert answer.status_code == 201, (case, body, answer.text)
    row = answer.json()
    address = f"/api/{plural}/{row['id']}"
    assert client.get(address).json() == row
    if not is_set:
        assert client.post(f"/api/{plural}", json={case.key: first}).status_code == 422
        others = []
    else:
        assert_shown(case, row, first)
    for value in others:
        answer = client.patch(address, json={case.key: value})
        assert answer.status_code == 200, (case, value, answer.text)
        assert client.get(address).json() == answer.json()
        assert_shown(case, answer.json(), value)
    for value in case.refused:
        wrong = {case.key: with_key(value, target)}
        assert client.post(f"/api/{plural}", json=wrong).status_code == 422, (case, value)
    assert client.get(f"/api/{plural}").json()["total"] == 1
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert_sorted(case, client)


def assert_shown(case: Case, row: dict[str, Any], value: object) -> None:
    """Check that a row has the value, in any equivalent spelling; a hidden field must be absent."""
    if not case.is_shown:
        assert case.key not in row
        return
    same = SAME.get(case.type)
    if same is not None and value is not None:
        assert same.validate_python(row[case.key]) == same.validate_python(value), case
    else:
        assert row[case.key] == value, case


def with_key(value: object, key: str) -> Any:
    return json.loads(json.dumps(value).replace(KEY, key))
