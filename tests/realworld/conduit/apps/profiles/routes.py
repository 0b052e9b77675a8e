"""/api/users, /api/user and /api/profiles"""

from fastapi import Depends, Request, Response

from ...core.auth import limit, log_in
from ...core.db import Key
from ...core.web import Router, SessionDep, problems
from ..users.access import CurrentUser, OptionalUser
from . import queries, service
from .repository import FollowRepository
from .schemas import AccountAnswer, AccountPatch, Credentials, ProfileAnswer, Registration, Sent

router = Router(tags=["profiles"], responses=problems(401, 404))


@router.post("/users", status_code=201, dependencies=[Depends(limit("100/hour"))])
async def register(user: Sent[Registration], request: Request, response: Response) -> AccountAnswer:
    await service.register(request, user)
    return await login(user, request, response)


@router.post("/users/login")
async def login(user: Sent[Credentials], request: Request, response: Response) -> AccountAnswer:
    key, token = await log_in(request, response, user.email, user.password, bearer=True)
    return await account(key, token or "")


@router.get("/user")
async def read_me(who: CurrentUser, request: Request) -> AccountAnswer:
    _, _, token = request.headers.get("Authorization", "").partition(" ")
    return await account(who.id, token)


@router.put("/user")
async def change_me(user: Sent[AccountPatch], who: CurrentUser, request: Request) -> AccountAnswer:
    await service.change(request, who, user)
    return await read_me(who, request)


@router.get("/profiles/{username}")
async def read_profile(username: str, who: OptionalUser) -> ProfileAnswer:
    found = await queries.profile.one(username=username, viewer=who.id if who else None)
    return ProfileAnswer(profile=found)


@router.post("/profiles/{username}/follow")
async def follow(username: str, who: CurrentUser, session: SessionDep) -> ProfileAnswer:
    followed = await queries.key.one(username=username)
    row = {"owner_id": who.id, "followed_id": followed.id}
    await FollowRepository(session).add_missing([row], by=["owner_id", "followed_id"])
    return await read_profile(username, who)


@router.delete("/profiles/{username}/follow")
async def unfollow(username: str, who: CurrentUser, session: SessionDep) -> ProfileAnswer:
    followed = await queries.key.one(username=username)
    await FollowRepository(session).delete_where(owner_id=who.id, followed_id=followed.id)
    return await read_profile(username, who)


async def account(key: Key, token: str) -> AccountAnswer:
    user = await queries.account.one(id=key)
    return AccountAnswer(user=user.model_copy(update={"token": token}))
