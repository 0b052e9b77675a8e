"""/api/posts: anyone reads them, and authors write their own"""

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
from ...users.access import CurrentUser
from .. import imports, queries, service
from ..models import PostStatus
from ..schemas import Imported, PostCreate, PostPatch, PostRead, Slug

router = Router(prefix="/posts", tags=["posts"], retry=3)


@router.post("", status_code=201, responses=problems(401, 403, 404))
async def create_post(user: CurrentUser, data: PostCreate, session: SessionDep) -> PostRead:
    post = await service.write_post(session, data, author=user.id)
    return PostRead.of(post, user)


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


@router.post("/import", status_code=201, responses=problems(401, 403))
async def import_posts(
    user: CurrentUser,
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
    return Imported(imported=await imports.import_posts(session, lines, author=user.id))


@router.get("/{id}", responses=problems(404))
async def read_post(id: Key) -> PostRead:
    return await queries.post.one(id=id)


@router.patch("/{id}", responses=problems(401, 403, 404, 409))
async def change_post(user: CurrentUser, id: Key, data: PostPatch) -> PostRead:
    return PostRead.of(await service.change_post(id, data, author=user.id), user)


@router.delete("/{id}", status_code=204, responses=problems(401, 403, 404))
async def delete_post(user: CurrentUser, id: Key) -> None:
    await queries.delete_post.one(id, author=user.id)


@router.post("/{id}/publish", responses=problems(401, 403, 404, 409))
async def publish_post(user: CurrentUser, id: Key, session: SessionDep) -> PostRead:
    """Publish a draft, and send its author a mail. A published post stays as it is."""
    return PostRead.of(await service.publish(session, id, author=user.id), user)
