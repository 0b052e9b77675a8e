# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares server defaults that are texts: Alembic does not quote a text that holds a quote."""

import re
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, String

# A text as databases report it, on PostgreSQL with a cast: 'it''s'::character varying
LITERAL = re.compile(r"'((?:[^']|'')*)'(?:::[\w ]+)?")


def differs(
    context: MigrationContext,
    existing: Column[Any],
    model: Column[Any],
    existing_default: str | None,
    default: Any,
    rendered: str | None,
) -> bool | None:
    """Whether a default has changed; None to let Alembic compare.

    The arguments are those that Alembic passes to `compare_server_default`.
    """
    wanted = getattr(default, "arg", None)
    found = LITERAL.fullmatch(existing_default or "")
    if found is None or not isinstance(wanted, str) or not isinstance(model.type, String):
        return None
    return found[1].replace("''", "'") != wanted
