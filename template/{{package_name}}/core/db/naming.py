# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Names of constraints, which also tell this project's tables from other libraries' tables."""

import re
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table, event
from sqlalchemy.schema import SchemaItem, conv

# Every constraint has a name that is the same on each database, so that a revision can drop it.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
ALEMBICS_COPY = "_alembic_tmp_"  # a table that is copied has no naming convention


def snake(name: str) -> str:
    """Return "order_line" for OrderLine."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@event.listens_for(CheckConstraint, "after_parent_attach")
def keep_apart(check: CheckConstraint, table: SchemaItem) -> None:
    """Give the second column of an enum in a table another name for its CHECK than the first."""
    if isinstance(table, Table) and table.metadata.naming_convention == NAMING_CONVENTION:
        columns = check.columns.keys()
        checks = (other for other in table.constraints if isinstance(other, CheckConstraint))
        names = {str(other.name) for other in checks if other.columns.keys() != columns}
        if str(check.name) in names and columns:
            check.name = conv("_".join([str(check.name), *columns]))


def is_foreign(column: Column[Any]) -> bool:
    """Return whether a column's table belongs to neither a model nor a revision of this project."""
    table = column.table
    ours = table.metadata.naming_convention == NAMING_CONVENTION
    return not ours and not table.name.startswith(ALEMBICS_COPY)
