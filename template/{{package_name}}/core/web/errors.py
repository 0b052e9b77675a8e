# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Exception handlers. Clients learn what went wrong, but never see a driver's message."""

from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from fastapi.utils import is_body_allowed_for_status_code
from pydantic import ValidationError
from sqlalchemy import Index
from sqlalchemy.schema import ColumnCollectionConstraint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from structlog.typing import FilteringBoundLogger

from .. import db
from .paths import allowed_methods
from .problem import problem

MOST_ERRORS = 100  # listed in one answer
BLANK_REFUSED = r"\S"  # the pattern of a text that has to have a visible character
MOST_DETAILS = 1000  # pydantic takes 5 µs for the details of each error, and cannot stop early

logger: FilteringBoundLogger = structlog.get_logger()


class Answer(NamedTuple):
    """The answer to a class of errors. Programs rely on `type`, which never changes."""

    status: int
    type: str
    title: str
    retry_after: int | None = None  # seconds


DATABASE_ERRORS: dict[type[db.DatabaseError], Answer] = {
    db.NotFound: Answer(404, "urn:problem:not-found", "Not found"),
    db.Duplicate: Answer(409, "urn:problem:duplicate", "Already exists"),
    db.ForeignKeyViolated: Answer(409, "urn:problem:reference", "Reference violated"),
    db.StaleData: Answer(409, "urn:problem:stale", "Changed meanwhile"),
    db.CheckViolated: Answer(422, "urn:problem:not-allowed", "Value not allowed"),
    db.Required: Answer(422, "urn:problem:required", "Value missing"),
    db.InvalidValue: Answer(422, "urn:problem:invalid-value", "Value invalid"),
    db.Conflict: Answer(503, "urn:problem:conflict", "Try again", retry_after=1),
    db.LockTimeout: Answer(503, "urn:problem:locked", "Try again", retry_after=1),
    db.Unavailable: Answer(503, "urn:problem:unavailable", "Database unavailable", retry_after=5),
    db.OutcomeUnknown: Answer(503, "urn:problem:outcome-unknown", "Outcome unknown"),
}


async def on_http_exception(request: Request, error: HTTPException) -> Response:
    """Answer an `HTTPException`. If its detail is a mapping, it becomes members of the problem."""
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(allowed_methods(request)))
    if not is_body_allowed_for_status_code(error.status_code):
        return Response(status_code=error.status_code, headers=headers)
    detail: object = error.detail
    if isinstance(detail, Mapping):
        members = cast("Mapping[str, Any]", detail)
        return problem(request.scope, error.status_code, headers=headers, members=members)
    return problem(request.scope, error.status_code, str(detail), headers=headers)


async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
    """Answer an invalid request: say what is wrong and where, but never repeat the value."""
    errors = [
        {"loc": fault["loc"], "message": _message(fault), "type": fault["type"]}
        for fault in error.errors()[:MOST_ERRORS]
    ]
    members = {"type": "urn:problem:invalid-request", "title": "Invalid request", "errors": errors}
    return problem(request.scope, 422, members=members)


def error_details(error: ValidationError) -> list[Mapping[str, Any]]:
    """Return pydantic's list of errors, or only their number if there are more than 1,000."""
    count = error.error_count()
    if count > MOST_DETAILS:
        return [{"type": "too_many_errors", "loc": (), "msg": f"{count} values are invalid"}]
    return [*error.errors(include_url=False)]


@lru_cache(maxsize=1)
def limit_details(app: FastAPI) -> None:
    """Let the routes of an application refuse bodies with many errors by their number alone."""
    for route in iter_route_contexts(app.routes):
        if dependant := getattr(route, "dependant", None):
            for field in dependant.body_params:
                limit_field(field._type_adapter)


def limit_field(adapter: Any) -> None:
    if "validate_python" in vars(adapter):
        return  # limited by another application with the same router
    validate = adapter.validate_python

    def validate_python(value: object, **options: Any) -> object:
        try:
            return validate(value, **options)
        except ValidationError as error:
            if error.error_count() <= MOST_DETAILS:
                raise
            details = error_details(error)
        raise RequestValidationError([{**each, "loc": ("body",)} for each in details])

    adapter.validate_python = validate_python


async def on_database_error(request: Request, error: db.DatabaseError) -> Response:
    """Answer an error of the database as the table says for its nearest base class."""
    answer = next(filter(None, map(DATABASE_ERRORS.get, type(error).__mro__)), None)
    if answer is None:
        raise error
    if answer.status >= 500:  # not the client's fault, so log it
        cause = str(error.__cause__) or repr(error.__cause__)  # str(TimeoutError()) is empty
        logger.warning("database", error=type(error).__name__, cause=cause)
    headers = {"Retry-After": str(answer.retry_after)} if answer.retry_after else None
    members: dict[str, Any] = {"type": answer.type, "title": answer.title}
    if isinstance(error, db.Duplicate) and (fields := unique_fields(error.constraint)):
        members["fields"] = fields
    return problem(request.scope, answer.status, error.detail, headers=headers, members=members)


def unique_fields(violated: str | None) -> list[str]:
    """Return the columns of a unique constraint or index, by its name or by the list of them."""
    for table in db.Base.metadata.tables.values() if violated else ():
        for each in (*table.constraints, *table.indexes):
            if isinstance(each, ColumnCollectionConstraint | Index):
                listed = ", ".join(f"{table.name}.{column.name}" for column in each.columns)
                if violated in (each.name, listed):
                    return each.info.get("fields") or [column.key for column in each.columns]
    return []


def _message(fault: Mapping[str, Any]) -> str:
    """Return what is wrong, without regular expressions, and with the reason for malformed JSON."""
    if fault["type"] == "string_pattern_mismatch":
        blank = fault["ctx"]["pattern"] == BLANK_REFUSED
        return "The text is blank" if blank else "The text does not have the required form"
    reason = fault.get("ctx", {}).get("error") if fault["type"] == "json_invalid" else None
    return f"{fault['msg']}: {reason}" if reason else str(fault["msg"])


Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
ExceptionHandlers = Mapping[int | type[Exception], Handler]
EXCEPTION_HANDLERS: ExceptionHandlers = {
    HTTPException: on_http_exception,
    RequestValidationError: on_invalid_request,
    db.DatabaseError: on_database_error,
}
