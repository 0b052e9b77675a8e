# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The arguments of a task: checked by Pydantic, and stored as a JSON document."""

import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import field, make_dataclass
from functools import partial
from inspect import Parameter
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError

from ..db.exact import to_json
from ..web.unstorable_text import UNSTORABLE, strings

TRACEPARENT = "@traceparent"  # the caller's trace; @ begins what is stored next to the arguments
MAX_BYTES = 65_536  # of the arguments, or of the result, of one job
MASKED = "<function _serialize_secret"  # as a schema shows a value that JSON masks


class InvalidArguments(ValueError):
    """The arguments of a job do not fit its task, are too large, or cannot be stored."""


class Arguments:
    """The arguments of one task, whose parameters have types that Pydantic can read from JSON."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._name = name
        self._signature = inspect.signature(function)
        self.required: list[str] = []
        hints, fields = get_type_hints(function, include_extras=True), list[Any]()
        for parameter in self._signature.parameters.values():
            if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                raise TypeError(f"{name}: {parameter} takes any arguments: name each one")
            if parameter.name not in hints:
                raise TypeError(f"{name}: the parameter {parameter.name} needs a type")
            options: dict[str, Any] = {}
            if parameter.default is Parameter.empty:
                self.required.append(parameter.name)
            else:
                options["default_factory"] = partial(deepcopy, parameter.default)
            fields.append((parameter.name, hints[parameter.name], field(**options)))
        config = {"__pydantic_config__": ConfigDict(extra="forbid")}
        made = make_dataclass("Arguments", fields, kw_only=True, namespace=config)
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(made)
        except PydanticSchemaGenerationError as error:
            raise TypeError(f"{name}: {error.message.partition(chr(10))[0]}") from error
        schema = str(self._adapter.core_schema)
        self.has_set = "'type': 'set'" in schema or "'type': 'frozenset'" in schema
        if MASKED in schema:
            raise TypeError(
                f"{name}: a parameter holds a Secret, such as SecretStr, which is stored as asterisks. "
                "Pass the key of a row that holds the secret."
            )

    def dump(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a call as a JSON document, or InvalidArguments."""
        try:
            given = self._signature.bind(*args, **kwargs).arguments
            checked = self._adapter.validate_python(given)
            document: dict[str, Any] = self._adapter.dump_python(
                checked, mode="json", by_alias=False, round_trip=True
            )
            refuse_unstorable(document)
        except (TypeError, ValueError) as error:
            raise InvalidArguments(f"{self._name}: {explain(error)}") from error
        return document

    def load(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a stored job, by name; InvalidArguments if they no longer fit."""
        if not hasattr(document, "items"):
            raise InvalidArguments(f"{self._name}: the stored arguments are not a JSON object")
        given = {name: value for name, value in document.items() if name[:1] != "@"}
        try:
            checked = self._adapter.validate_json(to_json(given), by_name=True)
        except ValidationError as error:
            raise InvalidArguments(f"{self._name}: {explain(error)}") from error
        return {name: getattr(checked, name) for name in self._signature.parameters}


def refuse_unstorable(document: Any) -> None:
    """Raise ValueError for a document that is too large, or that not every database can store."""
    if any(UNSTORABLE.search(text) for text in strings(document)):
        raise ValueError("text that contains U+0000 or a lone surrogate cannot be stored")
    size = len(to_json(document).encode())
    if size > MAX_BYTES:
        raise ValueError(
            f"{size:,} bytes of JSON are too large, at most {MAX_BYTES:,} are allowed. Store the "
            "data in a table, and pass its key."
        )


def explain(error: TypeError | ValueError) -> str:
    """What does not fit, in one line, without the values."""
    if not isinstance(error, ValidationError):
        return str(error)
    details = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(str(part) for part in d['loc'])}: {d['msg']}" for d in details)
