"""Hostile values, in every place of every request that the example's document describes."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from schemathesis import openapi
from schemathesis.core.failures import FailureGroup

from ..conftest import ALL
from ..resilience.served import assert_clean_end, migrated, with_settings
from ..support.deep import DEEP
from ..support.servers import Server
from .hostile import Sent, requests

Body = dict[str, Any]

pytestmark = pytest.mark.full


@pytest.mark.parametrize("database", ALL if DEEP else ["sqlite", "postgresql"], indirect=True)
def test_every_answer_to_a_hostile_value_is_documented(database: Server, tmp_path: Path) -> None:
    with migrated(database, tmp_path) as project, with_settings(project).serve() as service:
        service.log_in("--staff")
        schema = openapi.from_url(f"{service.address}/openapi.json")
        statuses: Counter[int] = Counter()
        faults: list[str] = []
        for sent in requests(schema.raw_schema, right_requests(service.client)):
            headers = {"Content-Type": sent.kind}
            answer = service.client.request(
                sent.method, sent.url, content=sent.content, headers=headers
            )
            statuses[answer.status_code] += 1
            if fault := fault_of(schema, sent, answer) or change_of(service.client, sent, answer):
                faults.append(f"{sent.method} {sent.path}, {sent.place}: {fault}")
        print(f"{statuses.total()} requests: {dict(statuses)}")
        assert faults == []
        assert {200, 201, 422} <= statuses.keys()
        assert_clean_end(service)


def right_requests(client: httpx.Client) -> dict[str, Sent]:
    """Return a request that succeeds for each operation that has a body or a second parameter."""
    post: Body = {"title": "A post", "body": "Of words.", "meta": {}}
    key = client.post("/api/posts", json=post).json()["id"]
    rich = {"balance": "1000.00"}
    source, target = (client.post("/api/accounts", json=rich).json()["id"] for _ in range(2))
    comment = {"body": "Indeed.", "parent_id": None}
    transfer = {"from_account_id": source, "to_account_id": target, "amount": "0.01"}
    listed: Body = {**post, "category_slugs": []}
    a_post, a_slug = {"id": key}, {"slug": "maths"}
    right = [
        Sent("PUT", "/api/categories/{slug}", keys=a_slug, body={"name": "Maths"}),
        Sent("POST", "/api/posts", body=listed),
        Sent("POST", "/api/posts/import", body=listed),
        Sent(
            "PATCH", "/api/posts/{id}", keys=a_post, body={"title": "?", "meta": {}, "version": 1}
        ),
        Sent("POST", "/api/posts/{id}/comments", keys=a_post, body=comment),
        Sent("POST", "/api/accounts", body=rich),
        Sent("POST", "/api/transfers", body=transfer),
    ]
    return {f"{sent.method} {sent.path}": sent for sent in right}


def fault_of(schema: Any, sent: Sent, answer: httpx.Response) -> str:
    """Return what is wrong with an answer, or "" if nothing is."""
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text:.200}"
    operation = schema[sent.path][sent.method]
    try:
        operation.validate_response(answer)
    except FailureGroup as failures:
        return f"{answer.status_code} {failures.exceptions}"
    if answer.is_success and str(answer.status_code) not in operation.definition.raw["responses"]:
        return f"{answer.status_code} is not documented"
    return ""


def change_of(client: httpx.Client, sent: Sent, answer: httpx.Response) -> str:
    """Return how a post's JSON was changed, or "" if it was refused or is stored as it was sent."""
    if sent.path != "/api/posts" or answer.status_code != 201:
        return ""
    kept = client.get(f"/api/posts/{answer.json()['id']}")
    metas = [exactly(body)["meta"] for body in (sent.content, answer.content, kept.content)]
    return "" if metas[0] == metas[1] == metas[2] else f"{metas!r:.500}"


def exactly(document: bytes) -> Any:
    """Parse JSON with exact numbers: 1e308 equals a 1 with 308 zeros."""
    return json.loads(document, parse_int=Decimal, parse_float=Decimal)
