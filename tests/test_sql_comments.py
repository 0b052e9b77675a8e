"""DB_SQLCOMMENTER: the database sees which route or task sent a statement."""

import json
from pathlib import Path

from .support.projects import Project, render
from .support.servers import Server

# Statements that return their own text, as the server has received it.
OWN_TEXT = {
    "postgresql": ("query", "pg_stat_activity", "pid = pg_backend_pid()"),
    "mariadb": ("info", "information_schema.processlist", "id = CONNECTION_ID()"),
    "mysql": ("info", "performance_schema.processlist", "id = CONNECTION_ID()"),
}
PROBE = """
import asyncio, json, sys
from uuid import uuid4

import httpx
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from sqlalchemy import NullPool, bindparam, literal_column, select, text

from my_service.apps.blog.models import Category
from my_service.apps.blog.schemas import CategoryRead
from my_service.core.db import dispose_engine, on_statement, prepare, prepare_insert, transaction
from my_service.core.db.engine import make_engine
from my_service.core.jobs import task
from my_service.core.jobs.running import RunningJob, run
from my_service.core.web import Router, Schema, SessionDep, create_app
from my_service.settings import settings

COLUMN, TABLE, OWN = sys.argv[1:]
TEXT = select(literal_column(COLUMN).label("seen")).select_from(text(TABLE)).where(text(OWN))


class Sent(Schema):
    seen: str


PREPARED = prepare(TEXT.where(literal_column("1") == bindparam("one")), Sent)
ADD = prepare_insert(Category, CategoryRead)
router = Router()


@router.get("/session/{id}")
async def of_session(id: int, session: SessionDep) -> list[str]:
    twice = [await session.scalar(TEXT.where(text("1 = :one")), {"one": 1}) for _ in range(2)]
    return [*twice, await session.scalar(text(f"{TEXT} /* mine */"))]


@router.get("/prepared/{id}")
async def of_prepared(id: int) -> list[str]:
    return [(await PREPARED.one(one=1)).seen]


@router.get("/written")
async def of_write() -> list[str]:
    await ADD.one(name="Comments", slug="comments")
    other = make_engine(settings.database_url, poolclass=NullPool)
    async with other.connect() as connection:
        return list(await connection.scalars(text("SELECT query FROM pg_stat_activity WHERE query LIKE 'INSERT INTO cat%'")))


@task(name="probe.look")
async def look() -> str:
    async with transaction() as session:
        return await session.scalar(TEXT)


async def main() -> None:
    app = create_app(settings, title="Probe")
    app.include_router(router)
    reported: list[str] = []
    on_statement(lambda statement: reported.append(statement.sql))
    span = NonRecordingSpan(SpanContext(0xA, 0xB, is_remote=False, trace_flags=TraceFlags(1)))
    found = {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path in ("/session/1", "/prepared/1", *(["/written"] if "pg" in TABLE else [])):
            found[path] = (await client.get(path)).raise_for_status().json()
        with trace.use_span(span):
            found["traced"] = (await client.get("/session/1")).json()
    async with transaction() as session:
        found["outside"] = [await session.scalar(TEXT)]
    found["job"] = [await run(RunningJob(uuid4(), "probe.look", {}, 1))]
    found["reported"] = [sql for sql in reported if "/*" in sql and "mine" not in sql]
    await dispose_engine()
    print(json.dumps(found))


asyncio.run(main())
"""


def test_statements_name_their_route_or_their_task(networked: Server, tmp_path: Path) -> None:
    root = render(tmp_path / "project", driver=networked.driver)
    root.joinpath("probe.py").write_text(PROBE)
    database = networked.create_database()
    try:
        project = Project(root, database=database, settings={"DB_SQLCOMMENTER": "true"})
        project.manage("migrate")
        done = project.run(project.python, "probe.py", *OWN_TEXT[networked.name])
        found = json.loads(done.stdout.splitlines()[-1])
    finally:
        networked.drop_database(database)
    first, second, own = found["/session/1"]
    assert first == second
    assert first.endswith(" /*route='/session/%7Bid%7D'*/")
    assert own.endswith(" /* mine */")
    [prepared] = found["/prepared/1"]
    assert prepared.endswith(" /*route='/prepared/%7Bid%7D'*/")
    assert found["outside"][0].count("/*") == 0
    assert found["job"][0].endswith(" /*job='probe.look'*/")
    assert found["reported"] == []
    traced, *_ = found["traced"]
    if networked.name == "postgresql":
        assert traced == first
        assert [sql[-20:] for sql in found["/written"]] == [" /*route='/written'*/"[-20:]]
    else:
        ids = f"{0xA:032x}-{0xB:016x}"
        assert traced.endswith(f" /*route='/session/%7Bid%7D',traceparent='00-{ids}-01'*/")
