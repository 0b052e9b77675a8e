"""/api/users: for staff"""

from typing import Annotated

from fastapi import Depends, Request, Response

from ....core.db import Key, Page
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
from ..access import Staff, access
from ..schemas import UserForStaff, UserPatch

router = Router(prefix="/users", tags=["users"])

UserSort = Annotated[str, SortOf(queries.users)]


@router.get("", response_model=PageOf[UserForStaff], responses=problems(401, 403))
async def list_users(
    user: Staff,
    page: PageNumber = 1,
    per_page: PerPage = 20,
    sort: UserSort | None = None,
    is_active: bool | None = None,
    email: str | None = None,
) -> Response | Page[UserForStaff]:
    return await page_answer(
        queries.users, page=page, per_page=per_page, sort=sort, is_active=is_active, email=email
    )


@router.get("/{id}", responses=problems(401, 403, 404))
async def read_user(user: Staff, id: Key) -> UserForStaff:
    return await queries.user.one(id=id)


@router.patch(
    "/{id}", responses=problems(401, 403, 404, 409), dependencies=[Depends(access.recent)]
)
async def change_user(
    user: Staff, id: Key, data: UserPatch, request: Request, session: SessionDep
) -> UserForStaff:
    await service.change_rights(session, request, user, id, data)
    return await queries.user.one(id=id)
