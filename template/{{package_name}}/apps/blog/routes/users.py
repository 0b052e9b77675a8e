"""/api/users"""

from ....core.db import Key, Page
from ....core.web import PageNumber, PageOf, PerPage, Router, SessionDep
from ..models import User
from ..repository import UserRepository
from ..schemas import Include, UserCreate, UserPatch, UserRead, UserWithPosts

router = Router(prefix="/users", tags=["users"])


@router.post("", response_model=UserRead, status_code=201)
async def create_user(data: UserCreate, session: SessionDep) -> User:
    return await UserRepository(session).add(User(**data.model_dump()))


@router.get("", response_model=PageOf[UserRead])
async def list_users(
    session: SessionDep,
    page: PageNumber = 1,
    per_page: PerPage = 20,
    is_active: bool | None = None,
) -> Page[User]:
    where = [] if is_active is None else [User.is_active == is_active]
    return await UserRepository(session).page(*where, page=page, per_page=per_page)


@router.get("/{key}")
async def read_user(
    key: Key, session: SessionDep, include: Include | None = None
) -> UserWithPosts | UserRead:
    users = UserRepository(session)
    if include == "posts":
        return UserWithPosts.model_validate(await users.with_posts(key))
    return UserRead.model_validate(await users.get_one(key))


@router.patch("/{key}", response_model=UserRead)
async def change_user(key: Key, data: UserPatch, session: SessionDep) -> User:
    users = UserRepository(session)
    return await users.update(await users.get_one(key), data.changes())


@router.delete("/{key}", status_code=204)
async def delete_user(key: Key, session: SessionDep) -> None:
    users = UserRepository(session)
    await users.delete(await users.get_one(key))
