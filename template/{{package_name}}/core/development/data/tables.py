# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The models' tables in the order in which rows are written, and the statements for their rows."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from pydantic_core import SchemaSerializer, SchemaValidator, core_schema
from sqlalchemy import (
    Cast,
    Column,
    ColumnElement,
    Insert,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    literal,
    select,
)
from sqlalchemy import column as column_clause
from sqlalchemy import table as table_clause

from ...apps import import_part
from ...db import Base
from ...db.keyset import Keyset, SortKey
from ...management.errors import CommandError
from .rows import CONFIG, schema, stored, unwrapped, values, wrapped

Row = dict[str, Any]


class DataTable:
    """A table whose rows are dumped or loaded: as stored, without the model's defaults."""

    def __init__(self, source: Table, deferred: frozenset[str]) -> None:
        self.source = source
        self.deferred = deferred  # nullable columns that may refer to rows inserted later
        self.name = source.fullname
        self.columns = {item.name: item for item in source.columns if item.computed is None}
        self.keys = [item.name for item in source.primary_key]
        kinds = {name: stored(item.type) for name, item in self.columns.items()}
        self.values = {name: values(kind) for name, kind in kinds.items()}
        self.copy = table_clause(
            source.name,
            *(column_clause(name, kind) for name, kind in kinds.items()),
            **({"schema": source.schema} if source.schema else {}),
        )

    @cached_property
    def schema(self) -> core_schema.CoreSchema:
        fields = {
            name: core_schema.typed_dict_field(
                schema(item, self.values[name]), required=name in self.keys
            )
            for name, item in self.columns.items()
        }
        return core_schema.typed_dict_schema(fields, extra_behavior="forbid", config=CONFIG)

    @cached_property
    def validator(self) -> SchemaValidator:
        line = {"table": core_schema.str_schema(), "row": self.schema}
        fields = {name: core_schema.typed_dict_field(part) for name, part in line.items()}
        whole = core_schema.typed_dict_schema(fields, extra_behavior="forbid")
        return SchemaValidator(whole, CONFIG)

    @cached_property
    def serializer(self) -> SchemaSerializer:
        return SchemaSerializer(self.schema, CONFIG)

    def line(self, selected: Sequence[Any]) -> bytes:
        """Return a selected row as a line of JSON."""
        row = dict(zip(self.columns, selected, strict=True))
        for column, value in row.items():
            if self.values[column] is dict and value is not None:
                row[column] = wrapped(json.loads(value))
        name = json.dumps(self.name, ensure_ascii=False).encode()
        return b'{"table":' + name + b',"row":' + self.serializer.to_json(row) + b"}\n"

    def row(self, line: bytes) -> Row:
        """Return the row of a line."""
        row: Row = self.validator.validate_json(line)["row"]
        return {
            name: unwrapped(value) if self.values[name] is dict else value
            for name, value in row.items()
        }

    def select(self, after: Sequence[Any] | None = None) -> Select[Any]:
        """Select rows in the order of their keys, after the row with these keys."""
        found, keys = select(*map(self.read, self.columns)), [self.copy.c[n] for n in self.keys]
        order = Keyset([SortKey(key, descending=False, nullable=False) for key in keys])
        if after is not None:
            values = [literal(value, key.type) for key, value in zip(keys, after, strict=True)]
            found = found.where(order.after(values))
        return found.order_by(*order.order_by)

    def read(self, name: str) -> ColumnElement[Any]:
        """Return the expression that reads a column: as text, if only the database knows its values."""
        column = self.copy.c[name]
        as_text = self.values[name] in (dict, object)
        return Cast(column, Text()).label(name) if as_text else column

    def parameter(self, name: str) -> Any:
        """Return the expression that writes a value: `parameters` gives it."""
        if self.values[name] is object:
            return Cast(bindparam(self.places[name], type_=Text()), self.columns[name].type)
        return bindparam(self.places[name], type_=self.copy.c[name].type)

    @cached_property
    def places(self) -> dict[str, str]:
        return {name: f"v_{place}" for place, name in enumerate(self.columns)}

    def insert(self, names: Iterable[str]) -> Insert:
        return self.copy.insert().values({name: self.parameter(name) for name in names})

    def update(self, names: Iterable[str]) -> Update:
        """Return the statement that sets columns of the row with its keys."""
        same = [self.copy.c[name] == self.parameter(name) for name in self.keys]
        return (
            self.copy.update().where(*same).values({name: self.parameter(name) for name in names})
        )


def in_writing_order(metadata: MetaData) -> Iterator[DataTable]:
    """Yield the tables so that rows follow the rows they refer to, as far as there is such an order."""
    waiting = sorted(metadata.tables.values(), key=lambda item: item.fullname)
    written: set[Table] = set()
    while waiting:
        ready = [item for item in waiting if not early(item, {*written, item})]
        later = [item for item in waiting if can_wait(early(item, written))]
        found = [*ready, *later, *waiting][0]
        waiting.remove(found)
        deferred = {part.name for key in early(found, written) for part in key if part.nullable}
        yield DataTable(found, frozenset(deferred))
        written.add(found)


def early(item: Table, written: set[Table]) -> list[list[Column[Any]]]:
    """Return the columns of each foreign key to a table that is not written before this one."""
    keys = item.foreign_key_constraints
    return [[*key.columns] for key in keys if key.referred_table not in written]


def can_wait(keys: list[list[Column[Any]]]) -> bool:
    return all(any(part.nullable for part in key) for key in keys)


def chosen(labels: Sequence[str], installed: Sequence[str]) -> list[DataTable]:
    """Return the tables of "app" or "app.Model", by default of all apps, in writing order."""
    owners: dict[str, set[Any]] = {}
    package = Base.__module__.removesuffix("core.db.base")
    for mapper in Base.registry.mappers:
        app = mapper.class_.__module__.removeprefix(package).split(".")[1]
        owners.setdefault(f"{app}.{mapper.class_.__name__}", set()).update(mapper.tables)
        between = (item.secondary for item in mapper.relationships)
        owners.setdefault(app, set()).update(mapper.tables, between)
    for app in installed:  # and tables without a class
        for item in vars(import_part(app, "models") or Base).values():
            if isinstance(item, Table):
                owners.setdefault(app, set()).add(item)
    for label in labels:
        if label not in owners:
            raise CommandError(
                f"{label!r} is not an app or a model with a table",
                f"Use one of: {', '.join(sorted(owners))}.",
            )
    names = labels or [app for app in installed if app in owners]
    tables = {item for name in names for item in owners[name]}
    return [item for item in in_writing_order(Base.metadata) if item.source in tables]
