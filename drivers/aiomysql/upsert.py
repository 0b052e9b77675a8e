# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Insert or update, in one statement that cannot collide with another of its kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.dialects.mysql import Insert, insert


def upsert(
    model: type[Any], table: Table, *, by: Sequence[str], update: Mapping[str, Any]
) -> Insert:
    """INSERT … ON DUPLICATE KEY UPDATE.

    Args:
        model: of the table.
        table: where to.
        by: columns of one unique constraint, or of the primary key, that tell rows apart.
        update: what an existing row becomes: expressions by column, or None for the new value.

    Raises:
        ValueError: the table has another unique constraint. The statement takes any that is
            violated for the one that is meant, and would change somebody else's row.
    """
    for other in unique_keys(table):
        if other != set(by):
            raise ValueError(
                f"{table.name} is unique by {', '.join(sorted(other))} too: an upsert by "
                f"{', '.join(by)} may hit the wrong row here, so select and lock it first"
            )
    statement = insert(model)
    values = {
        name: statement.inserted[name] if value is None else value for name, value in update.items()
    }
    return statement.on_duplicate_key_update(values)


def unique_keys(table: Table) -> list[set[str]]:
    """The columns of each unique constraint and index."""
    constraints = [list(c.columns) for c in table.constraints if isinstance(c, UniqueConstraint)]
    indexes = [list(index.columns) for index in table.indexes if index.unique]
    return [{column.name for column in columns} for columns in constraints + indexes]
