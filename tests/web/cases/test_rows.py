"""Rows written as JSON without instances: the same bytes, or the ordinary way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from my_service.core.db import Page
from my_service.core.web import PageOf, Schema
from my_service.core.web.rows import serializer_of, written


class Color(StrEnum):
    RED = "red"


class Everything(Schema):
    key: Annotated[int, Field(ge=1, le=2**63 - 1)]
    uuid: UUID
    text: Annotated[str, Field(max_length=40, pattern="^[^!]*$")]
    number: float
    money: Decimal
    flag: bool
    color: Color
    kind: Literal["a", "b"]
    moment: datetime
    day: date
    hour: time
    span: timedelta
    maybe: Annotated[int, Field(ge=1)] | None
    meta: dict[str, JsonValue]
    document: JsonValue
    tags: list[str]


VALUES = {
    "key": 2**63 - 1,
    "uuid": UUID(int=7),
    "text": "Infinity, or NaN",
    "number": 0.1,
    "money": Decimal("12.30"),
    "flag": True,
    "color": Color.RED,
    "kind": "b",
    "moment": datetime(2026, 11, 28, 9, 30, 0, 120, UTC),
    "day": date(2026, 11, 28),
    "hour": time(9, 30),
    "span": timedelta(days=1, microseconds=5),
    "maybe": None,
    "meta": {"a": [1, None, {"b": 1.5}]},
    "document": [{"c": True}, "d"],
    "tags": ["x", ""],
}
PLAIN = {**VALUES, "text": 'é"\\\n\u2028'}


def direct(into: type[Any], rows: Sequence[dict[str, Any]]) -> bytes | None:
    names = list(rows[0]) if rows else list(into.model_fields)
    page = Page([list(row.values()) for row in rows], 9, 2, 5)
    answer = written(PageOf, into, names, page)
    return None if answer is None else bytes(answer.body)


def ordinary(into: type[Any], rows: Sequence[dict[str, Any]]) -> bytes:
    """Return what FastAPI writes for `response_model=PageOf[into]`."""
    page_of: Any = PageOf
    adapter = TypeAdapter[Any](page_of[into])
    page = Page([into(**row) for row in rows], 9, 2, 5)
    return adapter.dump_json(adapter.validate_python(page, from_attributes=True))


@pytest.mark.parametrize("rows", [[], [PLAIN], [PLAIN, {**PLAIN, "maybe": 3}]], ids=len)
def test_the_bytes_are_those_of_instances(rows: list[dict[str, Any]]) -> None:
    assert direct(Everything, rows) == ordinary(Everything, rows)


@pytest.mark.parametrize(
    "value",
    [
        {"number": float("nan")},
        {"number": float("-inf")},
        {"money": Decimal("NaN")},
        {"money": Decimal("sNaN")},
        {"key": Decimal(5)},
        {"flag": 1},
        {"color": "red"},
        {"uuid": "7"},
        {"moment": "2026-11-28"},
        {"tags": ("x",)},
        {"text": VALUES["text"]},
    ],
    ids=str,
)
def test_a_value_that_a_schema_refuses_or_converts_goes_the_ordinary_way(
    value: dict[str, Any],
) -> None:
    assert direct(Everything, [{**PLAIN, **value}]) is None


def test_a_field_without_a_column_goes_the_ordinary_way() -> None:
    class Defaulted(Schema):
        name: str
        more: int = 3

    assert direct(Defaulted, [{"name": "x"}]) is None
    assert direct(Defaulted, [{"name": "x", "more": 4}]) is not None


class Inner(Schema):
    name: str


class Nested(Schema):
    inner: Inner


class Validated(Schema):
    name: str

    @field_validator("name")
    @classmethod
    def upper(cls, value: str) -> str:
        return value.upper()


class ValidatedWhole(Schema):
    name: str

    @model_validator(mode="after")
    def check(self) -> "ValidatedWhole":
        return self


class Computed(Schema):
    name: str

    @computed_field
    def shout(self) -> str:
        return self.name.upper()


class Serialized(Schema):
    name: str

    @field_serializer("name")
    def write(self, value: str) -> str:
        return value.upper()


class SerializedWhole(Schema):
    name: str

    @model_serializer
    def write(self) -> dict[str, Any]:
        return {}


class Inheriting(Validated):
    more: int


class Aliased(Schema):
    name: str = Field(alias="Name")


class AliasedAnswer(Schema):
    name: str = Field(serialization_alias="Name")


class Camel(Schema):
    model_config = ConfigDict(alias_generator=to_camel)
    first_name: str
    more: int = Field(serialization_alias="evenMore")


class Envelope(Schema):
    items: list[Camel] = Field(serialization_alias="people")
    total: int = Field(serialization_alias="peopleCount")


class Excluded(Schema):
    name: str = Field(exclude=True)


class Stripped(Schema):
    name: Annotated[str, StringConstraints(strip_whitespace=True)]


class StrippedMaybe(Schema):
    name: Annotated[str, StringConstraints(to_lower=True)] | None


class Checked(Schema):
    name: Annotated[str, AfterValidator(str.upper)]


class Written(Schema):
    name: Annotated[str, PlainSerializer(str.upper)]


class Configured(Schema):
    model_config = ConfigDict(str_strip_whitespace=True)
    name: str


class Initialized(Schema):
    name: str

    def model_post_init(self, context: Any) -> None:
        self.name = self.name.upper()


class Constructed(Schema):
    name: str

    def __init__(self, name: str) -> None:
        BaseModel.__init__(self, name=name.upper())


class NotOurs(BaseModel):
    name: str


class Binary(Schema):
    name: bytes


class Untyped(Schema):
    name: Any


@dataclass
class Data:
    name: str


@pytest.mark.parametrize(
    "into",
    [
        Nested,
        Validated,
        ValidatedWhole,
        Computed,
        Serialized,
        SerializedWhole,
        Inheriting,
        Excluded,
        Stripped,
        StrippedMaybe,
        Checked,
        Written,
        Configured,
        Initialized,
        Constructed,
        NotOurs,
        Binary,
        Untyped,
        Data,
    ],
)
def test_a_schema_that_does_more_than_name_and_type_goes_the_ordinary_way(into: Any) -> None:
    assert serializer_of(PageOf, into) is None


@pytest.mark.parametrize("into", [Aliased, AliasedAnswer, Camel])
def test_aliases_are_written(into: type[Schema]) -> None:
    row: dict[str, Any] = {"name": "x"} if into is not Camel else {"first_name": "x", "more": 1}
    page_of: Any = PageOf
    adapter = TypeAdapter[Any](page_of[into])
    items = [into.model_validate(row, by_name=True)]
    page = adapter.validate_python(Page(items, 9, 2, 5), from_attributes=True)
    assert direct(into, [row]) == adapter.dump_json(page, by_alias=True)


def test_an_envelope_has_the_fields_that_it_names() -> None:
    answer = written(Envelope, Camel, ["first_name", "more"], Page([["x", 1]], 9, 2, 5))
    assert answer is not None
    assert answer.body == b'{"people":[{"firstName":"x","evenMore":1}],"peopleCount":9}'
