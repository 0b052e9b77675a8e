"""SQLite: how often statements visit the thread of their connection, which costs more than they do."""

from pathlib import Path

from .support.projects import Project, render

PROBE = """
import asyncio

import aiosqlite
from sqlalchemy import text

from my_service.core.db import dispose_engine, transaction

visits = 0
execute = aiosqlite.Connection._execute


async def counted(*args, **kwargs):
    global visits
    visits += 1
    return await execute(*args, **kwargs)


aiosqlite.Connection._execute = counted
NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT :count) SELECT x FROM n"


async def main():
    global visits
    async with transaction() as session:
        await session.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"))
    for statement, values in (
        ("SELECT 1", {}),
        (NUMBERS, {"count": 99}),
        (NUMBERS, {"count": 100}),
        ("INSERT INTO notes (text) VALUES (:text)", [{"text": "a"}, {"text": "b"}]),
        ("UPDATE notes SET text = 'c' RETURNING id", {}),
    ):
        async with transaction() as session:
            await session.connection()  # begins
            before = visits
            result = await session.execute(text(statement), values)
            found = result.all() if result.returns_rows else result.rowcount
            print(found if isinstance(found, int) else len(found), visits - before)
        print("unit", visits - before + 1)
    async with transaction(read_only=True) as session:
        raw = (await (await session.connection()).get_raw_connection()).driver_connection
        async with raw.cursor() as cursor:
            await cursor.execute(NUMBERS.replace(":count", "250"))
            print(await cursor.fetchone(), len(await cursor.fetchmany(120)))
            print(len([row async for row in cursor]), await cursor.fetchone())
        cursor = await raw.cursor()
        print(await (await cursor.execute("SELECT ?", [1])).fetchall())
    await dispose_engine()


asyncio.run(main())
"""


def test_a_statement_visits_the_thread_once(tmp_path: Path) -> None:
    """A unit of work of one statement visits it three times: BEGIN, the statement, COMMIT.

    The driver's own cursors can still be used.
    """
    project = Project(render(tmp_path / "project", auth=False, jobs=False, example=False))
    project.root.joinpath("probe.py").write_text(PROBE)
    done = project.run(project.python, "probe.py")
    once, twice = "1", "3"  # the second with the rest of the rows, and the end of the cursor
    assert done.stdout.split() == [
        *("1", once, "unit", "3", "99", once, "unit", "3", "100", twice, "unit", "5"),
        *("2", once, "unit", "3", "2", once, "unit", "3"),
        *("(1,)", "120", "129", "None", "[(1,)]"),
    ]
