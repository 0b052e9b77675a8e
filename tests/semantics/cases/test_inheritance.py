"""Inheritance, in one table and in joined tables."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from my_service.apps.lab.models import Animal, Dog, Horse, Keeper
from my_service.apps.lab.repository import (
    AnimalRepository,
    DogRepository,
    HorseRepository,
    KeeperRepository,
)
from my_service.core.db import Listing, Repository, prepare, utc_now

from .support import names


def test_a_subclass_without_a_key_is_in_the_table_of_its_base() -> None:
    assert Dog.__table__ is Animal.__table__
    assert (Animal.__tablename__, Horse.__tablename__) == ("animals", "horses")


async def test_each_class_sees_its_own_rows(session: AsyncSession) -> None:
    session.add_all([Dog(name="Rex", tricks=3), Horse(name="Ed", height=160), Animal(name="it")])
    await session.flush()
    session.expunge_all()
    found = await AnimalRepository(session).find(order_by=[Animal.name])
    assert [type(row) for row in found] == [Horse, Dog, Animal]
    assert await DogRepository(session).count() == 1
    horse = await HorseRepository(session).find_one(height=160)
    assert horse is not None
    assert (await AnimalRepository(session).get_many([horse.id]))[0] is horse
    assert await HorseRepository(session).lock(horse.id) == [horse]
    part = await HorseRepository(session).scroll(order_by=[Horse.height, Horse.name], limit=1)
    assert (list(part.items), part.next_cursor) == ([horse], None)


@pytest.mark.parametrize(
    ("repository", "extra"), [(DogRepository, {"tricks": 1}), (HorseRepository, {"height": 150})]
)
async def test_many_rows_of_a_subclass_are_written(
    session: AsyncSession, repository: Any, extra: dict[str, Any]
) -> None:
    animals: Repository[Animal] = repository(session)
    assert await animals.import_many({"name": f"{n:04}", **extra} for n in range(1_100)) == 1_100
    await animals.add_many([{"name": "9998", **extra}, {"name": "9999", **extra}])
    session.expunge_all()
    found = await animals.find(order_by=[Animal.name])
    assert names(found) == [*(f"{n:04}" for n in range(1_100)), "9998", "9999"]
    assert {type(row) for row in found} == {animals.model}
    assert {getattr(row, name) for row in found for name in extra} == set(extra.values())


async def test_an_upsert_is_for_models_in_one_table(session: AsyncSession) -> None:
    dogs = DogRepository(session)
    dog = await dogs.add(Dog(name="Rex", tricks=1))
    again = await dogs.upsert({"id": dog.id, "name": "Max", "tricks": 2}, by=["id"])
    assert again is dog
    assert (again.name, again.kind, again.tricks) == ("Max", "dog", 2)
    new = await dogs.upsert({"id": Dog(name="Kim").id, "name": "Kim"}, by=["id"])
    assert (type(new), new.kind) == (Dog, "dog")
    with pytest.raises(TypeError, match="several tables"):
        await HorseRepository(session).upsert({"id": dog.id, "name": "Ed"}, by=["id"])


async def test_a_collection_is_loaded_by_a_join_in_every_read(session: AsyncSession) -> None:
    keepers = KeeperRepository(session)
    for keeper in ("Ada", "Bob"):
        animals = [Dog(name=f"{keeper} {n}") for n in range(3)]
        await keepers.add(Keeper(name=keeper, animals=animals))
    session.expunge_all()
    found = await keepers.find(order_by=[Keeper.name])
    assert [len(keeper.animals) for keeper in found] == [3, 3]
    one = found[1]
    assert await keepers.find_one(name="Bob") is one
    assert len(await keepers.get_many([found[0].id, found[1].id])) == 2
    assert names((await keepers.page(page=2, per_page=1, order_by=[Keeper.name])).items) == ["Bob"]
    part = await keepers.scroll(order_by=[Keeper.name], limit=1)
    rest = await keepers.scroll(order_by=[Keeper.name], limit=1, cursor=part.next_cursor)
    assert names([*part.items, *rest.items]) == ["Ada", "Bob"]
    assert rest.next_cursor is None
    assert names(await keepers.lock(found[1].id)) == ["Bob"]
    again = await keepers.upsert({"id": one.id, "name": "Bert"}, by=["id"])
    assert again.name == "Bert"
    dogs = await DogRepository(session).find(options=[joinedload(Dog.owner)], name="Ada 1")
    assert names(dogs) == ["Ada 1"]


@dataclass
class Named:
    label: str


@pytest.mark.parametrize("model", [Dog, Horse])
async def test_an_expression_reads_the_rows_of_its_class(
    session: AsyncSession, model: type[Any]
) -> None:
    """Those of other classes and deleted ones are neither read nor counted."""
    for deleted_at in (None, utc_now()):
        session.add_all([Dog(name="REX", deleted_at=deleted_at)])
        session.add_all([Horse(name="REX", height=1, deleted_at=deleted_at)])
        session.add_all([Keeper(name="Ada")])
    await session.flush()
    for label in (model.name.label("label"), func.lower(model.name).label("label")):
        found = await prepare(select(label), Named).all()
        assert len(found) == 1
        page = await Listing(select(label), Named, order_by=[label]).page(page=1, per_page=9)
        assert (page.total, page.items) == (1, found)
        joined = select(label, Keeper.id).outerjoin_from(model, Keeper, model.id != Keeper.id)
        page = await Listing(joined, Named, order_by=[label]).page(page=1, per_page=9)
        assert page.total == 2
