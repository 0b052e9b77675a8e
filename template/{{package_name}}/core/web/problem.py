# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Problems: the body of every error (RFC 9457)."""

import json
from collections.abc import Mapping
from http.client import responses as phrases
from typing import Any

from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema
from starlette.responses import Response
from starlette.types import Scope

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """An invalid value in a request."""

    loc: list[str | int] = Field(
        description='The location: "body", "query", "path", "header" or "cookie", '
        "then the keys down to the value."
    )
    message: str
    type: str


class Problem(BaseModel):
    """The body of an error. It may have further members."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    request_id: str = ""
    errors: list[FieldError] = []
    fields: list[str] = Field(
        default=[], description="The fields of a 409 whose values together exist already."
    )


def problem(
    scope: Scope,
    status: int,
    detail: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """Return the answer to an error.

    Args:
        scope: of the request, whose id the body contains.
        detail: a sentence about this occurrence, for people.
        members: further members of the body; they may replace `type`, `title` and `detail`.
    """
    body: dict[str, Any] = {"type": "about:blank", "title": title(status), "status": status}
    if detail and detail != body["title"]:
        body["detail"] = detail
    body |= jsonable_encoder(members or {}) | {"status": status}
    if request_id := scope.get("state", {}).get("request_id"):
        body["request_id"] = request_id
    # ASCII, because a lone surrogate, which JSON from a client may hold, cannot be encoded in UTF-8.
    content = json.dumps(body, separators=(",", ":")).encode("ascii")
    return Response(content, status, headers, MEDIA_TYPE)


def title(status: int) -> str:
    return phrases.get(status, "Error")


def problems(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """Document statuses as problems, in the `responses` of a route."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {
            "description": title(status) if isinstance(status, int) else "Any other error",
            "content": content,
        }
        for status in statuses
    }


DOCUMENTED = problems(422, "default")


_, definitions = models_json_schema(
    [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
)
SCHEMAS: dict[str, Any] = definitions["$defs"]
