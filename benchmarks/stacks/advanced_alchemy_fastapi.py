"""Advanced Alchemy on FastAPI: its extension, service and filters."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from advanced_alchemy.exceptions import NotFoundError
from advanced_alchemy.extensions.fastapi import (
    AdvancedAlchemy,
    AsyncSessionConfig,
    EngineConfig,
    SQLAlchemyAsyncConfig,
)
from advanced_alchemy.filters import LimitOffset, OrderBy
from fastapi import Depends, FastAPI, Request, Response

from .advanced_alchemy_models import UserService
from .users import POOL, URL, UserCreate, UserPage, UserPatch, UserRead, pages, tune_collector


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    tune_collector()
    yield


app = FastAPI(lifespan=lifespan)
alchemy = AdvancedAlchemy(
    config=SQLAlchemyAsyncConfig(
        connection_string=URL,
        engine_config=EngineConfig(pool_size=POOL),
        session_config=AsyncSessionConfig(expire_on_commit=False),
        commit_mode="autocommit",
    ),
    app=app,
)
Users = Annotated[UserService, Depends(alchemy.provide_service(UserService))]


@app.exception_handler(NotFoundError)
async def not_found(request: Request, error: NotFoundError) -> Response:
    return Response(status_code=404)


@app.get("/api/users/{id}")
async def read_user(id: UUID, users: Users) -> UserRead:
    return users.to_schema(await users.get(id), schema_type=UserRead)


@app.get("/api/users")
async def list_users(users: Users, page: int = 1, per_page: int = 20) -> UserPage:
    window = LimitOffset(limit=per_page, offset=(page - 1) * per_page)
    found, total = await users.list_and_count(window, OrderBy("id"))
    listed = users.to_schema(found, total, filters=[window], schema_type=UserRead)
    return UserPage(
        items=list(listed.items),
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )


@app.post("/api/users", status_code=201)
async def create_user(data: UserCreate, users: Users) -> UserRead:
    # The row is not read again: `auto_refresh` in
    # https://docs.advanced-alchemy.litestar.dev/latest/reference/repository.html
    created = await users.create(data, auto_refresh=False)
    return users.to_schema(created, schema_type=UserRead)


@app.patch("/api/users/{id}")
async def change_user(id: UUID, data: UserPatch, users: Users) -> UserRead:
    # With the id among the data the row is read once; with `item_id` it is read twice.
    values = {"id": id, **data.model_dump(exclude_unset=True)}
    changed = await users.update(values, auto_refresh=False)
    return users.to_schema(changed, schema_type=UserRead)


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID, users: Users) -> None:
    await users.delete(id)
