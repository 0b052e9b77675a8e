"""/api/auth: sign up, log in and out, reset a password"""

from fastapi import Depends, Request, Response

from ....core.auth import Limit, TokenKind, end_session, limit, log_in, read_mailed
from ....core.web import Router, SessionDep, problems
from .. import queries, service, tasks
from ..access import CurrentUser
from ..schemas import AddressOnly, LoggedIn, Login, NewPassword, TokenOnly

router = Router(prefix="/auth", tags=["auth"])

MAILS = Limit("5/hour")  # to one address


@router.post(
    "/signup", status_code=202, responses=problems(429), dependencies=[Depends(limit("20/hour"))]
)
async def sign_up(data: AddressOnly, session: SessionDep) -> None:
    """Send a mail to the address: a link to confirm it, or the news that it has an account."""
    await MAILS.use("sign_up", data.email)
    await tasks.send_sign_up.enqueue(session, data.email)


@router.post("/confirm", status_code=204, responses=problems(400))
async def confirm(data: NewPassword, request: Request) -> None:
    """Confirm the address that a mail was sent to, and set the password."""
    await service.set_password(request, data, TokenKind.CONFIRM)


@router.post("/login", responses=problems(401, 403, 429))
async def login(data: Login, request: Request, response: Response) -> LoggedIn:
    key, token = await log_in(request, response, data.email, data.password, bearer=data.bearer)
    return LoggedIn(user=await queries.me.one(id=key), token=token)


@router.post("/logout", status_code=204, responses=problems(401, 403))
async def logout(user: CurrentUser, request: Request, response: Response) -> None:
    """End the session, or revoke the token, that the request carries."""
    await end_session(request, response, user)


@router.post(
    "/reset", status_code=202, responses=problems(429), dependencies=[Depends(limit("20/hour"))]
)
async def reset(data: AddressOnly, session: SessionDep) -> None:
    """Send a link to the address that sets a new password, if it has an account."""
    await MAILS.use("reset", data.email)
    await tasks.send_reset.enqueue(session, data.email)


@router.post("/reset/confirm", status_code=204, responses=problems(400))
async def confirm_reset(data: NewPassword, request: Request) -> None:
    """Set a new password with the token of a mail, and end all sessions."""
    await service.set_password(request, data, TokenKind.RESET)


@router.post("/email/confirm", status_code=204, responses=problems(400, 409))
async def confirm_email(data: TokenOnly, request: Request) -> None:
    """Change to the address that the token was sent to."""
    token = await read_mailed(data.token, TokenKind.EMAIL)
    await service.change_email(request, token)
