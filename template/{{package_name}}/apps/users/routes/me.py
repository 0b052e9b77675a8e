"""/api/me: one's own account and sessions"""

from uuid import UUID

from fastapi import Depends, Request, Response

from ....core.auth import TokenKind, delete_tokens, forget_session, hold, issue, lifetime, limit
from ....core.db import utc_now
from ....core.web import Router, SessionDep, problems
from .. import queries, service, tasks
from ..access import CurrentUser, RecentLogin
from ..schemas import AddressOnly, MePatch, PasswordChange, SessionRead, UserRead

router = Router(prefix="/me", tags=["me"])


@router.get("", responses=problems(401))
async def read_me(user: CurrentUser) -> UserRead:
    return await queries.me.one(id=user.id)


@router.patch("", responses=problems(401, 403))
async def change_me(user: CurrentUser, data: MePatch) -> UserRead:
    return await queries.change_user.one(user.id, data.changes())


@router.delete("", status_code=204, responses=problems(401, 403, 409))
async def delete_me(user: RecentLogin, request: Request, response: Response) -> None:
    """Close the account: nobody can log in to it, and the personal data is removed. Rows stay."""
    await service.close_account(request, user.id)
    forget_session(response)


@router.put("/password", status_code=204, responses=problems(401, 403, 409, 429))
async def change_password(user: CurrentUser, data: PasswordChange, request: Request) -> None:
    """Set a new password, and end all other sessions."""
    await service.change_password(request, user, data)


@router.put(
    "/email",
    status_code=202,
    responses=problems(401, 403, 429),
    dependencies=[Depends(limit("20/hour"))],
)
async def change_email(user: RecentLogin, data: AddressOnly, session: SessionDep) -> None:
    """Send a link to the new address, which changes to it."""
    await hold(session, user.id, user.token_id)
    lives = lifetime(TokenKind.EMAIL)
    key, _ = await issue(user.id, TokenKind.EMAIL, lives, sent_to=data.email)
    await tasks.send_email_change.enqueue(session, key)


@router.get("/sessions", responses=problems(401))
async def list_sessions(user: CurrentUser) -> list[SessionRead]:
    return await queries.sessions.all(user=user.id, now=utc_now())


@router.delete("/sessions", status_code=204, responses=problems(401, 403))
async def end_other_sessions(user: CurrentUser, session: SessionDep) -> None:
    await delete_tokens(session, user.id, (TokenKind.SESSION,), but=user.token_id)


@router.delete("/sessions/{id}", status_code=204, responses=problems(401, 403, 404))
async def end_session(user: CurrentUser, id: UUID) -> None:
    await queries.end_session.one(id, user=user.id)
