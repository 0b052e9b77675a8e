"""FastAPI and SQLAlchemy's Core, with a connection from a `yield` dependency."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from .tables import User
from .users import POOL, URL, UserCreate, UserPage, UserPatch, UserRead, pages, tune_collector

# Each endpoint needs no transaction: "DBAPI-level autocommit" and "Preventing ROLLBACK calls when using
# autocommit" in https://docs.sqlalchemy.org/en/21/core/connections.html
engine = create_async_engine(
    URL, pool_size=POOL, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True
)
users: Any = User.__table__
read = [users.c[name] for name in UserRead.model_fields]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    tune_collector()
    yield
    await engine.dispose()


async def get_connection() -> AsyncGenerator[AsyncConnection]:
    async with engine.connect() as connection:
        yield connection


Connection = Annotated[AsyncConnection, Depends(get_connection)]
app = FastAPI(lifespan=lifespan)


@app.get("/api/users/{id}")
async def read_user(id: UUID, connection: Connection) -> UserRead:
    result = await connection.execute(select(*read).where(users.c.id == id))
    row = result.one_or_none()
    if row is None:
        raise HTTPException(404)
    return UserRead.model_validate(row)


@app.get("/api/users")
async def list_users(connection: Connection, page: int = 1, per_page: int = 20) -> UserPage:
    result = await connection.execute(
        select(*read).order_by(users.c.id).limit(per_page).offset((page - 1) * per_page)
    )
    rows = result.all()
    total = await connection.scalar(select(func.count()).select_from(users)) or 0
    return UserPage(
        items=[UserRead.model_validate(row) for row in rows],
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )


@app.post("/api/users", status_code=201)
async def create_user(data: UserCreate, connection: Connection) -> UserRead:
    result = await connection.execute(insert(users).values(**data.model_dump()).returning(*read))
    row = result.one()
    return UserRead.model_validate(row)


@app.patch("/api/users/{id}")
async def change_user(id: UUID, data: UserPatch, connection: Connection) -> UserRead:
    result = await connection.execute(
        update(users)
        .where(users.c.id == id)
        .values(**data.model_dump(exclude_unset=True))
        .returning(*read)
    )
    row = result.one_or_none()
    if row is None:
        raise HTTPException(404)
    return UserRead.model_validate(row)


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID, connection: Connection) -> None:
    result = await connection.execute(delete(users).where(users.c.id == id))
    if not result.rowcount:
        raise HTTPException(404)
