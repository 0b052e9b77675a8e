"""Reads of a post, each with the port of the server that answered."""

from typing import Any

from sqlalchemy import bindparam, column, func, literal_column, select, table

from ...core.db import Key, NotFound, get_engine, on_primary, prepare, transaction
from ...core.web import Router, Schema, SessionDep
from ..blog.models import Post
from ..users.access import CurrentUser

PORT: Any = (
    func.inet_server_port()
    if get_engine().dialect.name == "postgresql"
    else literal_column("@@port")
)


class Seen(Schema):
    title: str
    port: int


router = Router(prefix="/seen")
_post = select(Post.title, PORT.label("port")).where(Post.id == bindparam("id"))
_seen = prepare(_post, Seen)
_on_primary = prepare(_post, Seen, primary=True)

_late = select(column("title"), PORT.label("port")).select_from(table("late", column("title")))
_seen_late = prepare(_late, Seen)


@router.get("/late")
async def late() -> Seen:
    """Read a table that the replica does not have yet."""
    return await _seen_late.one()


@router.get("/late-in-unit")
async def late_in_unit(session: SessionDep) -> Seen:
    row = (await session.execute(_late)).one()
    return Seen(title=row.title, port=row.port)


@router.get("/prepared/{id}")
async def prepared(id: Key) -> Seen:
    return await _seen.one(id=id)


@router.get("/primary/{id}")
async def primary(id: Key, session: SessionDep) -> Seen:
    await in_unit(id, session)
    return await _on_primary.one(id=id)


@router.get("/block/{id}")
async def block(id: Key, session: SessionDep) -> Seen:
    await in_unit(id, session)
    with on_primary():
        return await _seen.one(id=id)


@router.get("/unit/{id}")
async def unit(id: Key, session: SessionDep) -> Seen:
    return await in_unit(id, session)


@router.get("/user/{id}")
async def user(id: Key, session: SessionDep, who: CurrentUser) -> Seen:
    return await in_unit(id, session)


@router.get("/both/{id}")
async def both(id: Key, session: SessionDep) -> Seen:
    """A prepared read is part of the unit of work."""
    await in_unit(id, session)
    return await _seen.one(id=id)


@router.get("/written/{id}")
async def written(id: Key) -> Seen:
    """A GET that writes, and reads what it wrote."""
    async with transaction() as session:
        post = await session.get_one(Post, id)
        post.title += "!"
    return await _seen.one(id=id)


async def in_unit(id: Key, session: SessionDep) -> Seen:
    row = (await session.execute(_post, {"id": id})).one_or_none()
    if row is None:
        raise NotFound
    return Seen(title=row.title, port=row.port)
