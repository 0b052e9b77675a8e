"""Posts by the thousand: a body with one JSON document a line (NDJSON), all of it or nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from ...core.web import parse_json
from .repository import (
    CategoryRepository,
    PlacementRepository,
    PostRepository,
    UserRepository,
    placements,
)
from .schemas import PostCreate
from .service import new_slug

BATCH = 1000  # posts in memory, and in one insert


class Line(NamedTuple):
    """A line of the body, counted from 1, and what it says."""

    number: int
    post: PostCreate


class WrongLine(RequestValidationError):
    """A line that is refused; its errors are told as those of any body."""

    def __init__(self, number: int, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(
            [
                {
                    **error,
                    "loc": ("body", number, *error["loc"]),
                    "msg": f"Line {number}: {error['msg']}",
                }
                for error in errors
            ]
        )


async def import_posts(session: AsyncSession, body: bytes) -> int:
    """Write all posts of a body; gives how many there are.

    Raises:
        WrongLine: nothing of the body may be kept.
    """
    imported = 0
    lines = read(body)
    while batch := list(islice(lines, BATCH)):
        await write(session, batch)
        imported += len(batch)
    return imported


def read(body: bytes) -> Iterator[Line]:
    """The lines one by one, without the blank ones.

    Raises:
        WrongLine: the next line is no post.
    """
    for number, line in enumerate(BytesIO(body), 1):
        if line.strip():
            try:
                post = PostCreate.model_validate(parse_json(line))
            except ValidationError as error:
                raise WrongLine(number, error.errors()) from error
            except (ValueError, RecursionError) as error:
                raise WrongLine(number, [not_json(error)]) from error
            yield Line(number, post)


async def write(session: AsyncSession, batch: Sequence[Line]) -> None:
    """Insert posts, and their places in categories: two statements, with categories five.

    Raises:
        WrongLine: a line names an author or a category that there is not.
    """
    authors = await UserRepository(session).known({line.post.author_id for line in batch})
    named = {name for line in batch for name in line.post.category_slugs}
    categories = await CategoryRepository(session).keys(named) if named else {}
    for number, post in batch:
        if post.author_id not in authors:
            raise WrongLine(number, [unknown("author", "author_id")])
        for place, name in enumerate(post.category_slugs):
            if name not in categories:
                raise WrongLine(number, [unknown("category", "category_slugs", place)])

    posts = PostRepository(session)
    slugs = [new_slug(line.post.title) for line in batch]
    await posts.add_many(
        [
            {**line.post.model_dump(exclude={"category_slugs"}), "slug": slug}
            for slug, line in zip(slugs, batch, strict=True)
        ]
    )
    if named:
        keys = await posts.keys(slugs)
        rows = [
            row
            for slug, line in zip(slugs, batch, strict=True)
            for row in placements(
                keys[slug], [categories[name] for name in line.post.category_slugs]
            )
        ]
        await PlacementRepository(session).add_many(rows)


def not_json(error: Exception) -> dict[str, Any]:
    why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return {"type": "json_invalid", "loc": (), "msg": "JSON decode error", "ctx": {"error": why}}


def unknown(what: str, *where: str | int) -> dict[str, Any]:
    return {"type": "reference", "loc": where, "msg": f"There is no such {what}"}
