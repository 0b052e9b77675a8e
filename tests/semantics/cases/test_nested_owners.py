"""Related rows of composite keys, and of owners."""

from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any

import pytest
from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, bindparam, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from my_service.core.db import (
    ANY_OWNER,
    SoftDelete,
    get_engine,
    prepare,
    prepare_insert,
    prepare_update,
    transaction,
)
from my_service.core.web import Schema

from .support import PLACES

pytestmark = pytest.mark.commits

any_prepare: Any = prepare  # of models apart from the application's
any_insert: Any = prepare_insert
any_update: Any = prepare_update
places = pytest.mark.parametrize("place", PLACES)


class Scratch(DeclarativeBase):
    """Tables of these tests alone."""


class Hall(Scratch):
    __tablename__ = "scratch_halls"

    city: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column("hall_number", primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(20))

    shows: Mapped[list["Show"]] = relationship(
        back_populates="hall", lazy="raise_on_sql", order_by="Show.title.desc()"
    )


class Show(Scratch):
    __tablename__ = "scratch_shows"
    __table_args__ = (
        ForeignKeyConstraint(
            ["city", "hall_number"], ["scratch_halls.city", "scratch_halls.hall_number"]
        ),
    )

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(20), primary_key=True)
    city: Mapped[str] = mapped_column(String(20))
    hall_number: Mapped[int]

    hall: Mapped[Hall] = relationship(back_populates="shows", lazy="raise_on_sql")


class HallRead(Schema):
    city: str
    name: str


class ShowRead(Schema):
    title: str
    hall: HallRead


class HallWithShows(Schema):
    name: str
    shows: list[ShowRead]


class Folder(Scratch):
    __tablename__ = "scratch_folders"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int]

    notes: Mapped[list["Note"]] = relationship(back_populates="folder", lazy="raise_on_sql")


class Note(SoftDelete, Scratch):
    __tablename__ = "scratch_notes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int]
    folder_id: Mapped[int] = mapped_column(ForeignKey("scratch_folders.id"))
    text: Mapped[str] = mapped_column(String(20))

    folder: Mapped[Folder] = relationship(back_populates="notes", lazy="raise_on_sql")


class FolderRead(Schema):
    id: int


class FolderWithNotes(Schema):
    id: int
    notes: list[str]


class NoteRead(Schema):
    text: str
    folder: FolderRead | None


class NoteOfAny(Schema):
    text: str
    folder: Annotated[FolderRead, ANY_OWNER]


class FolderOfAny(Schema):
    id: int
    notes: Annotated[list[str], ANY_OWNER]


@pytest.fixture
async def scratch(isolated: None) -> AsyncGenerator[None]:
    async with get_engine().begin() as connection:
        await connection.run_sync(Scratch.metadata.create_all)
    async with transaction() as session:
        session.add_all(
            [
                Hall(city="Rome", number=1, name="big"),
                Hall(city="Rome", number=2, name="small"),
                Hall(city="Oslo", number=1, name="old"),
                Folder(id=1, owner_id=1),
                Folder(id=2, owner_id=2),
            ]
        )
        await session.flush()
        session.add_all(
            [
                Show(day=1, title="A", city="Rome", hall_number=1),
                Show(day=2, title="A", city="Oslo", hall_number=1),
                Show(day=2, title="B", city="Rome", hall_number=1),
                Note(id=1, owner_id=1, folder_id=1, text="mine in mine"),
                Note(id=2, owner_id=2, folder_id=1, text="yours in mine"),
                Note(id=3, owner_id=1, folder_id=2, text="mine in yours"),
                Note(id=4, owner_id=2, folder_id=2, text="yours in yours"),
            ]
        )
    yield
    async with get_engine().begin() as connection:
        await connection.run_sync(Scratch.metadata.drop_all)


@places
async def test_composite_keys_relate_rows(scratch: None, place: Callable[..., Any]) -> None:
    halls = any_prepare(select(Hall).order_by(Hall.city, Hall.name), HallWithShows)
    shows = any_prepare(select(Show).order_by(Show.day, Show.title), ShowRead)
    found = await place(halls.all)
    assert [(hall.name, [show.title for show in hall.shows]) for hall in found] == [
        ("old", ["A"]),
        ("big", ["B", "A"]),
        ("small", []),
    ]
    assert {show.hall.city for hall in found for show in hall.shows} == {"Rome", "Oslo"}
    assert [(show.hall.city, show.hall.name) for show in await place(shows.all)] == [
        ("Rome", "big"),
        ("Oslo", "old"),
        ("Rome", "big"),
    ]


OWN_NOTE = Note.owner_id == bindparam("owner")
OWN_FOLDER = Folder.owner_id == bindparam("owner")


@places
async def test_rows_of_other_owners_are_not_shown(scratch: None, place: Callable[..., Any]) -> None:
    notes = any_prepare(select(Note).where(OWN_NOTE).order_by(Note.id), NoteRead)
    folders = any_prepare(select(Folder).where(OWN_FOLDER), FolderWithNotes)
    found = await place(lambda: notes.all(owner=1))
    assert [(note.text, note.folder and note.folder.id) for note in found] == [
        ("mine in mine", 1),
        ("mine in yours", None),
    ]
    assert (await place(lambda: folders.one(owner=2))).notes == ["yours in yours"]


async def test_a_select_without_owner_and_a_field_for_any_owner_show_all(scratch: None) -> None:
    every = any_prepare(select(Folder).order_by(Folder.id), FolderWithNotes)
    assert [len(folder.notes) for folder in await every.all()] == [2, 2]
    notes = any_prepare(select(Note).where(OWN_NOTE).order_by(Note.id), NoteOfAny)
    assert [note.folder.id for note in await notes.all(owner=1)] == [1, 2]
    folder = any_prepare(select(Folder).where(OWN_FOLDER), FolderOfAny)
    assert len((await folder.one(owner=1)).notes) == 2


async def test_a_write_does_not_show_rows_of_other_owners(scratch: None) -> None:
    added = await any_insert(Note, NoteRead).one(id=5, owner_id=1, folder_id=2, text="x")
    assert added.folder is None
    changed = await any_update(Note, NoteRead, OWN_NOTE).one(5, {"folder_id": 1}, owner=1)
    assert changed.folder == FolderRead(id=1)
    folder = await any_update(Folder, FolderWithNotes, OWN_FOLDER).one(1, {}, owner=1)
    assert folder.notes == ["mine in mine", "x"]


async def test_more_rows_than_a_statement_takes_arguments_have_them(scratch: None) -> None:
    count = 33_000
    async with transaction() as session:
        rows = [{"id": n, "owner_id": 3} for n in range(10, count)]
        await session.execute(insert(Folder), rows)
        session.add(Note(id=9, owner_id=3, folder_id=count - 1, text="last"))
    found = await any_prepare(select(Folder).order_by(Folder.id), FolderWithNotes).all()
    assert len(found) == count - 8
    assert found[-1].notes == ["last"]
