# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The models' tables in the order of writing, and the statements that copy each of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    Select,
    Table,
    TableClause,
    Update,
    bindparam,
    column,
    inspect,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.types import TypeEngine

from ..errors import CommandError
from .columns import Convert, Value, carried, reading

VERSIONS = "alembic_version"

Row = Sequence[Value]


class Plan(NamedTuple):
    """How one table is copied.

    Attributes:
        table: the models'.
        columns: all that hold a value of their own, computed ones left out.
        later: foreign keys to rows that may not be there yet: written when all rows are.
        copy: the same table without the models' defaults, which would change what is copied.
    """

    table: Table
    columns: list[Column[Any]]
    later: list[Column[Any]]
    copy: TableClause

    @property
    def name(self) -> str:
        return self.table.fullname

    def read_back(self) -> Select[Any]:
        """All rows, as the target gives them."""
        return select(*self.copy.columns)

    def insert(self, row: Row) -> dict[str, Value]:
        """The parameters that insert a row, but for what is written later."""
        later = {column.name for column in self.later}
        pairs = zip(self.columns, row, strict=True)
        return {key.name: None if key.name in later else value for key, value in pairs}

    def links(self, row: Row) -> dict[str, Value] | None:
        """The parameters that write the rest of a row; None when there is nothing to write."""
        values = {key.name: value for key, value in zip(self.columns, row, strict=True)}
        if all(values[column.name] is None for column in self.later):
            return None
        keys = {f"key_{column.name}": values[column.name] for column in self.table.primary_key}
        return keys | {f"to_{column.name}": values[column.name] for column in self.later}

    def link(self) -> Update:
        """The statement of `links`."""
        updated = self.copy.update().values(
            {column.name: bindparam(f"to_{column.name}") for column in self.later}
        )
        for key in self.table.primary_key:
            updated = updated.where(self.copy.c[key.name] == bindparam(f"key_{key.name}"))
        return updated


class Source(NamedTuple):
    """How one table is read from a database that keeps values in its own way."""

    select: Select[Any]
    linked: Select[Any]  # the rows that hold a key which is written later
    converts: list[Convert]

    def rows(self, rows: Sequence[Row]) -> Iterator[Row]:
        """The models' values of rows that were selected."""
        for row in rows:
            yield [
                None if value is None else convert(value)
                for convert, value in zip(self.converts, row, strict=True)
            ]


def plan(metadata: MetaData) -> list[Plan]:
    """The tables in an order in which each row finds the rows that it refers to.

    Raises:
        CommandError: a foreign key stands in a circle and may not be empty, so none can be first.
    """
    waiting = sorted(metadata.tables.values(), key=lambda waits: waits.fullname)
    written: set[Table] = set()
    plans: list[Plan] = []
    while waiting:
        found = next((waits for waits in waiting if not early(waits, {*written, waits})), None)
        if found is None:
            found = next((waits for waits in waiting if may_wait(waits, written)), waiting[0])
        waiting.remove(found)
        plans.append(planned(found, early(found, written)))
        written.add(found)
    return plans


def early(found: Table, written: set[Table]) -> list[ForeignKeyConstraint]:
    """A table's foreign keys to rows that are not written before its own."""
    return [
        constraint
        for constraint in found.foreign_key_constraints
        if constraint.referred_table not in written
    ]


def may_wait(found: Table, written: set[Table]) -> bool:
    """Whether the keys to rows that are not there yet may be empty until they are."""
    return all(key.nullable for constraint in early(found, written) for key in constraint.columns)


def planned(found: Table, later: list[ForeignKeyConstraint]) -> Plan:
    """The plan of a table whose foreign keys `later` are written at the end."""
    columns = [column for column in found.columns if column.computed is None]
    names = {column.name: column for constraint in later for column in constraint.columns}
    for key in names.values():
        if not key.nullable:
            raise CommandError(
                f"{found.fullname}.{key.name} refers to rows that may come after its own, "
                "and may not be empty until they do",
                "Make it nullable while you copy, by a revision on both databases.",
            )
    copy = table(
        found.name,
        *(column(key.name, carried(key.type)) for key in columns),
        **({"schema": found.schema} if found.schema else {}),
    )
    return Plan(found, columns, list(names.values()), copy)


def source(connection: Connection, plan: Plan) -> Source:
    """How a table is read, by what its database says about its columns.

    Raises:
        CommandError: a column is not there.
    """
    kept: Mapping[str, TypeEngine[Any]] = {
        found["name"]: found["type"]
        for found in inspect(connection).get_columns(plan.table.name, plan.table.schema)
    }
    missing = [column.name for column in plan.columns if column.name not in kept]
    if missing:
        raise CommandError(
            f"--from has no column {plan.name}.{missing[0]}, which the model has",
            "Bring models and revisions together: `manage.py makemigrations --check`.",
        )
    ways = [reading(carried(key.type), kept[key.name]) for key in plan.columns]
    copy = table(
        plan.table.name,
        *(column(key.name, way[0]) for key, way in zip(plan.columns, ways, strict=True)),
    )
    copy.schema = plan.table.schema
    rows = select(*copy.columns)
    holds = [copy.c[key.name].is_not(None) for key in plan.later]
    return Source(rows, rows.where(or_(*holds) if holds else true()), [way[1] for way in ways])


def strangers(connection: Connection, plans: Sequence[Plan]) -> list[str]:
    """The tables and columns of a database that no model has."""
    known = {plan.table.name for plan in plans} | {VERSIONS}
    inspector = inspect(connection)
    tables = set(inspector.get_table_names()) - known
    columns = {
        f"{plan.name}.{found['name']}"
        for plan in plans
        for found in inspector.get_columns(plan.table.name, plan.table.schema)
        if found["name"] not in plan.table.columns
    }
    return sorted(tables | columns)
