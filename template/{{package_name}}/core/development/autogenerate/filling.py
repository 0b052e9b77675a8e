# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Values for existing rows, written into a revision before a rule requires them.

A NOT NULL column is added as nullable, filled, and then made NOT NULL. A column that becomes NOT
NULL, and an enum that loses a value, are filled first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from typing import Any, NamedTuple

from alembic.operations import ops
from sqlalchemy import Column, Dialect, MetaData, String, Table

from ...management.computed import ReplaceComputed
from ...management.describe import place
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import final_name
from . import values
from .answers import Answers
from .dialect import NUMBERED_UPDATE
from .operations import fill
from .value_lists import new_lists, value_list

# The keys of a table, each with a number.
NUMBERED_ROWS = "(SELECT {key}, row_number() OVER (ORDER BY {key}) AS n FROM {table}) AS numbered"


class Gap(NamedTuple):
    """Existing rows that need a value: of a "new" column, for a "null", or for what an "enum" loses.

    `where` selects them. If `distinct`, each needs another value. A value exists in the `parent`.
    """

    column: Column[Any]
    table: Table
    kind: str
    where: str
    allowed: tuple[str, ...] = ()
    distinct: bool = False
    parent: values.Parent | None = None

    @property
    def name(self) -> str:
        return f"{self.table.fullname}.{self.column.name}"


Update = Callable[[Gap], str | None]  # None leaves the gap


def from_answers(answers: Answers, models: MetaData, dialect: Dialect) -> Update:
    """Return a source of UPDATE statements that asks the user for the values."""

    def value(gap: Gap) -> str | None:
        column = gap.column
        if gap.kind != "enum":  # the type that the database has may lack a part of the model's
            column = models.tables[gap.table.fullname].c[column.name]
            default = values.of_model(column, dialect)
            if default is not None and gap.name not in answers.defaults:
                return default
        question = {
            "new": f"The new column {gap.name} ({gap.column.type}) is NOT NULL. Which value should existing rows get?",
            "null": f"The column {gap.name} ({gap.column.type}) becomes NOT NULL. What should replace existing NULLs? (sql:NULL if there are none)",
            "enum": f"The column {gap.name} now allows only {', '.join(gap.allowed)}. What should replace other values?",
        }[gap.kind]
        nulls = () if gap.kind == "new" else ("VALUE", "sql:EXPRESSION", "sql:NULL")
        answer = answers.default(gap.name, question, *(gap.allowed or nulls))
        allowed = gap.allowed
        return None if answer is None else values.given(answer, gap.name, column, dialect, allowed)

    return lambda gap: update(gap, value(gap), dialect)


def neutral(models: MetaData, dialect: Dialect) -> Update:
    """Return a source of UPDATE statements for a downgrade, which cannot restore the old values.

    A foreign key gets the lowest key that exists, a unique column numbers, and others an empty value.
    """
    quote = dialect.identifier_preparer.quote

    def statement(gap: Gap) -> str | None:
        own = dialect.identifier_preparer.format_table(gap.table)
        model = models.tables[gap.table.fullname]
        key = [quote(column.name) for column in model.primary_key.columns]
        column = quote(gap.column.name)
        number = values.numbered(gap.column, gap.parent) if gap.distinct and key else None
        if number is not None:
            keys = ", ".join(key)
            return NUMBERED_UPDATE.format(
                table=own,
                column=column,
                value=number,
                key=keys,
                numbered=NUMBERED_ROWS.format(table=own, key=keys),
                same=" AND ".join(f"{own}.{name} = numbered.{name}" for name in key),
            )
        if gap.allowed:
            return update(gap, values.as_sql(gap.allowed[0], gap.column, dialect), dialect)
        if gap.parent is None:
            return update(gap, values.neutral(gap.column, dialect), dialect)
        table, referred, order, where = gap.parent
        lowest = " ".join(("SELECT", referred, "FROM", table, where, "ORDER BY", order, "LIMIT 1"))
        return update(gap, referred if table == own else f"({lowest})", dialect)

    return statement


def update(gap: Gap, sql: str | None, dialect: Dialect) -> str | None:
    """Return the statement that writes a value into the rows of a gap; None if there are no rows."""
    if sql is None or (sql.upper() == "NULL" and gap.kind != "enum"):
        return None
    column = dialect.identifier_preparer.quote(gap.column.name)
    table = dialect.identifier_preparer.format_table(gap.table)
    return " ".join(("UPDATE", table, "SET", column, "=", sql, "WHERE", gap.where))


def filled(
    operations: Iterable[ops.MigrateOperation], statement: Update, dialect: Dialect
) -> list[ops.MigrateOperation]:
    """Return a revision's operations, with the statements that fill existing rows."""
    result: list[ops.MigrateOperation] = []
    so_far: list[ops.MigrateOperation] = []
    for operation in operations:
        if isinstance(operation, ops.ModifyTableOps):
            so_far += operation.ops
            result.extend(fill_table(operation, statement, dialect, so_far))
        else:
            result.append(operation)
    return result


def fill_table(
    group: ops.ModifyTableOps,
    statement: Update,
    dialect: Dialect,
    so_far: Iterable[ops.MigrateOperation],
) -> Iterator[ops.MigrateOperation]:
    """Yield one table's operations in three parts: changes that allow the values, values, rules."""
    found = [(gap.column.name, statement(gap)) for gap in gaps_of(group, dialect, so_far)]
    updates = [(name, sql) for name, sql in found if sql is not None]
    if not updates:
        yield group
        return
    names = {name for name, _ in updates}
    first: list[ops.MigrateOperation] = []
    rules: list[ops.MigrateOperation] = []
    for operation in group.ops:
        before, after = split(operation, names)
        first.extend(before)
        rules.extend(after)
    if first:
        yield ops.ModifyTableOps(group.table_name, first, schema=group.schema)
    yield from (fill(place(group), name, sql) for name, sql in updates)
    if rules:
        yield ops.ModifyTableOps(group.table_name, rules, schema=group.schema)


def gaps_of(
    group: ops.ModifyTableOps, dialect: Dialect, so_far: Iterable[ops.MigrateOperation]
) -> Iterator[Gap]:
    quote = dialect.identifier_preparer.quote
    table = Table(group.table_name, MetaData(), schema=group.schema)
    listed = {found.column: found.values for _, found in new_lists(group.ops, dialect)}
    for operation in group.ops:
        match operation:
            case ops.AddColumnOp(column=column) if not (column.nullable or column.server_default):
                where = f"{quote(column.name)} IS NULL"
                allowed = listed.get(column.name, ())
                parent = parent_of(group, column.name, dialect)
                distinct = is_unique(group, column.name)
                yield Gap(column, table, "new", where, allowed, distinct, parent)
            case ops.AlterColumnOp(column_name=name, modify_nullable=False):
                column = Column(name, operation.modify_type or operation.existing_type)
                yield Gap(column, table, "null", f"{quote(name)} IS NULL")
            case _:
                pass
    were = {
        final_name(operation.to_constraint(), dialect): operation.reverse()
        for operation in so_far  # before the rename of a column, a CHECK may be dropped
        if isinstance(operation, ops.DropConstraintOp)
        and (operation.table_name, operation.constraint_type) == (table.name, "check")
    }
    for operation in group.ops:
        if isinstance(operation, ops.CreateCheckConstraintOp):
            was = were.get(final_name(operation.to_constraint(), dialect))
            if isinstance(was, ops.CreateCheckConstraintOp):
                yield from narrowed(table, was, operation, dialect)


def is_unique(group: ops.ModifyTableOps, name: str) -> bool:
    """Whether an operation makes a column part of a unique key."""
    for operation in group.ops:
        match operation:
            case ReplaceKey(new=key) if name in key.columns:
                return True
            case ops.CreateUniqueConstraintOp() if name in operation.columns:
                return True
            case ops.CreateIndexOp(unique=True) if name in operation.to_index().columns:
                return True
            case _:
                pass
    return False


def parent_of(group: ops.ModifyTableOps, name: str, dialect: Dialect) -> values.Parent | None:
    """Return what a column of a new foreign key refers to."""
    quote = dialect.identifier_preparer.quote
    new = {made.column.name for made in group.ops if isinstance(made, ops.AddColumnOp)}
    for key in group.ops:
        if isinstance(key, ops.CreateForeignKeyOp) and name in key.local_cols:
            schema = key.kw.get("referent_schema")
            referent = Table(str(key.referent_table), MetaData(), schema=schema)
            table = dialect.identifier_preparer.format_table(referent)
            pairs = dict(zip(key.local_cols, key.remote_cols, strict=True))
            kept = [
                f"{table}.{quote(remote)} = {quote(group.table_name)}.{quote(local)}"
                for local, remote in pairs.items()
                if local not in new
            ]
            where = f"WHERE {' AND '.join(kept)}" if kept else ""
            order = ", ".join(map(quote, key.remote_cols))
            return values.Parent(table, quote(pairs[name]), order, where)
    return None


def narrowed(
    table: Table,
    was: ops.CreateCheckConstraintOp,
    becomes: ops.CreateCheckConstraintOp,
    dialect: Dialect,
) -> Iterator[Gap]:
    """Yield the gap of an enum that loses a value."""
    before, after = value_list(was.condition, dialect), value_list(becomes.condition, dialect)
    if before is not None and after is not None and set(before.values) - set(after.values):
        column: Column[Any] = Column(after.column, String())
        texts = ", ".join(values.as_sql(value, column, dialect) for value in after.values)
        where = f"{dialect.identifier_preparer.quote(after.column)} NOT IN ({texts})"
        yield Gap(column, table, "enum", where, after.values)


def split(
    operation: ops.MigrateOperation, names: set[str]
) -> tuple[Sequence[ops.MigrateOperation], Sequence[ops.MigrateOperation]]:
    """Return the parts of an operation that come before and after the values."""
    match operation:
        case ops.AddColumnOp(table_name=table, column=column) if column.name in names:
            schema = operation.schema
            free = Column(column.name, column.type, nullable=True, comment=column.comment)
            rule = ops.AlterColumnOp(
                table, column.name, schema=schema, existing_type=column.type, modify_nullable=False
            )
            return [ops.AddColumnOp(table, free, schema=schema)], [rule]
        case ops.AlterColumnOp(column_name=name, modify_nullable=False) if name in names:
            return split_alteration(operation)
        case ops.DropConstraintOp() | ops.AddColumnOp() | ops.DropIndexOp():
            return [operation], []
        case ReplaceComputed(added=False):
            return [operation], []
        case _:
            return [], [operation]


def split_alteration(
    operation: ops.AlterColumnOp,
) -> tuple[list[ops.MigrateOperation], list[ops.MigrateOperation]]:
    """Split an alteration: first the new type, last NOT NULL."""
    rule = ops.AlterColumnOp(
        operation.table_name,
        operation.column_name,
        schema=operation.schema,
        existing_type=operation.modify_type or operation.existing_type,
        existing_comment=operation.existing_comment,
        modify_nullable=False,
    )
    rule.existing_server_default = operation.existing_server_default
    other = copy(operation)
    other.modify_nullable = None
    if operation.modify_server_default is not False:
        rule.existing_server_default = operation.modify_server_default
    return ([other] if other.has_changes() else []), [rule]
