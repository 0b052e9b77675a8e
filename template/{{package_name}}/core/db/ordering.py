# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a `Listing` knows about its select: the names of its columns, its order, and its NULLs."""

from collections.abc import Container, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Alias, Column, FromClause, Join, Label, SelectBase, Table
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import iterate

from .compiled import AnySelect
from .keyset import SortKey, sort_key
from .mapping import with_columns


def only_read(statement: AnySelect, columns: Mapping[str, Any]) -> AnySelect:
    """Return the select with only these columns, each under its name."""
    if not statement.order_by(None).limit(None).offset(None).compare(statement):
        raise ValueError(
            "a Listing orders and limits its rows itself: leave order_by(), limit() and offset() "
            "out of the select, or make it a subquery"
        )
    return with_columns(statement, [column.label(name) for name, column in columns.items()])


def row_keys(statement: AnySelect, expressions: Sequence[Any]) -> list[SortKey]:
    """Return the keys of an order, each by the name under which the rows hold it."""
    never_null = {table for table, nullable in tables(statement) if not nullable}
    names: dict[int, str] = {}
    for name, column in statement.selected_columns.items():
        names.setdefault(hash(column.element if isinstance(column, Label) else column), name)
    keys = [sort_key(expression, never_null=never_null) for expression in expressions]
    for key in keys:
        if hash(key.column) not in names:
            raise ValueError(
                f"cannot sort by {key.column}: it is not among the rows. Select it (an expression "
                "with a label), and give the schema a field of the same name"
            )
    return [replace(key, name=names[hash(key.column)]) for key in keys]


def check_unique(statement: AnySelect, keys: Sequence[SortKey]) -> None:
    """Raise ValueError if the last column of an order may be NULL in several rows."""
    if not keys:
        raise ValueError("order_by is empty: give the columns that tell rows apart")
    last, columns = keys[-1].column, {hash(key.column) for key in keys}
    known = dict(tables(statement))
    if not isinstance(last, Column) or not keys[-1].nullable or last.table not in known:
        return
    for table, nullable in known.items():
        if not nullable and {hash(column) for column in table.primary_key} <= columns:
            return
    raise ValueError(
        f"order_by ends with {last}, which may be NULL in several rows: end it with a unique column "
        "that is never NULL, such as the primary key"
    )


def ties(keys: Sequence[SortKey]) -> Sequence[SortKey]:
    """Return the last of the keys if it tells rows apart by itself, else all of them."""
    last = keys[-1].column
    if not isinstance(last, Column) or keys[-1].nullable:
        return keys
    unique = last.unique or [*last.table.primary_key] == [last]
    # A join may repeat a row, and with it a unique value.
    same = all(getattr(key.column, "table", None) is last.table for key in keys)
    return keys[-1:] if unique and same else keys


def computes(statement: AnySelect) -> bool:
    """Return whether a WHERE would change what the rows hold, as with groups and windows."""
    select: Any = statement  # SQLAlchemy has no public names for the parts of a select
    sources = {part for clause in select.get_final_froms() for part in iterate(clause)}
    return (
        bool(select._group_by_clauses or select._having_criteria)
        or bool(select._distinct or select._distinct_on)
        or select._pre_columns_clause is not None
        or any(calls(column, sources) for column in select.selected_columns)
    )


def calls(column: Any, sources: Container[Any]) -> bool:
    """Whether a column calls a function. One of a subquery counts if it takes columns from outside."""
    parts: list[Any] = [*iterate(column)]
    inner = {each for part in parts if isinstance(part, SelectBase) for each in iterate(part)}
    called: list[Any] = [part for part in parts if isinstance(part, FunctionElement)]
    return any(
        part not in inner or any(getattr(each, "table", None) in sources for each in iterate(part))
        for part in called
    )


def row_sources(statement: AnySelect) -> list[Any]:
    """Return what decides which rows a select has: its tables, joins and conditions."""
    where = [] if statement.whereclause is None else [statement.whereclause]
    return [*statement.get_final_froms(), *where]


def tables(statement: AnySelect) -> Generator[tuple[FromClause, bool]]:
    """The tables that a select reads, and whether a join fills them with NULLs."""
    for clause in statement.get_final_froms():
        yield from joined(clause, nullable=False)


def joined(clause: FromClause, *, nullable: bool) -> Generator[tuple[FromClause, bool]]:
    if isinstance(clause, Join):
        yield from joined(clause.left, nullable=nullable or clause.full)
        yield from joined(clause.right, nullable=nullable or clause.full or clause.isouter)
    elif isinstance(clause.element if isinstance(clause, Alias) else clause, Table):
        yield clause, nullable
