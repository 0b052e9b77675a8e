"""FastAPI and asyncpg's pool: a route that looks up a hashed token, and then a row, by hand."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

from .users import POOL, URL, now, tune_collector

COLUMNS = "id, name, price, created_at, updated_at"
FIND_USER = """
SELECT users.id, users.email, users.is_staff, users.is_superuser, auth_token.id AS token_id,
       auth_token.authenticated_at, auth_token.seen_at
FROM users JOIN auth_token ON auth_token.user_id = users.id
WHERE auth_token.hash = $1 AND auth_token.expires_at > $2 AND auth_token.kind IN ('session', 'api')
      AND users.is_active
"""


class ProductRead(BaseModel):
    id: UUID
    name: str
    price: int
    created_at: datetime
    updated_at: datetime


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with asyncpg.create_pool(
        URL.replace("+asyncpg", ""), min_size=POOL, max_size=POOL
    ) as app.state.pool:
        tune_collector()
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/api/products/{id}")
async def read_product(id: UUID, authorization: Annotated[str, Header()]) -> ProductRead:
    token = authorization.removeprefix("Bearer ")
    async with app.state.pool.acquire() as connection:
        user = await connection.fetchrow(FIND_USER, sha256(token.encode()).hexdigest(), now())
        if user is None:
            raise HTTPException(401)
        row = await connection.fetchrow(f"SELECT {COLUMNS} FROM products WHERE id = $1", id)
    if row is None:
        raise HTTPException(404)
    return ProductRead(**row)
