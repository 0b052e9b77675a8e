"""SQLModel on FastAPI."""

from datetime import datetime
from uuid import UUID

from fastapi import FastAPI, HTTPException
from sqlalchemy import DateTime, delete, func
from sqlmodel import Field, SQLModel, col, select

from .sqlalchemy_orm import lifespan
from .sqlmodel_session import Session
from .users import UserCreate, UserPage, UserPatch, UserRead, new_id, now, pages


class User(SQLModel, table=True):
    __tablename__ = "users"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str
    username: str
    full_name: str | None = None
    is_active: bool = True
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(
        default_factory=now,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"onupdate": now},
    )


app = FastAPI(lifespan=lifespan)


@app.get("/api/users/{id}", response_model=UserRead)
async def read_user(id: UUID, session: Session) -> User:
    user = await session.get(User, id)
    if user is None:
        raise HTTPException(404)
    return user


@app.get("/api/users")
async def list_users(session: Session, page: int = 1, per_page: int = 20) -> UserPage:
    users = await session.exec(
        select(User).order_by(col(User.id)).limit(per_page).offset((page - 1) * per_page)
    )
    total = (await session.exec(select(func.count()).select_from(User))).one()
    return UserPage(
        items=[UserRead.model_validate(user) for user in users],
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )


@app.post("/api/users", status_code=201, response_model=UserRead)
async def create_user(data: UserCreate, session: Session) -> User:
    user = User.model_validate(data.model_dump())
    session.add(user)
    await session.commit()
    return user


@app.patch("/api/users/{id}", response_model=UserRead)
async def change_user(id: UUID, data: UserPatch, session: Session) -> User:
    user = await session.get(User, id)
    if user is None:
        raise HTTPException(404)
    user.sqlmodel_update(data.model_dump(exclude_unset=True))
    session.add(user)
    await session.commit()
    return user


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID, session: Session) -> None:
    # One statement, without loading the user, as in `sqlalchemy_orm`.
    result = await session.exec(delete(User).where(col(User.id) == id))
    await session.commit()
    if not result.rowcount:
        raise HTTPException(404)
