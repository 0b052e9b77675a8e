"""The blog's reading side: statements that are prepared once, and the answers their rows become."""

from sqlalchemy import bindparam, or_, select

from ...core.db import Listing, prepare, prepare_insert
from .models import Post, User
from .schemas import PostRead, UserRead

add_user = prepare_insert(User, UserRead)

user = prepare(select(User).where(User.id == bindparam("id")), UserRead)

users = Listing(
    select(User),
    UserRead,
    order_by=[User.id],
    filters={"is_active": User.is_active == bindparam("is_active")},
)

post = prepare(select(Post).where(Post.id == bindparam("id")), PostRead)

posts = Listing(
    select(Post),
    PostRead,
    order_by=[Post.created_at.desc(), Post.id.desc()],
    filters={
        "status": Post.status == bindparam("status"),
        "author_id": Post.author_id == bindparam("author_id"),
        "words": or_(
            Post.title.icontains(bindparam("words"), escape="/"),
            Post.body.icontains(bindparam("words"), escape="/"),
        ),
    },
)
