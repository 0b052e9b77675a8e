"""FastAPI and asyncpg's pool: a route that looks up a hashed token, and then a row, by hand."""

from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Header, HTTPException

from .products import ProductRead
from .raw_asyncpg import lifespan
from .users import now

COLUMNS = "id, name, price, created_at, updated_at"
FIND_USER = """
SELECT users.id, users.email, users.is_staff, users.is_superuser, auth_token.id AS token_id,
       auth_token.authenticated_at, auth_token.seen_at
FROM users JOIN auth_token ON auth_token.user_id = users.id
WHERE auth_token.hash = $1 AND auth_token.expires_at > $2 AND auth_token.kind IN ('session', 'api')
      AND users.is_active
"""

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
