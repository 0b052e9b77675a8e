"""/api/users"""

from typing import Annotated

from fastapi import Response

from ....core.db import Key, Page, transaction
from ....core.web import (
    PageNumber,
    PageOf,
    PerPage,
    Router,
    SessionDep,
    SortOf,
    page_answer,
    problems,
)
from .. import queries, service
from ..models import Profile
from ..repository import UserRepository
from ..schemas import (
    Include,
    ProfileRead,
    ProfileWrite,
    UserCreate,
    UserPatch,
    UserRead,
    UserWithPosts,
    UserWithProfile,
)

router = Router(prefix="/users", tags=["users"])

UserSort = Annotated[str, SortOf(queries.users)]


@router.post("", status_code=201, responses=problems(409))
async def create_user(data: UserCreate) -> UserRead:
    return await queries.add_user.one(**data.model_dump())


@router.get("", response_model=PageOf[UserRead])
async def list_users(
    page: PageNumber = 1,
    per_page: PerPage = 20,
    sort: UserSort | None = None,
    is_active: bool | None = None,
) -> Response | Page[UserRead]:
    return await page_answer(
        queries.users, page=page, per_page=per_page, sort=sort, is_active=is_active
    )


@router.get("/{id}", responses=problems(404))
async def read_user(
    id: Key, include: Include | None = None
) -> UserRead | UserWithPosts | UserWithProfile:
    if include is None:
        return await queries.user.one(id=id)
    async with transaction(read_only=True) as session:
        users = UserRepository(session)
        if include == "posts":
            return UserWithPosts.model_validate(await users.with_posts(id))
        return UserWithProfile.model_validate(await users.with_profile(id))


@router.patch("/{id}", responses=problems(404, 409))
async def change_user(id: Key, data: UserPatch) -> UserRead:
    return await queries.change_user.one(id, data.changes())


@router.delete("/{id}", status_code=204, responses=problems(404))
async def delete_user(id: Key) -> None:
    await queries.delete_user.one(id)


@router.put("/{id}/profile", response_model=ProfileRead, responses=problems(404))
async def write_profile(id: Key, data: ProfileWrite, session: SessionDep) -> Profile:
    return await service.write_profile(session, id, data)
