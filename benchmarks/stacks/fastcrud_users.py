"""FastCRUD on FastAPI."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from fastcrud import FastCRUD
from sqlalchemy.ext.asyncio import AsyncSession

from .sqlalchemy_orm import get_session, lifespan
from .tables import User
from .users import UserCreate, UserPage, UserPatch, UserRead, pages

app = FastAPI(lifespan=lifespan)
users: Any = FastCRUD(User)
Session = Annotated[AsyncSession, Depends(get_session)]


@app.get("/api/users/{id}", response_model=UserRead)
async def read_user(id: UUID, session: Session) -> dict[str, Any]:
    user: dict[str, Any] | None = await users.get(session, schema_to_select=UserRead, id=id)
    if user is None:
        raise HTTPException(404)
    return user


@app.get("/api/users", response_model=UserPage)
async def list_users(session: Session, page: int = 1, per_page: int = 20) -> dict[str, Any]:
    found = await users.get_multi(
        session,
        offset=(page - 1) * per_page,
        limit=per_page,
        schema_to_select=UserRead,
        sort_columns="id",
    )
    total = found["total_count"]
    return {
        "items": found["data"],
        "total": total,
        "page": page,
        "per_page": per_page,
        "pages": pages(total, per_page),
    }


@app.post("/api/users", status_code=201, response_model=UserRead)
async def create_user(data: UserCreate, session: Session) -> dict[str, Any]:
    created: dict[str, Any] = await users.create(session, data, schema_to_select=UserRead)
    return created


@app.patch("/api/users/{id}", response_model=UserRead)
async def change_user(id: UUID, data: UserPatch, session: Session) -> dict[str, Any]:
    changed: dict[str, Any] = await users.update(
        session, data, id=id, schema_to_select=UserRead, return_columns=[*UserRead.model_fields]
    )
    return changed


@app.delete("/api/users/{id}", status_code=204)
async def delete_user(id: UUID, session: Session) -> None:
    # `delete` also reads the row, to delete it softly where it can.
    await users.db_delete(session, id=id)
