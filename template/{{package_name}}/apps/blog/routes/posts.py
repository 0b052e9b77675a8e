"""/api/posts"""

from typing import Annotated

from fastapi import Body, Query, Response

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
    page_answer,
    problems,
    scroll_answer,
)
from .. import imports, queries, service
from ..models import Post, PostStatus
from ..schemas import Imported, PostCreate, PostPatch, PostRead, Slug

router = Router(prefix="/posts", tags=["posts"])


@router.post("", response_model=PostRead, status_code=201, responses=problems(404, 409))
async def create_post(data: PostCreate, session: SessionDep) -> Post:
    return await service.write_post(session, data)


@router.get("", response_model=PageOf[PostRead])
async def list_posts(
    page: PageNumber = 1,
    per_page: PerPage = 20,
    status: PostStatus | None = None,
    author_id: Key | None = None,
    category: Slug | None = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
) -> Response | Page[PostRead]:
    return await page_answer(
        queries.posts,
        page=page,
        per_page=per_page,
        status=status,
        author_id=author_id,
        category=category,
        words=q and escape_like(q),
    )


@router.get("/feed", response_model=ScrollOf[PostRead])
async def read_feed(cursor: Cursor = None, limit: Limit = 20) -> Response | Scroll[PostRead]:
    return await scroll_answer(queries.posts, limit=limit, cursor=cursor)


@router.post("/import", status_code=201)
async def import_posts(
    lines: Annotated[
        bytes,
        Body(
            media_type="application/x-ndjson",
            description="One JSON object per line, as for POST /api/posts.",
        ),
    ],
    session: SessionDep,
) -> Imported:
    """Create many posts. If a line is invalid, create none and name the line."""
    return Imported(imported=await imports.import_posts(session, lines))


@router.get("/{id}", responses=problems(404))
async def read_post(id: Key) -> PostRead:
    return await queries.post.one(id=id)


@router.patch("/{id}", responses=problems(404, 409))
async def change_post(id: Key, data: PostPatch) -> PostRead:
    return await service.change_post(id, data)


@router.delete("/{id}", status_code=204, responses=problems(404, 409))
async def delete_post(id: Key) -> None:
    await queries.delete_post.one(id)


@router.post("/{id}/publish", response_model=PostRead, responses=problems(404, 409))
async def publish_post(id: Key, session: SessionDep) -> Post:
    return await service.publish(session, id)
