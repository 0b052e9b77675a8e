"""Refused values in the form of RealWorld: `{"errors": {"email": ["is taken"]}}`."""

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from ...core.db import Duplicate
from ...core.web import unique_fields


def refusal(errors: dict[str, list[str]]) -> Response:
    return JSONResponse({"errors": errors}, 422)


async def is_invalid(request: Request, error: RequestValidationError) -> Response:
    return refusal({str(fault["loc"][-1]): [fault["msg"]] for fault in error.errors()})


async def is_taken(request: Request, error: Duplicate) -> Response:
    return refusal({field: ["is taken"] for field in unique_fields(error.constraint)})
