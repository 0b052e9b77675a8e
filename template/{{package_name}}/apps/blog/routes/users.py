"""/api/users"""

from ....core.db import Key, Page, transaction
from ....core.web import PageNumber, PageOf, PerPage, Router, SessionDep
from .. import queries
from ..models import User
from ..repository import UserRepository
from ..schemas import Include, UserCreate, UserPatch, UserRead, UserWithPosts

router = Router(prefix="/users", tags=["users"])


@router.post("", status_code=201)
async def create_user(data: UserCreate) -> UserRead:
    return await queries.add_user.one(**data.model_dump())


@router.get("", response_model=PageOf[UserRead])
async def list_users(
    page: PageNumber = 1, per_page: PerPage = 20, is_active: bool | None = None
) -> Page[UserRead]:
    return await queries.users.page(page=page, per_page=per_page, is_active=is_active)


@router.get("/{key}")
async def read_user(key: Key, include: Include | None = None) -> UserWithPosts | UserRead:
    if include is None:
        return await queries.user.one(id=key)
    async with transaction(read_only=True) as session:
        return UserWithPosts.model_validate(await UserRepository(session).with_posts(key))


@router.patch("/{key}", response_model=UserRead)
async def change_user(key: Key, data: UserPatch, session: SessionDep) -> User:
    users = UserRepository(session)
    return await users.update(await users.get_one(key), data.changes())


@router.delete("/{key}", status_code=204)
async def delete_user(key: Key, session: SessionDep) -> None:
    users = UserRepository(session)
    await users.delete(await users.get_one(key))
