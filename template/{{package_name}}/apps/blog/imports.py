"""Bulk import of posts: one JSON document per line (NDJSON), all of them or none."""

import json
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from ...core.db import Key
from ...core.web import error_details, parse_json
from .repository import CategoryRepository, PlacementRepository, PostRepository, placements
from .schemas import PostCreate
from .service import new_slug

BATCH = 1000  # posts in memory, and in one insert


class Line(NamedTuple):
    """A line of the body: its number, from 1, and the post in it."""

    number: int
    post: PostCreate


class WrongLine(RequestValidationError):
    """An invalid line. Its errors have the format of any invalid body."""

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


async def import_posts(session: AsyncSession, body: bytes, *, author: Key) -> int:
    """Write all posts of a body as drafts of an author, and return their number.

    Raises:
        WrongLine: a line is invalid; the caller must roll back.
    """
    imported = 0
    lines = read(body)
    while batch := list(islice(lines, BATCH)):
        await write(session, batch, author)
        imported += len(batch)
    return imported


def read(body: bytes) -> Iterator[Line]:
    """Yield the lines one by one, without blank lines.

    Raises:
        WrongLine: the next line is not a post.
    """
    for number, line in enumerate(BytesIO(body), 1):
        if line.strip():
            try:
                post = PostCreate.model_validate(parse_json(line))
            except ValidationError as error:
                raise WrongLine(number, error_details(error)) from error
            except (ValueError, RecursionError) as error:
                raise WrongLine(number, [not_json(error)]) from error
            yield Line(number, post)


async def write(session: AsyncSession, batch: Sequence[Line], author: Key) -> None:
    """Insert posts and their places in categories: one statement, or four with categories.

    Raises:
        WrongLine: a line names an unknown category.
    """
    named = {name for line in batch for name in line.post.category_slugs}
    categories = await CategoryRepository(session).keys(named) if named else {}
    for number, post in batch:
        for place, name in enumerate(post.category_slugs):
            if name not in categories:
                raise WrongLine(number, [unknown_category(place)])

    posts = PostRepository(session)
    slugs = [new_slug(line.post.title) for line in batch]
    await posts.add_many(
        [
            {
                **line.post.model_dump(exclude={"category_slugs"}),
                "author_id": author,
                "slug": slug,
            }
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


def unknown_category(place: int) -> dict[str, Any]:
    return {"type": "reference", "loc": ("category_slugs", place), "msg": "No such category"}
