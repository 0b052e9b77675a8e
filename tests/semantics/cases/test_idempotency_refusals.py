"""Routes that `Router(idempotent=True)` refuses at import."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pydantic import SecretStr

from my_service.core.web import Router, Schema
from my_service.settings import Settings


async def answer_it() -> None: ...


class Issued(Schema):
    access_token: str


class Revealed(Schema):
    inner: list[SecretStr]


class Hidden(Schema):
    name: str
    revealed: Revealed


@pytest.mark.parametrize(
    ("answer", "field"),
    [(Issued, "access_token"), (list[Issued], "access_token"), (Hidden, "inner")],
)
def test_a_route_that_answers_with_a_secret_is_refused(answer: Any, field: str) -> None:
    with pytest.raises(TypeError) as refused:
        Router(idempotent=True).post("/tokens", response_model=answer)(answer_it)
    assert str(refused.value) == (
        f"the answer of POST /tokens has the field {field!r}, a secret by its name or type, which "
        "must not be stored: declare the route on a router without idempotent=True"
    )


async def lines() -> AsyncGenerator[str]:
    yield "one"


def test_a_route_that_streams_is_refused() -> None:
    with pytest.raises(TypeError) as refused:
        Router(idempotent=True).post("/lines")(lines)
    assert str(refused.value) == (
        "POST /lines streams its answer, which cannot be stored: declare the route on a router "
        "without idempotent=True"
    )


def test_the_table_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "IDEMPOTENCY_KEYS", False)
    with pytest.raises(RuntimeError) as refused:
        Router(idempotent=True)
    assert str(refused.value) == (
        "Router(idempotent=True) needs a table: write IDEMPOTENCY_KEYS = True in the class of "
        "settings.py, then run `manage.py makemigrations` and `manage.py migrate`"
    )
