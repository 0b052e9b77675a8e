# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Form fields of columns. Values are written as the API writes them, so that none is rounded.

starlette-admin's own fields turn text that they cannot read into NULL, and drop microseconds.
"""

import base64
import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import GenericAlias
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AllowInfNan, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import Boolean, Column, Date, Enum, Integer, LargeBinary, String, Text, Uuid
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, RelationshipDirection, class_mapper
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette_admin import RequestAction
from starlette_admin import fields as parts
from starlette_admin.filters.base import FilterDataType

from ..auth import WeakPassword, make_hash
from ..db import Duration, ExactDecimal, FiniteFloat, Json, ListOf, TimeOfDay, UTCDateTime
from ..db.exact import to_time_of_day, to_utc
from ..db.types import LISTS, BigIntKey
from ..web import parse_json
from ..web.unstorable_text import UNSTORABLE
from .naming import HIDDEN, MADE, columns, secrets_of, title

SHORT = 2_000  # characters; longer text has a field of several lines


class Malformed(str):
    """Text that is not a value of its column: the form shows it again."""

    reason = "Not a valid value."


class Exact(parts.BaseField):
    """A field that reads and writes text exactly."""

    adapter: TypeAdapter[Any]
    is_json = False
    is_text = False

    async def parse_form_data(self, request: Request, form_data: FormData) -> Any:
        text = str(form_data.get(self.id) or "").replace("\r\n", "\n")
        if not text.strip() and (not self.is_text or not text or not self.required):
            return None
        try:
            if self.is_json:
                return self.adapter.validate_python(parse_json(text.encode()))
            if UNSTORABLE.search(text):
                raise ValueError("Contains a character that cannot be stored.")
            return self.adapter.validate_json(json.dumps(text if self.is_text else text.strip()))
        except (ValueError, RecursionError) as error:
            malformed = Malformed(text)
            malformed.reason = reason(error)
            return malformed

    async def validate(self, request: Request, value: Any, form_values: dict[str, Any]) -> None:
        if isinstance(value, Malformed):
            raise ValueError(value.reason)
        if self.is_json and value is not None:
            return  # an empty list is a value
        await super().validate(request, value, form_values)

    def dump(self, value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return self.adapter.dump_python(value, mode="json")

    async def serialize_value(self, request: Request, value: Any) -> Any:
        if isinstance(value, str):
            return value
        shown = self.dump(value)
        if self.is_json:
            return json.dumps(shown, ensure_ascii=False)
        return str(shown).lower() if isinstance(shown, bool) else str(shown)


class Words(Exact, parts.StringField):
    is_text = True


class Lines(Exact, parts.TextAreaField):
    is_text = True


class Document(Exact, parts.TextAreaField):
    is_json = True


class Code(Exact, parts.StringField):
    """A value that is neither text nor ordered, such as a UUID."""


class Ordered(Exact, parts.StringField):
    """A value such as a number, of which a filter finds a range."""

    widget = FilterDataType.STRING  # a browser's form for it, in filters


class Moment(Ordered):
    widget = FilterDataType.DATETIME


class Day(Ordered):
    widget = FilterDataType.DATE


class Hour(Ordered):
    widget = FilterDataType.TIME


class Secret(Exact, parts.PasswordField):
    """A value that can be set, and is never shown. A form that leaves it empty keeps it."""

    is_needed = False
    is_hashed = False

    async def validate(self, request: Request, value: Any, form_values: dict[str, Any]) -> None:
        if value is None and self.is_needed and request.state.action is RequestAction.CREATE:
            raise ValueError("This field is required.")
        await super().validate(request, value, form_values)

    async def serialize_value(self, request: Request, value: Any) -> Any:
        return None

    def input_params(self) -> str:
        return f'{super().input_params()} autocomplete="new-password"'

    async def hash_given(self, session: AsyncSession, data: dict[str, Any]) -> dict[str | int, Any]:
        """Replace a password of a form by its hash, or return why it is refused.

        No connection is held meanwhile: the transaction, which has only read so far, is ended.
        """
        if not self.is_hashed or data[self.name] is None:
            return {}
        if session.in_transaction():
            await session.commit()
        try:
            data[self.name] = await make_hash(data[self.name])
        except WeakPassword as weak:
            return {self.name: weak.reason}
        return {}


Bytes = Annotated[bytes, AfterValidator(lambda value: base64.b64decode(value, validate=True))]
# The field of each type of column, and what its text is read as. The first that matches counts.
KINDS: list[tuple[type[Any], type[Exact], Any, str]] = [
    (UTCDateTime, Moment, Annotated[datetime, AfterValidator(to_utc)], "2026-01-31T12:00:00Z"),
    (ExactDecimal, Ordered, Decimal, ""),
    (FiniteFloat, Ordered, Annotated[float, AllowInfNan(False)], ""),
    (TimeOfDay, Hour, Annotated[time, AfterValidator(to_time_of_day)], "12:00:00"),
    (Duration, Code, timedelta, "P1DT2H, or 26:00:00"),
    (Json, Document, Any, "JSON"),
    (Date, Day, date, "2026-01-31"),
    (Boolean, Code, bool, "true, false or empty"),
    (Integer, Ordered, int, ""),
    (BigIntKey, Ordered, int, ""),
    (Uuid, Code, UUID, ""),
    (Text, Lines, str, ""),
    (String, Words, str, ""),
    (LargeBinary, Code, Bytes, "in Base64"),
]


def reason(error: ValueError | RecursionError | ErrorDetails) -> str:
    if isinstance(error, ValidationError):
        return reason(error.errors()[0])
    if isinstance(error, dict):
        return error["msg"].removeprefix("Value error, ")
    unread = isinstance(error, json.JSONDecodeError | RecursionError)
    return "This is not JSON." if unread else str(error)


def fields_of(
    model: type[Any],
    keys: Mapping[type[Any], str],
    readonly: Collection[str],
    hidden: Collection[str],
) -> list[parts.BaseField]:
    """Return the fields of a model: columns, and references to models that the admin shows."""
    mapper: Mapper[Any] = class_mapper(model)
    table: Any = mapper.local_table
    found: dict[str, parts.BaseField] = {}
    for name in columns(model):
        column = mapper.columns[name]
        found[name] = field = field_of(name, column)
        generated = column.primary_key and (column.default or column is table.autoincrement_column)
        unwritten = generated or column is mapper.version_id_col or name in {*MADE, *readonly}
        field.exclude_from_create = bool(unwritten)
        field.exclude_from_edit = bool(unwritten) or column.primary_key
    for relation in mapper.relationships:
        name, key = relation.key, keys.get(relation.mapper.class_)
        local = [mapper.get_property_by_column(each).key for each in relation.local_columns]
        if key is None or name in HIDDEN[model] or relation.viewonly:
            continue
        if relation.secondary is not None:
            found[name] = parts.HasMany(name, key=key, exclude_from_list=True)
        elif relation.direction is RelationshipDirection.MANYTOONE and found.keys() >= {*local}:
            required = not any(each.nullable for each in relation.local_columns)
            field = parts.HasOne(name, key=key, required=required)
            field.exclude_from_edit = any(each.primary_key for each in relation.local_columns)
            found = {  # in the place of its column
                (name if each == local[0] else each): (field if each == local[0] else one)
                for each, one in found.items()
                if each not in local[1:]
            }
        if name in found and name in readonly:
            found[name].exclude_from_create = found[name].exclude_from_edit = True
    for name, is_hashed in secrets_of(model).items():
        if name not in {*hidden, *readonly}:
            found[name] = secret_of(name, mapper.columns[name], is_hashed=is_hashed)
    return [*found.values()]


def secret_of(name: str, column: Column[Any], *, is_hashed: bool) -> Secret:
    """Return the field of a column that is never shown."""
    shown = field_of(name, column)
    field = Secret(name, label=shown.label, help_text="Never shown. Leave it empty to keep it.")
    if isinstance(shown, Exact):
        field.adapter, field.is_text, field.is_json = shown.adapter, shown.is_text, shown.is_json
    else:
        field.adapter = TypeAdapter(column.type.python_type)
    if is_hashed:  # its hash has another length
        field.adapter = TypeAdapter(str)
    field.is_needed, field.is_hashed = bool(shown.required), is_hashed
    field.exclude_from_list = field.exclude_from_detail = field.exclude_from_export = True
    field.form_template = "secret.html"
    return field


def field_of(name: str, column: Column[Any]) -> parts.BaseField:
    kind = column.type
    required = not (column.nullable or column.default or column.server_default)
    options: dict[str, Any] = {"label": title(name), "required": required}
    default: Any = column.default
    if default is not None and default.is_scalar and not column.primary_key:
        options["default"] = default.arg
    if isinstance(kind, Enum) and kind.enum_class is not None:
        options["required"] = not column.nullable
        return parts.EnumField(name, enum=kind.enum_class, **options)
    if isinstance(kind, Boolean) and not column.nullable:
        options["required"] = False
        return parts.BooleanField(name, **options)
    known = [each[1:] for each in KINDS if isinstance(kind, each[0])]
    cls, read_as, hint = known[0] if known else (Words, str, "")
    if isinstance(kind, ListOf):
        cls, read_as, hint = Document, LISTS[kind.member][1], "a JSON list"
    elif (item := getattr(kind, "item_type", None)) is not None:
        held = next((each[2] for each in KINDS if isinstance(item, each[0])), Any)
        listed: Any = GenericAlias(list, (held,))
        cls, read_as, hint = Document, listed, "a JSON list"
    if isinstance(kind, String) and kind.length is not None and cls in (Words, Lines):
        options["maxlength"] = kind.length
        sized: Any = Annotated[str, Field(max_length=kind.length)]
        read_as = sized
        cls = Lines if kind.length > SHORT else cls
    make: Any = cls  # each class takes other options
    field: Exact = make(name, help_text=hint or None, **options)
    if isinstance(field, Moment):
        field.list_template = "moment.html"
    field.adapter = TypeAdapter(read_as)
    return field
