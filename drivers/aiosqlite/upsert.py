# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Insert or update in one statement, which concurrent statements of its kind cannot disturb."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects.sqlite import Insert, insert


def upsert(
    into: type[Any] | Table,
    *,
    by: Sequence[Column[Any]],
    update: Mapping[str, Any],
    given: Sequence[Column[Any]] = (),
    many: bool = False,
) -> Insert:
    """INSERT … ON CONFLICT.

    Args:
        into: the table, or its model.
        by: columns of one unique constraint, or of the primary key, that tell rows apart.
        update: what an existing row becomes, by the columns' keys: expressions, or None for the
            new value. Empty to leave existing rows alone.
        given: columns that the rows have values for.
        many: the statement is executed with a list of rows.
    """
    statement = insert(into)
    if not update:
        return statement.on_conflict_do_nothing(index_elements=by)
    values = {
        key: statement.excluded[key] if value is None else value for key, value in update.items()
    }
    return statement.on_conflict_do_update(index_elements=by, set_=values)
