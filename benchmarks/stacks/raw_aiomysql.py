"""FastAPI and aiomysql's pool, on MariaDB."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any
from uuid import UUID

import aiomysql
from fastapi import FastAPI, HTTPException
from sqlalchemy import make_url

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


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    url = make_url(URL)
    async with aiomysql.create_pool(
        host=url.host or "localhost",
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        db=url.database,
        charset="utf8mb4",
        autocommit=True,
        minsize=POOL,
        maxsize=POOL,
    ) as app.state.pool:
        tune_collector()
        yield


app = FastAPI(lifespan=lifespan)


def read(row: Any) -> UserRead:
    id, email, username, full_name, is_active, created_at, updated_at = row
    return UserRead(
        id=UUID(id),
        email=email,
        username=username,
        full_name=full_name,
        is_active=bool(is_active),
        created_at=created_at.replace(tzinfo=UTC),
        updated_at=updated_at.replace(tzinfo=UTC),
    )


@app.get("/api/users/{id}")
async def read_user(id: UUID) -> UserRead:
    async with app.state.pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(f"SELECT {COLUMNS} FROM users WHERE id = %s", (str(id),))
        row = await cursor.fetchone()
    if row is None:
        raise HTTPException(404)
    return read(row)


@app.get("/api/users")
async def list_users(page: int = 1, per_page: int = 20) -> UserPage:
    async with app.state.pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(
            f"SELECT {COLUMNS} FROM users ORDER BY id LIMIT %s OFFSET %s",
            (per_page, (page - 1) * per_page),
        )
        rows = await cursor.fetchall()
        await cursor.execute("SELECT count(*) FROM users")
        [total] = await cursor.fetchone()
    return UserPage(
        items=[read(row) for row in rows],
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )


@app.post("/api/users", status_code=201)
async def create_user(data: UserCreate) -> UserRead:
    moment = now().replace(tzinfo=None)
    async with app.state.pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(
            "INSERT INTO users (id, email, username, full_name, is_active, created_at, updated_at)"
            f" VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING {COLUMNS}",
            (str(new_id()), data.email, data.username, data.full_name, True, moment, moment),
        )
        return read(await cursor.fetchone())


@app.patch("/api/users/{id}")
async def change_user(id: UUID, data: UserPatch) -> UserRead:
    async with app.state.pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(
            "UPDATE users SET full_name = %s, updated_at = %s WHERE id = %s",
            (data.full_name, now().replace(tzinfo=None), str(id)),
        )
        await cursor.execute(f"SELECT {COLUMNS} FROM users WHERE id = %s", (str(id),))
        row = await cursor.fetchone()
    if row is None:
        raise HTTPException(404)
    return read(row)


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID) -> None:
    async with app.state.pool.acquire() as connection, connection.cursor() as cursor:
        deleted = await cursor.execute("DELETE FROM users WHERE id = %s", (str(id),))
    if not deleted:
        raise HTTPException(404)
