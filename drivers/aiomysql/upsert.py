# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Insert or update in one statement, which concurrent statements of its kind cannot disturb."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Column, Table, UniqueConstraint, literal_column
from sqlalchemy.dialects.mysql import Insert, dialect, insert


def upsert(
    into: type[Any] | Table,
    *,
    by: Sequence[Column[Any]],
    update: Mapping[str, Any],
    given: Sequence[Column[Any]] = (),
    many: bool = False,
) -> Insert:
    """INSERT … ON DUPLICATE KEY UPDATE.

    Args:
        into: the table, or its model.
        by: columns of one unique constraint, or of the primary key, that tell rows apart.
        update: what an existing row becomes, by the columns' keys: expressions, or None for the
            new value. Empty to leave existing rows alone.
        given: columns that the rows have values for.
        many: the statement is executed with a list of rows.

    Raises:
        ValueError: `by` is not unique; or the rows may violate another unique constraint too. The
            statement would then change another row than the one that is meant.
    """
    table: Table = into if isinstance(into, Table) else into.__table__
    primary = set(table.primary_key.columns)
    unique = unique_keys(table)
    if set(by) not in [primary, *unique]:
        raise ValueError(f"{table.name} has no unique constraint on {names(by)}")
    for other in [primary, *unique] if primary <= set(given) else unique:
        if other != set(by):
            raise ValueError(
                f"{table.name} is unique by {names(other)} too: an upsert by {names(by)} may hit "
                "the wrong row here, so select and lock it first"
            )
    statement = insert(into)
    values: dict[str, Any] = {}
    for key, value in (update or {by[0].key: by[0]}).items():
        values[key] = as_literal(value) if many else value
        if value is None:
            values[key] = statement.inserted[key]
    return statement.on_duplicate_key_update(values)


def unique_keys(table: Table) -> list[set[Column[Any]]]:
    """The columns of each unique constraint and index."""
    constraints = [set(c.columns) for c in table.constraints if isinstance(c, UniqueConstraint)]
    return [*constraints, *(set(index.columns) for index in table.indexes if index.unique)]


def as_literal(value: Any) -> Any:
    """Write a bound value into the SQL: aiomysql binds none after the VALUES of many rows."""
    if getattr(value, "__visit_name__", None) != BindParameter.__visit_name__:
        return value
    sql = value.compile(dialect=dialect(paramstyle="named"), compile_kwargs={"literal_binds": True})
    return literal_column(str(sql), value.type)


def names(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(sorted(column.name for column in columns))
