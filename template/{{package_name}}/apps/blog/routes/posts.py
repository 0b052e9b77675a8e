"""/api/posts"""

from typing import Annotated

from fastapi import Query

from ....core.db import Key, Page, Scroll, escape_like
from ....core.web import (
    Cursor,
    Limit,
    PageNumber,
    PageOf,
    PerPage,
    Router,
    ScrollOf,
    SessionDep,
)
from .. import queries, service
from ..models import Post, PostStatus
from ..repository import PostRepository
from ..schemas import PostCreate, PostPatch, PostRead

router = Router(prefix="/posts", tags=["posts"])


@router.post("", response_model=PostRead, status_code=201)
async def create_post(data: PostCreate, session: SessionDep) -> Post:
    return await service.write_post(session, data)


@router.get("", response_model=PageOf[PostRead])
async def list_posts(
    page: PageNumber = 1,
    per_page: PerPage = 20,
    status: PostStatus | None = None,
    author_id: Key | None = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
) -> Page[PostRead]:
    return await queries.posts.page(
        page=page,
        per_page=per_page,
        status=status,
        author_id=author_id,
        words=q and escape_like(q),
    )


@router.get("/feed", response_model=ScrollOf[PostRead])
async def read_feed(cursor: Cursor = None, limit: Limit = 20) -> Scroll[PostRead]:
    return await queries.posts.scroll(limit=limit, cursor=cursor)


@router.get("/{key}")
async def read_post(key: Key) -> PostRead:
    return await queries.post.one(id=key)


@router.patch("/{key}", response_model=PostRead)
async def change_post(key: Key, data: PostPatch, session: SessionDep) -> Post:
    posts = PostRepository(session)
    return await posts.update(await posts.get_one(key), data.changes())


@router.delete("/{key}", status_code=204)
async def delete_post(key: Key, session: SessionDep) -> None:
    posts = PostRepository(session)
    await posts.delete(await posts.get_one(key))


@router.post("/{key}/publish", response_model=PostRead)
async def publish_post(key: Key, session: SessionDep) -> Post:
    return await service.publish(session, key)
