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

MAX_BYTES = 65_536  # of the arguments of one job


class InvalidArguments(ValueError):
    """The arguments of a job do not fit its task, or are too large."""


class Arguments:
    """The arguments of one task.

    Args:
        function: the task's; each parameter needs a type that Pydantic can read from JSON.
        name: of the task, for error messages.

    Raises:
        TypeError: a parameter has no such type, or takes any number of arguments.
    """

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._name = name
        self._signature = inspect.signature(function)
        hints = get_type_hints(function, include_extras=True)
        fields: list[tuple[str, Any, Any]] = []
        for parameter in self._signature.parameters.values():
            if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                raise TypeError(f"{name}: {parameter} takes any arguments; a task names each one")
            if parameter.name not in hints:
                raise TypeError(f"{name}: the parameter {parameter.name} needs a type")
            default = parameter.default
            given = default is not Parameter.empty
            options: Any = {"default_factory": partial(deepcopy, default)} if given else {}
            fields.append((parameter.name, hints[parameter.name], field(**options)))
        self.required = [name for name, _, value in fields if not callable(value.default_factory)]
        config = {"__pydantic_config__": ConfigDict(extra="forbid")}
        made = make_dataclass("Arguments", fields, kw_only=True, namespace=config)
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(made)
        except PydanticSchemaGenerationError as error:
            raise TypeError(f"{name}: {error.message.partition(chr(10))[0]}") from error

    def dump(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a call as a JSON document.

        Raises:
            InvalidArguments: they do not fit the parameters, take more than 64 KiB, or cannot be
                stored.
        """
        try:
            given = self._signature.bind(*args, **kwargs).arguments
            checked = self._adapter.validate_python(given)
        except (TypeError, ValidationError) as error:
            raise InvalidArguments(f"{self._name}: {explain(error)}") from error
        document: dict[str, Any] = self._adapter.dump_python(checked, mode="json")
        if any(UNSTORABLE.search(text) for text in strings(document)):
            raise InvalidArguments(
                f"{self._name}: a text contains U+0000 or a lone surrogate, which not every "
                "database can store. Remove it."
            )
        size = len(to_json(document).encode())
        if size > MAX_BYTES:
            raise InvalidArguments(
                f"{self._name}: the arguments take {size:,} bytes, at most {MAX_BYTES:,} are "
                "allowed. Store the data in a table, and pass its key."
            )
        return document

    def load(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a stored job, by name.

        Raises:
            InvalidArguments: they no longer fit the parameters.
        """
        try:
            checked = self._adapter.validate_json(to_json(document))
        except ValidationError as error:
            raise InvalidArguments(f"{self._name}: {explain(error)}") from error
        return {name: getattr(checked, name) for name in self._signature.parameters}


def explain(error: TypeError | ValidationError) -> str:
    """What does not fit, in one line, without the values."""
    if isinstance(error, TypeError):
        return str(error)
    details = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(str(part) for part in d['loc'])}: {d['msg']}" for d in details)
