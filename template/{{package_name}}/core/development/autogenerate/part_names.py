# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Renames indexes and unique constraints, which are named after their tables and columns."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from alembic.operations import ops
from sqlalchemy import ClauseElement, Constraint, Dialect, Index, UniqueConstraint

from ...management.sql_text import final_name
from .operations import Statement
from .renames import in_order

RenameSql = Callable[[str, str, str, str], str]  # of the kind, the table, the old and the new name


class Name(NamedTuple):
    """A constraint, an index or a sequence that gets another name."""

    table: str
    kind: str
    old: str
    new: str


def take_pairs(
    group: ops.MigrateOperation, dialect: Dialect, *, uniques_are_indexes: bool = False
) -> Iterator[Name]:
    """Replace pairs of a drop and a creation that differ only in the name."""
    if not isinstance(group, ops.ModifyTableOps):
        return
    drops = keys_of(group, (ops.DropIndexOp, ops.DropConstraintOp))
    dropped = {shape(key, uniques_are_indexes): (operation, key) for operation, key in drops}
    pairs: dict[Name, tuple[ops.MigrateOperation, ops.MigrateOperation]] = {}
    for made, key in keys_of(group, (ops.CreateIndexOp, ops.CreateUniqueConstraintOp)):
        gone, old = dropped.get(shape(key, uniques_are_indexes), (made, key))
        kind = "index" if isinstance(key, Index) else "unique"
        before, after = (str(final_name(item, dialect)) for item in (old, key))
        if before != after:
            pairs[Name(group.table_name, kind, before, after)] = (gone, made)
    names = {str(final_name(key, dialect)) for _, key in drops}
    while taken := [
        rename for rename in pairs if rename.new in names - {pair.old for pair in pairs}
    ]:
        del pairs[taken[0]]  # dropped later than the renames
    for rename, operations in pairs.items():
        for operation in operations:
            group.ops.remove(operation)
        yield rename


def keys_of(
    group: ops.ModifyTableOps, kinds: tuple[type[ops.MigrateOperation], ...]
) -> list[tuple[ops.MigrateOperation, Index | UniqueConstraint]]:
    """Return the operations of some kinds on indexes and unique constraints, and each of these."""
    found: list[tuple[ops.MigrateOperation, Index | Constraint]] = []
    for operation in group.ops:
        if isinstance(operation, kinds):
            if isinstance(operation, ops.CreateIndexOp | ops.DropIndexOp):
                found.append((operation, operation.to_index()))
            elif isinstance(operation, ops.AddConstraintOp | ops.DropConstraintOp):
                found.append((operation, operation.to_constraint()))
    return [(made, key) for made, key in found if isinstance(key, Index | UniqueConstraint)]


def shape(key: Index | UniqueConstraint, uniques_are_indexes: bool) -> tuple[object, ...]:
    """Return what identifies an index or a unique constraint, except its name."""
    if isinstance(key, UniqueConstraint):
        return ("unique", tuple(column.name for column in key.columns), ())
    expressions = tuple(str(getattr(part, "name", part)) for part in key.expressions)
    kind = "unique" if key.unique and uniques_are_indexes else f"index {bool(key.unique)}"
    return (kind, expressions, tuple(options_of(key)))


def options_of(index: Index) -> Iterator[tuple[str, str]]:
    """Yield an index's options, conditions and names as text."""
    for key, value in sorted(index.dialect_kwargs.items()):
        if isinstance(value, ClauseElement) or value:
            yield key, str(value)


def renaming(names: Iterable[Name], sql: RenameSql, dialect: Dialect) -> list[Statement]:
    """Return the statements that rename, in an order in which no new name is taken."""
    quote = dialect.identifier_preparer.quote

    def statement(name: Name) -> Statement:
        table, old, new = quote(name.table), quote(name.old), quote(name.new)
        return Statement(sql(name.kind, table, old, new), sql(name.kind, table, new, old))

    names = list(names)
    taken = {name.old for name in names}
    waiting = {name.old: name for name in names if name.new in taken}
    return [
        *(statement(name) for name in names if name.new not in taken),
        *(
            statement(waiting[old]._replace(old=before, new=after))
            for old, before, after in in_order({old: name.new for old, name in waiting.items()})
        ),
    ]
