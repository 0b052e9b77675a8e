"""FastAPI and aiosqlite: a pool of connections, because aiosqlite has none."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import aiosqlite
from fastapi import FastAPI, HTTPException

from .users import (
    POOL,
    URL,
    UserCreate,
    UserPage,
    UserPatch,
    UserRead,
    new_id,
    now,
    pages,
    tune_collector,
)

COLUMNS = "id, email, username, full_name, is_active, created_at, updated_at"
STORED = "%Y-%m-%d %H:%M:%S.%f"

pool: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    for _ in range(POOL):
        connection = await aiosqlite.connect(URL.partition("///")[2], isolation_level=None)
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = NORMAL")
        await connection.execute("PRAGMA busy_timeout = 30000")
        pool.put_nowait(connection)
    tune_collector()
    yield
    while not pool.empty():
        await pool.get_nowait().close()


app = FastAPI(lifespan=lifespan)


@asynccontextmanager
async def connected() -> AsyncGenerator[aiosqlite.Connection]:
    connection = await pool.get()
    try:
        yield connection
    finally:
        pool.put_nowait(connection)


def read(row: Any) -> UserRead:
    id, email, username, full_name, is_active, created_at, updated_at = row
    return UserRead(
        id=UUID(id),
        email=email,
        username=username,
        full_name=full_name,
        is_active=bool(is_active),
        created_at=datetime.fromisoformat(created_at + "+00:00"),
        updated_at=datetime.fromisoformat(updated_at + "+00:00"),
    )


@app.get("/api/users/{id}")
async def read_user(id: UUID) -> UserRead:
    async with connected() as connection:
        rows = await connection.execute_fetchall(
            f"SELECT {COLUMNS} FROM users WHERE id = ?", (id.hex,)
        )
    for row in rows:
        return read(row)
    raise HTTPException(404)


@app.get("/api/users")
async def list_users(page: int = 1, per_page: int = 20) -> UserPage:
    async with connected() as connection:
        rows = await connection.execute_fetchall(
            f"SELECT {COLUMNS} FROM users ORDER BY id LIMIT ? OFFSET ?",
            (per_page, (page - 1) * per_page),
        )
        [(total,)] = await connection.execute_fetchall("SELECT count(*) FROM users")
    return UserPage(
        items=[read(row) for row in rows],
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )


@app.post("/api/users", status_code=201)
async def create_user(data: UserCreate) -> UserRead:
    moment = now().strftime(STORED)
    async with connected() as connection:
        rows = await connection.execute_fetchall(
            "INSERT INTO users (id, email, username, full_name, is_active, created_at, updated_at)"
            f" VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING {COLUMNS}",
            (new_id().hex, data.email, data.username, data.full_name, True, moment, moment),
        )
    [row] = rows
    return read(row)


@app.patch("/api/users/{id}")
async def change_user(id: UUID, data: UserPatch) -> UserRead:
    async with connected() as connection:
        rows = await connection.execute_fetchall(
            f"UPDATE users SET full_name = ?, updated_at = ? WHERE id = ? RETURNING {COLUMNS}",
            (data.full_name, now().strftime(STORED), id.hex),
        )
    for row in rows:
        return read(row)
    raise HTTPException(404)


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID) -> None:
    async with connected() as connection:
        rows = await connection.execute_fetchall(
            "DELETE FROM users WHERE id = ? RETURNING id", (id.hex,)
        )
    if not rows:
        raise HTTPException(404)
