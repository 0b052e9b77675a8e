"""The blog's prepared statements, and the schemas that their rows become."""

from sqlalchemy import BigInteger, bindparam, case, func, literal, or_, select

from ...core.db import Listing, prepare, prepare_delete, prepare_update
from ..users.models import User
from .models import Category, Comment, Post, PostCategory, PostStatus
from .schemas import CommentWithReplies, LatestOfAuthor, PostRead, PostRow, PostsOfAuthor

DEEPEST = 20  # levels of a thread, with the first comment

_author_name = User.full_name.label("author_name")
_own = Post.author_id == bindparam("author")

change_post = prepare_update(Post, PostRow, _own)
delete_post = prepare_delete(Post, _own)

_posts = select(Post, _author_name).join(User, User.id == Post.author_id)
post = prepare(_posts.where(Post.id == bindparam("id")), PostRead)

posts = Listing(
    _posts,
    PostRead,
    order_by=[Post.created_at.desc(), Post.id.desc()],
    filters={
        "status": Post.status == bindparam("status"),
        "author_id": Post.author_id == bindparam("author_id"),
        "category": Post.placements.any(
            PostCategory.category.has(Category.slug == bindparam("category"))
        ),
        "words": or_(
            Post.title.icontains(bindparam("words"), escape="/"),
            Post.body.icontains(bindparam("words"), escape="/"),
        ),
    },
)

# A post's comments from the top of its threads down, each after the comment that it answers.
_comments = (
    select(Comment, literal(1).label("depth"))
    .where(Comment.post_id == bindparam("post_id"), Comment.parent_id.is_(None))
    .cte("threads", recursive=True)
)
_comments = _comments.union_all(
    select(Comment, _comments.c.depth + 1)
    .join(_comments, Comment.parent_id == _comments.c.id)
    .where(_comments.c.depth < DEEPEST)
)
comments = prepare(
    select(_comments, _author_name)
    .join(User, User.id == _comments.c.author_id)
    .order_by(_comments.c.depth, _comments.c.created_at, _comments.c.id),
    CommentWithReplies,
)

_written = func.count(Post.id)
posts_per_author = prepare(
    select(
        User.id.label("author_id"),
        _author_name,
        _written.label("posts"),
        func.count(case((Post.status == PostStatus.PUBLISHED, Post.id))).label("published"),
    )
    .join(Post, Post.author_id == User.id)
    .group_by(User.id, User.full_name)
    .having(_written >= bindparam("at_least"))
    .order_by(_written.desc(), User.id)
    .limit(bindparam("row_limit", type_=BigInteger)),
    PostsOfAuthor,
)

_ranked = select(
    Post.id,
    func.row_number()
    .over(partition_by=Post.author_id, order_by=[Post.created_at.desc(), Post.id.desc()])
    .label("place"),
).subquery("ranked")
latest_per_author = prepare(
    _posts.join(_ranked, _ranked.c.id == Post.id)
    .where(_ranked.c.place == 1)
    .order_by(Post.created_at.desc(), Post.id.desc())
    .limit(bindparam("row_limit", type_=BigInteger)),
    LatestOfAuthor,
)
