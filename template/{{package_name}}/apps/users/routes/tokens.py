"""/api/me/tokens: tokens for programs"""

from datetime import timedelta
from uuid import UUID

from fastapi import Request

from ....core.auth import TokenKind, hold, issue, record
from ....core.db import utc_now
from ....core.web import Router, SessionDep, problems
from .. import queries, tasks
from ..access import CurrentUser, RecentLogin
from ..schemas import TokenCreate, TokenCreated, TokenRead

router = Router(prefix="/me/tokens", tags=["me"])


@router.get("", responses=problems(401))
async def list_tokens(user: CurrentUser) -> list[TokenRead]:
    return await queries.tokens.all(user=user.id, now=utc_now())


@router.post("", status_code=201, responses=problems(401, 403))
async def create_token(
    user: RecentLogin, data: TokenCreate, request: Request, session: SessionDep
) -> TokenCreated:
    """Create a token. The answer shows it this once."""
    await hold(session, user.id, user.token_id)
    key, token = await issue(
        user.id, TokenKind.API, timedelta(days=data.days), name=data.name, connection=request
    )
    await record("token_created", user_id=user.id, connection=request, name=data.name)
    await tasks.send_notice.enqueue(session, user.id, f"The token “{data.name}” was created.")
    return TokenCreated(id=key, name=data.name, token=token)


@router.delete("/{id}", status_code=204, responses=problems(401, 403, 404))
async def delete_token(user: CurrentUser, id: UUID) -> None:
    await queries.delete_token.one(id, user=user.id)
