"""/api/shelves"""

from pydantic import BaseModel
from sqlalchemy import select

from ...core.web import Router, SessionDep
from .models import Item, Shelf

router = Router(tags=["stock"])


class ShelfRead(BaseModel):
    id: int
    label: str
    items: list[str]


@router.post("/shelves", status_code=201)
async def create_shelf(label: str, session: SessionDep) -> ShelfRead:
    shelf = Shelf(label=label)
    session.add(shelf)
    await session.flush()
    return ShelfRead(id=shelf.id, label=shelf.label, items=[])


@router.get("/shelves/{id}")
async def read_shelf(id: int, session: SessionDep) -> ShelfRead:
    shelf = await session.get_one(Shelf, id)
    names = await session.scalars(select(Item.name).where(Item.shelf_id == id).order_by(Item.name))
    return ShelfRead(id=id, label=shelf.label, items=list(names))
