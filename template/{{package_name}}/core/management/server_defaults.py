# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares server defaults that databases report in other words than a model's.

Alembic does not quote a text that holds a quote, nor does it know the other names of `now()`. The
database rewrites the model's default in a temporary table.
"""

import re
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult
from sqlalchemy import Column, Computed, DefaultClause, Identity, String, TextClause
from sqlalchemy.sql.functions import now

from .check_constraints import SCRATCH, plain, scratch
from .sql_text import texts

PLUGIN = "core.server_defaults"

# A text as databases report it, some with a cast: 'it''s'::character varying
LITERAL = re.compile(r"\(?'((?:[^']|'')*)'(?:::[\w ]+)?\)?")
NOW = re.compile(r"(now|current_timestamp)(\(\d*\))?", re.IGNORECASE)


def compare(
    context: AutogenContext,
    found: ops.AlterColumnOp,
    schema: str | None,
    table: str,
    name: str,
    existing: Column[Any],
    model: Column[Any],
) -> PriorityDispatchResult:
    """Compare two defaults; leave those that differ, except texts, to Alembic."""
    old, new = existing.server_default, model.server_default
    if isinstance(old, Computed) and isinstance(new, Computed):
        return PriorityDispatchResult.STOP  # `computed` compares them
    if isinstance(new, Identity) and not context.dialect.supports_identity_columns:
        if model.table.autoincrement_column is model:
            found.kw["autoincrement"] = True  # the key is generated in the database's own way
        return PriorityDispatchResult.STOP
    if isinstance(old, Identity) != isinstance(new, Identity):
        found.existing_server_default, found.modify_server_default = old, new
        return PriorityDispatchResult.STOP
    if not isinstance(old, DefaultClause) or not isinstance(new, DefaultClause):
        return PriorityDispatchResult.CONTINUE
    reported = old.arg.text if isinstance(old.arg, TextClause) else ""
    if isinstance(new.arg, now) and NOW.fullmatch(reported):
        return PriorityDispatchResult.STOP
    literal = LITERAL.fullmatch(reported)
    if literal is None or not isinstance(new.arg, str) or not isinstance(model.type, String):
        connection = context.connection
        if found.modify_type is None and connection is not None:
            with scratch(
                connection, Column("value", plain(existing), server_default=DefaultClause(new.arg))
            ) as db:
                stored = db.get_columns(SCRATCH)[0]["default"]
            if reported in (stored, f"({stored})"):
                return PriorityDispatchResult.STOP
        return PriorityDispatchResult.CONTINUE
    if texts(reported, context.dialect)[0] != [new.arg]:
        found.modify_server_default = new
    return PriorityDispatchResult.STOP


Plugin(PLUGIN).add_autogenerate_comparator(
    compare, "column", "server_default", priority=DispatchPriority.FIRST
)
