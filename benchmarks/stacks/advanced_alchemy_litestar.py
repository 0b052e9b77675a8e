"""Advanced Alchemy on Litestar: its plugin, service and filters."""

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
from litestar import Controller, Litestar, get, patch, post
from litestar.di import Provide

from .advanced_alchemy_models import UserService
from .users import POOL, URL, UserCreate, UserPage, UserPatch, UserRead, pages, tune_collector


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
        return users.to_schema(await users.create(data), schema_type=UserRead)

    @patch("/{id:uuid}")
    async def change_user(self, id: UUID, data: UserPatch, users: UserService) -> UserRead:
        return users.to_schema(await users.update(data, item_id=id), schema_type=UserRead)


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
