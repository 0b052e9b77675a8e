"""/api/reports: for staff"""

from typing import Annotated

from fastapi import Depends, Query

from ....core.web import Limit, Router, problems
from ...users.access import access
from .. import queries
from ..schemas import LatestOfAuthor, PostsOfAuthor

router = Router(
    prefix="/reports",
    tags=["reports"],
    dependencies=[Depends(access.staff)],
    responses=problems(401, 403),
)


@router.get("/posts-per-author")
async def count_posts_per_author(
    at_least: Annotated[int, Query(ge=1, le=1_000_000)] = 1, limit: Limit = 100
) -> list[PostsOfAuthor]:
    """The authors with at least this many posts, most posts first."""
    return await queries.posts_per_author.all(at_least=at_least, row_limit=limit)


@router.get("/latest-per-author")
async def read_latest_per_author(limit: Limit = 100) -> list[LatestOfAuthor]:
    """The newest post of each author, newest first."""
    return await queries.latest_per_author.all(row_limit=limit)
