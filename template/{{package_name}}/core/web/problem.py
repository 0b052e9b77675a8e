# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Problems: what the body of every error looks like (RFC 9457)."""

import json
from collections.abc import Mapping
from http.client import responses as phrases
from typing import Any

from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response
from starlette.types import Scope

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One value of a request that was refused."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    loc: list[str | int]
    """Where it is: "body", "query", "path", "header" or "cookie", then the way to the value."""
    message: str
    type: str


class Problem(BaseModel):
    """An error's body. Further members may be there; those left out say nothing."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    request_id: str = ""
    errors: list[FieldError] = []


def problem(
    scope: Scope,
    status: int,
    detail: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """The answer for an error.

    Args:
        scope: the request's; its id goes into the body.
        detail: a sentence about this occurrence, for the person who reads it.
        members: further members of the body, or in place of its `type`, `title` and `detail`.
    """
    body: dict[str, Any] = {"type": "about:blank", "title": title(status), "status": status}
    if detail and detail != body["title"]:
        body["detail"] = detail
    body |= jsonable_encoder(members or {}) | {"status": status}
    if request_id := scope.get("state", {}).get("request_id"):
        body["request_id"] = request_id
    # ASCII: a lone surrogate, which a client may send in JSON, has no form in UTF-8.
    content = json.dumps(body, separators=(",", ":")).encode("ascii")
    return Response(content, status, headers, MEDIA_TYPE)


def title(status: int) -> str:
    return phrases.get(status, "Error")


def problems(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: these statuses are documented as answered by a problem."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {
            "description": title(status) if isinstance(status, int) else "Any other error",
            "content": content,
        }
        for status in statuses
    }


DOCUMENTED = problems(422, "default")


def _schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    return {**schema.pop("$defs"), "Problem": schema}


SCHEMAS = _schemas()
