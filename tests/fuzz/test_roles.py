"""schemathesis tests every operation of the example as each kind of user."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ..conftest import ALL
from ..resilience.served import assert_clean_end, migrated, with_settings
from ..support.deep import DEEP, scaled
from ..support.projects import ROOT, Project, Service
from ..support.servers import Server
from .test_document import schemathesis

pytestmark = pytest.mark.full

EXAMPLES = scaled(usual=5, deep=100)  # for each operation
PHASES = "examples,coverage,fuzzing,stateful" if DEEP else "fuzzing,stateful"
PEOPLE = scaled(usual=60, deep=600)  # of each role; a request may end a session or an account
POST = {"title": "Theirs", "body": "Of others."}
ACCOUNT = {"balance": "1000.00"}


@pytest.mark.parametrize("role", ["anonymous", "user", "staff", "superuser"])
@pytest.mark.parametrize("database", ALL if DEEP else ["sqlite"], indirect=True)
@pytest.mark.long
def test_each_role_gets_what_is_documented_and_its_own(
    database: Server, role: str, tmp_path: Path
) -> None:
    """No answer is a 5xx, undocumented, or has a row of another user."""
    settings = {"AUTH_RECENT_MINUTES": "600"}
    with (
        migrated(database, tmp_path) as project,
        with_settings(project, settings).serve() as service,
    ):
        stored = people(project)
        for other in stored["others"]:
            furnish(service, other)
        (tmp_path / "people.json").write_text(json.dumps(stored))
        print(
            schemathesis(
                service,
                tmp_path,
                hooks="tests.fuzz.role_hooks",
                options=[f"--max-examples={EXAMPLES}", f"--phases={PHASES}"],
                environment={"ROLE": role, "PEOPLE": str(tmp_path / "people.json")},
            )
        )
        for other in stored["others"]:
            check(service, other)
        assert_clean_end(service)


def people(project: Project) -> dict[str, Any]:
    """Store users of each role, and return them with their tokens."""
    script = shutil.copy(ROOT / "tests/auth/inside/people.py", project.root)
    printed = project.run(project.python, script, "my_service", str(PEOPLE)).stdout
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def furnish(service: Service, other: dict[str, Any]) -> None:
    """Give a user a post and an account, and note their keys."""
    for kind, row in (("posts", POST), ("accounts", ACCOUNT)):
        answer = service.client.post(f"/api/{kind}", json=row, headers=bearer(other))
        other[kind] = [answer.raise_for_status().json()["id"]]


def check(service: Service, other: dict[str, Any]) -> None:
    """The rows of a user are as they were, and nobody has taken money or ended a session."""
    client, headers = service.client, bearer(other)
    sessions = client.get("/api/me/sessions", headers=headers).json()
    tokens = client.get("/api/me/tokens", headers=headers).json()
    assert {row["id"] for row in sessions} == set(other["sessions"])
    assert {row["id"] for row in tokens} == set(other["tokens"])
    account = client.get(f"/api/accounts/{other['accounts'][0]}", headers=headers).json()
    assert float(account["balance"]) >= 1000
    post = client.get(f"/api/posts/{other['posts'][0]}").json()
    assert {name: post[name] for name in POST} == POST


def bearer(person: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {person['token']}"}
