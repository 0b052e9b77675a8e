"""FastAPI and asyncpg's pool: the floor, as a person would write it by hand."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
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


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with asyncpg.create_pool(
        URL.replace("+asyncpg", ""), min_size=POOL, max_size=POOL
    ) as app.state.pool:
        tune_collector()
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/api/users/{id}")
async def read_user(id: UUID) -> UserRead:
    row = await app.state.pool.fetchrow(f"SELECT {COLUMNS} FROM users WHERE id = $1", id)
    if row is None:
        raise HTTPException(404)
    return UserRead(**row)


@app.get("/api/users")
async def list_users(page: int = 1, per_page: int = 20) -> UserPage:
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(
            f"SELECT {COLUMNS} FROM users ORDER BY id LIMIT $1 OFFSET $2",
            per_page,
            (page - 1) * per_page,
        )
        total = await connection.fetchval("SELECT count(*) FROM users")
    return UserPage(
        items=[UserRead(**row) for row in rows],
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )


@app.post("/api/users", status_code=201)
async def create_user(data: UserCreate) -> UserRead:
    moment = now()
    row = await app.state.pool.fetchrow(
        "INSERT INTO users (id, email, username, full_name, is_active, created_at, updated_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {COLUMNS}",
        new_id(),
        data.email,
        data.username,
        data.full_name,
        True,
        moment,
        moment,
    )
    return UserRead(**row)


@app.patch("/api/users/{id}")
async def change_user(id: UUID, data: UserPatch) -> UserRead:
    row = await app.state.pool.fetchrow(
        f"UPDATE users SET full_name = $2, updated_at = $3 WHERE id = $1 RETURNING {COLUMNS}",
        id,
        data.full_name,
        now(),
    )
    if row is None:
        raise HTTPException(404)
    return UserRead(**row)


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID) -> None:
    status = await app.state.pool.execute("DELETE FROM users WHERE id = $1", id)
    if status == "DELETE 0":
        raise HTTPException(404)
