"""Plain SQL on a separate connection, independent of the code under test."""

import asyncio
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

Rows = list[tuple[Any, ...]]

LONGEST = 30.0  # seconds


def execute(url: URL | str, statement: str, parameters: Mapping[str, object] | None = None) -> Rows:
    """Run one statement, outside any transaction, and return its rows.

    It also works inside a running event loop, because the statement runs in another thread's loop.

    Raises:
        TimeoutError: the statement took longer than `LONGEST`.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, _execute(url, statement, parameters)).result()


async def _execute(
    url: URL | str, statement: str, parameters: Mapping[str, object] | None
) -> list[tuple[Any, ...]]:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with asyncio.timeout(LONGEST), engine.connect() as connection:
        result = await connection.execute(text(statement), parameters)
        return [tuple(row) for row in result] if result.returns_rows else []


@contextmanager
def held(url: URL | str, *statements: str) -> Generator[None]:
    """Run statements in one transaction, and keep it open, with its locks, while the block runs."""
    engine = create_async_engine(url, poolclass=NullPool)
    with asyncio.Runner() as runner:
        connection = runner.run(engine.connect().start())
        try:
            for statement in statements:
                runner.run(connection.execute(text(statement)))
            yield
        finally:
            runner.run(connection.close())
