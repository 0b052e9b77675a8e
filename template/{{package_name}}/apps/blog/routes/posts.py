"""/api/posts"""

from typing import Annotated

from fastapi import Query

from ....core.db import Key, Page, Scroll
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
from .. import service
from ..models import Post, PostStatus
from ..repository import PostRepository
from ..schemas import PostCreate, PostPatch, PostRead

router = Router(prefix="/posts", tags=["posts"])


@router.post("", response_model=PostRead, status_code=201)
async def create_post(data: PostCreate, session: SessionDep) -> Post:
    return await service.write_post(session, data)


@router.get("", response_model=PageOf[PostRead])
async def list_posts(
    session: SessionDep,
    page: PageNumber = 1,
    per_page: PerPage = 20,
    status: PostStatus | None = None,
    author_id: Key | None = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
) -> Page[Post]:
    return await PostRepository(session).search(
        status=status, author_id=author_id, words=q, page=page, per_page=per_page
    )


@router.get("/feed", response_model=ScrollOf[PostRead])
async def read_feed(session: SessionDep, cursor: Cursor = None, limit: Limit = 20) -> Scroll[Post]:
    return await PostRepository(session).scroll(
        order_by=[Post.created_at.desc(), Post.id.desc()], limit=limit, cursor=cursor
    )


@router.get("/{key}", response_model=PostRead)
async def read_post(key: Key, session: SessionDep) -> Post:
    return await PostRepository(session).get_one(key)


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
