# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Insert or update, in one statement that cannot collide with another of its kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert, insert


def upsert(
    model: type[Any], table: Table, *, by: Sequence[str], update: Mapping[str, Any]
) -> Insert:
    """INSERT … ON CONFLICT DO UPDATE.

    Args:
        model: of the table.
        table: where to.
        by: columns of one unique constraint, or of the primary key, that tell rows apart.
        update: what an existing row becomes: expressions by column, or None for the new value.
    """
    statement = insert(model)
    values = {
        name: statement.excluded[name] if value is None else value for name, value in update.items()
    }
    return statement.on_conflict_do_update(index_elements=by, set_=values)
