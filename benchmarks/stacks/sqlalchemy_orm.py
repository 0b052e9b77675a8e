"""FastAPI and SQLAlchemy's ORM, with a session from a `yield` dependency."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from .tables import User
from .users import POOL, URL, UserCreate, UserPage, UserPatch, UserRead, pages, tune_collector

engine = create_async_engine(URL, pool_size=POOL)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    tune_collector()
    yield
    await engine.dispose()


async def get_session() -> AsyncGenerator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
app = FastAPI(lifespan=lifespan)


@app.get("/api/users/{id}", response_model=UserRead)
async def read_user(id: UUID, session: Session) -> User:
    user = await session.get(User, id)
    if user is None:
        raise HTTPException(404)
    return user


@app.get("/api/users")
async def list_users(session: Session, page: int = 1, per_page: int = 20) -> UserPage:
    users = await session.scalars(
        select(User).order_by(User.id).limit(per_page).offset((page - 1) * per_page)
    )
    total = await session.scalar(select(func.count()).select_from(User))
    return UserPage(
        items=[UserRead.model_validate(user) for user in users],
        total=total or 0,
        page=page,
        per_page=per_page,
        pages=pages(total or 0, per_page),
    )


@app.post("/api/users", status_code=201, response_model=UserRead)
async def create_user(data: UserCreate, session: Session) -> User:
    user = User(**data.model_dump())
    session.add(user)
    await session.commit()
    return user


@app.patch("/api/users/{id}", response_model=UserRead)
async def change_user(id: UUID, data: UserPatch, session: Session) -> User:
    user = await session.get(User, id)
    if user is None:
        raise HTTPException(404)
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(user, name, value)
    await session.commit()
    return user


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID, session: Session) -> None:
    # One statement, without loading the user: "ORM UPDATE and DELETE with Custom WHERE Criteria" in
    # https://docs.sqlalchemy.org/en/21/orm/queryguide/dml.html
    result = await session.execute(delete(User).where(User.id == id))
    await session.commit()
    if not result.rowcount:
        raise HTTPException(404)
