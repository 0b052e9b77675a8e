"""SQLModel on FastAPI, with a JWT in the Authorization header that names the user, whose row is read.

See https://fastapi.tiangolo.com/tutorial/security/oauth2-jwt/; full-stack-fastapi-template does the same, with
a synchronous session. A token cannot be revoked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ValidationError
from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from .products import ProductRead
from .sqlalchemy_orm import lifespan
from .sqlmodel_session import Session
from .users import now

SECRET = "of a benchmark, which signs nothing else"
ALGORITHM = "HS256"

app = FastAPI(lifespan=lifespan)
Bearer = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="/api/login"))]


class Account(SQLModel, table=True):
    __tablename__ = "users"

    id: UUID = Field(primary_key=True)
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool


class Product(SQLModel, table=True):
    __tablename__ = "products"

    id: UUID = Field(primary_key=True)
    name: str
    price: int
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))


class Payload(BaseModel):
    sub: UUID


async def get_current_user(session: Session, token: Bearer) -> Account:
    try:
        payload = Payload(**jwt.decode(token, SECRET, algorithms=[ALGORITHM]))
    except (jwt.InvalidTokenError, ValidationError):
        raise HTTPException(401) from None
    user = await session.get(Account, payload.sub)
    if user is None or not user.is_active:
        raise HTTPException(401)
    return user


CurrentUser = Annotated[Account, Depends(get_current_user)]


@app.get("/api/products/{id}", response_model=ProductRead)
async def read_product(id: UUID, session: Session, user: CurrentUser) -> Product:
    product = await session.get(Product, id)
    if product is None:
        raise HTTPException(404)
    return product


def log_in(keys: Sequence[str]) -> list[str]:
    """Return a header for each user."""
    expires = now() + timedelta(days=1)
    payloads = [{"sub": key, "exp": expires} for key in keys]
    return [f"Authorization: Bearer {jwt.encode(one, SECRET, ALGORITHM)}" for one in payloads]
