"""What a database reports about its tables."""

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Inspector, Text, inspect, text
from sqlalchemy.types import NullType

from .service import DEFERRABLE, OWN_TABLES, Base, whole

# SQL: the names of a table's columns that MariaDB stores as text and checks to be JSON.
DOCUMENTS = """
SELECT constraint_name AS name FROM information_schema.check_constraints
WHERE constraint_schema = DATABASE() AND check_clause LIKE 'json_valid(%'
/*M!100222 AND level = 'Column' AND table_name = :table */ /*!80000 AND FALSE */
"""
OF_MIGRATIONS = {"alembic_version", "migration_progress", *OWN_TABLES}


@dataclass
class Found:
    """A table as the database reports it, and what cannot be mapped."""

    name: str
    schema: str | None
    columns: dict[str, Any]
    key: list[str]
    foreign: list[Any]
    uniques: list[Any]
    checks: list[Any]
    indexes: list[Any]
    comment: str | None
    options: dict[str, Any]
    deferrable: dict[str, str] = field(default_factory=dict[str, str])
    documents: set[str] = field(default_factory=set[str])
    unmapped: list[str] = field(default_factory=list[str])

    @property
    def fullname(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def is_unique(self, columns: Sequence[str]) -> bool:
        """Whether no two rows have the same values of these columns."""
        sets = [self.key, *(unique["column_names"] for unique in self.uniques)]
        sets += [
            index["column_names"]
            for index in self.indexes
            if index["unique"] and not any(key.endswith("_where") for key in options_of(index))
        ]
        return any(set(names) == set(columns) for names in sets)


def options_of(item: Any) -> dict[str, Any]:
    options: dict[str, Any] = item.get("dialect_options", {})
    return options


def reflect(
    connection: Connection, wanted: Collection[str], schemas: Sequence[str | None]
) -> tuple[list[Found], list[str]]:
    """Read the tables without a model, all or those that are wanted, and the names of the views."""
    inspector = whole(inspect(connection))
    tables: list[Found] = []
    views: list[str] = []
    for given in schemas:
        schema = None if given == inspector.default_schema_name else given
        prefix = f"{schema}." if schema else ""
        for name in sorted(inspector.get_table_names(schema)):
            known = name in OF_MIGRATIONS or f"{prefix}{name}" in Base.metadata.tables
            if not known and (not wanted or name in wanted):
                tables.append(read(inspector, connection, name, schema))
        views += [f"{prefix}{name}" for name in sorted(inspector.get_view_names(schema))]
    return tables, views


def read(inspector: Inspector, connection: Connection, name: str, schema: str | None) -> Found:
    """Read one table. SQLAlchemy's warnings tell what it cannot report."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = Found(
            name=name,
            schema=schema,
            columns={column["name"]: column for column in inspector.get_columns(name, schema)},
            key=inspector.get_pk_constraint(name, schema)["constrained_columns"],
            foreign=sorted(
                inspector.get_foreign_keys(name, schema), key=lambda k: k["constrained_columns"]
            ),
            uniques=sorted(inspector.get_unique_constraints(name, schema), key=by_name),
            checks=sorted(inspector.get_check_constraints(name, schema), key=by_name),
            indexes=sorted(inspector.get_indexes(name, schema), key=by_name),
            comment=comment(inspector, name, schema),
            options=inspector.get_table_options(name, schema),
        )
    found.unmapped += [str(warning.message) for warning in caught]
    for column in found.columns.values():
        if isinstance(column["type"], NullType):
            column["type"] = Text()
            found.unmapped.append(f"the type of {column['name']}, which is written as Text")
    cut = {
        index["name"]
        for index in found.indexes
        if any("_length" in key for key in options_of(index))
    }
    found.uniques = [unique for unique in found.uniques if unique["name"] not in cut]
    keys = {unique["name"] for unique in found.uniques} | {key["name"] for key in found.foreign}
    found.indexes = [
        index
        for index in found.indexes
        if index["name"] not in keys and not index.get("duplicates_constraint")
    ]
    if connection.dialect.name in ("mysql", "mariadb"):
        found.documents |= set(connection.scalars(text(DOCUMENTS), {"table": name}))
    if DEFERRABLE is not None:
        rows = connection.execute(text(DEFERRABLE), {"table": name, "schema": schema})
        found.deferrable = {row.name: row.initially for row in rows}
    return found


def by_name(item: Any) -> str:
    return str(item["name"] or "")


def comment(inspector: Inspector, name: str, schema: str | None) -> str | None:
    try:
        return inspector.get_table_comment(name, schema)["text"]
    except NotImplementedError:
        return None
