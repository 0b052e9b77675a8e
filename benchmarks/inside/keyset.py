"""Runs inside a rendered project: fills the posts, and prints three medians as JSON."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path.cwd()))

from my_service.apps.blog import queries
from my_service.apps.blog.models import Post
from my_service.apps.blog.repository import PostRepository
from my_service.apps.users.models import User
from my_service.apps.users.repository import UserRepository
from my_service.core.db import dispose_engine, transaction

PER_PAGE = 100
BATCH = 10_000
ROUNDS = 50
START = datetime(2026, 1, 1, tzinfo=UTC)


async def fill(rows: int) -> None:
    async with transaction() as session:
        author = await UserRepository(session).add(User(email="a@example.com"))
    for first in range(0, rows, BATCH):
        async with transaction() as session:
            await PostRepository(session).add_many(
                [
                    {
                        "author_id": author.id,
                        "title": f"post {number}",
                        "slug": f"post-{number}",
                        "body": "x" * 100,
                        "meta": {},
                        # three posts share each time, because ties make keyset pages difficult
                        "created_at": START + timedelta(seconds=number // 3),
                    }
                    for number in range(first, min(first + BATCH, rows))
                ]
            )


async def milliseconds(ask: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await ask()
    return (time.perf_counter() - began) * 1000


async def main(rows: int) -> None:
    await fill(rows)
    async with transaction(read_only=True) as session:
        order = [Post.created_at.desc(), Post.id.desc()]
        before = rows - PER_PAGE - 1
        [last_seen] = await PostRepository(session).find(order_by=order, offset=before, limit=1)
    cursor = queries.posts.keyset.cursor([last_seen.created_at, last_seen.id])

    async def first() -> object:
        return await queries.posts.scroll(limit=PER_PAGE)

    async def by_cursor() -> object:
        return await queries.posts.scroll(limit=PER_PAGE, cursor=cursor)

    async def by_offset() -> object:
        async with transaction(read_only=True) as session:
            posts = PostRepository(session)
            return await posts.find(order_by=order, offset=rows - PER_PAGE, limit=PER_PAGE)

    asked = (first, by_cursor, by_offset)
    for ask in asked:
        await ask()
    times = [[await milliseconds(ask) for ask in asked[:2]] for _ in range(ROUNDS)]
    offsets = [await milliseconds(by_offset) for _ in range(5)]
    firsts, cursors = zip(*times, strict=True)
    print(json.dumps([median(firsts), median(cursors), median(offsets)]))
    await dispose_engine()


asyncio.run(main(int(sys.argv[1])))
