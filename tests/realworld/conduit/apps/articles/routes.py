"""/api/articles, with their comments and favorites, and /api/tags"""

from typing import Annotated

from fastapi import Depends, Query, Response

from ...core.db import Key
from ...core.web import Router, SessionDep, problems
from ...core.web.slices import Slice, slice_answer
from ..profiles.schemas import Sent
from ..users.access import CurrentUser, OptionalUser
from . import queries, schemas, service
from .repository import FavoriteRepository
from .schemas import ArticleAnswer, ArticleInList, ArticleKey, Articles, Filters, Part

router = Router(tags=["articles"], responses=problems(401, 404))


async def with_slug(slug: str) -> ArticleKey:
    return await queries.key.one(slug=slug)


Found = Annotated[ArticleKey, Depends(with_slug)]
ArticleList = Response | Slice[ArticleInList]


@router.get("/articles", response_model=Articles)
async def list_articles(part: Annotated[Filters, Query()], who: OptionalUser) -> ArticleList:
    viewer = who.id if who else None
    return await slice_answer(queries.articles, envelope=Articles, viewer=viewer, **dict(part))


@router.get("/articles/feed", response_model=Articles)
async def list_feed(part: Annotated[Part, Query()], who: CurrentUser) -> ArticleList:
    return await slice_answer(
        queries.articles, envelope=Articles, viewer=who.id, follower=who.id, **dict(part)
    )


@router.post("/articles", status_code=201)
async def create_article(
    article: Sent[schemas.ArticleCreate], who: CurrentUser, session: SessionDep
) -> ArticleAnswer:
    return await read_article(await service.publish(session, who.id, article), who)


@router.get("/articles/{slug}")
async def read_article(slug: str, who: OptionalUser) -> ArticleAnswer:
    article = await queries.article.one(slug=slug, viewer=who.id if who else None)
    return ArticleAnswer(article=article)


@router.put("/articles/{slug}")
async def change_article(
    found: Found, article: Sent[schemas.ArticlePatch], who: CurrentUser
) -> ArticleAnswer:
    changes = article.changes()
    if "title" in changes:
        changes["slug"] = service.slug_of(article.title)
    changed = await queries.change_article.one(found.id, changes, owner=who.id)
    return await read_article(changed.slug, who)


@router.delete("/articles/{slug}", status_code=204)
async def delete_article(found: Found, who: CurrentUser) -> None:
    await queries.delete_article.one(found.id, owner=who.id)


@router.post("/articles/{slug}/favorite")
async def favorite(found: Found, who: CurrentUser, session: SessionDep) -> ArticleAnswer:
    row = {"owner_id": who.id, "article_id": found.id}
    await FavoriteRepository(session).add_missing([row], by=["owner_id", "article_id"])
    return await read_article(found.slug, who)


@router.delete("/articles/{slug}/favorite")
async def unfavorite(found: Found, who: CurrentUser, session: SessionDep) -> ArticleAnswer:
    await FavoriteRepository(session).delete_where(owner_id=who.id, article_id=found.id)
    return await read_article(found.slug, who)


@router.get("/articles/{slug}/comments")
async def list_comments(found: Found, who: OptionalUser) -> schemas.Comments:
    viewer = who.id if who else None
    return schemas.Comments(comments=await queries.comments.all(article=found.id, viewer=viewer))


@router.post("/articles/{slug}/comments")
async def create_comment(
    found: Found, comment: Sent[schemas.CommentCreate], who: CurrentUser
) -> schemas.CommentAnswer:
    new = await queries.add_comment.one(owner_id=who.id, article_id=found.id, body=comment.body)
    return schemas.CommentAnswer(comment=await queries.comment.one(id=new.id, viewer=who.id))


@router.delete("/articles/{slug}/comments/{id}", status_code=204)
async def delete_comment(found: Found, id: Key, who: CurrentUser) -> None:
    await queries.delete_comment.one(id, article=found.id, owner=who.id)


@router.get("/tags")
async def list_tags() -> schemas.Tags:
    return schemas.Tags(tags=await queries.tags.all())
