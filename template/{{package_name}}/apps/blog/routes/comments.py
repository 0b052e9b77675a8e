"""/api/posts/{id}/comments"""

from ....core.db import Key
from ....core.web import Router, SessionDep, problems
from ...users.access import CurrentUser
from .. import queries, service
from ..schemas import CommentCreate, CommentRead, CommentWithReplies

router = Router(prefix="/posts/{id}/comments", tags=["comments"], retry=3)


@router.post("", status_code=201, responses=problems(401, 403, 404, 409))
async def create_comment(
    user: CurrentUser, id: Key, data: CommentCreate, session: SessionDep
) -> CommentRead:
    comment = await service.comment(session, id, data, author=user.id)
    return CommentRead.of(comment, user)


@router.get("", responses=problems(404))
async def read_comments(id: Key) -> list[CommentWithReplies]:
    """The threads under a post, oldest first. Replies are nested in their parents."""
    comments = await queries.comments.all(post_id=id)
    if not comments:
        await queries.post.one(id=id)
    return service.threads(comments)
