"""The prepared statements of articles; `viewer` is the key of the current user, or None."""

from sqlalchemy import bindparam, func, select

from ...core.db import Listing, prepare, prepare_delete, prepare_insert, prepare_update
from ..profiles.schemas import Stored
from ..users.models import Follow
from .models import Article, Comment, Favorite, Tag
from .schemas import ArticleInList, ArticleKey, ArticleRead, CommentRead

favorites = select(func.count()).where(Favorite.article_id == Article.id).scalar_subquery()
followers = select(Follow.owner_id).where(Follow.followed_id == Article.owner_id)
shown = select(
    Article,
    Article.favorites.any(Favorite.owner_id == bindparam("viewer")).label("favorited"),
    favorites.label("favorites_count"),
)
of_article = Comment.article_id == bindparam("article")

articles = Listing(
    shown,
    ArticleInList,
    order_by=[Article.created_at.desc(), Article.slug],
    filters={
        "tag": Article.tags.any(name=bindparam("tag")),
        "author": Article.owner.has(username=bindparam("author")),
        "favorited": Article.favorites.any(Favorite.owner.has(username=bindparam("favorited"))),
        "follower": followers.where(Follow.owner_id == bindparam("follower")).exists(),
    },
)
key = prepare(select(Article).where(Article.slug == bindparam("slug")), ArticleKey)
article = prepare(shown.where(Article.slug == bindparam("slug")), ArticleRead)
change_article = prepare_update(Article, ArticleKey, Article.owner_id == bindparam("owner"))
delete_article = prepare_delete(Article, Article.owner_id == bindparam("owner"))

comments = prepare(select(Comment).where(of_article).order_by(Comment.id), CommentRead)
comment = prepare(select(Comment).where(Comment.id == bindparam("id")), CommentRead)
add_comment = prepare_insert(Comment, Stored)
delete_comment = prepare_delete(Comment, of_article, Comment.owner_id == bindparam("owner"))

tags = prepare(select(Tag.name).order_by(Tag.name), str)
