# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Writes the audit log: an entry for each row that a unit of work of the admin changes."""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import insert, select
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, Session, UOWTransaction, class_mapper
from sqlalchemy.orm.attributes import get_history
from starlette.requests import Request

from ..auth.client import client_ip
from ..db import utc_now
from ..db.exact import to_json
from .models import AuditEntry
from .naming import columns, key_of, model_of, name_of
from .visitor import visitor_of

LONGEST = 1_000  # characters of a value
SHOWN = 50  # entries on a row's page
HIDDEN_VALUE = "…"


def watch(session: AsyncSession, request: Request) -> None:
    """Log what a session of `transaction()` changes, from now on.

    It sees rows that the session holds. A statement such as `update(Product)` is not logged.
    """

    def after_flush(flushed: Session, context: UOWTransaction) -> None:
        who = visitor_of(request).identity
        by = {"user_id": who.id, "user_email": who.email, "ip_address": client_ip(request)}
        kinds = {"add": flushed.new, "change": flushed.dirty, "delete": flushed.deleted}
        entries = [
            {
                **by,
                "created_at": utc_now(),
                "action": action,
                "model": name_of(model_of(row)),
                "row_key": key_of(row),
                "changes": found,
            }
            for action, rows in kinds.items()
            for row in rows
            if (found := changes(action, row)) or action == "delete"
        ]
        if entries:
            flushed.execute(insert(AuditEntry), entries)

    listen(session.sync_session, "after_flush", after_flush)


def changes(action: str, row: Any) -> dict[str, list[Any]]:
    """Return [before, after] of each column that changes; never of one that holds a secret."""
    found: dict[str, list[Any]] = {}
    mapper: Mapper[Any] = class_mapper(model_of(row))
    for attribute in mapper.column_attrs:
        name = attribute.key
        if name not in columns(model_of(row)):
            if action == "change" and get_history(row, name).has_changes():
                found[name] = [HIDDEN_VALUE, HIDDEN_VALUE]
            continue
        added, unchanged, deleted = get_history(row, name)
        now = (added or unchanged or [None])[0]
        before = (deleted or [None])[0] if added or deleted else now
        pair = {"add": [None, now], "delete": [before, None]}.get(action, [before, now])
        if pair[0] != pair[1]:
            found[name] = [shown(value) for value in pair]
    return found


def shown(value: Any) -> Any:
    """Return a value as JSON has it; the beginning of a long one."""
    simple: object = to_jsonable_python(value, bytes_mode="base64", fallback=str)
    if len(text := str(simple)) > LONGEST:
        return f"{text[:LONGEST]}…"
    with suppress(ValueError):  # an integer of more than 64 bits, as 1e30 may be read
        to_json(simple)
        return simple
    return text


async def history(session: AsyncSession, row: Any) -> list[AuditEntry]:
    """Return the newest entries of a row."""
    of_row = (AuditEntry.model == name_of(model_of(row)), AuditEntry.row_key == key_of(row))
    newest = select(AuditEntry).where(*of_row).order_by(AuditEntry.created_at.desc()).limit(SHOWN)
    return [*await session.scalars(newest)]


def fingerprint(row: Any, names: Iterable[str]) -> str:
    """Return a hash of each of these columns, to see later which have changed."""
    return " ".join(
        f"{name}:{sha256(repr(getattr(row, name)).encode()).hexdigest()[:16]}" for name in names
    )
