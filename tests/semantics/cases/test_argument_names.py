"""A column may have any name, also one that sounds like an argument of `core.db`."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Argument
from my_service.core.db import Listing, prepare_insert, prepare_update

COLUMNS = ("key_0", "seen_version", "row_limit", "row_offset", "after_0")


@dataclass
class ArgumentRead:
    id: int
    version: int
    key_0: int
    seen_version: int
    row_limit: int
    row_offset: int
    after_0: int


insert = prepare_insert(Argument, ArgumentRead)
update = prepare_update(Argument, ArgumentRead)
arguments = Listing(
    select(Argument),
    ArgumentRead,
    order_by=[Argument.id],
    filters={name: getattr(Argument, name) == bindparam(name) for name in COLUMNS},
)


@pytest.mark.parametrize("name", COLUMNS)
async def test_a_column_is_changed_in_its_own_row(session: AsyncSession, name: str) -> None:
    row, other = await insert.one(), await insert.one()
    changed = await update.one(row.id, {name: other.id, "version": 1})
    assert (changed.id, changed.version, getattr(changed, name)) == (row.id, 2, other.id)


@pytest.mark.parametrize("name", COLUMNS)
async def test_a_filter_changes_no_part_of_a_list(session: AsyncSession, name: str) -> None:
    for _ in range(5):
        await insert.one()
    value: Any = {name: getattr(await insert.one(), name)}
    page = await arguments.page(page=2, per_page=2, **value)
    assert (len(page.items), page.total) == (2, 6)
    part = await arguments.scroll(limit=3, **value)
    part = await arguments.scroll(limit=5, cursor=part.next_cursor, **value)
    assert (len(part.items), part.next_cursor) == (3, None)
