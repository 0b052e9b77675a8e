"""The users' prepared statements."""

from sqlalchemy import bindparam, select

from ...core.auth import Token, TokenKind
from ...core.db import Listing, prepare, prepare_delete, prepare_update
from .models import User
from .schemas import SessionRead, TokenRead, UserForStaff, UserRead

me = prepare(select(User).where(User.id == bindparam("id")), UserRead)
user = prepare(select(User).where(User.id == bindparam("id")), UserForStaff)
change_user = prepare_update(User, UserRead)

users = Listing(
    select(User),
    UserForStaff,
    order_by=[User.id],
    sorts=[User.email, User.created_at],
    filters={
        "is_active": User.is_active == bindparam("is_active"),
        "email": User.email == bindparam("email"),
    },
)

_own = (Token.user_id == bindparam("user"), Token.expires_at > bindparam("now"))
sessions = prepare(
    select(Token)
    .where(*_own, Token.kind == TokenKind.SESSION)
    .order_by(Token.seen_at.desc(), Token.id),
    SessionRead,
    primary=True,
)
tokens = prepare(
    select(Token).where(*_own, Token.kind == TokenKind.API).order_by(Token.id),
    TokenRead,
    primary=True,
)

end_session = prepare_delete(
    Token, Token.user_id == bindparam("user"), Token.kind == TokenKind.SESSION
)
delete_token = prepare_delete(
    Token, Token.user_id == bindparam("user"), Token.kind == TokenKind.API
)
