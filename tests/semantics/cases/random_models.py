"""Random models: keys of one to three columns, renamed columns, NULLs, and rows with many ties."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, make_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, cast
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import MetaData, String
from sqlalchemy.orm import Mapped, mapped_column

from my_service.apps.lab.models import Colour
from my_service.core.db import Base, Repository, get_engine

from .strategies import FEW

TYPES: dict[str, type[Any]] = {
    "word": str,
    "flag": bool,
    "number": int,
    "amount": Decimal,
    "ref": UUID,
    "colour": Colour,
    "at": datetime,
    "day": date,
    "clock": time,
    "span": timedelta,
}
NUMBERS = count()

Values = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A column: what it holds, and what is unusual about it."""

    kind: str
    renamed: bool = False
    nullable: bool = False
    default: bool = False

    @property
    def annotation(self) -> Any:
        kind, mapped = TYPES[self.kind], cast("Any", Mapped)
        return mapped[kind | None] if self.nullable else mapped[kind]

    def column(self, name: str, *, key: bool = False) -> Any:
        options: Values = {"primary_key": True, "autoincrement": False} if key else {}
        if self.default:
            options["insert_default"] = FEW[self.kind][0]
        if self.kind == "word":
            options["type_"] = String(10)
        return mapped_column(f"{name}_column" if self.renamed else name, **options)

    def values(self) -> st.SearchStrategy[Any]:
        values = st.sampled_from(FEW[self.kind])
        return st.none() | values if self.nullable else values


@dataclass(frozen=True)
class Shape:
    """A model: its key and its other columns, by attribute."""

    keys: dict[str, Field]
    others: dict[str, Field]

    @property
    def fields(self) -> dict[str, Field]:
        return self.keys | self.others

    def rows(self, most: int = 9) -> st.SearchStrategy[list[Values]]:
        """Rows with different keys."""
        row = st.fixed_dictionaries({name: field.values() for name, field in self.fields.items()})
        return st.lists(row, max_size=most, unique_by=self.key)

    def key(self, row: Values) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.keys)

    def given(self, row: Values) -> Values:
        """The row's values, without those that are the column's default."""
        return {
            name: value
            for name, value in row.items()
            if not (self.fields[name].default and value == FEW[self.fields[name].kind][0])
        }


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    plain, some = st.sampled_from(sorted(TYPES.keys() - {"colour"})), st.booleans()
    keys = draw(st.lists(st.builds(Field, plain, some), min_size=1, max_size=3))
    others = draw(st.lists(st.builds(Field, plain, some, some, some), max_size=3))
    if draw(some):  # once: the CHECK of a table is named by the enum
        others.append(draw(st.builds(Field, st.just("colour"), some, some, some)))
    return Shape(
        {f"key_{n}": field for n, field in enumerate(keys)},
        {f"value_{n}": field for n, field in enumerate(others)},
    )


@st.composite
def filled(draw: st.DrawFn, most: int = 9) -> tuple[Shape, list[Values]]:
    """A model, and rows of it."""
    shape = draw(shapes())
    return shape, draw(shape.rows(most))


def model(shape: Shape, metadata: MetaData) -> type[Base]:
    """A mapped class of this shape; its table has a new name."""
    name = f"Random{next(NUMBERS)}"
    namespace: Values = {
        "__module__": __name__,
        "__tablename__": name.lower(),
        "__annotations__": {key: field.annotation for key, field in shape.fields.items()},
    }
    for key, field in shape.fields.items():
        namespace[key] = field.column(key, key=key in shape.keys)
    scratch = type("Scratch", (Base,), {"__abstract__": True, "metadata": metadata})
    return type(name, (scratch,), namespace)


def repository(model: type[Base]) -> type[Repository[Any]]:
    return type("RandomRepository", (Repository,), {"model": model})


def schema(names: Sequence[str]) -> type[Any]:
    return make_dataclass("Read", [(name, Any) for name in names])


@asynccontextmanager
async def tables(*shapes: Shape) -> AsyncGenerator[list[type[Base]]]:
    """The models of these shapes, with their tables, for one example."""
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    models = [model(shape, metadata) for shape in shapes]
    async with get_engine().begin() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield models
    finally:
        async with get_engine().begin() as connection:
            await connection.run_sync(metadata.drop_all)
