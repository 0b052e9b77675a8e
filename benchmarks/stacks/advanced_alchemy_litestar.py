"""Advanced Alchemy on Litestar: its plugin, service and filters.

The JSON is of msgspec's structs, which Litestar encodes without a conversion:
https://docs.litestar.dev/2/usage/responses.html
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from advanced_alchemy.extensions.litestar import (
    AsyncSessionConfig,
    EngineConfig,
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
)
from advanced_alchemy.extensions.litestar.providers import create_service_provider
from advanced_alchemy.filters import LimitOffset, OrderBy
from advanced_alchemy.service import schema_dump
from litestar import Controller, Litestar, delete, get, patch, post
from litestar.di import Provide
from msgspec import UNSET, Struct, UnsetType

from .advanced_alchemy_models import UserService
from .users import POOL, URL, pages, tune_collector


class UserCreate(Struct):
    email: str
    username: str
    full_name: str | None = None


class UserPatch(Struct):
    full_name: str | UnsetType | None = UNSET


class UserRead(Struct):
    id: UUID
    email: str
    username: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class UserPage(Struct):
    items: list[UserRead]
    total: int
    page: int
    per_page: int
    pages: int


class Users(Controller):
    path = "/api/users"
    dependencies: ClassVar = {"users": Provide(create_service_provider(UserService))}

    @get("/{id:uuid}")
    async def read_user(self, id: UUID, users: UserService) -> UserRead:
        return users.to_schema(await users.get(id), schema_type=UserRead)

    @get()
    async def list_users(self, users: UserService, page: int = 1, per_page: int = 20) -> UserPage:
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

    @post()
    async def create_user(self, data: UserCreate, users: UserService) -> UserRead:
        # The row is not read again: `auto_refresh` in
        # https://docs.advanced-alchemy.litestar.dev/latest/reference/repository.html
        created = await users.create(data, auto_refresh=False)
        return users.to_schema(created, schema_type=UserRead)

    @patch("/{id:uuid}")
    async def change_user(self, id: UUID, data: UserPatch, users: UserService) -> UserRead:
        # With the id among the data the row is read once; with `item_id` it is read twice.
        values = {"id": id, **schema_dump(data)}
        changed = await users.update(values, auto_refresh=False)
        return users.to_schema(changed, schema_type=UserRead)

    @delete("/{id:uuid}")
    async def delete_user(self, id: UUID, users: UserService) -> None:
        await users.delete(id)


alchemy = SQLAlchemyPlugin(
    config=SQLAlchemyAsyncConfig(
        connection_string=URL,
        engine_config=EngineConfig(pool_size=POOL),
        session_config=AsyncSessionConfig(expire_on_commit=False),
        before_send_handler="autocommit",
    )
)
app = Litestar(
    route_handlers=[Users], plugins=[alchemy], on_startup=[tune_collector], openapi_config=None
)
