# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Safe steps for revisions on PostgreSQL: `from <package>.core.management import steps`."""

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import text

from .backfilling import backfill

__all__ = ["adopt_index", "backfill", "create_index", "drop_index", "validate"]


def create_index(name: str, table: str, columns: Sequence[str], **options: Any) -> None:
    """Create an index without blocking writes to the table.

    Call it alone in a revision: it cannot run in a transaction. An invalid index, which an
    interrupted run leaves behind, is dropped first.

    Args:
        name: the name of the index.
        table: the name of its table.
        columns: the names of its columns.
        options: other options of `op.create_index`, such as `unique`.
    """
    context = op.get_context()
    with context.autocommit_block():
        if not context.as_sql:
            left = op.get_bind().execute(text(INVALID), {"name": name, "table": table})
            op.execute("SET lock_timeout = 0")  # waits without blocking others
            if left.first() is not None:
                op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(
            name, table, list(columns), postgresql_concurrently=True, if_not_exists=True, **options
        )


def drop_index(name: str, table: str) -> None:
    """Drop an index without blocking the table. Call it alone in a revision."""
    with op.get_context().autocommit_block():
        op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)


def adopt_index(name: str, table: str, index: str) -> None:
    """Turn a unique index into a unique constraint; the index gets the constraint's name."""
    quote = op.get_context().dialect.identifier_preparer.quote
    op.execute(
        f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} UNIQUE USING INDEX {quote(index)}"
    )


def validate(table: str, constraint: str) -> None:
    """Check every row against a constraint that was added NOT VALID, without blocking writes."""
    quote = op.get_context().dialect.identifier_preparer.quote
    op.execute(f"ALTER TABLE {quote(table)} VALIDATE CONSTRAINT {quote(constraint)}")


INVALID = (
    "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
    "WHERE NOT indisvalid AND relname = :name AND indrelid = to_regclass(:table)"
)
